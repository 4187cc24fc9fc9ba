//! Which bytes of a payload say what, for the page that shows messages with their bytes.
//!
//! Annotations nest: an outer one stands before those within it. A payload that breaks off or breaks the rules is
//! annotated as far as it can be read, and the rest says why it cannot.

mod cbor;
mod json;
mod senml_cbor;
mod tlv;

use super::senml::{self, Resolved};
use super::{Context, DecodeError, Refusal, coerce, link};
use crate::{ContentFormat, Path, Value};
use std::borrow::Cow;
use std::ops::Range;

/// The most annotations a payload gets.
const MAX_ANNOTATIONS: usize = 4096;

/// The label of the bytes that cannot be read.
pub const ERROR: &str = "error";

/// What a range of bytes says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// In the payload.
    pub range: Range<usize>,
    /// What it is about, where that is known.
    pub path: Option<Path>,
    /// What kind of thing it is: `"record 1"`, `"resource"`, `"bn"`, `"value"`, [`ERROR`].
    pub label: Cow<'static, str>,
    /// Its content in words.
    pub value: String,
}

/// Annotates the payload of a message about `base`. Unlike [`super::decode`], this never fails.
pub fn annotate(format: ContentFormat, base: Path, payload: &[u8], context: &Context<'_>) -> Vec<Annotation> {
    let mut notes = Notes {
        base,
        payload,
        context,
        list: Vec::new(),
    };
    let read = match format.canonical() {
        ContentFormat::TLV => tlv::annotate(&mut notes),
        ContentFormat::CBOR => cbor::annotate_item(&mut notes),
        ContentFormat::LWM2M_CBOR => cbor::annotate_maps(&mut notes),
        ContentFormat::SENML_CBOR | ContentFormat::SENML_ETCH_CBOR => senml_cbor::annotate(&mut notes),
        ContentFormat::SENML_JSON | ContentFormat::SENML_ETCH_JSON => json::annotate_senml(&mut notes),
        ContentFormat::OLD_JSON => json::annotate_old(&mut notes),
        ContentFormat::LINK => annotate_links(&mut notes),
        ContentFormat::TEXT => {
            let text = String::from_utf8_lossy(payload).into_owned();
            notes.add(0..payload.len(), Some(base), "text".into(), text)
        }
        _ => {
            let words = coerce::describe(&Value::Opaque(payload.to_vec()));
            notes.add(0..payload.len(), Some(base), "bytes".into(), words)
        }
    };
    if let Err(error) = read {
        let from = match &*error {
            DecodeError::Malformed { offset, .. } => *offset,
            _ => notes.list.last().map_or(0, |last| last.range.end),
        };
        notes.list.push(Annotation {
            range: from.min(payload.len())..payload.len(),
            path: None,
            label: ERROR.into(),
            value: error.to_string(),
        });
    }
    notes.list
}

/// The annotations of one payload as they are made.
struct Notes<'a> {
    base: Path,
    payload: &'a [u8],
    context: &'a Context<'a>,
    list: Vec<Annotation>,
}

impl Notes<'_> {
    fn add(
        &mut self,
        range: Range<usize>,
        path: Option<Path>,
        label: Cow<'static, str>,
        value: String,
    ) -> Result<(), Refusal> {
        if self.list.len() == MAX_ANNOTATIONS {
            return Err(DecodeError::TooMany.into());
        }
        self.list.push(Annotation {
            range,
            path,
            label,
            value,
        });
        Ok(())
    }

    /// Adds what a record of SenML says, as far as it is more than base fields.
    fn record(&mut self, range: Range<usize>, number: usize, said: Option<Resolved>) -> Result<(), Refusal> {
        let end = range.end;
        let place = self.list.len();
        self.add(range, None, format!("record {number}").into(), String::new())?;
        self.complete(place, end, said);
        Ok(())
    }

    /// Says of the record at `place` what was not known when it was added: where it ends, and what it says.
    fn complete(&mut self, place: usize, end: usize, said: Option<Resolved>) {
        let path = said.as_ref().map(|said| said.path);
        let words = said.map_or_else(String::new, |said| self.words(said.path, said.value));
        if let Some(record) = self.list.get_mut(place) {
            record.range.end = end;
            record.path = path;
            record.value = words;
        }
    }

    /// A value in the type its resource has, for people; one that does not fit says so.
    fn words(&self, path: Path, value: Value) -> String {
        match self.context.resource_type(path) {
            Some(known) => match coerce::coerce(value, known.data_type) {
                Ok(value) => value.to_string(),
                Err(found) => {
                    format!("{found}, but {} is wanted", super::error::noun(known.data_type))
                }
            },
            None => value.to_string(),
        }
    }
}

fn annotate_links(notes: &mut Notes<'_>) -> Result<(), Refusal> {
    let text = std::str::from_utf8(notes.payload)
        .map_err(|error| DecodeError::at(error.valid_up_to(), "the text is not UTF-8"))?;
    let links = link::parse_placed(text).map_err(|error| DecodeError::at(error.offset, error.reason))?;
    for (range, link) in links {
        let mut attributes = String::new();
        for (name, value) in &link.attributes {
            if !attributes.is_empty() {
                attributes += ", ";
            }
            attributes += name;
            if let Some(value) = value {
                attributes += "=";
                attributes += value;
            }
        }
        let path = senml::parse_name(&link.target, notes.context.prefix()).ok();
        notes.add(range, path, link.target.into(), attributes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
