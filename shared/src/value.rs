//! What a resource holds. LwM2M Core 1.2, appendix C.

use crate::compact::Compact;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The data type an object definition gives a resource. LwM2M Core 1.2, appendix C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DataType {
    String,
    Integer,
    Unsigned,
    Float,
    Boolean,
    Opaque,
    Time,
    ObjectLink,
    CoreLink,
    /// Executable resources hold nothing.
    None,
}

impl DataType {
    /// The name used in the API: `"string"`, `"object_link"`, …
    pub const fn name(self) -> &'static str {
        match self {
            DataType::String => "string",
            DataType::Integer => "integer",
            DataType::Unsigned => "unsigned",
            DataType::Float => "float",
            DataType::Boolean => "boolean",
            DataType::Opaque => "opaque",
            DataType::Time => "time",
            DataType::ObjectLink => "object_link",
            DataType::CoreLink => "core_link",
            DataType::None => "none",
        }
    }

    /// Whether values of this type can be plotted and compared by size.
    pub const fn is_numeric(self) -> bool {
        matches!(self, DataType::Integer | DataType::Unsigned | DataType::Float)
    }
}

/// A value of a resource or resource instance.
///
/// This is the typed form used inside the server, between the crates and on the postcard feed. Its form in JSON is
/// [`crate::api::JsonValue`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    String(String),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    Boolean(bool),
    Opaque(Vec<u8>),
    /// Seconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// A reference to an object instance; `65535:65535` is the null link.
    ObjectLink {
        object: u16,
        instance: u16,
    },
    /// A CoRE link (RFC 6690) as text.
    CoreLink(String),
    /// Nothing: an executable resource, an empty multiple resource or an empty instance.
    None,
}

impl Value {
    pub const fn data_type(&self) -> DataType {
        match self {
            Value::String(_) => DataType::String,
            Value::Integer(_) => DataType::Integer,
            Value::Unsigned(_) => DataType::Unsigned,
            Value::Float(_) => DataType::Float,
            Value::Boolean(_) => DataType::Boolean,
            Value::Opaque(_) => DataType::Opaque,
            Value::Time(_) => DataType::Time,
            Value::ObjectLink { .. } => DataType::ObjectLink,
            Value::CoreLink(_) => DataType::CoreLink,
            Value::None => DataType::None,
        }
    }

    /// The value as a point of a plot; `None` if it is no number.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Integer(value) => Some(*value as f64),
            Value::Unsigned(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) | Value::CoreLink(text) => Some(text),
            _ => None,
        }
    }
}

/// For people: a number as itself, bytes as hexadecimal, a link as `object:instance`, nothing as an empty text.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::String(text) | Value::CoreLink(text) => f.write_str(text),
            Value::Integer(value) | Value::Time(value) => write!(f, "{value}"),
            Value::Unsigned(value) => write!(f, "{value}"),
            Value::Float(value) => f.write_str(&crate::float::text(*value)),
            Value::Boolean(value) => write!(f, "{value}"),
            Value::Opaque(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Value::ObjectLink { object, instance } => write!(f, "{object}:{instance}"),
            Value::None => Ok(()),
        }
    }
}
