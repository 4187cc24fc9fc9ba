//! Tests of the codecs: vectors worked out by hand from the specifications, one file per format, and properties that
//! hold across formats.

mod cbor;
mod lwm2m_cbor;
mod old_json;
mod properties;
mod senml_cbor;
mod senml_json;
mod tlv;

use super::test_support::{TYPES, context, hex, multiple_path_of, path_of};
use super::{Context, DecodeError, EncodeError, NoTypes, decode, decode_paths, encode, encode_paths};
use crate::{ContentFormat, DataType, Entry, Node, Path, Value};

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn text(value: &str) -> Value {
    Value::String(value.into())
}

fn link(object: u16, instance: u16) -> Value {
    Value::ObjectLink { object, instance }
}

/// A node below `base` with these values, in this order.
fn node<const N: usize>(base: &str, values: [(&str, Value); N]) -> Node {
    Node::from_values(path(base), values.map(|(at, value)| (path(at), value)))
}

/// A node whose values have times.
fn history<const N: usize>(base: &str, values: [(&str, f64, Value); N]) -> Node {
    Node {
        base: path(base),
        entries: values
            .map(|(at, time, value)| Entry {
                path: path(at),
                time: Some(time),
                value,
            })
            .to_vec(),
    }
}

/// The sentence with which a payload is refused.
fn refusal(format: ContentFormat, base: &str, payload: &[u8]) -> String {
    match decode(format, path(base), payload, &context(&TYPES)) {
        Ok(node) => format!("accepted as {node:?}"),
        Err(error) => error.to_string(),
    }
}
