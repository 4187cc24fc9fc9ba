#![no_main]

#[path = "../checks/dtls_endpoint.rs"]
mod dtls_endpoint;
#[path = "../checks/script.rs"]
mod script;

libfuzzer_sys::fuzz_target!(|data: &[u8]| dtls_endpoint::check(data));
