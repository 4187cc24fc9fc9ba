//! The Muster server.

pub mod auth;
pub mod clock;
pub mod config;
pub mod core;
pub mod store;
