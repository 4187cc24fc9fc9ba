//! CoAP messages on a byte stream (TCP, TLS): the format, without a connection. RFC 8323 §3.2, §5.
//!
//! What a connection keeps and does stands in the endpoint; here are only bytes.

pub(crate) mod frame;
pub(crate) mod framing;
mod message;
pub mod signal;

pub use message::StreamMessage;

/// The Max-Message-Size of a peer that did not say one. RFC 8323 §5.3.1.
pub const BASE_MESSAGE_SIZE: usize = 1152;
