//! Simulated LwM2M devices: a client library and a fleet of devices that move.
//!
//! The client is written from the specification and shares no code with the server beyond the `coap` endpoint and the
//! payload codecs, so that the two check each other.
//!
//! - [`run`] drives a [fleet](FleetOptions) over UDP until it is told to stop: `muster simulate`, `muster serve --demo`.

mod fleet;

pub use fleet::{FleetError, FleetOptions, Profile, UnknownProfile, run};
