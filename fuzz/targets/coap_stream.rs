#![no_main]

#[path = "../checks/coap_stream.rs"]
mod coap_stream;

libfuzzer_sys::fuzz_target!(|data: &[u8]| coap_stream::check(data));
