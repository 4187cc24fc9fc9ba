//! How frames travel: postcard in binary messages, or JSON in text messages for people with a browser's console.

use axum::extract::ws::Message;
use serde::Deserialize;
use shared::live::{ClientFrame, FrameError, ServerFrame, decode, encode};

/// Why a frame cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum CodecError {
    #[error(transparent)]
    Postcard(#[from] FrameError),
    #[error("not a frame of the live feed: {0}")]
    Json(#[from] serde_json::Error),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Codec {
    #[default]
    Postcard,
    Json,
}

impl Codec {
    pub(super) fn encode(self, frame: &ServerFrame) -> Result<Message, CodecError> {
        match self {
            Codec::Postcard => Ok(Message::Binary(encode(frame)?.into())),
            Codec::Json => Ok(Message::Text(serde_json::to_string(frame)?.into())),
        }
    }

    /// The frame of a message; `None` for messages that carry none.
    pub(super) fn decode(self, message: &Message) -> Option<Result<ClientFrame, CodecError>> {
        match message {
            Message::Binary(bytes) => Some(decode(bytes).map_err(CodecError::from)),
            Message::Text(text) => Some(serde_json::from_str(text.as_str()).map_err(CodecError::from)),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => None,
        }
    }
}
