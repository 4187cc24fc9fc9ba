//! Read-Composite, Observe-Composite and Write-Composite. LwM2M Core 1.2 §6.3.8, §6.3.9, §6.4.4.

use super::super::payload;
use super::super::resources::Resources;
use super::super::rights::Right;
use super::read::snapshot;
use super::write::{Plan, Strictness};
use super::{Outcome, Subscription};
use crate::attributes::{Attributes, Target};
use crate::refusal::Refusal;
use coap::{Code, Request};
use shared::{ContentFormat, Path, Timestamp, Value};

pub(super) fn read(resources: &Resources, request: &Request, now: Timestamp) -> Result<Outcome, Refusal> {
    let observes = request.observe() == Some(0);
    let target = Target {
        path: Path::ROOT,
        data_type: None,
    };
    // A cancellation repeats the query of the observation that it ends.
    if request.observe().is_none() && request.queries().next().is_some() {
        return Err(Refusal::bad_request("no query is expected here"));
    }
    let own = Attributes::default().changed_by(request.queries(), target, resources.version)?;
    own.check()?;
    let paths = payload::decode_paths(resources, request, now)?;
    if paths.is_empty() {
        return Err(Refusal::bad_request("there is no path in the payload"));
    }
    let hidden = |path: &Path| {
        let reached = resources
            .require(*path)
            .and_then(|()| resources.authorize_read(*path));
        matches!(reached, Err(refusal) if refusal.code == Code::UNAUTHORIZED)
    };
    if paths.iter().all(hidden) {
        return Err(Refusal::new(
            Code::UNAUTHORIZED,
            "nothing of this is within reach",
        ));
    }
    let format = composite_format(resources, request)?;
    let (response, reported) = snapshot(resources, Path::ROOT, &paths, format)?;
    if !observes {
        return Ok(Outcome::of(response));
    }
    Ok(Outcome {
        observation: Some(Subscription {
            base: Path::ROOT,
            paths,
            format,
            own,
            reported,
        }),
        ..Outcome::of(response.observed())
    })
}

/// Only formats whose values carry their paths.
fn composite_format(resources: &Resources, request: &Request) -> Result<ContentFormat, Refusal> {
    let format = payload::response_format(resources, request)?;
    match format {
        ContentFormat::SENML_JSON | ContentFormat::SENML_CBOR | ContentFormat::LWM2M_CBOR => Ok(format),
        _ => Err(Refusal::new(
            Code::NOT_ACCEPTABLE,
            format!("{format} does not carry values of several objects"),
        )),
    }
}

pub(super) fn write(
    resources: &mut Resources,
    request: &Request,
    now: Timestamp,
) -> Result<Outcome, Refusal> {
    let node = payload::decode(resources, Path::ROOT, request, now)?;
    for entry in &node.entries {
        if entry.path.depth() < 3 {
            let reason = format!("{} is no resource", entry.path);
            return Err(Refusal::bad_request(reason));
        }
        resources.require(entry.path.truncated(2))?;
        resources.demand(entry.path, Right::Write)?;
    }
    // A null takes a resource instance away. RFC 8790 §4.
    let (removed, written): (Vec<_>, Vec<_>) = node
        .entries
        .into_iter()
        .partition(|entry| entry.path.depth() == 4 && entry.value == Value::None);
    let plan = Plan::new(resources, &written, Strictness::All)?;
    for entry in &removed {
        let writable = resources.operations(entry.path).is_some_and(|it| it.writable());
        if !writable {
            return Err(Refusal::not_allowed(format!("{} cannot be written", entry.path)));
        }
    }
    for entry in &removed {
        resources.tree.remove(entry.path);
    }
    let actions = plan.carry_out(resources, false, now);
    Ok(Outcome::changed(actions))
}
