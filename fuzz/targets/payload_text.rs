#![no_main]

#[path = "../checks/payload.rs"]
mod payload;
#[path = "../checks/payload_text.rs"]
mod payload_text;

libfuzzer_sys::fuzz_target!(|data: &[u8]| payload_text::check(data));
