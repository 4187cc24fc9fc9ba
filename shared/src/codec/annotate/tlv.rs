//! The elements of TLV, each with its head and its value.

use super::super::tlv::{Element, Kind, element, read_value, top};
use super::super::{Refusal, coerce};
use super::Notes;
use crate::{Path, Value};
use std::ops::Range;

pub(super) fn annotate(notes: &mut Notes<'_>) -> Result<(), Refusal> {
    let all = 0..notes.payload.len();
    if all.is_empty() {
        return Ok(());
    }
    let parent = top(notes.base, &element(notes.payload, 0, all.end)?)?;
    level(notes, parent, all)
}

fn level(notes: &mut Notes<'_>, parent: Path, range: Range<usize>) -> Result<(), Refusal> {
    let mut at = range.start;
    while at < range.end {
        let element = element(notes.payload, at, range.end)?;
        at = element.value.end;
        let path = parent
            .child(element.id)
            .filter(|_| element.kind.parent_depth() == parent.depth())
            .ok_or_else(|| element.misplaced(parent))?;
        one(notes, path, &element)?;
    }
    Ok(())
}

fn one(notes: &mut Notes<'_>, path: Path, element: &Element) -> Result<(), Refusal> {
    let (noun, value) = (element.kind.noun(), element.value.clone());
    let container = matches!(element.kind, Kind::ObjectInstance | Kind::MultipleResource);
    let bytes = notes.payload.get(value.clone()).unwrap_or_default();
    let words = if !container {
        match read_value(path, bytes, notes.context) {
            Ok(value @ Value::Opaque(_)) => coerce::describe(&value),
            Ok(value) => value.to_string(),
            Err(error) => error.to_string(),
        }
    } else if bytes.is_empty() {
        "empty".into()
    } else {
        String::new()
    };
    let head = format!("{noun} {}, {} bytes", element.id, value.len());
    notes.add(element.start..value.end, Some(path), noun.into(), words.clone())?;
    notes.add(element.start..value.start, Some(path), "head".into(), head)?;
    if container {
        level(notes, path, value)
    } else if value.is_empty() {
        Ok(())
    } else {
        notes.add(value, Some(path), "value".into(), words)
    }
}
