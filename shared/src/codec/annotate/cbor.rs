//! The one item of CBOR, and the keys and values of LwM2M CBOR.

use super::super::cbor_decoder::{Decoder, Kind};
use super::super::cbor_item::{self, Items};
use super::super::lwm2m_cbor::read_key;
use super::super::{DecodeError, Refusal};
use super::Notes;
use crate::Path;

pub(super) fn annotate_item(notes: &mut Notes<'_>) -> Result<(), Refusal> {
    let mut decoder = Decoder::new(notes.payload);
    let value = cbor_item::value(&mut decoder)?;
    let words = notes.words(notes.base, value);
    notes.add(0..decoder.position(), Some(notes.base), "value".into(), words)?;
    cbor_item::finish(&decoder)
}

pub(super) fn annotate_maps(notes: &mut Notes<'_>) -> Result<(), Refusal> {
    let mut decoder = Decoder::new(notes.payload);
    map(notes, Path::ROOT, true, &mut decoder)?;
    cbor_item::finish(&decoder)
}

fn map(
    notes: &mut Notes<'_>,
    parent: Path,
    prefix_allowed: bool,
    decoder: &mut Decoder<'_>,
) -> Result<(), Refusal> {
    let mut items = Items::map(decoder)?;
    while items.next(decoder)? {
        let start = decoder.position();
        let path = read_key(parent, prefix_allowed, decoder, notes.context)?;
        if path == parent && !prefix_allowed {
            return Err(DecodeError::at(start, "a key has no identifier"));
        }
        notes.add(
            start..decoder.position(),
            Some(path),
            "key".into(),
            path.to_string(),
        )?;
        if matches!(decoder.kind()?, Kind::Map) {
            map(notes, path, false, decoder)?;
        } else {
            let start = decoder.position();
            let value = cbor_item::value(decoder)?;
            let words = notes.words(path, value);
            notes.add(start..decoder.position(), Some(path), "value".into(), words)?;
        }
    }
    Ok(())
}
