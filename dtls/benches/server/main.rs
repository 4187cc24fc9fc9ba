//! What the server's side of this crate costs: CPU time of handshakes and records, and heap.
//!
//! `cargo bench --package muster-dtls --bench server -- [handshakes] [records] [memory]` prints one line for each figure:
//! its name, its value and the unit, with tabs between. `cargo xtask bench --only dtls` runs it several times, beside the same
//! measurements of OpenSSL, and makes a table of the medians.
//!
//! Both sides run in this process, on one thread. Only the server's calls count: for a few hundred clients at a time the
//! datagrams of one flight are made first, and then handed to the server while the clock runs.
#![allow(unsafe_code, clippy::unwrap_used, clippy::print_stdout)]

#[path = "../support/allocator.rs"]
mod allocator;
mod clock;
mod credentials;
mod fleet;
mod handshakes;
mod memory;
mod records;

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

fn print(name: &str, value: f64, unit: &str) {
    println!("{name}\t{value:.1}\t{unit}");
}

fn main() {
    // Cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let all: [(&str, fn()); 3] = [
        ("handshakes", handshakes::measure),
        ("records", records::measure),
        ("memory", memory::measure),
    ];
    for (name, measure) in all {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            measure();
        }
    }
}
