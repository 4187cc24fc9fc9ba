//! Which values a definition allows, read from the loose notation definitions use: `0..255`, `1..64 bytes`,
//! `16,32,48`, `"ON","OFF"`, `8-Bits`, prose.
//!
//! What cannot be read for certain is prose and allows everything: a definition must never keep a device's true
//! value out.

use super::{ResourceModel, Text};
use crate::compact::Compact;
use crate::text::{cut, replaced};
use crate::{DataType, Value};
use serde::{Deserialize, Serialize};

/// What a definition says about allowed values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Range {
    /// As the definition has it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub text: Text,
    /// What a machine can check of it.
    pub kind: RangeKind,
}

/// What a machine can check of a range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RangeKind {
    /// A number within one of these.
    Numbers { spans: Vec<Span> },
    /// A number of bytes (for a text: of bytes or characters) within one of these.
    Length { spans: Vec<Span> },
    /// One of these texts.
    Texts { texts: Vec<String> },
    /// Said in words only; nothing is checked.
    Prose,
}

/// From `min` to `max`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Span {
    pub min: f64,
    pub max: f64,
}

/// A value that its definition does not allow, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} takes {wanted}; {found} was given")]
pub struct RangeError {
    /// The name of the resource.
    pub name: String,
    pub wanted: String,
    pub found: String,
}

impl Range {
    /// Reads the text of a definition; `None` for an empty one.
    pub fn parse(text: Text, data_type: DataType) -> Option<Range> {
        let kind = match text.trim() {
            "" => return None,
            text => kind_of(text, data_type),
        };
        Some(Range { text, kind })
    }
}

fn kind_of(text: &str, data_type: DataType) -> RangeKind {
    let (numbers, in_bytes) = without_bytes(text);
    let sized = matches!(
        data_type,
        DataType::String | DataType::Opaque | DataType::CoreLink
    );
    let read = spans(numbers);
    match (data_type, read) {
        (DataType::Boolean | DataType::ObjectLink | DataType::Time | DataType::None, _) => RangeKind::Prose,
        (_, Some(spans)) if sized && (in_bytes || spans.len() == 1) => RangeKind::Length { spans },
        // A list of numbers for a text may be texts or lengths.
        (_, Some(_)) if sized || in_bytes => RangeKind::Prose,
        // One number alone may be a limit, a count of bits or the one value.
        (_, Some(spans)) if matches!(spans.as_slice(), [Span { min, max }] if min == max) => RangeKind::Prose,
        (_, Some(spans)) => RangeKind::Numbers { spans },
        (DataType::String, None) => texts(text).map_or(RangeKind::Prose, |texts| RangeKind::Texts { texts }),
        _ => RangeKind::Prose,
    }
}

/// The text without "bytes" at its end, and whether that was there.
fn without_bytes(text: &str) -> (&str, bool) {
    ["bytes", "Bytes", "byte", "Byte"]
        .iter()
        .find_map(|unit| text.strip_suffix(unit))
        .map_or((text, false), |numbers| (numbers.trim_end(), true))
}

/// Ranges and single numbers between commas, semicolons or "or"; `None` if anything else is there.
fn spans(text: &str) -> Option<Vec<Span>> {
    let text = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let text = replaced(text, " or ", ",");
    let mut spans = Vec::new();
    for part in text
        .split([',', ';'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        match span(part) {
            Some(span) => spans.push(span),
            // 16-32-48 is a list.
            None if part.matches('-').count() > 1 => {
                for number in part.split('-') {
                    spans.push(exactly(number)?);
                }
            }
            None => return None,
        }
    }
    (!spans.is_empty()).then_some(spans)
}

fn span(part: &str) -> Option<Span> {
    if let Some(span) = exactly(part) {
        return Some(span);
    }
    let ends = cut(part, "...").or_else(|| cut(part, ".."));
    if let Some((from, to)) = ends.or_else(|| part.split_once(':').filter(|(_, to)| number(to).is_some())) {
        let (from, to) = (number(from)?, number(to)?);
        return Some(Span {
            min: from.min(to),
            max: from.max(to),
        });
    }
    // "0: OFF" names a value.
    if let Some((value, _name)) = part.split_once(':') {
        return exactly(value);
    }
    let (from, to) = part.split_once('-')?;
    let (min, max) = (number(from)?, number(to)?);
    (min <= max).then_some(Span { min, max })
}

fn exactly(text: &str) -> Option<Span> {
    number(text).map(|value| Span {
        min: value,
        max: value,
    })
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    (!text.is_empty() && text.bytes().all(plain))
        .then(|| crate::float::parse(text))
        .flatten()
}

/// A list of texts: quoted ones with commas, or words with semicolons.
fn texts(text: &str) -> Option<Vec<String>> {
    if text.contains('"') {
        let quoted = |part: &str| {
            let part = part.trim().strip_prefix('"')?.strip_suffix('"')?;
            (!part.contains('"')).then(|| part.to_owned())
        };
        return text.split([',', ';']).map(quoted).collect();
    }
    let word = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    let parts: Vec<&str> = text.split(';').map(str::trim).collect();
    (parts.len() > 1 && parts.iter().all(|part| word(part)))
        .then(|| parts.iter().map(|part| (*part).to_owned()).collect())
}

/// Whether `value` is within what the definition allows. The type is not looked at.
pub fn check(resource: &ResourceModel, value: &Value) -> Result<(), RangeError> {
    let Some(range) = &resource.range else {
        return Ok(());
    };
    let within =
        |spans: &[Span], number: f64| spans.iter().any(|span| span.min <= number && number <= span.max);
    let (fits, found) = match (&range.kind, value) {
        (RangeKind::Numbers { spans }, value) => match value.as_number() {
            Some(number) => (within(spans, number), value.to_string()),
            None => return Ok(()),
        },
        // Definitions mean bytes or characters; a text passes that fits by either.
        (RangeKind::Length { spans }, Value::String(text) | Value::CoreLink(text)) => {
            let (bytes, characters) = (text.len(), text.chars().count());
            let fits = within(spans, bytes as f64) || within(spans, characters as f64);
            (fits, format!("a text of {characters} characters"))
        }
        (RangeKind::Length { spans }, Value::Opaque(bytes)) => (
            within(spans, bytes.len() as f64),
            format!("{} bytes", bytes.len()),
        ),
        (RangeKind::Texts { texts }, Value::String(text)) => {
            let short: String = text.chars().take(40).collect();
            (texts.contains(text), crate::quoted(&short))
        }
        _ => return Ok(()),
    };
    if fits {
        return Ok(());
    }
    Err(RangeError {
        name: resource.name.to_string(),
        wanted: range.kind.wanted(),
        found,
    })
}

impl RangeKind {
    /// What is allowed, as the object of a sentence.
    fn wanted(&self) -> String {
        match self {
            RangeKind::Numbers { spans } => join(spans.iter().map(Span::words)),
            RangeKind::Length { spans } => format!("{} bytes", join(spans.iter().map(Span::words))),
            RangeKind::Texts { texts } => join(texts.iter().map(|text| crate::quoted(text))),
            RangeKind::Prose => "anything".into(),
        }
    }
}

impl Span {
    fn words(&self) -> String {
        let min = crate::float::text(self.min);
        if self.min == self.max {
            min
        } else {
            format!("{min} to {}", crate::float::text(self.max))
        }
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    let mut parts: Vec<String> = parts.collect();
    match parts.pop() {
        Some(last) if parts.is_empty() => last,
        Some(last) => format!("{} or {last}", parts.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Operations;

    fn numbers<const N: usize>(spans: [(f64, f64); N]) -> RangeKind {
        RangeKind::Numbers {
            spans: spans.map(|(min, max)| Span { min, max }).to_vec(),
        }
    }

    fn length<const N: usize>(spans: [(f64, f64); N]) -> RangeKind {
        RangeKind::Length {
            spans: spans.map(|(min, max)| Span { min, max }).to_vec(),
        }
    }

    #[test]
    fn the_notations_of_definitions() {
        let texts = |texts: &[&str]| RangeKind::Texts {
            texts: texts.iter().map(|text| (*text).into()).collect(),
        };
        for (text, data_type, kind) in [
            ("0..255", DataType::Integer, numbers([(0.0, 255.0)])),
            ("-20..20", DataType::Integer, numbers([(-20.0, 20.0)])),
            ("-30..-120", DataType::Integer, numbers([(-120.0, -30.0)])),
            ("0.0..86400.0", DataType::Float, numbers([(0.0, 86400.0)])),
            ("1...15", DataType::Unsigned, numbers([(1.0, 15.0)])),
            ("0-100", DataType::Integer, numbers([(0.0, 100.0)])),
            ("[1:4]", DataType::Integer, numbers([(1.0, 4.0)])),
            (
                "0..247, 255",
                DataType::Integer,
                numbers([(0.0, 247.0), (255.0, 255.0)]),
            ),
            (
                "0; 3.8..20.5",
                DataType::Float,
                numbers([(0.0, 0.0), (3.8, 20.5)]),
            ),
            (
                "16,32,48",
                DataType::Integer,
                numbers([(16.0, 16.0), (32.0, 32.0), (48.0, 48.0)]),
            ),
            (
                "0: OFF, 1: ON, 255: STUCK",
                DataType::Integer,
                numbers([(0.0, 0.0), (1.0, 1.0), (255.0, 255.0)]),
            ),
            ("1..64 bytes", DataType::String, length([(1.0, 64.0)])),
            ("0-255 bytes", DataType::String, length([(0.0, 255.0)])),
            ("32 bytes", DataType::Opaque, length([(32.0, 32.0)])),
            (
                "0 or 26 Bytes",
                DataType::Opaque,
                length([(0.0, 0.0), (26.0, 26.0)]),
            ),
            (
                "16-32-48 bytes",
                DataType::Opaque,
                length([(16.0, 16.0), (32.0, 32.0), (48.0, 48.0)]),
            ),
            ("0..255", DataType::String, length([(0.0, 255.0)])),
            ("ON;OFF", DataType::String, texts(&["ON", "OFF"])),
            ("\"ON\", \"OFF\"", DataType::String, texts(&["ON", "OFF"])),
            ("10,26", DataType::String, RangeKind::Prose),
            ("6", DataType::Integer, RangeKind::Prose),
            ("8-Bits", DataType::Integer, RangeKind::Prose),
            ("2 Instances", DataType::Integer, RangeKind::Prose),
            ("<7 to >12.5", DataType::Float, RangeKind::Prose),
            ("0..1", DataType::Boolean, RangeKind::Prose),
            ("as the specification says", DataType::String, RangeKind::Prose),
        ] {
            let range = Range::parse(text.into(), data_type).unwrap();
            assert_eq!(range.kind, kind, "{text}");
        }
        assert_eq!(Range::parse(" ".into(), DataType::Integer), None);
    }

    #[test]
    fn a_value_out_of_range_is_refused_in_words() {
        let resource = |data_type, text: &'static str| ResourceModel {
            id: 1,
            name: "Level".into(),
            operations: Operations::default(),
            multiple: false,
            mandatory: false,
            data_type,
            range: Range::parse(text.into(), data_type).map(Box::new),
            unit: None,
            description: None,
        };
        for (data_type, text, value, sentence) in [
            (DataType::Integer, "0..100", Value::Integer(100), ""),
            (
                DataType::Integer,
                "0..100",
                Value::Integer(101),
                "Level takes 0 to 100; 101 was given",
            ),
            (
                DataType::Integer,
                "1, 2, 5..7",
                Value::Integer(3),
                "Level takes 1, 2 or 5 to 7; 3 was given",
            ),
            (
                DataType::Float,
                "0..1",
                Value::Float(f64::NAN),
                "Level takes 0 to 1; NaN was given",
            ),
            (DataType::String, "1..4 bytes", Value::String("ääää".into()), ""),
            (
                DataType::String,
                "1..4 bytes",
                Value::String("abcde".into()),
                "Level takes 1 to 4 bytes; a text of 5 characters was given",
            ),
            (
                DataType::Opaque,
                "2 bytes",
                Value::Opaque(vec![1]),
                "Level takes 2 bytes; 1 bytes was given",
            ),
            (
                DataType::String,
                "ON;OFF",
                Value::String("on".into()),
                "Level takes \"ON\" or \"OFF\"; \"on\" was given",
            ),
            (DataType::Integer, "about ten", Value::Integer(99), ""),
            (DataType::Integer, "", Value::Integer(99), ""),
        ] {
            let checked = check(&resource(data_type, text), &value);
            let said = checked.map_or_else(|error| error.to_string(), |()| String::new());
            assert_eq!(said, sentence, "{text}");
        }
    }
}
