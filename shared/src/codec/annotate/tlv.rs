//! The elements of TLV, each with its head and its value.

use super::super::tlv::{Element, Kind, element, read_value, top};
use super::super::{DecodeError, coerce};
use super::Notes;
use crate::{Path, Value};
use std::ops::Range;

pub(super) fn annotate(notes: &mut Notes<'_>) -> Result<(), DecodeError> {
    let all = 0..notes.payload.len();
    if all.is_empty() {
        return Ok(());
    }
    let parent = top(notes.base, &element(notes.payload, 0, all.end)?)?;
    level(notes, parent, all)
}

fn level(notes: &mut Notes<'_>, parent: Path, range: Range<usize>) -> Result<(), DecodeError> {
    let mut at = range.start;
    while at < range.end {
        let element = element(notes.payload, at, range.end)?;
        at = element.value.end;
        let path = parent
            .child(element.id)
            .filter(|_| element.kind.parent_depth() == parent.depth())
            .ok_or_else(|| {
                DecodeError::at(
                    element.start,
                    format!("a TLV {} stands directly under {parent}", element.kind.noun()),
                )
            })?;
        one(notes, path, &element)?;
    }
    Ok(())
}

fn one(notes: &mut Notes<'_>, path: Path, element: &Element) -> Result<(), DecodeError> {
    let Element {
        kind,
        id,
        start,
        value,
    } = element.clone();
    let container = matches!(kind, Kind::ObjectInstance | Kind::MultipleResource);
    let words = match (container, notes.payload.get(value.clone()).unwrap_or_default()) {
        (true, []) => "empty".into(),
        (true, _) => String::new(),
        (false, bytes) => match read_value(path, bytes, notes.context) {
            Ok(value @ Value::Opaque(_)) => coerce::describe(&value),
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        },
    };
    notes.add(start..value.end, Some(path), kind.noun(), words.clone())?;
    let length = value.len();
    notes.add(
        start..value.start,
        Some(path),
        "head",
        format!("{} {id}, {length} bytes", kind.noun()),
    )?;
    if container {
        level(notes, path, value)
    } else if value.is_empty() {
        Ok(())
    } else {
        notes.add(value, Some(path), "value", words)
    }
}
