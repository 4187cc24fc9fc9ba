//! The records of the formats in JSON, one annotation each.

use super::super::old_json::{self, Base};
use super::super::senml::{Purpose, Resolver};
use super::super::{DecodeError, Refusal, json, senml_json};
use super::Notes;
use crate::json::Object;
use std::ops::Range;

pub(super) fn annotate_senml(notes: &mut Notes<'_>) -> Result<(), Refusal> {
    let mut resolver = Resolver::new(Purpose::Any, notes.context);
    for (index, range) in records(notes.payload).into_iter().enumerate() {
        let object = parse(notes.payload, &range, index + 1)?;
        let said = resolver.resolve(senml_json::record(index + 1, object)?)?;
        notes.record(range, index + 1, said)?;
    }
    // Tells what is wrong between the records.
    json::parse(notes.payload).map(drop)
}

pub(super) fn annotate_old(notes: &mut Notes<'_>) -> Result<(), Refusal> {
    let whole = json::parse(notes.payload)?;
    let mut base = Base::default();
    if let Some(object) = whole.as_object() {
        base.take(object, 1)?;
    }
    let mut number = 0;
    for range in records(notes.payload) {
        let object = parse(notes.payload, &range, number + 1)?;
        base.take(&object, number + 1)?;
        if object.contains_key("e") || object.keys().all(|label| matches!(label.as_str(), "bn" | "bt")) {
            continue;
        }
        number += 1;
        let said = old_json::resolve(&object, number, &base, notes.base, notes.context)?;
        notes.record(range, number, Some(said))?;
    }
    Ok(())
}

fn parse(payload: &[u8], range: &Range<usize>, number: usize) -> Result<Object, Refusal> {
    let record = json::parse(payload.get(range.clone()).unwrap_or_default());
    let record = record.map_err(|mut refusal| {
        if let DecodeError::Malformed { offset, .. } = &mut *refusal {
            *offset += range.start;
        }
        refusal
    })?;
    json::object(record, number)
}

/// Where the objects are that stand directly in an array, in the order of their beginnings.
fn records(payload: &[u8]) -> Vec<Range<usize>> {
    let mut records: Vec<Range<usize>> = Vec::new();
    // What is open: an array, or an object with its place in `records`.
    let mut open: Vec<Option<Option<usize>>> = Vec::new();
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in payload.iter().enumerate() {
        if in_text {
            in_text = *byte != b'"' || escaped;
            escaped = *byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' => open.push(None),
            b'{' if matches!(open.last(), Some(None)) => {
                open.push(Some(Some(records.len())));
                records.push(at..payload.len());
            }
            b'{' => open.push(Some(None)),
            b'}' | b']' => {
                if let Some(Some(Some(place))) = open.pop()
                    && let Some(record) = records.get_mut(place)
                {
                    record.end = at + 1;
                }
            }
            _ => {}
        }
    }
    records
}
