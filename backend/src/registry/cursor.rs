//! Where a page of the device list ended: what the next one begins after.

use super::order::Key;
use crate::core::QueryError;
use serde::{Deserialize, Serialize};

/// A key with the endpoint, by which equal keys are ordered.
#[derive(Serialize, Deserialize)]
pub(super) struct Cursor {
    number: Option<i64>,
    text: Option<String>,
    pub(super) endpoint: String,
}

impl Cursor {
    pub(super) fn key(&self) -> Key<'_> {
        match (&self.text, self.number) {
            (Some(text), _) => Key::Text(text),
            (None, Some(number)) => Key::Number(number),
            (None, None) => Key::Missing,
        }
    }

    pub(super) fn encode(key: Key<'_>, endpoint: &str) -> Option<String> {
        let cursor = Cursor {
            number: match key {
                Key::Number(number) => Some(number),
                _ => None,
            },
            text: match key {
                Key::Text(text) => Some(text.to_owned()),
                _ => None,
            },
            endpoint: endpoint.to_owned(),
        };
        let bytes = postcard::to_allocvec(&cursor).ok()?;
        Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub(super) fn decode(text: &str) -> Result<Cursor, QueryError> {
        let digits = text.as_bytes();
        if !digits.len().is_multiple_of(2) || digits.len() > 4096 {
            return Err(QueryError::Cursor);
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let bytes: Option<Vec<u8>> = digits
            .chunks_exact(2)
            .map(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8))
            .collect();
        bytes
            .and_then(|bytes| postcard::from_bytes(&bytes).ok())
            .ok_or(QueryError::Cursor)
    }
}
