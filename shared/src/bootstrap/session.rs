//! A bootstrap as it went, for the page, the API and the journal.

use crate::{ContentFormat, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SessionState {
    Running,
    /// The device has its configuration and said so.
    Finished,
    Failed,
    /// The device, or a person, began another one.
    Superseded,
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StepKind {
    /// The device asked for its bootstrap, or it was begun by the server.
    Request,
    Discover,
    Read,
    Delete,
    Write,
    Finish,
    Pack,
    /// Something the server decided: to send again, to mend, to take another format.
    Note,
    /// How it ended.
    End,
}

/// One step of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionStep {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
    pub kind: StepKind,
    /// `"PUT /0/1"`; empty for a note.
    pub message: String,
    /// The format of the payload.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u16>))]
    pub format: Option<ContentFormat>,
    /// The size of the payload in bytes.
    pub size: u32,
    /// The response code, `"2.04"`; absent while the answer is awaited, and if none came.
    pub code: Option<String>,
    /// In words.
    pub words: String,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    pub id: u64,
    pub endpoint: String,
    /// The device's address.
    pub address: String,
    /// `"none"`, `"psk"`, `"rpk"`, `"x509"`.
    pub security: String,
    /// The name of the configuration.
    pub configuration: Option<String>,
    /// Whether the server began it.
    pub by_server: bool,
    pub state: SessionState,
    /// Why it failed, in words.
    pub reason: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub started_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub ended_at: Option<Timestamp>,
    pub steps: Vec<SessionStep>,
}
