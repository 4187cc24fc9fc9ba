//! The log of what was changed.

use crate::Timestamp;
use crate::compact::Compact;
use serde::{Deserialize, Serialize};

/// One request that changed something, or wanted to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Increasing; given by the log.
    pub id: i64,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
    /// The user, or `token:NAME`; `-` for a log-in that failed.
    pub who: String,
    /// Where the request came from.
    pub address: String,
    /// The method and the route, `"POST /api/v1/devices/{endpoint}/operations"`.
    pub action: String,
    /// The endpoint name, if the request is about one device.
    pub device: Option<String>,
    /// What exactly, `"write /3/0/14"`.
    pub detail: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The request's id, as in the server's log.
    pub request_id: String,
}

/// `GET /audit`: a page of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditList {
    /// Newest first.
    pub items: Vec<AuditEntry>,
    /// The `before` that brings the next page; absent on the last.
    pub next: Option<i64>,
}
