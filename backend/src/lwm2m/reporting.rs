//! Send: values a device reports of its own accord. LwM2M Core 1.2 §6.4.6.

use super::Refusal;
use super::operation::decode;
use super::registration::Registration;
use coap::{Code, Request};
use shared::codec::DecodeError;
use shared::event::TimedValue;
use shared::model::Registry as Models;
use shared::{ContentFormat, Path, Timestamp};

/// The formats a Send may have.
const FORMATS: [ContentFormat; 3] = [
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::LWM2M_CBOR,
];

/// The values of a Send.
///
/// # Errors
/// 4.15 for another format, 4.00 for a payload that cannot be read or is empty, 4.04 for instances that were not
/// registered. Resources that no definition describes are welcome.
pub(crate) fn send(
    request: &Request,
    registration: &Registration,
    models: &Models,
    now: Timestamp,
) -> Result<Vec<TimedValue>, Refusal> {
    let format = request
        .content_format()
        .map(ContentFormat)
        .filter(|format| FORMATS.contains(format))
        .ok_or_else(|| {
            Refusal::new(
                Code::UNSUPPORTED_CONTENT_FORMAT,
                "a Send is in SenML JSON, SenML CBOR or LwM2M CBOR",
            )
        })?;
    let values = decode::payload(format, Path::ROOT, &request.payload, registration, models, now).map_err(
        |error| match error {
            DecodeError::Unsupported(_) => Refusal::new(Code::UNSUPPORTED_CONTENT_FORMAT, error.to_string()),
            error => Refusal::bad_request(error.to_string()),
        },
    )?;
    if values.is_empty() {
        return Err(Refusal::bad_request("the Send has no value"));
    }
    let links = &registration.links;
    match values.iter().find(|value| !links.has_instance(value.path)) {
        Some(stranger) => Err(Refusal::not_found(format!(
            "{} is not in the object list of the registration",
            stranger
                .path
                .truncated(if links.has_object(stranger.path) { 2 } else { 1 })
        ))),
        None => Ok(values),
    }
}
