//! What the formats in JSON share.

use super::{DecodeError, MAX_ENTRIES};
use crate::Value;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use std::fmt;

pub(super) type Object = serde_json::Map<String, serde_json::Value>;

/// base64url without padding; padding is read all the same.
pub(super) const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes of base64 in either alphabet, padded or not.
pub(super) fn base64_any(text: &str) -> Option<Vec<u8>> {
    let text = text.replace('+', "-").replace('/', "_");
    BASE64_URL.decode(text).ok()
}

/// Objects in an array, as many as a payload may have.
#[derive(Debug)]
pub(super) struct Objects(pub(super) Vec<Object>);

impl<'de> Deserialize<'de> for Objects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Objects, D::Error> {
        deserializer.deserialize_seq(ObjectsVisitor)
    }
}

struct ObjectsVisitor;

impl<'de> Visitor<'de> for ObjectsVisitor {
    type Value = Objects;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Objects, A::Error> {
        let mut objects = Vec::new();
        while let Some(object) = sequence.next_element()? {
            if objects.len() == MAX_ENTRIES {
                return Err(Error::custom(DecodeError::TooMany));
            }
            objects.push(object);
        }
        Ok(Objects(objects))
    }
}

/// Reads a whole payload; an error tells the byte.
pub(super) fn parse<'de, T: Deserialize<'de>>(payload: &'de [u8]) -> Result<T, DecodeError> {
    serde_json::from_slice(payload).map_err(|error| {
        let line_start = payload
            .split_inclusive(|byte| *byte == b'\n')
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum::<usize>();
        let text = error.to_string();
        // The parser appends line and column; the byte says the same.
        let reason = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(reason, _)| reason);
        DecodeError::at(line_start + error.column().saturating_sub(1), reason.to_owned())
    })
}

/// A JSON number; whole numbers stay exact.
pub(super) fn number(json: &serde_json::Value) -> Option<Value> {
    json.as_i64()
        .map(Value::Integer)
        .or_else(|| json.as_u64().map(Value::Unsigned))
        .or_else(|| json.as_f64().map(Value::Float))
}

/// A value that JSON has as a number; `None` for any other, and for floats that JSON cannot write.
pub(super) fn from_number(value: &Value) -> Option<serde_json::Value> {
    match value {
        Value::Integer(number) | Value::Time(number) => Some((*number).into()),
        Value::Unsigned(number) => Some((*number).into()),
        Value::Float(number) if number.is_finite() => Some((*number).into()),
        _ => None,
    }
}

/// A time in seconds, without a fraction where it has none.
pub(super) fn from_time(time: f64) -> serde_json::Value {
    if time.fract() == 0.0 && time.abs() < 9e15 {
        (time as i64).into()
    } else {
        time.into()
    }
}
