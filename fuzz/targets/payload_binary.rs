#![no_main]

#[path = "../checks/payload.rs"]
mod payload;
#[path = "../checks/payload_binary.rs"]
mod payload_binary;

libfuzzer_sys::fuzz_target!(|data: &[u8]| payload_binary::check(data));
