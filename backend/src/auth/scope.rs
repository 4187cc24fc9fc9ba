//! What somebody who came by a link may ask: the reading routes of the one device, and nothing else.
//!
//! It names what is open, not what is shut, so that a new route is shut until somebody opens it here.

use super::{Identity, Proof};
use crate::api::Failure;
use axum::extract::{MatchedPath, RawPathParams};
use axum::http::Method;
use shared::api::ErrorCode;

/// The routes below `/api/v1/devices/{endpoint}` that only read what is known of the device. Not its messages: they
/// show what others configured.
const READING: &[&str] = &[
    "",
    "/diagnosis",
    "/values",
    "/values/",
    "/values/{*path}",
    "/operations",
    "/operations/{id}",
    "/observations",
    "/events",
    "/samples",
    "/models",
];

impl Identity {
    /// The only device that may be looked at, for who came by a link.
    pub fn only_device(&self) -> Option<&str> {
        match &self.proof {
            Proof::Link { device, .. } => Some(device),
            Proof::Session { .. } | Proof::Token { .. } => None,
        }
    }
}

/// Lets everybody pass who has an account, and who came by a link only where the link leads.
///
/// # Errors
/// [`ErrorCode::Forbidden`]
pub(super) fn check(
    identity: &Identity,
    method: &Method,
    route: Option<&MatchedPath>,
    parameters: Option<&RawPathParams>,
) -> Result<(), Failure> {
    let Some(device) = identity.only_device() else {
        return Ok(());
    };
    let route = route
        .and_then(|route| route.as_str().strip_prefix("/api/v1"))
        .unwrap_or("");
    let own_session = route == "/session" && matches!(*method, Method::GET | Method::HEAD | Method::DELETE);
    let reading = method.is_safe()
        && route
            .strip_prefix("/devices/{endpoint}")
            .is_some_and(|rest| READING.contains(&rest))
        && parameters.is_some_and(|parameters| {
            parameters
                .iter()
                .any(|(name, value)| name == "endpoint" && value == device)
        });
    if own_session || reading {
        return Ok(());
    }
    Err(Failure::new(
        ErrorCode::Forbidden,
        format!("this link shows the device '{device}' and nothing else"),
    ))
}
