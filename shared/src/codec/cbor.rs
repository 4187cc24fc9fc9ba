//! `application/cbor`: one value as one CBOR item. LwM2M Core 1.2 §7.4.4.

use super::cbor_decoder::Decoder;
use super::cbor_item::{Writer, finish, value};
use super::collect::Collector;
use super::single;
use super::{Context, DecodeError, EncodeError, Refusal};
use crate::{ContentFormat, Node, Path, Value};

const FORMAT: ContentFormat = ContentFormat::CBOR;

pub(super) fn decode(base: Path, payload: &[u8], context: &Context<'_>) -> Result<Node, Refusal> {
    single::wanted(FORMAT, base, context)?;
    let mut decoder = Decoder::new(payload);
    let item = value(&mut decoder)?;
    finish(&decoder)?;
    if item == Value::None {
        return Err(DecodeError::at(0, "null is no value"));
    }
    let mut values = Collector::new(base, context);
    values.push(base, None, item)?;
    values.finish()
}

pub(super) fn encode(node: &Node, context: &Context<'_>) -> Result<Vec<u8>, EncodeError> {
    let (_, value) = single::only(FORMAT, node, context)?;
    let mut writer = Writer::default();
    writer.value(&value);
    Ok(writer.out)
}
