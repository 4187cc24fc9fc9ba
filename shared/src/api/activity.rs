//! How much the fleet does over time.

use crate::Timestamp;
use crate::compact::Compact;
use serde::{Deserialize, Serialize};

/// What `GET /fleet/activity` is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[serde(default, deny_unknown_fields)]
pub struct ActivityQuery {
    /// How far back, in seconds: at least 60, at most 86400, which is meant if absent.
    pub span: Option<u32>,
}

/// `GET /fleet/activity`: what devices did and said, counted for each interval. An interval in which the server did not run
/// is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FleetActivity {
    /// The length of each interval in seconds: 10 for a span of up to an hour, else 300.
    pub interval: u32,
    /// The server's time. The interval that it lies in is not over.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
    /// Oldest first.
    pub items: Vec<ActivityCount>,
}

/// One interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityCount {
    /// When it began.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub from: Timestamp,
    /// Register requests served.
    pub registered: u64,
    /// Update requests served.
    pub updated: u64,
    /// Registrations that ended: by a De-register, or with their lifetime.
    pub ended: u64,
    /// Requests and payloads that were refused or could not be read.
    pub refused: u64,
    /// CoAP messages of devices.
    pub received: u64,
    /// CoAP messages to devices.
    pub sent: u64,
}
