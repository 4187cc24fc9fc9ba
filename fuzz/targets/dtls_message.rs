#![no_main]

#[path = "../checks/dtls_message.rs"]
mod dtls_message;

libfuzzer_sys::fuzz_target!(|data: &[u8]| dtls_message::check(data));
