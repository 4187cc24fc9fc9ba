//! `application/vnd.oma.lwm2m+json`, the JSON of LwM2M 1.0. LwM2M TS 1.0 §6.4.4.
//!
//! One object with a list `e` of values. Devices also send the list alone, with base names among its records.

use super::coerce::{clip, object_link};
use super::collect::Collector;
use super::json;
use super::senml::{self, Resolved};
use super::single::typed;
use super::{Context, DecodeError, EncodeError, MAX_ENTRIES, Refusal};
use crate::json::{Json, Object};
use crate::{ContentFormat, DataType, Node, Path, Value, base64};

const FORMAT: ContentFormat = ContentFormat::OLD_JSON;

/// The base fields that hold for the records after them.
#[derive(Default)]
pub(super) struct Base {
    name: Option<String>,
    time: Option<f64>,
}

pub(super) fn decode(base: Path, payload: &[u8], context: &Context<'_>) -> Result<Node, Refusal> {
    let mut values = Collector::new(base, context);
    let mut fields = Base::default();
    let mut count = 0;
    let parts = match json::parse(payload)? {
        Json::Array(parts) => parts,
        part @ Json::Object(_) => vec![part],
        _ => return Err(DecodeError::at(0, "an object with a list \"e\" is wanted")),
    };
    for part in parts {
        let mut part = json::object(part, count + 1)?;
        fields.take(&part, count + 1)?;
        let records = match part.remove("e") {
            Some(Json::Array(records)) => records,
            Some(_) => return Err(DecodeError::record(count + 1, "\"e\" is no list")),
            // A record that stands by itself, unless it only sets base fields.
            None if part.keys().all(|label| matches!(label.as_str(), "bn" | "bt")) => Vec::new(),
            None => vec![Json::Object(part)],
        };
        for record in records {
            count += 1;
            if count > MAX_ENTRIES {
                return Err(DecodeError::TooMany.into());
            }
            let record = json::object(record, count)?;
            let found = resolve(&record, count, &fields, base, context)?;
            values.push(found.path, found.time, found.value)?;
        }
    }
    values.finish()
}

impl Base {
    pub(super) fn take(&mut self, part: &Object, record: usize) -> Result<(), Refusal> {
        if let Some(name) = part.get("bn") {
            let name = name.as_str().ok_or_else(|| DecodeError::wrong(record, "bn"))?;
            self.name = Some(name.into());
        }
        if let Some(time) = part.get("bt") {
            self.time = Some(time.as_f64().ok_or_else(|| DecodeError::wrong(record, "bt"))?);
        }
        Ok(())
    }
}

/// What one record says.
pub(super) fn resolve(
    record: &Object,
    number: usize,
    fields: &Base,
    base: Path,
    context: &Context<'_>,
) -> Result<Resolved, Refusal> {
    let name = match record.get("n") {
        Some(name) => name.as_str().ok_or_else(|| DecodeError::wrong(number, "n"))?,
        None => "",
    };
    let path = path(name, fields.name.as_deref(), base, context)
        .map_err(|reason| DecodeError::misnamed(number, &clip(name), reason))?;
    let path = named_once(path, context);
    let time = match (record.get("t"), fields.time) {
        (None, None) => None,
        (time, base) => {
            let time = match time {
                Some(time) => time.as_f64().ok_or_else(|| DecodeError::wrong(number, "t"))?,
                None => 0.0,
            };
            Some(senml::absolute(base.unwrap_or(0.0) + time, context))
        }
    };
    if time.is_some_and(|time| !time.is_finite()) {
        return Err(DecodeError::record(number, "the time is out of range"));
    }
    let mut found = None;
    for label in ["v", "bv", "sv", "ov"] {
        if let Some(json) = record.get(label) {
            let value =
                read_value(label, json, path, context).ok_or_else(|| DecodeError::wrong(number, label))?;
            if found.replace(value).is_some() {
                return Err(DecodeError::record(number, "a record has one value"));
            }
        }
    }
    let value = found.ok_or_else(|| DecodeError::record(number, "the record has no value"))?;
    Ok(Resolved {
        prefix: String::new(),
        path,
        time,
        value,
    })
}

/// The path without the identifier that Wakaama repeats: `"bn":"/3/0/1/"` and `"n":"1"` stand for `/3/0/1` where that resource
/// has one value.
fn named_once(path: Path, context: &Context<'_>) -> Path {
    let single = context
        .resource_type(path)
        .is_some_and(|resource| !resource.multiple);
    if path.depth() == 4 && single && path.resource_id() == path.resource_instance_id() {
        path.truncated(3)
    } else {
        path
    }
}

/// The path of a record. Without a base name, names are below the path of the request; a slash between the two may be
/// missing or there twice.
fn path(
    name: &str,
    base_name: Option<&str>,
    base: Path,
    context: &Context<'_>,
) -> Result<Path, &'static str> {
    let prefix = context.prefix();
    match base_name {
        None if name.is_empty() => Ok(base),
        None if name.starts_with('/') => senml::parse_name(name, prefix),
        None => senml::parse_loose(&base.to_string(), name, ""),
        Some(base_name) => senml::parse_loose(base_name, name, prefix),
    }
}

fn read_value(label: &str, json: &Json, path: Path, context: &Context<'_>) -> Option<Value> {
    match label {
        "v" => json::number(json),
        "bv" => json.as_bool().map(Value::Boolean),
        "ov" => object_link(json.as_str()?),
        // Bytes travel as text, so only their type tells them.
        _ if context.resource_type(path).map(|known| known.data_type) == Some(DataType::Opaque) => {
            base64::decode_unpadded(json.as_str()?).map(Value::Opaque)
        }
        _ => json.as_str().map(|text| Value::String(text.into())),
    }
}

pub(super) fn encode(node: &Node, context: &Context<'_>) -> Result<Vec<u8>, EncodeError> {
    // Single resources and their instances are named below the instance of their object.
    let base = node.base.truncated(2);
    let mut records = Vec::with_capacity(node.entries.len());
    for entry in &node.entries {
        if !node.base.contains(&entry.path) {
            return Err(EncodeError::Outside {
                path: entry.path,
                base: node.base,
            });
        }
        let value = typed(entry, context)?;
        if value == Value::None {
            continue;
        }
        let ids = entry.path.ids().iter().skip(base.depth());
        let name = ids.map(u16::to_string).collect::<Vec<_>>().join("/");
        let mut record = Object::new();
        record.insert("n".into(), name.into());
        if let Some(time) = senml::time(FORMAT, entry, context)? {
            record.insert("t".into(), json::from_time(time));
        }
        let (label, json) = written(value).ok_or(EncodeError::Unrepresentable {
            path: entry.path,
            format: FORMAT,
            reason: "it is no finite number",
        })?;
        record.insert(label.into(), json);
        records.push(Json::Object(record));
    }
    let base_name = senml::full_name(base, context);
    let mut pack = Object::new();
    pack.insert(
        "bn".into(),
        format!("{}/", base_name.trim_end_matches('/')).into(),
    );
    pack.insert("e".into(), records.into());
    Ok(Json::Object(pack).to_string().into_bytes())
}

fn written(value: Value) -> Option<(&'static str, Json)> {
    Some(match value {
        Value::String(text) | Value::CoreLink(text) => ("sv", text.into()),
        Value::Boolean(value) => ("bv", value.into()),
        Value::Opaque(bytes) => ("sv", base64::encode(&bytes).into()),
        Value::ObjectLink { .. } => ("ov", value.to_string().into()),
        number => ("v", json::from_number(&number)?),
    })
}
