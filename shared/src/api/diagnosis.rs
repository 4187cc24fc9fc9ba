//! Why a device is in the state it is in: ordered checks, each with what it looked at.

use crate::compact::Compact;
use crate::{DeviceState, Path, Timestamp};
use serde::{Deserialize, Serialize};

/// `GET /devices/{endpoint}/diagnosis`. Times in its sentences are told as spans before `at`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Diagnosis {
    pub endpoint: String,
    /// Absent for an endpoint that the server knows only by what it refused of it.
    pub state: Option<DeviceState>,
    /// The likeliest reason of the state, in a sentence or two; that nothing is wrong, if so.
    pub verdict: String,
    pub expectation: Option<Expectation>,
    /// In the order in which a contact takes its steps.
    pub checks: Vec<Check>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
}

/// When the device usually makes contact, learnt from when it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Expectation {
    /// The longest time between two registration messages of late, in seconds.
    pub interval: u64,
    /// From how many intervals that was learnt, at most 255.
    pub learnt_from: u8,
    /// By when the next message is due.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub due: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    pub kind: CheckKind,
    pub verdict: CheckVerdict,
    /// What was found, in a sentence or two.
    pub finding: String,
    /// What it was found in.
    pub looked_at: String,
    /// How old the newest of that is.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub evidence_at: Option<Timestamp>,
    /// What a person can do about it, or to know more.
    pub remedy: Option<Remedy>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CheckKind {
    Credential,
    Handshake,
    Registration,
    Reachability,
    Address,
    Radio,
    Battery,
    Peers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CheckVerdict {
    Pass,
    /// Nothing speaks for or against it.
    Unknown,
    /// It works, but not as it should.
    Warning,
    Fail,
}

/// A step that a person can take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Remedy {
    /// Read a path; any answer, whatever its code, shows that the device is reached.
    RoundTrip {
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        path: Path,
    },
    Read {
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        path: Path,
    },
    /// Look at the credential of the endpoint.
    Credential,
    /// End the security session, so that the device makes a new one.
    ForgetSession,
    /// Look at the messages.
    Messages,
    /// Look at these devices.
    Devices { query: String },
}
