//! The endpoint against other implementations of DTLS 1.2, over UDP on the loopback interface. A test whose peer is not
//! installed is counted as skipped by `cargo xtask test`, and fails on CI.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod coap;
mod driver;
mod gnutls;
mod openssl;
