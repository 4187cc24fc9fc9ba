//! Tests of the endpoint from outside, on a simulated network.
#![allow(clippy::unwrap_used)]

mod handshakes;
mod network;
