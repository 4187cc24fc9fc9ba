#![no_main]

#[path = "../checks/coap_endpoint.rs"]
mod coap_endpoint;
#[path = "../checks/script.rs"]
mod script;

libfuzzer_sys::fuzz_target!(|data: &[u8]| coap_endpoint::check(data));
