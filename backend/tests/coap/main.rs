//! The core over real UDP sockets, asked and answered by hand-made CoAP messages.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod authority;
mod bad_input;
mod bootstrap;
mod bootstrap_coaps;
mod busy;
mod certificates;
mod coaps;
#[path = "../conformance/mod.rs"]
mod conformance;
mod hostile;
mod interop;
mod lasting_session;
mod lost_session;
mod observation;
mod operation;
mod queue_mode;
mod registration;
mod restart;
mod secured_fleet;
mod session;
mod shards;
mod stream_device;
mod streams;
mod support;
mod tls;
mod transmission;
mod wakaama;
