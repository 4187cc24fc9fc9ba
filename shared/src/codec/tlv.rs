//! `application/vnd.oma.lwm2m+tlv`: nested type-length-value elements. LwM2M Core 1.2 §7.4.3.

use super::coerce::describe;
use super::collect::Collector;
use super::short_float::{narrow, widen};
use super::single::typed;
use super::{Context, DecodeError, EncodeError, Refusal};
use crate::sort::{sort, sort_by_key};
use crate::{ContentFormat, DataType, Entry, Node, Path, Value};
use std::ops::Range;

const FORMAT: ContentFormat = ContentFormat::TLV;
/// The longest value that the 24 bits of a length can tell.
const LONGEST: usize = 0xff_ffff;

/// What an element is, by bits 7 and 6 of its type byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    ObjectInstance,
    ResourceInstance,
    MultipleResource,
    Resource,
}

impl Kind {
    fn of(type_byte: u8) -> Kind {
        match type_byte >> 6 {
            0 => Kind::ObjectInstance,
            1 => Kind::ResourceInstance,
            2 => Kind::MultipleResource,
            _ => Kind::Resource,
        }
    }

    const fn bits(self) -> u8 {
        match self {
            Kind::ObjectInstance => 0x00,
            Kind::ResourceInstance => 0x40,
            Kind::MultipleResource => 0x80,
            Kind::Resource => 0xc0,
        }
    }

    /// How many identifiers the path has under which an element of this kind stands.
    pub(super) const fn parent_depth(self) -> usize {
        match self {
            Kind::ObjectInstance => 1,
            Kind::Resource | Kind::MultipleResource => 2,
            Kind::ResourceInstance => 3,
        }
    }

    pub(super) const fn noun(self) -> &'static str {
        match self {
            Kind::ObjectInstance => "object instance",
            Kind::ResourceInstance => "resource instance",
            Kind::MultipleResource => "multiple resource",
            Kind::Resource => "resource",
        }
    }
}

/// The head of one element.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) kind: Kind,
    pub(super) id: u16,
    pub(super) start: usize,
    /// Where its value is in the payload.
    pub(super) value: Range<usize>,
}

impl Element {
    /// It cannot stand where it stands.
    #[cold]
    pub(super) fn misplaced(&self, parent: Path) -> Refusal {
        let reason = format!("a TLV {} stands directly under {parent}", self.kind.noun());
        DecodeError::at_told(self.start, reason.into())
    }
}

/// Reads the head of the element at `start`; the element has to end at or before `end`.
pub(super) fn element(payload: &[u8], start: usize, end: usize) -> Result<Element, Refusal> {
    let mut at = start;
    let mut take = |count: usize| -> Result<usize, Refusal> {
        let bytes = payload
            .get(at..at + count)
            .filter(|_| at + count <= end)
            .ok_or_else(|| DecodeError::at(end, "the payload ends within the head of a TLV element"))?;
        at += count;
        Ok(bytes
            .iter()
            .fold(0, |number, byte| number << 8 | usize::from(*byte)))
    };
    let type_byte = take(1)? as u8;
    let id = take(if type_byte & 0x20 == 0 { 1 } else { 2 })? as u16;
    // Bits 2-0 are the length only where bits 4-3 say that no length field follows.
    let length = match (type_byte >> 3) & 3 {
        0 => usize::from(type_byte & 7),
        width => take(usize::from(width))?,
    };
    if length > end - at {
        let left = end - at;
        let reason = format!("a TLV element tells a length of {length} where {left} bytes are left");
        return Err(DecodeError::at_told(start, reason.into()));
    }
    Ok(Element {
        kind: Kind::of(type_byte),
        id,
        start,
        value: at..at + length,
    })
}

/// The path under which the first elements of a payload stand, by the request and the kind of the first element.
///
/// Clients leave out the object instance where an object has only one; then it is instance 0.
pub(super) fn top(base: Path, first: &Element) -> Result<Path, Refusal> {
    let wanted = first.kind.parent_depth();
    match base.depth() {
        0 => None,
        1 if wanted == 2 => base.child(0),
        depth if depth >= wanted => Some(base.truncated(wanted)),
        _ => None,
    }
    .ok_or_else(|| {
        let noun = first.kind.noun();
        let reason = format!("a TLV {noun} cannot answer a request about {base}");
        DecodeError::at_told(first.start, reason.into())
    })
}

pub(super) fn decode(base: Path, payload: &[u8], context: &Context<'_>) -> Result<Node, Refusal> {
    let mut values = Collector::new(base, context);
    if !payload.is_empty() {
        let parent = top(base, &element(payload, 0, payload.len())?)?;
        read_level(payload, parent, 0..payload.len(), &mut values)?;
    } else if base.depth() == 4 {
        return Err(DecodeError::at(0, "the payload is empty"));
    }
    values.finish()
}

/// Reads the elements in `range`, which all stand directly under `parent`. The kinds allow three levels at most.
fn read_level(
    payload: &[u8],
    parent: Path,
    range: Range<usize>,
    values: &mut Collector<'_>,
) -> Result<(), Refusal> {
    let mut ids = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let element = element(payload, at, range.end)?;
        at = element.value.end;
        let path = parent
            .child(element.id)
            .filter(|_| element.kind.parent_depth() == parent.depth())
            .ok_or_else(|| element.misplaced(parent))?;
        values.check_place_or_above(path)?;
        ids.push(element.id);
        match element.kind {
            Kind::ObjectInstance | Kind::MultipleResource if element.value.is_empty() => {
                values.push_typed(path, None, Value::None)?;
            }
            Kind::ObjectInstance | Kind::MultipleResource => {
                read_level(payload, path, element.value, values)?;
            }
            Kind::Resource | Kind::ResourceInstance => {
                let value = read_value(path, &payload[element.value], values.context)?;
                values.push_typed(path, None, value)?;
            }
        }
    }
    sort(&mut ids);
    match ids.windows(2).find(|pair| matches!(pair, [a, b] if a == b)) {
        Some([id, ..]) => {
            let path = parent.child(*id).unwrap_or(parent);
            Err(DecodeError::Duplicate { path }.into())
        }
        _ => Ok(()),
    }
}

/// The value in the bytes of an element; without a known type they stay bytes.
pub(super) fn read_value(path: Path, bytes: &[u8], context: &Context<'_>) -> Result<Value, Refusal> {
    let Some(wanted) = context.resource_type(path).map(|known| known.data_type) else {
        return Ok(Value::Opaque(bytes.to_vec()));
    };
    let text = || std::str::from_utf8(bytes).ok().map(String::from);
    match wanted {
        DataType::String => text().map(Value::String),
        DataType::CoreLink => text().map(Value::CoreLink),
        DataType::Integer => signed(bytes).map(Value::Integer),
        DataType::Time => signed(bytes).map(Value::Time),
        DataType::Unsigned => unsigned(bytes).map(Value::Unsigned),
        DataType::Float => match bytes {
            [a, b, c, d] => Some(widen(f32::from_be_bytes([*a, *b, *c, *d]))),
            _ => bytes.try_into().ok().map(f64::from_be_bytes),
        }
        .map(Value::Float),
        DataType::Boolean => match bytes {
            [0] => Some(Value::Boolean(false)),
            [1] => Some(Value::Boolean(true)),
            _ => None,
        },
        DataType::Opaque => Some(Value::Opaque(bytes.to_vec())),
        DataType::ObjectLink => match bytes {
            [a, b, c, d] => Some(Value::ObjectLink {
                object: u16::from_be_bytes([*a, *b]),
                instance: u16::from_be_bytes([*c, *d]),
            }),
            _ => None,
        },
        DataType::None => bytes.is_empty().then_some(Value::None),
    }
    .ok_or_else(|| {
        let found = match bytes {
            [byte] => format!("the byte {byte:#04x}"),
            _ if matches!(wanted, DataType::String | DataType::CoreLink) => {
                format!("{} bytes that are not UTF-8", bytes.len())
            }
            _ => describe(&Value::Opaque(bytes.to_vec())),
        };
        DecodeError::mistyped(path, wanted, found)
    })
}

/// A big-endian two's complement number of 1, 2, 4 or 8 bytes.
fn signed(bytes: &[u8]) -> Option<i64> {
    match bytes {
        [a] => Some(i64::from(*a as i8)),
        [a, b] => Some(i64::from(i16::from_be_bytes([*a, *b]))),
        [a, b, c, d] => Some(i64::from(i32::from_be_bytes([*a, *b, *c, *d]))),
        _ => bytes.try_into().ok().map(i64::from_be_bytes),
    }
}

fn unsigned(bytes: &[u8]) -> Option<u64> {
    matches!(bytes.len(), 1 | 2 | 4 | 8).then(|| {
        bytes
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    })
}

pub(super) fn encode(node: &Node, context: &Context<'_>) -> Result<Vec<u8>, EncodeError> {
    if let Some(entry) = node.entries.iter().find(|entry| !node.base.contains(&entry.path)) {
        return Err(EncodeError::Outside {
            path: entry.path,
            base: node.base,
        });
    }
    let mut entries: Vec<&Entry> = node.entries.iter().collect();
    sort_by_key(&mut entries, |entry| entry.path);
    let mut out = Vec::new();
    match (node.base.depth(), entries.as_slice()) {
        (0, _) => return Err(refusal(node.base, "it has no place for the id of an object")),
        (2 | 3, [only]) if only.path == node.base && only.value == Value::None => {}
        (1, _) => write_level(&entries, 1, context, &mut out)?,
        (2 | 3, _) => write_level(&entries, 2, context, &mut out)?,
        _ => write_level(&entries, 3, context, &mut out)?,
    }
    Ok(out)
}

/// Writes entries, sorted by path, that agree in the first `depth` identifiers.
fn write_level(
    entries: &[&Entry],
    depth: usize,
    context: &Context<'_>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let id_of = |entry: &Entry| entry.path.ids().get(depth).copied();
    for group in entries.chunk_by(|a, b| id_of(a) == id_of(b)) {
        let (Some(first), Some(id)) = (group.first(), group.first().and_then(|entry| id_of(entry))) else {
            return Err(refusal(entries[0].path, "it holds resources, not a value"));
        };
        let leaf = first.path.depth() == depth + 1;
        if leaf && group.len() > 1 {
            return Err(refusal(first.path, "it is there more than once"));
        }
        let (kind, value) = match depth {
            _ if !leaf => {
                let mut inner = Vec::new();
                write_level(group, depth + 1, context, &mut inner)?;
                (container(depth), inner)
            }
            1 | 2 if first.value == Value::None => (container(depth), Vec::new()),
            1 => return Err(refusal(first.path, "it holds resources, not a value")),
            2 => (Kind::Resource, write_value(first, context)?),
            _ => (Kind::ResourceInstance, write_value(first, context)?),
        };
        write_element(first.path, kind, id, &value, out)?;
    }
    Ok(())
}

/// The kind of an element with elements in it, standing under a path of this many identifiers.
const fn container(depth: usize) -> Kind {
    if depth == 1 {
        Kind::ObjectInstance
    } else {
        Kind::MultipleResource
    }
}

fn write_element(
    path: Path,
    kind: Kind,
    id: u16,
    value: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let width = match value.len() {
        0..8 => 0,
        8..0x100 => 1,
        0x100..0x1_0000 => 2,
        0x1_0000..=LONGEST => 3,
        _ => return Err(refusal(path, "it is longer than 16,777,215 bytes")),
    };
    let short_length = if width == 0 { value.len() as u8 } else { 0 };
    let wide_id = u8::from(id > 0xff) << 5;
    out.push(kind.bits() | wide_id | (width as u8) << 3 | short_length);
    out.extend_from_slice(&id.to_be_bytes()[usize::from(id <= 0xff)..]);
    out.extend_from_slice(&(value.len() as u32).to_be_bytes()[4 - width..]);
    out.extend_from_slice(value);
    Ok(())
}

fn write_value(entry: &Entry, context: &Context<'_>) -> Result<Vec<u8>, EncodeError> {
    Ok(match typed(entry, context)? {
        Value::String(text) | Value::CoreLink(text) => text.into_bytes(),
        Value::Integer(number) | Value::Time(number) => shortest_signed(number),
        Value::Unsigned(number) => {
            let width = match number {
                0..0x100 => 1,
                0x100..0x1_0000 => 2,
                0x1_0000..0x1_0000_0000 => 4,
                _ => 8,
            };
            number.to_be_bytes()[8 - width..].to_vec()
        }
        // Four bytes where they say the same.
        Value::Float(number) => match narrow(number) {
            Some(short) => short.to_be_bytes().to_vec(),
            None => number.to_be_bytes().to_vec(),
        },
        Value::Boolean(value) => vec![u8::from(value)],
        Value::Opaque(bytes) => bytes,
        Value::ObjectLink { object, instance } => [object.to_be_bytes(), instance.to_be_bytes()].concat(),
        Value::None => return Err(refusal(entry.path, "there is no value")),
    })
}

fn shortest_signed(number: i64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let width = if i8::try_from(number).is_ok() {
        1
    } else if i16::try_from(number).is_ok() {
        2
    } else if i32::try_from(number).is_ok() {
        4
    } else {
        8
    };
    bytes[8 - width..].to_vec()
}

fn refusal(path: Path, reason: &'static str) -> EncodeError {
    EncodeError::Unrepresentable {
        path,
        format: FORMAT,
        reason,
    }
}
