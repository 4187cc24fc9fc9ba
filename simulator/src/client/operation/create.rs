//! Create. LwM2M Core 1.2 §6.3.6.

use super::super::payload;
use super::super::resources::Resources;
use super::Outcome;
use super::write::{Plan, Strictness};
use crate::refusal::Refusal;
use coap::{Code, Request, Response};
use shared::codec::CHOSEN_BY_CLIENT;
use shared::{ContentFormat, Entry, Node, Path, Timestamp, Value};

/// More instances than this the device has no memory for.
const MAX_INSTANCES: usize = 64;

pub(super) fn create(
    resources: &mut Resources,
    path: Path,
    request: &Request,
    now: Timestamp,
) -> Result<Outcome, Refusal> {
    resources.require(path)?;
    let object = path.object_id().unwrap_or_default();
    let held = resources.tree.object(object);
    let held = held.ok_or_else(|| Refusal::not_found(format!("there is no {path}")))?;
    if !held.definition.creatable {
        return Err(Refusal::not_allowed(format!("{path} has fixed instances")));
    }
    if held.instances.len() >= MAX_INSTANCES {
        let reason = format!("no room for more than {MAX_INSTANCES} instances");
        return Err(Refusal::new(Code::INTERNAL_SERVER_ERROR, reason));
    }
    let free = (0..CHOSEN_BY_CLIENT).find(|id| !held.instances.contains_key(id));
    let free = free.ok_or_else(|| Refusal::bad_request("all instances exist"))?;
    let node = decode(resources, path, request, now)?;
    let instance = chosen(&node, free)?;
    let at = Path::instance(object, instance);
    if resources.tree.contains(at) {
        return Err(Refusal::bad_request(format!("{at} exists already")));
    }
    let entries = moved_to(at, &node.entries);
    let plan = Plan::new(resources, &entries, Strictness::IgnoreUnwritable)?;
    require_mandatory(resources, at, &plan)?;
    resources.tree.create(object, instance);
    let actions = plan.carry_out(resources, true, now);
    if let Some(behaviour) = resources.behaviours.get_mut(&object) {
        behaviour.created(instance, now, &mut resources.tree);
    }
    resources.note_created(at);
    let response = Response::new(Code::CREATED).with_location(&format!("{}{at}", resources.root()));
    Ok(Outcome {
        actions,
        ..Outcome::of(response)
    })
}

/// The payload with or without the instance's identifier.
fn decode(resources: &Resources, object: Path, request: &Request, now: Timestamp) -> Result<Node, Refusal> {
    let unnamed = object.child(CHOSEN_BY_CLIENT).unwrap_or(object);
    if request.payload.is_empty() && request.content_format().is_none() {
        return Ok(Node::empty(unnamed));
    }
    let is_tlv = payload::request_format(resources, request)? == ContentFormat::TLV;
    if is_tlv {
        // The two high bits of a TLV are 0 for an object instance, which carries the identifier.
        let named = request.payload.first().is_some_and(|first| first >> 6 == 0);
        let base = if named { object } else { unnamed };
        return payload::decode(resources, base, request, now);
    }
    payload::decode(resources, object, request, now)
        .or_else(|refusal| payload::decode(resources, unnamed, request, now).map_err(|_| refusal))
}

/// The one instance that the payload is about.
fn chosen(node: &Node, free: u16) -> Result<u16, Refusal> {
    let mut instance = node.base.instance_id();
    for entry in &node.entries {
        match (entry.path.instance_id(), instance) {
            (Some(id), Some(before)) if id != before => {
                return Err(Refusal::bad_request("one instance is created at a time"));
            }
            (found, _) => instance = found.or(instance),
        }
    }
    Ok(instance.filter(|id| *id != CHOSEN_BY_CLIENT).unwrap_or(free))
}

fn moved_to(instance: Path, entries: &[Entry]) -> Vec<Entry> {
    let moved = entries.iter().filter_map(|entry| {
        let below = entry.path.ids().get(2..)?;
        let path = below.iter().try_fold(instance, |path, id| path.child(*id))?;
        let value: Value = entry.value.clone();
        Some(Entry {
            path,
            time: None,
            value,
        })
    });
    moved.collect()
}

fn require_mandatory(resources: &Resources, instance: Path, plan: &Plan) -> Result<(), Refusal> {
    let object = instance.object_id().and_then(|id| resources.tree.object(id));
    let definitions = object.map_or(&[][..], |object| object.definition.resources);
    let missing: Vec<String> = definitions
        .iter()
        .filter(|it| it.mandatory && it.operations.writable())
        .filter(|it| instance.child(it.id).is_none_or(|path| !plan.has(path)))
        .map(|it| it.id.to_string())
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        let reason = format!("mandatory resources are missing: {}", missing.join(", "));
        Err(Refusal::bad_request(reason))
    }
}
