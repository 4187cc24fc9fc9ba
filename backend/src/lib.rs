//! The Muster server.

pub mod core;
pub mod store;
