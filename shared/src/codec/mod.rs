//! How a [`Node`] travels: one module per content format, all over the same flat list of entries.
//!
//! Reading is lenient where real clients are known to be slightly wrong and strict where a payload would otherwise
//! be misread; every refusal names the byte, the record or the path. Nothing here panics, recurses with the input or
//! keeps more than [`MAX_ENTRIES`] values. LwM2M Core 1.2 §7.4.

mod annotate;
mod by_prefix;
mod cbor;
mod cbor_decoder;
mod cbor_item;
mod coerce;
mod collect;
mod context;
mod error;
mod json;
pub mod link;
mod lwm2m_cbor;
mod old_json;
mod opaque;
mod senml;
mod senml_cbor;
mod senml_json;
mod short_float;
mod single;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
mod text;
mod tlv;

pub use annotate::{Annotation, ERROR, annotate};
pub use by_prefix::{Part, by_prefix};
pub use context::{Context, NoTypes, ResourceType, TypeLookup};
pub use error::{DecodeError, EncodeError};

use crate::{ContentFormat, Node, Path};
use error::Refusal;
use senml::Purpose;

/// The most values one payload may carry; a larger one is refused.
pub const MAX_ENTRIES: usize = 65_536;

/// The instance id that stands for "the client chooses" in the `base` of a Create. LwM2M Core 1.2.1 §7.4.
pub const CHOSEN_BY_CLIENT: u16 = u16::MAX;

/// Reads the payload of a message about `base`, which is the path of the request ([`Path::ROOT`] for the composite
/// operations and Send).
///
/// Values take the type the models know for their path; without one they keep the type of the format (TLV: opaque,
/// text: string). An empty multiple resource or instance becomes one entry with [`crate::Value::None`]. The payload
/// of a Create without instance id is read with `base` = `/object/65535`.
pub fn decode(
    format: ContentFormat,
    base: Path,
    payload: &[u8],
    context: &Context<'_>,
) -> Result<Node, DecodeError> {
    let read = match format.canonical() {
        ContentFormat::TEXT => text::decode(base, payload, context),
        ContentFormat::OPAQUE => opaque::decode(base, payload, context),
        ContentFormat::CBOR => cbor::decode(base, payload, context),
        ContentFormat::TLV => tlv::decode(base, payload, context),
        ContentFormat::OLD_JSON => old_json::decode(base, payload, context),
        ContentFormat::LWM2M_CBOR => lwm2m_cbor::decode(base, payload, context),
        ContentFormat::SENML_JSON => senml_json::decode(Purpose::Values, base, payload, context),
        ContentFormat::SENML_CBOR => senml_cbor::decode(Purpose::Values, base, payload, context),
        ContentFormat::SENML_ETCH_JSON => senml_json::decode(Purpose::Patch, base, payload, context),
        ContentFormat::SENML_ETCH_CBOR => senml_cbor::decode(Purpose::Patch, base, payload, context),
        _ => return Err(DecodeError::Unsupported(format)),
    };
    read.map_err(|refusal| *refusal)
}

/// Writes `node` as the payload of a message about `node.base`.
///
/// Values are coerced to the type the models know, so an integer written to a float resource goes out as a float.
/// The payload of a Create without instance id has `base` = `/object/65535`. Times are written by the formats that have
/// a place for them (SenML and the old JSON); the others refuse a path that is there more than once. Empty resources and
/// instances are written by TLV and LwM2M CBOR, and left out by the others.
pub fn encode(format: ContentFormat, node: &Node, context: &Context<'_>) -> Result<Vec<u8>, EncodeError> {
    match format {
        ContentFormat::TEXT => text::encode(node, context),
        ContentFormat::OPAQUE => opaque::encode(node, context),
        ContentFormat::CBOR => cbor::encode(node, context),
        ContentFormat::TLV => tlv::encode(node, context),
        ContentFormat::OLD_JSON => old_json::encode(node, context),
        ContentFormat::LWM2M_CBOR => lwm2m_cbor::encode(node, context),
        ContentFormat::SENML_JSON => senml_json::encode(format, Purpose::Values, node, context),
        ContentFormat::SENML_CBOR => senml_cbor::encode(format, Purpose::Values, node, context),
        ContentFormat::SENML_ETCH_JSON => senml_json::encode(format, Purpose::Patch, node, context),
        ContentFormat::SENML_ETCH_CBOR => senml_cbor::encode(format, Purpose::Patch, node, context),
        _ => Err(EncodeError::Unsupported(format)),
    }
}

/// Reads the path list in the body of a Read-Composite or Observe-Composite (SenML or SenML-ETCH, JSON or CBOR).
pub fn decode_paths(
    format: ContentFormat,
    payload: &[u8],
    context: &Context<'_>,
) -> Result<Vec<Path>, DecodeError> {
    let read = match format {
        ContentFormat::SENML_JSON | ContentFormat::SENML_ETCH_JSON => {
            senml_json::decode_paths(payload, context)
        }
        ContentFormat::SENML_CBOR | ContentFormat::SENML_ETCH_CBOR => {
            senml_cbor::decode_paths(payload, context)
        }
        _ => return Err(DecodeError::Unsupported(format)),
    };
    read.map_err(|refusal| *refusal)
}

/// Writes the path list in the body of a Read-Composite or Observe-Composite (SenML or SenML-ETCH, JSON or CBOR).
pub fn encode_paths(
    format: ContentFormat,
    paths: &[Path],
    context: &Context<'_>,
) -> Result<Vec<u8>, EncodeError> {
    match format {
        ContentFormat::SENML_JSON | ContentFormat::SENML_ETCH_JSON => {
            Ok(senml_json::encode_paths(paths, context))
        }
        ContentFormat::SENML_CBOR | ContentFormat::SENML_ETCH_CBOR => {
            Ok(senml_cbor::encode_paths(paths, context))
        }
        _ => Err(EncodeError::Unsupported(format)),
    }
}
