//! `application/senml+cbor` and `application/senml-etch+cbor`. RFC 8428 §6, RFC 8790.

use super::cbor_decoder::{Decoder, Kind};
use super::cbor_item::{self, Items, Writer};
use super::coerce::object_link;
use super::senml::{self, Purpose, Record, Written};
use super::{Context, DecodeError, EncodeError, MAX_ENTRIES, Refusal};
use crate::{ContentFormat, Node, Path, Value};

/// The labels, which CBOR has as numbers. The object link alone has a text (LwM2M Core 1.2 §7.4.5).
const LABELS: [(i64, &str); 15] = [
    (-6, "bs"),
    (-5, "bv"),
    (-4, "bu"),
    (-3, "bt"),
    (-2, "bn"),
    (-1, "bver"),
    (0, "n"),
    (1, "u"),
    (2, "v"),
    (3, "vs"),
    (4, "vb"),
    (5, "s"),
    (6, "t"),
    (7, "ut"),
    (8, "vd"),
];

pub(super) fn decode(
    purpose: Purpose,
    base: Path,
    payload: &[u8],
    context: &Context<'_>,
) -> Result<Node, Refusal> {
    senml::collect(records(payload)?.into_iter().map(Ok), purpose, base, context)
}

pub(super) fn decode_paths(payload: &[u8], context: &Context<'_>) -> Result<Vec<Path>, Refusal> {
    senml::collect_paths(records(payload)?.into_iter().map(Ok), context)
}

pub(super) fn records(payload: &[u8]) -> Result<Vec<Record>, Refusal> {
    let mut decoder = Decoder::new(payload);
    let mut items = Items::array(&mut decoder)?;
    let mut records = Vec::new();
    while items.next(&mut decoder)? {
        if records.len() == MAX_ENTRIES {
            return Err(DecodeError::TooMany.into());
        }
        records.push(record(records.len() + 1, &mut decoder)?);
    }
    cbor_item::finish(&decoder)?;
    Ok(records)
}

fn record(number: usize, decoder: &mut Decoder<'_>) -> Result<Record, Refusal> {
    let mut record = Record::default();
    let mut fields = Items::map(decoder)?;
    while fields.next(decoder)? {
        field(&mut record, number, decoder)?;
    }
    Ok(record)
}

/// Reads a label: the name that JSON has for it. An unknown one is `"?"` and may be passed over, unless its text says
/// that it has to be understood (RFC 8428 §4.4).
fn label(number: usize, decoder: &mut Decoder<'_>) -> Result<&'static str, Refusal> {
    match decoder.kind()? {
        Kind::Text => match decoder.text()? {
            text if text == "vlo" => Ok("vlo"),
            text if text.ends_with('_') => Err(DecodeError::not_understood(number, &text)),
            _ => Ok("?"),
        },
        _ => {
            let label = decoder.integer()?;
            Ok(LABELS
                .iter()
                .find(|(number, _)| i128::from(*number) == label)
                .map_or("?", |(_, name)| *name))
        }
    }
}

/// Reads one field into the record, and returns its label.
pub(super) fn field(
    record: &mut Record,
    number: usize,
    decoder: &mut Decoder<'_>,
) -> Result<&'static str, Refusal> {
    let label = label(number, decoder)?;
    let wrong = || DecodeError::wrong(number, label);
    let value = match label {
        "bn" | "n" => Value::String(decoder.text()?),
        "vlo" => object_link(&decoder.text()?).ok_or_else(wrong)?,
        "bv" | "bver" => cbor_item::number(decoder)?,
        "bt" | "t" => cbor_item::value(decoder).map_err(|_| wrong())?,
        "v" | "vs" | "vb" | "vd" => cbor_item::value(decoder)?,
        _ => decoder.skip().map(|()| Value::None)?,
    };
    // A time with its tag is a number all the same.
    let value = match value {
        Value::Time(seconds) => Value::Integer(seconds),
        other => other,
    };
    record.take(label, value).ok_or_else(wrong)?;
    Ok(label)
}

pub(super) fn encode(
    format: ContentFormat,
    purpose: Purpose,
    node: &Node,
    context: &Context<'_>,
) -> Result<Vec<u8>, EncodeError> {
    senml::records(format, purpose, node, context).map(|records| write(&records))
}

pub(super) fn encode_paths(paths: &[Path], context: &Context<'_>) -> Vec<u8> {
    write(&senml::path_records(paths, context))
}

fn write(records: &[Written]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.array(records.len());
    for record in records {
        let fields = [
            record.base_name.is_some(),
            record.name.is_some(),
            record.time.is_some(),
            record.value.is_some(),
        ];
        writer.map(fields.iter().filter(|there| **there).count());
        if let Some(base_name) = &record.base_name {
            writer.integer(-2);
            writer.text(base_name);
        }
        if let Some(name) = &record.name {
            writer.unsigned(0);
            writer.text(name);
        }
        if let Some(time) = record.time {
            writer.unsigned(6);
            if time.fract() == 0.0 && time.abs() < 9e15 {
                writer.integer(time as i64);
            } else {
                writer.float(time);
            }
        }
        match &record.value {
            None => {}
            Some(Value::ObjectLink { object, instance }) => {
                writer.text("vlo");
                writer.text(&format!("{object}:{instance}"));
            }
            Some(Value::Time(seconds)) => {
                writer.unsigned(2);
                writer.integer(*seconds);
            }
            Some(value) => {
                writer.unsigned(match value {
                    Value::String(_) | Value::CoreLink(_) => 3,
                    Value::Boolean(_) => 4,
                    Value::Opaque(_) => 8,
                    _ => 2,
                });
                writer.value(value);
            }
        }
    }
    writer.out
}
