#![no_main]

#[path = "../checks/live.rs"]
mod live;

libfuzzer_sys::fuzz_target!(|data: &[u8]| live::check(data));
