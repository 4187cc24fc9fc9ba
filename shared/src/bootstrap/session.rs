//! A bootstrap as it went, for the page, the API and the journal.

use crate::compact::Compact;
use crate::{ContentFormat, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Compact)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Compact)]
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

/// One step of a session in brief, as the journal keeps it: its compact encoding stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
pub struct SessionStep {
    pub at: Timestamp,
    pub kind: StepKind,
    /// `"PUT /0/1"`; empty for a note.
    pub message: String,
    /// The format of the payload.
    pub format: Option<ContentFormat>,
    /// The size of the payload in bytes.
    pub size: u32,
    /// The response code, `"2.04"`; absent if no answer came.
    pub code: Option<String>,
    /// In words.
    pub words: String,
}

/// One step of a session with its message and what was answered, byte by byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
    pub kind: StepKind,
    /// `"PUT /0/1"`, `"POST /bs?ep=pump"`; empty for a note.
    pub message: String,
    /// The format of the payload.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u16>))]
    pub format: Option<ContentFormat>,
    /// The size of the payload in bytes.
    pub size: u32,
    /// The payload in hexadecimal, with zero bytes in place of secrets; of a long one only the beginning.
    #[serde(default)]
    pub payload: String,
    /// The response code, `"2.04"`; absent if no answer came.
    pub code: Option<String>,
    /// Milliseconds from the sending of the message to its answer; absent if none came.
    #[serde(default)]
    pub took: Option<u32>,
    /// The format of the answer's payload.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u16>))]
    pub answer_format: Option<ContentFormat>,
    /// The size of the answer's payload in bytes.
    #[serde(default)]
    pub answer_size: u32,
    /// The answer's payload in hexadecimal; of a long one only the beginning.
    #[serde(default)]
    pub answer: String,
    /// In words.
    pub words: String,
}

impl StepView {
    /// A step that is no message.
    pub fn note(at: Timestamp, kind: StepKind, words: impl Into<String>) -> StepView {
        StepView {
            at,
            kind,
            message: String::new(),
            format: None,
            size: 0,
            payload: String::new(),
            code: None,
            took: None,
            answer_format: None,
            answer_size: 0,
            answer: String::new(),
            words: words.into(),
        }
    }

    /// The step without its bytes.
    pub fn brief(self) -> SessionStep {
        SessionStep {
            at: self.at,
            kind: self.kind,
            message: self.message,
            format: self.format,
            size: self.size,
            code: self.code,
            words: self.words,
        }
    }
}

/// A command that was sent and is not answered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Awaited {
    /// `"PUT /0/1"`.
    pub message: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
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
    /// What the device was sent last and has not answered.
    #[serde(default)]
    pub awaits: Option<Awaited>,
    pub steps: Vec<StepView>,
}

impl SessionView {
    /// The session without what happened in it.
    pub fn without_steps(&self) -> SessionView {
        SessionView {
            id: self.id,
            endpoint: self.endpoint.clone(),
            address: self.address.clone(),
            security: self.security.clone(),
            configuration: self.configuration.clone(),
            by_server: self.by_server,
            state: self.state,
            reason: self.reason.clone(),
            started_at: self.started_at,
            ended_at: self.ended_at,
            awaits: self.awaits.clone(),
            steps: Vec::new(),
        }
    }
}
