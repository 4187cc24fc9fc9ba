//! Values as a person reads them.

use shared::float;
use shared::{Timestamp, Value};

/// How many bytes of an opaque value are shown in a row.
const SHOWN_BYTES: usize = 12;

/// A value in words; `clock` writes a time the way the reader wants it.
pub(crate) fn show(value: &Value, clock: &dyn Fn(Timestamp) -> String) -> String {
    match value {
        Value::String(text) | Value::CoreLink(text) if text.is_empty() => "empty text".into(),
        Value::Float(number) => self::number(*number),
        Value::Time(seconds) => clock(Timestamp::from_seconds(*seconds)),
        Value::Opaque(bytes) => opaque(bytes),
        Value::ObjectLink {
            object: u16::MAX,
            instance: u16::MAX,
        } => "no link".into(),
        Value::ObjectLink { object, instance } => format!("/{object}/{instance}"),
        Value::None => "nothing".into(),
        other => other.to_string(),
    }
}

/// A float without the digits that a conversion from 32 bits makes up.
pub(crate) fn number(number: f64) -> String {
    let short = number as f32;
    float::text(if f64::from(short) == number {
        float::shortest_of_single(short)
    } else {
        number
    })
}

fn opaque(bytes: &[u8]) -> String {
    let hex: String = bytes
        .iter()
        .take(SHOWN_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let more = if bytes.len() > SHOWN_BYTES { "…" } else { "" };
    match bytes.len() {
        0 => "no bytes".into(),
        1 => format!("{hex} (1 byte)"),
        count => format!("{hex}{more} ({count} bytes)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_words() {
        for (value, text) in [
            (Value::String(String::new()), "empty text"),
            (Value::String("on".into()), "on"),
            (Value::Float(f64::from(21.3f32)), "21.3"),
            (Value::Float(0.1), "0.1"),
            (Value::Boolean(true), "true"),
            (Value::Opaque(vec![]), "no bytes"),
            (Value::Opaque(vec![0xab]), "ab (1 byte)"),
            (Value::Opaque(vec![1; 20]), "010101010101010101010101… (20 bytes)"),
            (
                Value::ObjectLink {
                    object: 3,
                    instance: 0,
                },
                "/3/0",
            ),
            (
                Value::ObjectLink {
                    object: 65535,
                    instance: 65535,
                },
                "no link",
            ),
            (Value::Time(5), "at 5"),
        ] {
            assert_eq!(show(&value, &|at| format!("at {}", at.seconds())), text);
        }
    }
}
