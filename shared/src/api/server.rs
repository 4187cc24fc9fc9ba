//! The session and the server itself.

use serde::{Deserialize, Serialize};

/// The body of `POST /session`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for LogIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogIn")
            .field("username", &self.username)
            .field("password", &"…")
            .finish()
    }
}

/// What an account may do; each includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Looks.
    Viewer,
    /// Also reads from devices and observes them.
    Support,
    /// Also writes, executes, creates and deletes.
    Operator,
    /// Also manages accounts, models and the server.
    Admin,
}

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    pub username: String,
    pub role: Role,
    /// To be sent as `X-CSRF-Token` with every request that changes something, when the cookie is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
}

/// What `GET /server` tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerView {
    pub version: String,
    pub build: String,
    pub listeners: Vec<Listener>,
    /// Seconds since the server started.
    pub uptime: u64,
    pub devices: u64,
}

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listener {
    /// `"coap"`, `"http"`, …
    pub scheme: String,
    pub address: String,
}
