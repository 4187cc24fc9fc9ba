//! How a device comes to its server accounts: the client's side of the bootstrap interface. LwM2M Core 1.2 §6.1.
//!
//! Driven as [`crate::Client`] is: it is given datagrams and times, and gives datagrams and the time it wants to be called
//! next. When it is [done](BootstrapClient::account), a client can register with what it got.

mod client;
mod holdings;
mod links;
mod serve;

pub use client::{BootstrapClient, BootstrapOptions, BootstrapState};
pub use holdings::{Account, Holdings};
