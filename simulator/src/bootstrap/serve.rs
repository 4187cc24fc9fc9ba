//! What the bootstrap server commands. LwM2M Core 1.2 §6.1.7.

use super::holdings::{Holdings, Types, Values};
use super::links;
use crate::refusal::Refusal;
use coap::{Code, Request, Response};
use shared::codec::{self, Context, DecodeError};
use shared::{ContentFormat, Entry, Node, Path, Timestamp, Value, Version};
use std::collections::BTreeMap;

/// More instances than this the device has no memory for.
const MAX_INSTANCES: usize = 256;

/// What a command did.
#[derive(Debug)]
pub(super) enum Served {
    Answered(Response),
    /// A Finish that finds the configuration in order.
    Finished(Response),
}

/// Carries out a command on what the device would hold.
pub(super) fn serve(
    holdings: &mut Holdings,
    objects: &[u16],
    version: Version,
    request: &Request,
    now: Timestamp,
) -> Served {
    if request.path() == "/bs" && request.code == Code::POST {
        return match holdings.accounts() {
            Ok(_) => Served::Finished(Response::new(Code::CHANGED)),
            Err(reason) => Served::Answered(Response::diagnostic(Code::NOT_ACCEPTABLE, reason)),
        };
    }
    let answered = route(holdings, objects, version, request, now);
    Served::Answered(answered.unwrap_or_else(Into::into))
}

fn route(
    holdings: &mut Holdings,
    objects: &[u16],
    version: Version,
    request: &Request,
    now: Timestamp,
) -> Result<Response, Refusal> {
    let path: Path = request
        .path()
        .parse()
        .map_err(|error| Refusal::bad_request(format!("no path: {error}")))?;
    let known = path.object_id().is_none_or(|object| objects.contains(&object));
    match (request.code, path.depth()) {
        (Code::GET, 0 | 1) if request.accept() == Some(ContentFormat::LINK.0) => {
            if !known {
                return Err(Refusal::not_found("there is no such object"));
            }
            let text = links::discover(holdings, objects, path, version);
            Ok(Response::new(Code::CONTENT).with_payload(ContentFormat::LINK.0, text))
        }
        (Code::GET, 1 | 2) if version > Version::V1_0 => read(holdings, path, request),
        (Code::DELETE, 0..=2) => {
            holdings.delete(path);
            Ok(Response::new(Code::DELETED))
        }
        (Code::PUT, 1..=3) if known => write(holdings, path, version, request, now),
        (Code::PUT, 1..=3) => Err(Refusal::bad_request("this device has no such object")),
        _ => Err(Refusal::not_allowed(format!(
            "{} is not possible at {path} while bootstrapping",
            request.code.name().unwrap_or("this")
        ))),
    }
}

/// Only Server and Access Control may be read. LwM2M Core 1.2 §6.1.7.7.
fn read(holdings: &Holdings, path: Path, request: &Request) -> Result<Response, Refusal> {
    if !matches!(path.object_id(), Some(1 | 2)) {
        return Err(Refusal::not_allowed("only /1 and /2 can be read"));
    }
    let values: Vec<(Path, Value)> = holdings
        .visible()
        .filter(|(at, _)| path.contains(at))
        .map(|(at, value)| (at, value.clone()))
        .collect();
    if values.is_empty() && path.depth() == 2 {
        return Err(Refusal::not_found(format!("there is no {path}")));
    }
    let format = request.accept().map_or(ContentFormat::TLV, ContentFormat);
    let node = Node::from_values(path, values);
    let payload = codec::encode(format, &node, &Context::new(&Types, Timestamp(0)))
        .map_err(|error| Refusal::new(Code::NOT_ACCEPTABLE, error.to_string()))?;
    Ok(Response::new(Code::CONTENT).with_payload(format.0, payload))
}

fn formats(version: Version) -> &'static [ContentFormat] {
    match version {
        Version::V1_0 => &[ContentFormat::TLV],
        Version::V1_1 => &[
            ContentFormat::TLV,
            ContentFormat::SENML_JSON,
            ContentFormat::SENML_CBOR,
        ],
        Version::V1_2 => &[
            ContentFormat::TLV,
            ContentFormat::SENML_JSON,
            ContentFormat::SENML_CBOR,
            ContentFormat::LWM2M_CBOR,
        ],
    }
}

/// Writes whatever is there, and whoever owns it. LwM2M Core 1.2 §6.1.7.3.
fn write(
    holdings: &mut Holdings,
    path: Path,
    version: Version,
    request: &Request,
    now: Timestamp,
) -> Result<Response, Refusal> {
    let format = request.content_format().map(ContentFormat);
    let single = path.depth() == 3 && format.is_some_and(ContentFormat::is_single_value);
    let format = format
        .filter(|format| single || formats(version).contains(format))
        .ok_or_else(|| {
            Refusal::new(
                Code::UNSUPPORTED_CONTENT_FORMAT,
                "this device does not read the format",
            )
        })?;
    let node =
        codec::decode(format, path, &request.payload, &Context::new(&Types, now)).map_err(|error| {
            let code = match error {
                DecodeError::Unsupported(_) => Code::UNSUPPORTED_CONTENT_FORMAT,
                _ => Code::BAD_REQUEST,
            };
            Refusal::new(code, error.to_string())
        })?;
    let whole = path.depth() <= 2;
    put(holdings, &node.entries, whole)?;
    Ok(Response::new(Code::CHANGED))
}

/// Takes the entries over; instances that are written as a whole lose what is not among them.
fn put(holdings: &mut Holdings, entries: &[Entry], whole: bool) -> Result<(), Refusal> {
    let mut written: BTreeMap<(u16, u16), Values> = BTreeMap::new();
    for entry in entries {
        let [object, instance, ref rest @ ..] = *entry.path.ids() else {
            return Err(Refusal::bad_request("an instance is needed"));
        };
        let values = written.entry((object, instance)).or_default();
        match *rest {
            [] => {}
            [resource] => {
                values.insert((resource, None), entry.value.clone());
            }
            [resource, index] => {
                values.insert((resource, Some(index)), entry.value.clone());
            }
            _ => return Err(Refusal::bad_request("the path is too deep")),
        }
    }
    let new = written
        .keys()
        .filter(|key| !holdings.instances.contains_key(key))
        .count();
    if holdings.instances.len() + new > MAX_INSTANCES {
        let words = format!("no room for more than {MAX_INSTANCES} instances");
        return Err(Refusal::bad_request(words));
    }
    for (key, values) in written {
        if whole {
            holdings.instances.insert(key, values);
        } else {
            holdings.instances.entry(key).or_default().extend(values);
        }
    }
    Ok(())
}

/// Takes a Bootstrap-Pack over: each object in it loses the instances that are not. LwM2M Core 1.2 §6.1.7.2.
///
/// # Errors
/// In words, if it cannot be read or leaves the device without a server.
pub(super) fn unpack(holdings: &Holdings, response: &Response, now: Timestamp) -> Result<Holdings, String> {
    let format = response
        .content_format()
        .map(ContentFormat)
        .ok_or("the pack has no format")?;
    let node = codec::decode(format, Path::ROOT, &response.payload, &Context::new(&Types, now))
        .map_err(|error| error.to_string())?;
    let mut unpacked = holdings.clone();
    let mut objects: Vec<u16> = node
        .entries
        .iter()
        .filter_map(|entry| entry.path.object_id())
        .collect();
    objects.dedup();
    for object in objects {
        unpacked.delete(Path::object(object));
    }
    let accounts = |entry: &&Entry| {
        // What would take the place of the bootstrap account is passed over.
        let own = entry.path.object_id() == Some(0)
            && entry
                .path
                .instance_id()
                .is_some_and(|id| unpacked.is_bootstrap_account(id));
        !own
    };
    let entries: Vec<Entry> = node.entries.iter().filter(accounts).cloned().collect();
    put(&mut unpacked, &entries, true).map_err(|refusal| refusal.reason.into_owned())?;
    unpacked.accounts()?;
    Ok(unpacked)
}
