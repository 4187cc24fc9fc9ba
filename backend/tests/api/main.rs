//! The server over HTTP, in-process: every resource through the real router, over a real core and database.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

mod access;
mod accounts;
mod bad_input;
mod bootstrap;
mod care;
mod compact;
mod credentials;
mod devices;
mod links;
mod list;
mod live;
mod metrics;
mod models;
mod openapi;
mod page;
mod profiles;
mod provisioning;
mod queue;
mod session;
mod support;
mod transmission;
