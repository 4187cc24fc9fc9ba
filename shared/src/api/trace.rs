//! The protocol trace: what went over the wire, datagram by datagram.

use super::Transport;
use crate::Timestamp;
use crate::compact::Compact;
use serde::{Deserialize, Serialize};

/// One CoAP message between a device and the server, dissected; or a [step](TraceStep) of its security layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TraceRecord {
    /// Increasing per server run; with the address it identifies the record.
    pub id: u64,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
    pub direction: Direction,
    /// The device's address.
    pub address: String,
    /// What it went over. Over DTLS and TLS the message is shown as it is inside the sealed records.
    pub transport: Transport,
    /// What the security layer did; then there is no CoAP message, and of the other fields only `error` says something.
    pub step: Option<TraceStep>,
    /// `"CON"`, `"NON"`, `"ACK"`, `"RST"`; empty on TCP and TLS, and when the datagram is no CoAP message.
    pub message_type: String,
    /// `"2.05"`, `"0.01"`.
    pub code: String,
    /// The code in words: `"GET"`, `"Content"`, `"Empty"`.
    pub code_name: String,
    pub message_id: Option<u16>,
    /// Hexadecimal.
    pub token: String,
    /// The path and query of a request, `"/rd?ep=x"`, else empty.
    pub uri: String,
    pub options: Vec<TraceOption>,
    /// The Content-Format number of the payload.
    pub content_format: Option<u16>,
    /// Where the payload is in the datagram.
    pub payload: Option<TraceField>,
    /// The same datagram was seen before within its lifetime.
    pub retransmission: bool,
    /// What the payload is about, for reading it again with the codecs: the path of the request it belongs to.
    pub payload_path: Option<String>,
    /// Why the datagram could not be read, in words.
    pub error: Option<String>,
    /// The datagram, hexadecimal. At most 2048 bytes are kept.
    pub hex: String,
}

/// Something that the security layer did: a message of a handshake, or what came of it. RFC 6347, RFC 5246 §7.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TraceStep {
    /// `"ClientHello"`, or `"Session"` for what came of a handshake.
    pub name: String,
    /// What it is for or what it means.
    pub words: String,
    /// Nothing of this handshake follows.
    pub last: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Direction {
    /// From the device.
    Up,
    /// To the device.
    Down,
}

/// A CoAP option of a traced datagram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TraceOption {
    pub number: u16,
    /// `"Uri-Path"`; `"Option 65000"` for one without a name.
    pub name: String,
    /// The value in words.
    pub text: String,
    pub field: TraceField,
}

/// A range of bytes of the datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TraceField {
    pub start: u32,
    pub end: u32,
}

/// `POST /devices/{endpoint}/capture`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CaptureRequest {
    /// For how long, in seconds; 1 to 604800 (a week).
    pub seconds: u32,
}

/// `GET /devices/{endpoint}/capture`: the capture, if there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaptureState {
    pub capture: Option<CaptureView>,
}

/// Messages that are kept of one device for a time. They are part of what `/trace` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaptureView {
    pub by: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub started: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub until: Timestamp,
    pub running: bool,
    pub messages: u64,
    pub bytes: u64,
    /// How many had to make room for newer ones.
    pub dropped: u64,
}
