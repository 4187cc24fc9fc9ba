//! `application/vnd.oma.lwm2m+cbor`: maps in maps, keyed by identifiers. LwM2M Core 1.2 §7.4.7.
//!
//! A key is an identifier or an array of them; the keys on the way to a value are its path together. The first may
//! begin with the prefix of a device behind a gateway.

use super::cbor_decoder::{Decoder, Kind};
use super::cbor_item::{self, Items, Writer};
use super::collect::Collector;
use super::single::typed;
use super::{Context, DecodeError, EncodeError, Refusal};
use crate::sort::sort_by_key;
use crate::{ContentFormat, Entry, Node, Path, Value};

const FORMAT: ContentFormat = ContentFormat::LWM2M_CBOR;

/// Paths are absolute since 1.2.1; before, they began below the path of the request in Write and Create. What does not
/// read the one way is tried the other.
pub(super) fn decode(base: Path, payload: &[u8], context: &Context<'_>) -> Result<Node, Refusal> {
    read(Path::ROOT, base, payload, context).or_else(|error| {
        let relative = match *error {
            DecodeError::NoValueHere { path } | DecodeError::Outside { path, .. } => path != base,
            _ => false,
        };
        if base.is_root() || !relative {
            return Err(error);
        }
        read(base, base, payload, context).map_err(|_| error)
    })
}

fn read(start: Path, base: Path, payload: &[u8], context: &Context<'_>) -> Result<Node, Refusal> {
    let mut decoder = Decoder::new(payload);
    let mut values = Collector::new(base, context);
    read_map(start, true, &mut decoder, &mut values)?;
    cbor_item::finish(&decoder)?;
    values.finish()
}

/// Reads the map of what is below `parent`. Every key adds an identifier, so there are four levels at most, and one
/// for the prefix.
fn read_map(
    parent: Path,
    prefix_allowed: bool,
    decoder: &mut Decoder<'_>,
    values: &mut Collector<'_>,
) -> Result<(), Refusal> {
    let mut items = Items::map(decoder)?;
    let mut empty = true;
    while items.next(decoder)? {
        empty = false;
        let key_at = decoder.position();
        let path = read_key(parent, prefix_allowed, decoder, values.context)?;
        match decoder.kind()? {
            Kind::Map => {
                if path == parent && !prefix_allowed {
                    return Err(DecodeError::at(key_at, "a key has no identifier"));
                }
                read_map(path, false, decoder, values)?;
            }
            _ => {
                let value = cbor_item::value(decoder)?;
                if value == Value::None && path.depth() < 3 {
                    return Err(DecodeError::NoValueHere { path }.into());
                }
                values.push(path, None, value)?;
            }
        }
    }
    // An empty map is an instance without resources, or a multiple resource without instances.
    if empty && parent != values.base && matches!(parent.depth(), 2 | 3) {
        values.push(parent, None, Value::None)?;
    }
    Ok(())
}

/// Reads a key and appends it to `parent`.
pub(super) fn read_key(
    parent: Path,
    prefix_allowed: bool,
    decoder: &mut Decoder<'_>,
    context: &Context<'_>,
) -> Result<Path, Refusal> {
    let at = decoder.position();
    match decoder.kind()? {
        Kind::Array => {
            let mut items = Items::array(decoder)?;
            let mut path = parent;
            let mut first = true;
            while items.next(decoder)? {
                path = read_key_part(path, prefix_allowed && first, decoder, context)?;
                first = false;
            }
            if first {
                return Err(DecodeError::at(at, "a key has no identifier"));
            }
            Ok(path)
        }
        _ => read_key_part(parent, prefix_allowed, decoder, context),
    }
}

fn read_key_part(
    parent: Path,
    prefix_allowed: bool,
    decoder: &mut Decoder<'_>,
    context: &Context<'_>,
) -> Result<Path, Refusal> {
    let at = decoder.position();
    if prefix_allowed && matches!(decoder.kind()?, Kind::Text) {
        let prefix = decoder.text()?;
        return if prefix.trim_matches('/') == context.prefix() {
            Ok(parent)
        } else {
            Err(DecodeError::at(
                at,
                "the payload is about another device behind the gateway",
            ))
        };
    }
    let id = decoder
        .integer()
        .ok()
        .and_then(|id| u16::try_from(id).ok())
        .ok_or_else(|| DecodeError::at(at, "a key is no identifier from 0 to 65535"))?;
    parent
        .child(id)
        .ok_or_else(|| DecodeError::at(at, "the keys are deeper than a resource instance"))
}

pub(super) fn encode(node: &Node, context: &Context<'_>) -> Result<Vec<u8>, EncodeError> {
    if let Some(entry) = node.entries.iter().find(|entry| !node.base.contains(&entry.path)) {
        return Err(EncodeError::Outside {
            path: entry.path,
            base: node.base,
        });
    }
    let mut writer = Writer::default();
    let mut entries: Vec<&Entry> = node.entries.iter().collect();
    sort_by_key(&mut entries, |entry| entry.path);
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        writer.map(0);
        return Ok(writer.out);
    };
    // What all paths begin with goes into one key.
    let pairs = first.path.ids().iter().zip(last.path.ids());
    let shared = pairs.take_while(|(a, b)| a == b).count();
    write_shared_key(first.path.truncated(shared), context, &mut writer);
    if first.path.depth() > shared || entries.len() > 1 {
        write_level(&entries, shared, context, &mut writer)?;
    } else {
        write_value(first, context, &mut writer)?;
    }
    Ok(writer.out)
}

/// Opens a map with one key: the identifiers of `shared` behind the prefix, if there are any.
fn write_shared_key(shared: Path, context: &Context<'_>, writer: &mut Writer) {
    let prefix = context.gateway_prefix();
    let parts = shared.depth() + usize::from(prefix.is_some());
    if parts == 0 {
        return;
    }
    writer.map(1);
    if parts > 1 {
        writer.array(parts);
    }
    if let Some(prefix) = prefix {
        writer.text(prefix);
    }
    for id in shared.ids() {
        writer.unsigned((*id).into());
    }
}

/// Writes the map of entries, sorted by path, that agree in the first `depth` identifiers.
fn write_level(
    entries: &[&Entry],
    depth: usize,
    context: &Context<'_>,
    writer: &mut Writer,
) -> Result<(), EncodeError> {
    let id_of = |entry: &Entry| entry.path.ids().get(depth).copied();
    writer.map(entries.chunk_by(|a, b| id_of(a) == id_of(b)).count());
    for group in entries.chunk_by(|a, b| id_of(a) == id_of(b)) {
        let [first, rest @ ..] = group else { continue };
        let twice = EncodeError::Unrepresentable {
            path: first.path,
            format: FORMAT,
            reason: "it is there more than once, or with more below it",
        };
        let id = id_of(first).ok_or_else(|| twice.clone())?;
        writer.unsigned(id.into());
        if first.path.depth() > depth + 1 {
            write_level(group, depth + 1, context, writer)?;
        } else if rest.is_empty() {
            write_value(first, context, writer)?;
        } else {
            return Err(twice);
        }
    }
    Ok(())
}

fn write_value(entry: &Entry, context: &Context<'_>, writer: &mut Writer) -> Result<(), EncodeError> {
    match typed(entry, context)? {
        Value::None if entry.path.depth() < 4 => writer.map(0),
        value if entry.path.depth() >= 3 => writer.value(&value),
        _ => {
            return Err(EncodeError::Unrepresentable {
                path: entry.path,
                format: FORMAT,
                reason: "it holds resources, not a value",
            });
        }
    }
    Ok(())
}
