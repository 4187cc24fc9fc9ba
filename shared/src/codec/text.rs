//! `text/plain`: one value in words. LwM2M Core 1.2 §7.4.1 and appendix C.

use super::coerce::{clip, object_link};
use super::single;
use super::{Context, DecodeError, EncodeError, Refusal};
use crate::{ContentFormat, DataType, Node, Path, Value, base64};

const FORMAT: ContentFormat = ContentFormat::TEXT;

pub(super) fn decode(base: Path, payload: &[u8], context: &Context<'_>) -> Result<Node, Refusal> {
    let wanted = single::wanted(FORMAT, base, context)?.unwrap_or(DataType::String);
    let text = std::str::from_utf8(payload)
        .map_err(|error| DecodeError::at(error.valid_up_to(), "the text is not UTF-8"))?;
    let value = parse(text, wanted).ok_or_else(|| {
        let found = format!("the text {}", crate::quoted(&clip(text)));
        DecodeError::mistyped(base, wanted, found)
    })?;
    Ok(Node::single(base, value))
}

/// The value of this type that a text stands for.
pub(super) fn parse(text: &str, wanted: DataType) -> Option<Value> {
    let number = text.trim_ascii();
    match wanted {
        DataType::String => Some(Value::String(text.into())),
        DataType::CoreLink => Some(Value::CoreLink(text.into())),
        DataType::Integer => number.parse().ok().map(Value::Integer),
        DataType::Unsigned => number.parse().ok().map(Value::Unsigned),
        DataType::Float => crate::float::parse(number)
            .filter(|value| value.is_finite())
            .map(Value::Float),
        DataType::Boolean => match number {
            "0" => Some(Value::Boolean(false)),
            "1" => Some(Value::Boolean(true)),
            _ => None,
        },
        DataType::Opaque => base64::decode_unpadded(number).map(Value::Opaque),
        DataType::Time => number.parse().ok().map(Value::Time),
        DataType::ObjectLink => object_link(number),
        DataType::None => text.is_empty().then_some(Value::None),
    }
}

pub(super) fn encode(node: &Node, context: &Context<'_>) -> Result<Vec<u8>, EncodeError> {
    let (path, value) = single::only(FORMAT, node, context)?;
    let text = match value {
        Value::Boolean(value) => u8::from(value).to_string(),
        Value::Opaque(bytes) => base64::encode(&bytes),
        Value::Float(value) if !value.is_finite() => {
            return Err(EncodeError::Unrepresentable {
                path,
                format: FORMAT,
                reason: "it is no finite number",
            });
        }
        // Floats are displayed without an exponent, as appendix C wants it.
        other => other.to_string(),
    };
    Ok(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::test_support::{TYPES, context, path_of};

    #[test]
    fn texts_stand_for_values_of_every_type() {
        let link = |object, instance| Value::ObjectLink { object, instance };
        for (wanted, text, value) in [
            (DataType::String, "Zürich ", Value::String("Zürich ".into())),
            (DataType::String, "", Value::String(String::new())),
            (
                DataType::Integer,
                "-9223372036854775808",
                Value::Integer(i64::MIN),
            ),
            (DataType::Integer, "007", Value::Integer(7)),
            (
                DataType::Unsigned,
                "18446744073709551615",
                Value::Unsigned(u64::MAX),
            ),
            (DataType::Float, "-12.5", Value::Float(-12.5)),
            (DataType::Float, "3", Value::Float(3.0)),
            (DataType::Float, "3.0\n", Value::Float(3.0)),
            (DataType::Float, "1.5e3", Value::Float(1500.0)),
            (DataType::Boolean, "0", Value::Boolean(false)),
            (DataType::Boolean, "1", Value::Boolean(true)),
            (DataType::Opaque, "AQID/w==", Value::Opaque(vec![1, 2, 3, 255])),
            (DataType::Opaque, "AQID/w", Value::Opaque(vec![1, 2, 3, 255])),
            (DataType::Time, "1700000000", Value::Time(1_700_000_000)),
            (DataType::ObjectLink, "3:0", link(3, 0)),
            (DataType::ObjectLink, "65535:65535", link(65535, 65535)),
            (DataType::CoreLink, "</3>", Value::CoreLink("</3>".into())),
        ] {
            let base = path_of(wanted);
            assert_eq!(
                decode(base, text.as_bytes(), &context(&TYPES)),
                Ok(Node::single(base, value)),
                "{wanted:?} {text}"
            );
        }
    }

    #[test]
    fn texts_that_are_no_value_of_the_type_are_refused() {
        for (wanted, text) in [
            (DataType::Integer, ""),
            (DataType::Integer, "1.5"),
            (DataType::Integer, "9223372036854775808"),
            (DataType::Unsigned, "-1"),
            (DataType::Float, "inf"),
            (DataType::Float, "NaN"),
            (DataType::Float, "1e999"),
            (DataType::Float, "1,5"),
            (DataType::Boolean, "true"),
            (DataType::Boolean, "2"),
            (DataType::Opaque, "AQI*"),
            (DataType::Time, "2023-11-14T22:13:20Z"),
            (DataType::ObjectLink, "3"),
            (DataType::ObjectLink, "3:70000"),
            (DataType::None, "x"),
        ] {
            let error = decode(path_of(wanted), text.as_bytes(), &context(&TYPES)).unwrap_err();
            assert!(
                matches!(*error, DecodeError::Type { .. }),
                "{wanted:?} {text}: {error}"
            );
        }
        assert_eq!(
            decode(path_of(DataType::Boolean), b"true", &context(&TYPES))
                .unwrap_err()
                .to_string(),
            "/3442/0/140 holds true or false, but the payload has the text \"true\""
        );
        assert_eq!(
            decode(path_of(DataType::String), b"ab\xff", &context(&TYPES))
                .unwrap_err()
                .to_string(),
            "the text is not UTF-8 (at byte 2)"
        );
    }

    #[test]
    fn values_are_written_the_way_appendix_c_wants() {
        for (value, text) in [
            (Value::Boolean(true), "1"),
            (Value::Float(1e21), "1000000000000000000000"),
            (Value::Float(0.000001), "0.000001"),
            (Value::Opaque(vec![255]), "/w=="),
            (
                Value::ObjectLink {
                    object: 3,
                    instance: 0,
                },
                "3:0",
            ),
            (Value::Time(-1), "-1"),
        ] {
            let node = Node::single(path_of(value.data_type()), value);
            assert_eq!(encode(&node, &context(&TYPES)), Ok(text.as_bytes().to_vec()));
        }
        let nan = Node::single(path_of(DataType::Float), Value::Float(f64::NAN));
        assert!(encode(&nan, &context(&TYPES)).is_err());
    }
}
