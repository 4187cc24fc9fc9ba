//! The records of SenML CBOR, each with its fields.

use super::super::Refusal;
use super::super::cbor_decoder::Decoder;
use super::super::cbor_item::{self, Items};
use super::super::senml::{Purpose, Record, Resolver};
use super::super::senml_cbor::field;
use super::Notes;
use crate::Value;

pub(super) fn annotate(notes: &mut Notes<'_>) -> Result<(), Refusal> {
    let mut decoder = Decoder::new(notes.payload);
    // A list of paths has records without values, and there is no telling it from the payload's format.
    let mut resolver = Resolver::new(Purpose::Any, notes.context);
    let mut records = Items::array(&mut decoder)?;
    let mut number = 0;
    while records.next(&mut decoder)? {
        number += 1;
        let (place, begin) = (notes.list.len(), decoder.position());
        // It stands before its fields, and is known when they are.
        notes.record(begin..notes.payload.len(), number, None)?;
        let mut record = Record::default();
        let mut fields = Items::map(&mut decoder)?;
        while fields.next(&mut decoder)? {
            let start = decoder.position();
            let label = field(&mut record, number, &mut decoder)?;
            let value = cbor_words(notes.payload, start);
            notes.add(start..decoder.position(), None, label.into(), value)?;
        }
        let said = resolver.resolve(record)?;
        notes.complete(place, decoder.position(), said);
    }
    cbor_item::finish(&decoder)
}

/// The value behind the label at `start`, in words.
fn cbor_words(payload: &[u8], start: usize) -> String {
    let mut decoder = Decoder::new(payload);
    decoder.set_position(start);
    match decoder.skip().map(|()| cbor_item::value(&mut decoder)) {
        Ok(Ok(value @ Value::Opaque(_))) => super::coerce::describe(&value),
        Ok(Ok(value)) => value.to_string(),
        _ => String::new(),
    }
}
