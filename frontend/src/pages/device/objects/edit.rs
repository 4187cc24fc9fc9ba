//! From what a person typed to a value that fits its model, or to the words that say why it does not.

use super::super::messages::hex;
use shared::model::{RangeKind, ResourceModel, check};
use shared::{DataType, Timestamp, Value};

/// How the bytes of an opaque value are typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BytesAs {
    #[default]
    Hex,
    Base64,
}

/// The types a person can choose from for a resource that no model describes.
pub(crate) const TYPES: [(DataType, &str); 9] = [
    (DataType::String, "Text"),
    (DataType::Integer, "Integer"),
    (DataType::Unsigned, "Unsigned integer"),
    (DataType::Float, "Float"),
    (DataType::Boolean, "Boolean"),
    (DataType::Opaque, "Bytes"),
    (DataType::Time, "Time"),
    (DataType::ObjectLink, "Object link"),
    (DataType::CoreLink, "CoRE link"),
];

/// A type as a word.
pub(crate) fn type_word(data_type: DataType) -> &'static str {
    TYPES
        .iter()
        .find(|(known, _)| *known == data_type)
        .map_or("No value", |(_, word)| word)
}

/// The value a typed text stands for. A time is RFC 3339, an object link `3:0`, a boolean `true` or `false`.
pub(crate) fn parse(data_type: DataType, text: &str, bytes_as: BytesAs) -> Result<Value, String> {
    let trimmed = text.trim();
    let value = match data_type {
        DataType::String => Some(Value::String(text.into())),
        DataType::CoreLink if trimmed.is_empty() || trimmed.starts_with('<') => {
            Some(Value::CoreLink(trimmed.into()))
        }
        DataType::CoreLink | DataType::None => None,
        DataType::Integer => trimmed.parse().ok().map(Value::Integer),
        DataType::Unsigned => trimmed.parse().ok().map(Value::Unsigned),
        DataType::Float => shared::float::parse(&trimmed.replace(',', "."))
            .filter(|number| number.is_finite())
            .map(Value::Float),
        DataType::Boolean => trimmed.parse().ok().map(Value::Boolean),
        DataType::Opaque if bytes_as == BytesAs::Hex => return parse_hex(text),
        DataType::Opaque => parse_base64(text),
        DataType::Time => trimmed
            .parse::<Timestamp>()
            .ok()
            .map(|at| Value::Time(at.seconds())),
        DataType::ObjectLink => parse_link(trimmed),
    };
    value.ok_or_else(|| wanted(data_type).to_owned())
}

/// What to type, where something else was typed.
const fn wanted(data_type: DataType) -> &'static str {
    match data_type {
        DataType::String | DataType::None => "This resource holds no value.",
        DataType::CoreLink => "A link starts with '<', as in </3/0>;ver=1.1.",
        DataType::Integer => "Type a whole number, such as 42 or -7.",
        DataType::Unsigned => "Type a whole number of at least 0.",
        DataType::Float => "Type a number, such as 21.5.",
        DataType::Boolean => "Choose on or off.",
        DataType::Opaque => "That is no base64 with padding, such as SGVsbG8=.",
        DataType::Time => "Choose a date and a time.",
        DataType::ObjectLink => "Choose an instance, or type object:instance, such as 3:0.",
    }
}

fn parse_link(text: &str) -> Option<Value> {
    let (object, instance) = text.split_once(':')?;
    let (object, instance) = (object.parse().ok()?, instance.parse().ok()?);
    Some(Value::ObjectLink { object, instance })
}

/// Parses and asks the model whether the value is allowed.
pub(crate) fn parse_for(
    data_type: DataType,
    about: Option<&ResourceModel>,
    text: &str,
    bytes_as: BytesAs,
) -> Result<Value, String> {
    let value = parse(data_type, text, bytes_as)?;
    match about {
        Some(about) => check(about, &value)
            .map_err(|error| error.to_string())
            .map(|()| value),
        None => Ok(value),
    }
}

fn parse_hex(text: &str) -> Result<Value, String> {
    let mut digits = text.to_owned();
    digits.retain(|char| !char.is_whitespace() && char != ':');
    if let Some(other) = digits.chars().find(|char| !char.is_ascii_hexdigit()) {
        return Err(format!("'{other}' is no hexadecimal digit."));
    }
    if digits.len() % 2 == 1 {
        return Err("Two digits make a byte; the last has one.".into());
    }
    Ok(Value::Opaque(hex::bytes(&digits)))
}

fn parse_base64(text: &str) -> Option<Value> {
    let packed: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    Value::from_json(DataType::Opaque, &packed.into()).ok()
}

/// A value as [`parse`] takes it.
pub(crate) fn text_of(value: &Value, bytes_as: BytesAs) -> String {
    match value {
        Value::Time(seconds) => Timestamp::from_seconds(*seconds).to_string(),
        Value::Float(number) => super::super::show::number(*number),
        Value::Opaque(_) if bytes_as == BytesAs::Base64 => {
            value.to_json().as_str().unwrap_or_default().to_owned()
        }
        other => other.to_string(),
    }
}

/// A text to start from when nothing is known of the value.
pub(crate) fn blank(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "false",
        _ => "",
    }
}

/// The values to choose from when the model lists them.
pub(crate) fn choices(about: &ResourceModel) -> Vec<String> {
    match about.range.as_deref().map(|range| &range.kind) {
        Some(RangeKind::Texts { texts }) => texts.clone(),
        Some(RangeKind::Numbers { spans })
            if spans.len() > 1
                && about.data_type.is_numeric()
                && spans.iter().all(|span| span.min == span.max) =>
        {
            spans
                .iter()
                .map(|span| super::super::show::number(span.min))
                .collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::model::{Operations, Range, Span};

    #[test]
    fn texts_become_values() {
        for (data_type, text, value) in [
            (DataType::String, " a ", Value::String(" a ".into())),
            (DataType::Integer, " -7 ", Value::Integer(-7)),
            (
                DataType::Unsigned,
                "18446744073709551615",
                Value::Unsigned(u64::MAX),
            ),
            (DataType::Float, "21,5", Value::Float(21.5)),
            (DataType::Boolean, "true", Value::Boolean(true)),
            (DataType::Opaque, "AB cd:01", Value::Opaque(vec![0xab, 0xcd, 1])),
            (DataType::Time, "1970-01-01T00:01:00Z", Value::Time(60)),
            (
                DataType::ObjectLink,
                "3:0",
                Value::ObjectLink {
                    object: 3,
                    instance: 0,
                },
            ),
            (DataType::CoreLink, "</3>", Value::CoreLink("</3>".into())),
        ] {
            assert_eq!(parse(data_type, text, BytesAs::Hex), Ok(value.clone()), "{text}");
            assert_eq!(
                parse(data_type, &text_of(&value, BytesAs::Hex), BytesAs::Hex),
                Ok(value)
            );
        }
        let bytes = Value::Opaque(b"Hello".to_vec());
        assert_eq!(text_of(&bytes, BytesAs::Base64), "SGVsbG8=");
        assert_eq!(parse(DataType::Opaque, "SGVs bG8=", BytesAs::Base64), Ok(bytes));
    }

    #[test]
    fn what_is_no_value_says_what_is_wanted() {
        for (data_type, text) in [
            (DataType::Integer, "1.5"),
            (DataType::Unsigned, "-1"),
            (DataType::Float, "NaN"),
            (DataType::Boolean, "yes"),
            (DataType::Opaque, "abc"),
            (DataType::Opaque, "é0"),
            (DataType::Time, "tomorrow"),
            (DataType::ObjectLink, "3"),
            (DataType::ObjectLink, "3:70000"),
            (DataType::CoreLink, "3/0"),
            (DataType::None, ""),
        ] {
            assert!(parse(data_type, text, BytesAs::Hex).is_err(), "{text}");
        }
    }

    #[test]
    fn listed_values_are_choices() {
        let mut about = ResourceModel {
            id: 1,
            name: "Bits".into(),
            operations: Operations::default(),
            multiple: false,
            mandatory: false,
            data_type: DataType::Integer,
            range: None,
            unit: None,
            description: None,
        };
        let span = |min, max| Span { min, max };
        let range = |kind| {
            Some(Box::new(Range {
                text: "".into(),
                kind,
            }))
        };
        assert!(choices(&about).is_empty());
        about.range = range(RangeKind::Numbers {
            spans: vec![span(0.0, 255.0)],
        });
        assert!(choices(&about).is_empty());
        about.range = range(RangeKind::Numbers {
            spans: vec![span(16.0, 16.0), span(32.0, 32.0)],
        });
        assert_eq!(choices(&about), ["16", "32"]);
        about.range = range(RangeKind::Texts {
            texts: vec!["ON".into()],
        });
        assert_eq!(choices(&about), ["ON"]);
    }
}
