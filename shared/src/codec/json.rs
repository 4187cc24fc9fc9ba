//! What the formats in JSON share.

use super::{DecodeError, MAX_ENTRIES, Refusal};
use crate::Value;
use crate::json::{self, Json, Object};

/// Reads a whole payload; an error tells the byte.
pub(super) fn parse(payload: &[u8]) -> Result<Json, Refusal> {
    json::parse(payload).map_err(|mistake| DecodeError::at(mistake.offset, mistake.reason))
}

/// The objects in an array, as many as a payload may have.
pub(super) fn objects(payload: &[u8]) -> Result<Vec<Object>, Refusal> {
    let Json::Array(items) = parse(payload)? else {
        return Err(DecodeError::at(0, "an array of records is wanted"));
    };
    if items.len() > MAX_ENTRIES {
        return Err(DecodeError::TooMany.into());
    }
    let records = items.into_iter().zip(1..);
    records.map(|(item, number)| object(item, number)).collect()
}

/// The record of this number, which is an object.
pub(super) fn object(item: Json, number: usize) -> Result<Object, Refusal> {
    match item {
        Json::Object(object) => Ok(object),
        _ => Err(DecodeError::record(number, "a record is no object")),
    }
}

/// A JSON number; whole numbers stay exact.
pub(super) fn number(json: &Json) -> Option<Value> {
    json.as_i64()
        .map(Value::Integer)
        .or_else(|| json.as_u64().map(Value::Unsigned))
        .or_else(|| json.as_f64().map(Value::Float))
}

/// A value that JSON has as a number; `None` for any other, and for floats that JSON cannot write.
pub(super) fn from_number(value: &Value) -> Option<Json> {
    match value {
        Value::Integer(number) | Value::Time(number) => Some((*number).into()),
        Value::Unsigned(number) => Some((*number).into()),
        Value::Float(number) if number.is_finite() => Some((*number).into()),
        _ => None,
    }
}

/// A time in seconds, without a fraction where it has none.
pub(super) fn from_time(time: f64) -> Json {
    if time.fract() == 0.0 && time.abs() < 9e15 {
        (time as i64).into()
    } else {
        time.into()
    }
}
