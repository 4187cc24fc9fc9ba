//! Commands as the messages a device gets. LwM2M Core 1.2 §6.1.7, Transport §6.4.3.

use super::arrange::{Arrangement, Command, path_is_secret};
use crate::api::JsonValue;
use crate::codec::{self, Context, EncodeError, TypeLookup};
use crate::compact::Compact;
use crate::sort::sort_by_key;
use crate::{ContentFormat, Node, Path, Timestamp};
use serde::{Deserialize, Serialize};

/// The formats in which a bootstrap is written, in the order in which they are tried.
pub const FORMATS: [ContentFormat; 4] = [
    ContentFormat::TLV,
    ContentFormat::SENML_CBOR,
    ContentFormat::SENML_JSON,
    ContentFormat::LWM2M_CBOR,
];

/// Whether a device may ask for the format with `pct`. LwM2M Core 1.2 §6.1.7.1.
pub fn is_bootstrap_format(format: ContentFormat) -> bool {
    FORMATS.contains(&format)
}

/// What to try when these were refused with 4.15.
pub fn formats_after(tried: &[ContentFormat]) -> Option<ContentFormat> {
    FORMATS.into_iter().find(|format| !tried.contains(format))
}

/// The payload of a Bootstrap-Write.
///
/// # Errors
/// [`EncodeError`] if a value does not fit its resource or the format.
pub fn payload(
    node: &Node,
    format: ContentFormat,
    types: &dyn TypeLookup,
    now: Timestamp,
) -> Result<Vec<u8>, EncodeError> {
    codec::encode(format, node, &Context::new(types, now))
}

/// All instances in one Bootstrap-Pack. LwM2M Core 1.2 §6.1.7.2.
///
/// # Errors
/// [`EncodeError`], also for TLV, which has no way to carry more than one object.
pub fn pack(
    arrangement: &Arrangement,
    format: ContentFormat,
    types: &dyn TypeLookup,
    now: Timestamp,
) -> Result<Vec<u8>, EncodeError> {
    let mut entries: Vec<_> = arrangement
        .writes
        .iter()
        .flat_map(|write| write.node.entries.iter().cloned())
        .collect();
    sort_by_key(&mut entries, |entry| entry.path);
    let node = Node {
        base: Path::ROOT,
        entries,
    };
    codec::encode(format, &node, &Context::new(types, now))
}

/// One message of a dry run. Secrets are zero bytes in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// `"GET"`, `"PUT"`, `"DELETE"`, `"POST"`.
    pub method: String,
    /// `"discover"`, `"read"`, `"delete"`, `"write"`, `"finish"`.
    pub command: String,
    /// `"/0/1"`, `"/bs"`.
    pub path: String,
    /// The Content-Format by name, of a payload.
    pub format: Option<String>,
    /// Hexadecimal.
    pub payload: String,
    pub values: Vec<MessageValue>,
}

/// A value of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageValue {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub path: Path,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub value: JsonValue,
    /// The value is not shown.
    pub secret: bool,
}

/// The messages of an arrangement, for people.
///
/// # Errors
/// [`EncodeError`] if a value does not fit its resource or the format.
pub fn messages(
    arrangement: &Arrangement,
    format: ContentFormat,
    types: &dyn TypeLookup,
    now: Timestamp,
) -> Result<Vec<Message>, EncodeError> {
    let commands = arrangement.without_secrets().commands();
    commands
        .iter()
        .map(|command| message(command, format, types, now))
        .collect()
}

fn message(
    command: &Command,
    format: ContentFormat,
    types: &dyn TypeLookup,
    now: Timestamp,
) -> Result<Message, EncodeError> {
    let (method, name, path) = match command {
        Command::Discover(path) => ("GET", "discover", path.to_string()),
        Command::Read(path) => ("GET", "read", path.to_string()),
        Command::Delete(path) => ("DELETE", "delete", path.to_string()),
        Command::Write(write) => ("PUT", "write", write.node.base.to_string()),
        Command::Finish => ("POST", "finish", "/bs".to_owned()),
    };
    let mut message = Message {
        method: method.into(),
        command: name.into(),
        path,
        format: None,
        payload: String::new(),
        values: Vec::new(),
    };
    if let Command::Write(write) = command {
        let bytes = payload(&write.node, format, types, now)?;
        message.format = format.name().map(Into::into);
        message.payload = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        message.values = write
            .node
            .entries
            .iter()
            .map(|entry| {
                let secret = path_is_secret(entry.path);
                MessageValue {
                    path: entry.path,
                    value: if secret {
                        JsonValue::Null
                    } else {
                        entry.value.to_json()
                    },
                    secret,
                }
            })
            .collect();
    }
    Ok(message)
}
