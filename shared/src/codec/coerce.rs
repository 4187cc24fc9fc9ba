//! Bringing a value to the type its resource has, and saying in words why it does not fit.

use crate::{DataType, Value};

/// The largest magnitude below which every whole number is a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// `value` as a value of type `wanted`; else what it is, in words.
///
/// Only representations change, never the meaning: a whole number becomes a float, a float without fraction an
/// integer, seconds a time, `"3:0"` an object link. [`Value::None`] stays what it is.
pub(super) fn coerce(value: Value, wanted: DataType) -> Result<Value, String> {
    let coerced = match (wanted, &value) {
        (_, Value::None) => None,
        (DataType::Integer, _) => whole(&value).map(Value::Integer),
        (DataType::Unsigned, Value::Unsigned(number)) => Some(Value::Unsigned(*number)),
        (DataType::Unsigned, _) => whole(&value)
            .and_then(|number| u64::try_from(number).ok())
            .map(Value::Unsigned),
        (DataType::Time, Value::Time(seconds)) => Some(Value::Time(*seconds)),
        (DataType::Time, _) => seconds(&value).map(Value::Time),
        (DataType::Float, _) => value.as_number().map(Value::Float),
        (DataType::ObjectLink, Value::String(text)) => object_link(text),
        (DataType::CoreLink, Value::String(text)) => Some(Value::CoreLink(text.clone())),
        (DataType::String, Value::CoreLink(text)) => Some(Value::String(text.clone())),
        _ => None,
    };
    match coerced {
        Some(coerced) => Ok(coerced),
        None if value == Value::None || value.data_type() == wanted => Ok(value),
        None => Err(describe(&value)),
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Unsigned(number) => i64::try_from(*number).ok(),
        Value::Float(number) if number.abs() < EXACT && number.fract() == 0.0 => Some(*number as i64),
        _ => None,
    }
}

/// A number as a point in time; parts of a second are dropped.
pub(super) fn seconds(value: &Value) -> Option<i64> {
    match value {
        Value::Float(seconds) => (seconds.abs() < EXACT).then(|| seconds.floor() as i64),
        _ => whole(value),
    }
}

/// The link that `"3:0"` stands for. Takes the null link in hexadecimal and the zero byte that some clients leave
/// at the end.
pub(super) fn object_link(text: &str) -> Option<Value> {
    let text = text.trim_end_matches('\0');
    let (object, instance) = text.split_once(':')?;
    let id = |digits: &str| -> Option<u16> {
        if digits.eq_ignore_ascii_case("ffff") {
            return Some(u16::MAX);
        }
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    };
    Some(Value::ObjectLink {
        object: id(object)?,
        instance: id(instance)?,
    })
}

/// What a value is, for the sentence "…, but the payload has {}".
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::String(text) | Value::CoreLink(text) => {
            format!("the text {}", crate::quoted(&clip(text)))
        }
        Value::Integer(_) | Value::Unsigned(_) | Value::Float(_) => format!("the number {value}"),
        Value::Boolean(value) => value.to_string(),
        Value::Opaque(bytes) => format!("{} bytes", bytes.len()),
        Value::Time(seconds) => format!("the time {seconds}"),
        Value::ObjectLink { .. } => format!("the object link {value}"),
        Value::None => "nothing".into(),
    }
}

/// At most 40 characters of a text that goes into a message.
pub(super) fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_takes_the_wanted_type_where_nothing_is_lost() {
        let link = |object, instance| Value::ObjectLink { object, instance };
        for (value, wanted, coerced) in [
            (Value::Integer(3), DataType::Float, Value::Float(3.0)),
            (Value::Float(3.0), DataType::Integer, Value::Integer(3)),
            (Value::Integer(3), DataType::Unsigned, Value::Unsigned(3)),
            (Value::Float(-0.0), DataType::Unsigned, Value::Unsigned(0)),
            (Value::Integer(-7), DataType::Time, Value::Time(-7)),
            (Value::Float(1.75), DataType::Time, Value::Time(1)),
            (Value::String("3:0".into()), DataType::ObjectLink, link(3, 0)),
            (
                Value::String("FFFF:FFFF\0".into()),
                DataType::ObjectLink,
                link(65535, 65535),
            ),
            (
                Value::String("</3>".into()),
                DataType::CoreLink,
                Value::CoreLink("</3>".into()),
            ),
            (Value::None, DataType::Integer, Value::None),
        ] {
            assert_eq!(
                coerce(value.clone(), wanted),
                Ok(coerced),
                "{value:?} as {wanted:?}"
            );
        }
    }

    #[test]
    fn a_value_that_does_not_fit_is_described() {
        for (value, wanted, found) in [
            (Value::Float(3.5), DataType::Integer, "the number 3.5"),
            (Value::Float(f64::NAN), DataType::Time, "the number NaN"),
            (Value::Integer(-1), DataType::Unsigned, "the number -1"),
            (
                Value::Unsigned(u64::MAX),
                DataType::Integer,
                "the number 18446744073709551615",
            ),
            (
                Value::Float(1e16),
                DataType::Integer,
                "the number 10000000000000000",
            ),
            (Value::Integer(1), DataType::Boolean, "the number 1"),
            (Value::String("warm".into()), DataType::Float, "the text \"warm\""),
            (
                Value::String("3:".into()),
                DataType::ObjectLink,
                "the text \"3:\"",
            ),
            (Value::Opaque(vec![1, 2]), DataType::String, "2 bytes"),
            (Value::Boolean(true), DataType::None, "true"),
        ] {
            assert_eq!(coerce(value, wanted), Err(found.into()));
        }
    }
}
