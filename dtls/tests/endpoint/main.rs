//! Tests of the endpoint from outside, on a simulated network.
#![allow(clippy::unwrap_used)]

mod adversary;
mod credentials;
mod handshakes;
mod lifetime;
mod network;
mod properties;
