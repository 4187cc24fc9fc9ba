//! Simulated LwM2M devices: a client library and a fleet of devices that move.
//!
//! The client is written from the specification and shares no code with the server beyond the `coap` endpoint and the
//! payload codecs, so that the two check each other.
//!
//! - [`Client`]: an LwM2M client without sockets and clock.
//! - [`tree`]: what a device holds; [`objects`]: the objects that it can be made of, and how they live.
//! - [`run`] drives a [fleet](FleetOptions) over UDP, DTLS, TCP or TLS until it is told to stop: `muster simulate`, `muster serve --demo`.

mod arguments;
mod attributes;
pub mod bootstrap;
mod client;
mod fleet;
mod motion;
pub mod objects;
mod refusal;
pub mod tree;

pub use arguments::{ArgumentError, Arguments};
pub use client::{
    Client, ClientOptions, ClientState, Clock, Connection, DeviceBehind, Dialect, Quirks, Reports,
    RetryPolicy, Transport,
};
pub use fleet::{
    DtlsOptions, FleetError, FleetOptions, Profile, Secret, TlsFiles, UnknownProfile, endpoint_names, run,
};
pub use motion::{Daily, noise, saw};
pub use refusal::Refusal;
