//! Send: values a device reports of its own accord. LwM2M Core 1.2 §6.4.6.

use super::Refusal;
use super::operation::decode;
use super::registration::Registration;
use crate::registry::DeviceNumber;
use coap::{Code, Request};
use shared::codec::{self, DecodeError};
use shared::event::TimedValue;
use shared::model::Registry as Models;
use shared::{ContentFormat, Path, Timestamp};
use std::sync::Arc;

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
    let values = decode::payload(
        format(request)?,
        Path::ROOT,
        &request.payload,
        registration,
        models,
        now,
    )
    .map_err(|error| refuse(&error))?;
    checked(values, registration)
}

/// A device and what a Send has of it.
pub(crate) type Sent = (DeviceNumber, Vec<TimedValue>);

/// The values of a Send of a gateway, by the device that they are about. `find` knows the devices by their prefixes, the
/// gateway by an empty one. LwM2M Gateway 1.1 §6.3.
///
/// # Errors
/// As [`send`], and 4.04 for a prefix that is not known; nothing is taken then.
pub(crate) fn send_of_gateway(
    request: &Request,
    find: impl Fn(&str) -> Option<(DeviceNumber, Arc<Registration>)>,
    models: &Models,
    now: Timestamp,
) -> Result<Vec<Sent>, Refusal> {
    let parts = codec::by_prefix(format(request)?, &request.payload, now).map_err(|error| refuse(&error))?;
    if parts.is_empty() {
        return Err(Refusal::bad_request("the Send has no value"));
    }
    let taken = parts.into_iter().map(|part| {
        let (device, registration) = find(&part.prefix).ok_or_else(|| {
            Refusal::not_found(format!(
                "no device behind this gateway has the prefix {}",
                super::quote(&part.prefix)
            ))
        })?;
        let values = decode::part(part, &registration, models, now).map_err(|error| refuse(&error))?;
        Ok((device, checked(values, &registration)?))
    });
    taken.collect()
}

fn format(request: &Request) -> Result<ContentFormat, Refusal> {
    let format = request.content_format().map(ContentFormat);
    format.filter(|format| FORMATS.contains(format)).ok_or_else(|| {
        Refusal::new(
            Code::UNSUPPORTED_CONTENT_FORMAT,
            "a Send is in SenML JSON, SenML CBOR or LwM2M CBOR",
        )
    })
}

fn refuse(error: &DecodeError) -> Refusal {
    let code = match error {
        DecodeError::Unsupported(_) => Code::UNSUPPORTED_CONTENT_FORMAT,
        _ => Code::BAD_REQUEST,
    };
    Refusal::new(code, error.to_string())
}

/// The values, if there are any and all are of registered instances.
fn checked(values: Vec<TimedValue>, registration: &Registration) -> Result<Vec<TimedValue>, Refusal> {
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
