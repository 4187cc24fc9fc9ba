//! Why a payload could not be read or written, in words for the person who looks at the device.

use super::MAX_ENTRIES;
use crate::{ContentFormat, DataType, Path};
use std::borrow::Cow;

/// Why a payload could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The format is unknown or does not carry what was asked for. To be answered with 4.15.
    #[error("{0} cannot be read here")]
    Unsupported(ContentFormat),
    /// The bytes break the grammar of the format.
    #[error("{reason} (at byte {offset})")]
    Malformed {
        offset: usize,
        reason: Cow<'static, str>,
    },
    /// A record, counted from 1, breaks a rule of its format.
    #[error("{reason} (in record {record})")]
    Record {
        record: usize,
        reason: Cow<'static, str>,
    },
    /// A value is not of the type the model gives its resource.
    #[error("{path} holds {}, but the payload has {found}", noun(*wanted))]
    Type {
        path: Path,
        wanted: DataType,
        found: String,
    },
    /// The payload names something that the request is not about.
    #[error("{path} is in the payload, but the request is about {base}")]
    Outside { path: Path, base: Path },
    /// The identifier 65535 stands for no object, instance or resource (LwM2M Core 1.2 §7.2).
    #[error("{path} is in the payload, but the identifier 65535 is reserved")]
    Reserved { path: Path },
    /// A value at the level of objects or instances.
    #[error("the payload has a value at {path}, which is no resource")]
    NoValueHere { path: Path },
    #[error("{path} is in the payload twice, or with more below it")]
    Duplicate { path: Path },
    /// A format for single values met a path that is no resource.
    #[error("{format} carries one value, but {base} is no resource")]
    NotAResource { format: ContentFormat, base: Path },
    #[error("the payload has more than {MAX_ENTRIES} values")]
    TooMany,
}

/// The same on its way out of a codec: one address, which every `?` it passes moves in the place of its words.
pub(super) type Refusal = Box<DecodeError>;

impl DecodeError {
    /// The payload breaks off or breaks the grammar at this byte.
    #[cold]
    #[inline(never)]
    pub(super) fn at(offset: usize, reason: &'static str) -> Refusal {
        DecodeError::at_told(offset, reason.into())
    }

    /// The same in words that depend on the payload.
    pub(super) fn at_told(offset: usize, reason: Cow<'static, str>) -> Refusal {
        Box::new(DecodeError::Malformed { offset, reason })
    }

    /// The record of this number breaks a rule.
    #[cold]
    #[inline(never)]
    pub(super) fn record(record: usize, reason: &'static str) -> Refusal {
        DecodeError::record_told(record, reason.into())
    }

    /// The same in words that depend on the payload.
    pub(super) fn record_told(record: usize, reason: Cow<'static, str>) -> Refusal {
        Box::new(DecodeError::Record { record, reason })
    }

    /// A value is not of the type that the models give its resource.
    #[cold]
    #[inline(never)]
    pub(super) fn mistyped(path: Path, wanted: DataType, found: String) -> Refusal {
        Box::new(DecodeError::Type { path, wanted, found })
    }

    /// A label of a record has a value that it cannot have.
    #[cold]
    #[inline(never)]
    pub(super) fn wrong(record: usize, label: &str) -> Refusal {
        let reason = [label, " has a value of the wrong kind"].concat();
        DecodeError::record_told(record, reason.into())
    }

    /// A record has a label that has to be understood.
    #[cold]
    #[inline(never)]
    pub(super) fn not_understood(record: usize, label: &str) -> Refusal {
        let label = crate::quoted(&super::coerce::clip(label));
        DecodeError::record_told(record, (label + " has to be understood, and is not").into())
    }

    /// The name of a record stands for nothing.
    #[cold]
    #[inline(never)]
    pub(super) fn misnamed(record: usize, name: &str, reason: &str) -> Refusal {
        let reason = format!("the name {} {reason}", crate::quoted(name));
        DecodeError::record_told(record, reason.into())
    }
}

/// Why a node could not be written in a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The format is unknown or does not carry what was asked for.
    #[error("{0} cannot be written here")]
    Unsupported(ContentFormat),
    /// The format carries one value of one resource.
    #[error("{format} carries one value; {count} are to be written to {base}")]
    NotSingle {
        format: ContentFormat,
        base: Path,
        count: usize,
    },
    /// A value is not of the type the model gives its resource.
    #[error("{path} holds {}, and {found} was given", noun(*wanted))]
    Type {
        path: Path,
        wanted: DataType,
        found: String,
    },
    /// The format has no way to say this.
    #[error("{path} cannot be written as {format}: {reason}")]
    Unrepresentable {
        path: Path,
        format: ContentFormat,
        reason: &'static str,
    },
    #[error("{path} is to be written, but the request is about {base}")]
    Outside { path: Path, base: Path },
}

/// A data type as the object of a sentence.
pub(crate) const fn noun(data_type: DataType) -> &'static str {
    match data_type {
        DataType::String => "a text",
        DataType::Integer => "a whole number",
        DataType::Unsigned => "a whole number of at least 0",
        DataType::Float => "a number",
        DataType::Boolean => "true or false",
        DataType::Opaque => "bytes",
        DataType::Time => "a time",
        DataType::ObjectLink => "an object link",
        DataType::CoreLink => "a CoRE link",
        DataType::None => "no value",
    }
}
