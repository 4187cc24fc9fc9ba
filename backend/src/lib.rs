//! The Muster server.

pub mod api;
pub mod app;
pub mod auth;
pub mod bootstrap;
mod bundle;
pub mod cli;
pub mod clock;
pub mod config;
pub mod core;
pub mod credential;
mod decommission;
pub mod demo;
mod diagnosis;
#[doc(hidden)]
pub mod fuzzing;
pub mod health;
pub mod http;
pub mod live;
mod lwm2m;
pub mod metrics;
pub mod openapi;
pub mod path_sets;
mod provision;
mod registry;
pub mod routes;
pub mod saved_views;
mod shard;
pub mod store;
mod tls;
mod trace;
pub mod ui;
