//! From a device's response to what came of an operation.

use super::encode::{Attempt, assumed_format};
use super::{Outcome, Task, attributes, words};
use crate::lwm2m::registration::Registration;
use coap::{Code, Response};
use shared::api::{OperationKind, OperationState};
use shared::codec::{self, DecodeError, TypeLookup, link};
use shared::event::TimedValue;
use shared::model::Registry as Models;
use shared::{ContentFormat, Node, Path, Timestamp, Value};
use std::time::Duration;

/// How to ask again after a refusal that another form of the request may avoid: another format, unless one was asked
/// for, or without the attributes that older clients do not know. `None` if the refusal stands.
pub(crate) fn retry(
    task: &Task,
    format: Option<ContentFormat>,
    response: &Response,
    attempt: Attempt,
) -> Option<Attempt> {
    match response.code {
        // Clients use the two codes interchangeably.
        Code::NOT_ACCEPTABLE | Code::UNSUPPORTED_CONTENT_FORMAT if format.is_none() => Some(attempt),
        Code::BAD_REQUEST | Code::BAD_OPTION if !attempt.plain && can_be_plain(task) => Some(Attempt {
            skip: attempt.skip.saturating_sub(1),
            plain: true,
        }),
        _ => None,
    }
}

/// How long the device wants to be left alone, if that is what it answered. RFC 7252 §5.9.3.4, RFC 8516. One that does
/// not say for how long is not asked again.
pub(crate) fn busy_for(response: &Response) -> Option<Duration> {
    match response.code {
        Code::SERVICE_UNAVAILABLE | Code::TOO_MANY_REQUESTS => response
            .max_age()
            .map(|seconds| Duration::from_secs(seconds.max(1).into())),
        _ => None,
    }
}

/// Whether the task has attributes that can be left out so that something remains.
fn can_be_plain(task: &Task) -> bool {
    match task {
        Task::Observe { attributes, .. } => !attributes.is_empty(),
        Task::WriteAttributes { queries, .. } => {
            let newer = queries.iter().filter(|query| attributes::is_newer(query)).count();
            newer > 0 && newer < queries.len()
        }
        _ => false,
    }
}

/// What the device did not take, if the request it took was a plain one.
fn left_out(task: &Task, attempt: Attempt) -> Option<String> {
    match task {
        _ if !attempt.plain => None,
        Task::Observe { attributes, .. } => Some(format!(
            "The device takes no attributes in the request; it is observed without {}.",
            attributes.join(", ")
        )),
        Task::WriteAttributes { queries, .. } => {
            let newer: Vec<&str> = queries
                .iter()
                .filter(|query| attributes::is_newer(query))
                .map(String::as_str)
                .collect();
            Some(format!(
                "The device does not take {}; the other attributes are set.",
                newer.join(", ")
            ))
        }
        _ => None,
    }
}

/// What came of the operation.
pub(crate) fn outcome(
    kind: OperationKind,
    (task, attempt): (&Task, Attempt),
    response: &Response,
    round_trip: Duration,
    registration: &Registration,
    models: &Models,
    now: Timestamp,
) -> Outcome {
    let mut outcome = Outcome {
        state: OperationState::Done,
        code: Some(response.code.to_string()),
        message: left_out(task, attempt),
        values: Vec::new(),
        links: None,
        location: None,
        round_trip: Some(round_trip),
    };
    if !response.code.is_success() {
        outcome.state = OperationState::Failed;
        outcome.message = Some(words::refusal(kind, response));
        return outcome;
    }
    let read = match task {
        Task::Read { path } => values(*path, response, registration, models, now),
        Task::Observe { subject, .. } => values(subject.base(), response, registration, models, now),
        Task::ReadComposite { .. } => values(Path::ROOT, response, registration, models, now),
        Task::Write { node, .. } | Task::WriteComposite { node } => Ok(written(node, now)),
        Task::Create { node } => {
            let location = created(response, registration).or(chosen(node));
            outcome.location = location;
            Ok(location.map_or_else(Vec::new, |instance| created_values(node, instance, now)))
        }
        Task::Discover { .. } => match links(response, registration) {
            Ok(text) => {
                outcome.links = Some(text);
                Ok(Vec::new())
            }
            Err(reason) => Err(reason),
        },
        Task::Execute { .. }
        | Task::Delete { .. }
        | Task::WriteAttributes { .. }
        | Task::CancelObserve { .. } => Ok(Vec::new()),
    };
    match read {
        Ok(values) => outcome.values = values,
        Err(reason) => {
            outcome.state = OperationState::Failed;
            outcome.message = Some(format!(
                "The device answered, but its answer cannot be read: {reason}."
            ));
        }
    }
    outcome
}

/// The values in a payload about `base`, in its order, each with its own time or else the time of arrival.
///
/// # Errors
/// A sentence without its full stop.
pub(crate) fn values(
    base: Path,
    response: &Response,
    registration: &Registration,
    models: &Models,
    now: Timestamp,
) -> Result<Vec<TimedValue>, String> {
    let types = registration.models(models);
    let format = match response.content_format() {
        Some(number) => ContentFormat(number),
        None => assumed_format(base, types.resource(base).map(|resource| resource.data_type)),
    };
    payload(format, base, &response.payload, registration, models, now).map_err(|error| error.to_string())
}

/// The values in a payload of this format.
///
/// # Errors
/// What the codec says.
pub(crate) fn payload(
    format: ContentFormat,
    base: Path,
    payload: &[u8],
    registration: &Registration,
    models: &Models,
    now: Timestamp,
) -> Result<Vec<TimedValue>, DecodeError> {
    let types = registration.models(models);
    let node = codec::decode(format, base, payload, &registration.context(&types, now))?;
    Ok(timed(node, now))
}

/// The values of a payload about several devices that are about this one.
///
/// # Errors
/// What the codec says.
pub(crate) fn part(
    part: codec::Part,
    registration: &Registration,
    models: &Models,
    now: Timestamp,
) -> Result<Vec<TimedValue>, DecodeError> {
    let types = registration.models(models);
    let node = part.decode(&registration.context(&types, now))?;
    Ok(timed(node, now))
}

/// The values of a node, each with its own time or else the time of arrival.
fn timed(node: Node, now: Timestamp) -> Vec<TimedValue> {
    node.entries
        .into_iter()
        .filter(|entry| entry.value != Value::None)
        .map(|entry| TimedValue {
            path: entry.path,
            at: entry
                .time
                .map_or(now, |seconds| Timestamp((seconds * 1000.0).round() as i64)),
            value: entry.value,
        })
        .collect()
}

/// What was written and accepted.
fn written(node: &Node, now: Timestamp) -> Vec<TimedValue> {
    node.entries
        .iter()
        .filter(|entry| entry.value != Value::None)
        .map(|entry| TimedValue {
            path: entry.path,
            value: entry.value.clone(),
            at: now,
        })
        .collect()
}

/// What was given to a new instance, at the place where it is now.
fn created_values(node: &Node, instance: Path, now: Timestamp) -> Vec<TimedValue> {
    let mut values = written(node, now);
    values.retain_mut(|value| {
        let below = value.path.ids().get(2..).unwrap_or_default();
        match below.iter().try_fold(instance, |path, id| path.child(*id)) {
            Some(path) => {
                value.path = path;
                true
            }
            None => false,
        }
    });
    values
}

/// The instance a Create was about, if the server chose it.
fn chosen(node: &Node) -> Option<Path> {
    let instance = node.entries.first()?.path.truncated(2);
    (instance.depth() == 2 && instance.instance_id() != Some(codec::CHOSEN_BY_CLIENT)).then_some(instance)
}

/// The instance in the Location-Path of a response to Create.
fn created(response: &Response, registration: &Registration) -> Option<Path> {
    let location = response.location_path()?;
    let location = location.trim_matches('/');
    let location = format!("/{location}");
    registration
        .links
        .below_root(&location)
        .parse()
        .ok()
        .filter(|path: &Path| path.depth() == 2)
}

/// The links of a Discover, without the alternate path.
fn links(response: &Response, registration: &Registration) -> Result<String, String> {
    let text = std::str::from_utf8(&response.payload).map_err(|_| "it is not UTF-8 text".to_owned())?;
    let mut links = link::parse(text).map_err(|error| error.to_string())?;
    if registration.links.root.is_none() {
        return Ok(text.to_owned());
    }
    for link in &mut links {
        link.target = registration.links.below_root(&link.target).to_owned();
    }
    Ok(link::write(&links))
}
