//! The Muster server.

pub mod api;
pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod core;
pub mod demo;
pub mod health;
pub mod http;
pub mod live;
pub mod metrics;
pub mod openapi;
pub mod routes;
pub mod store;
pub mod ui;
