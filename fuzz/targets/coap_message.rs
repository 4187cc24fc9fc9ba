#![no_main]

#[path = "../checks/coap_message.rs"]
mod coap_message;

libfuzzer_sys::fuzz_target!(|data: &[u8]| coap_message::check(data));
