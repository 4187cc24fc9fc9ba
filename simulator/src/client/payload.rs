//! Payloads of the operations: which formats the client has, and the codecs' errors as response codes.

use super::resources::Resources;
use crate::refusal::Refusal;
use coap::{Code, Request};
use shared::codec::{self, Context, DecodeError};
use shared::{ContentFormat, Node, Path, Timestamp, Value, Version};

/// Whether a client of this version has the format. LwM2M Core 1.2 §7.4, and the same of 1.0 and 1.1.
fn knows(version: Version, format: ContentFormat) -> bool {
    match format {
        ContentFormat::TEXT | ContentFormat::OPAQUE | ContentFormat::TLV => true,
        ContentFormat::OLD_JSON => version == Version::V1_0,
        ContentFormat::CBOR | ContentFormat::SENML_JSON | ContentFormat::SENML_CBOR => {
            version >= Version::V1_1
        }
        ContentFormat::LWM2M_CBOR | ContentFormat::SENML_ETCH_JSON | ContentFormat::SENML_ETCH_CBOR => {
            version >= Version::V1_2
        }
        _ => false,
    }
}

/// Whether the client has the format for values.
fn has(resources: &Resources, format: ContentFormat) -> bool {
    match resources.dialect.format {
        Some(only) if resources.dialect.only => format == only,
        Some(preferred) if format == preferred => true,
        _ => knows(resources.version, format),
    }
}

/// The formats that a registration lists: none before 1.1, which has no place for them.
pub(super) fn listed(resources: &Resources) -> Vec<ContentFormat> {
    const LISTED: [u16; 7] = [60, 110, 112, 320, 322, 11542, 11544];
    if resources.version < Version::V1_1 {
        return Vec::new();
    }
    let formats = LISTED.into_iter().map(ContentFormat);
    formats.filter(|format| has(resources, *format)).collect()
}

/// What the client answers and sends in where the server does not say.
pub(super) fn preferred(resources: &Resources) -> ContentFormat {
    resources.dialect.format.unwrap_or(match resources.version {
        Version::V1_0 => ContentFormat::TLV,
        Version::V1_1 => ContentFormat::SENML_CBOR,
        Version::V1_2 => ContentFormat::LWM2M_CBOR,
    })
}

/// What the codecs are told: names carry the alternate path since 1.2.1, and the prefix of a device behind a gateway in
/// any version.
pub(super) fn context(resources: &Resources, now: Timestamp) -> Context<'_> {
    let root = resources.root();
    let root = if resources.behind {
        Some(root.trim_start_matches('/'))
    } else {
        Some(root).filter(|root| !root.is_empty() && resources.version >= Version::V1_2)
    };
    Context {
        root,
        ..Context::new(&resources.tree, now)
    }
}

/// The format of the answer to a request: what it accepts, else the client's own choice.
///
/// # Errors
/// 4.06 for one that the client does not have.
pub(super) fn response_format(resources: &Resources, request: &Request) -> Result<ContentFormat, Refusal> {
    let Some(accept) = request.accept().map(ContentFormat) else {
        return Ok(preferred(resources));
    };
    if has(resources, accept) {
        Ok(accept)
    } else {
        Err(Refusal::new(
            Code::NOT_ACCEPTABLE,
            format!("this device does not write {accept}"),
        ))
    }
}

/// The values as the payload of an answer about `base`.
///
/// # Errors
/// 4.06 if the format cannot carry them.
pub(super) fn encode(
    resources: &Resources,
    base: Path,
    values: Vec<(Path, Value)>,
    format: ContentFormat,
) -> Result<Vec<u8>, Refusal> {
    // What is there and empty has no form in most formats.
    let values = values
        .into_iter()
        .filter(|(_, value)| format == ContentFormat::TLV || *value != Value::None);
    let node = Node::from_values(base, values);
    codec::encode(format, &node, &context(resources, Timestamp::default()))
        .map_err(|error| Refusal::new(Code::NOT_ACCEPTABLE, error.to_string()))
}

/// The format of a request's payload.
///
/// # Errors
/// 4.15 if it is missing or the client does not have it.
pub(super) fn request_format(resources: &Resources, request: &Request) -> Result<ContentFormat, Refusal> {
    let unsupported = |reason: String| Refusal::new(Code::UNSUPPORTED_CONTENT_FORMAT, reason);
    let Some(format) = request.content_format() else {
        return Err(unsupported("the payload has no Content-Format".into()));
    };
    let format = ContentFormat(format).canonical();
    if has(resources, format) {
        Ok(format)
    } else {
        Err(unsupported(format!("this device does not read {format}")))
    }
}

/// The values in the payload of a request about `base`.
///
/// # Errors
/// 4.15 for a format that does not go here, 4.00 for what is wrong inside.
pub(super) fn decode(
    resources: &Resources,
    base: Path,
    request: &Request,
    now: Timestamp,
) -> Result<Node, Refusal> {
    let format = request_format(resources, request)?;
    codec::decode(format, base, &request.payload, &context(resources, now)).map_err(|error| refuse(&error))
}

/// The paths in the payload of a composite request.
///
/// # Errors
/// As for [`decode`].
pub(super) fn decode_paths(
    resources: &Resources,
    request: &Request,
    now: Timestamp,
) -> Result<Vec<Path>, Refusal> {
    let format = match request.content_format().map(ContentFormat) {
        Some(format) if knows(resources.version, format) => format,
        _ => request_format(resources, request)?,
    };
    codec::decode_paths(format, &request.payload, &context(resources, now)).map_err(|error| refuse(&error))
}

fn refuse(error: &DecodeError) -> Refusal {
    let code = match error {
        DecodeError::Unsupported(_) | DecodeError::NotAResource { .. } => Code::UNSUPPORTED_CONTENT_FORMAT,
        _ => Code::BAD_REQUEST,
    };
    Refusal::new(code, error.to_string())
}
