//! Observation in both roles: RFC 7641.

#[path = "../support/mod.rs"]
mod support;

mod s3_observer;
mod s4_observed;
