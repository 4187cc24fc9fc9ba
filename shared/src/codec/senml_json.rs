//! `application/senml+json` and `application/senml-etch+json`. RFC 8428 §5, RFC 8790.

use super::coerce::object_link;
use super::json;
use super::senml::{self, Purpose, Record, Written};
use super::{Context, DecodeError, EncodeError, Refusal};
use crate::json::{Json, Object};
use crate::{ContentFormat, Node, Path, Value, base64};

pub(super) fn decode(
    purpose: Purpose,
    base: Path,
    payload: &[u8],
    context: &Context<'_>,
) -> Result<Node, Refusal> {
    senml::collect(records(payload)?, purpose, base, context)
}

pub(super) fn decode_paths(payload: &[u8], context: &Context<'_>) -> Result<Vec<Path>, Refusal> {
    senml::collect_paths(records(payload)?, context)
}

pub(super) fn records(payload: &[u8]) -> Result<impl Iterator<Item = Result<Record, Refusal>>, Refusal> {
    Ok(json::objects(payload)?
        .into_iter()
        .enumerate()
        .map(|(index, object)| record(index + 1, object)))
}

pub(super) fn record(number: usize, object: Object) -> Result<Record, Refusal> {
    let mut record = Record::default();
    for (label, json) in object {
        // A label that ends so has to be understood (RFC 8428 §4.4); any other may be passed over.
        if label.ends_with('_') {
            return Err(DecodeError::not_understood(number, &label));
        }
        value(&label, json)
            .and_then(|value| record.take(&label, value))
            .ok_or_else(|| DecodeError::wrong(number, &label))?;
    }
    Ok(record)
}

/// What stands under a label, in the types of SenML; what has none of them is no value.
fn value(label: &str, json: Json) -> Option<Value> {
    match (label, json) {
        ("vd", json) => base64::decode_any(json.as_str()?).map(Value::Opaque),
        ("vlo", json) => object_link(json.as_str()?),
        (_, Json::String(text)) => Some(Value::String(text)),
        (_, Json::Bool(value)) => Some(Value::Boolean(value)),
        // Here null stands for a value that is taken away.
        ("v", Json::Array(_) | Json::Object(_)) => None,
        (_, number) => Some(json::number(&number).unwrap_or(Value::None)),
    }
}

pub(super) fn encode(
    format: ContentFormat,
    purpose: Purpose,
    node: &Node,
    context: &Context<'_>,
) -> Result<Vec<u8>, EncodeError> {
    let records = senml::records(format, purpose, node, context)?;
    if let Some((index, _)) = records
        .iter()
        .enumerate()
        .find(|(_, record)| matches!(record.value, Some(Value::Float(number)) if !number.is_finite()))
    {
        return Err(EncodeError::Unrepresentable {
            path: node.entries.get(index).map_or(node.base, |entry| entry.path),
            format,
            reason: "it is no finite number",
        });
    }
    Ok(write(records))
}

pub(super) fn encode_paths(paths: &[Path], context: &Context<'_>) -> Vec<u8> {
    write(senml::path_records(paths, context))
}

fn write(records: Vec<Written>) -> Vec<u8> {
    let objects = records.into_iter().map(|record| {
        let mut object = Object::new();
        let mut put = |label: &str, json: Option<Json>| {
            if let Some(json) = json {
                object.insert(label.into(), json);
            }
        };
        put("bn", record.base_name.map(Json::from));
        put("n", record.name.map(Json::from));
        put("t", record.time.map(json::from_time));
        if let Some(value) = record.value {
            let (label, json) = labelled(value);
            put(label, Some(json));
        }
        Json::Object(object)
    });
    Json::Array(objects.collect()).to_string().into_bytes()
}

fn labelled(value: Value) -> (&'static str, Json) {
    match value {
        Value::String(text) | Value::CoreLink(text) => ("vs", text.into()),
        Value::Boolean(value) => ("vb", value.into()),
        Value::Opaque(bytes) => ("vd", base64::encode_url(&bytes).into()),
        Value::ObjectLink { .. } => ("vlo", value.to_string().into()),
        number => ("v", json::from_number(&number).unwrap_or(Json::Null)),
    }
}
