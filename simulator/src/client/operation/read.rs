//! Read, Observe and Cancel Observation. LwM2M Core 1.2 §6.3.1, §6.4.1.

use super::super::payload;
use super::super::resources::Resources;
use super::super::rights::Right;
use super::{Outcome, Subscription};
use crate::attributes::{Attributes, Target};
use crate::refusal::Refusal;
use coap::{Code, Request, Response};
use shared::{ContentFormat, Path, Value, Version};

pub(super) fn read(resources: &Resources, path: Path, request: &Request) -> Result<Outcome, Refusal> {
    resources.require(path.truncated(2))?;
    if resources.operations(path).is_some_and(|it| !it.readable()) {
        return Err(Refusal::not_allowed(format!("{path} cannot be read")));
    }
    resources.require(path)?;
    let observes = request.observe() == Some(0);
    let own = own_attributes(resources, path, request, observes)?;
    let format = payload::response_format(resources, request)?;
    let (response, values) = snapshot(resources, path, &[path], format)?;
    if !observes {
        return Ok(Outcome::of(response));
    }
    Ok(Outcome {
        observation: Some(Subscription {
            base: path,
            paths: vec![path],
            format,
            own,
            reported: values,
        }),
        ..Outcome::of(response.observed())
    })
}

/// The answer with the present values, and these.
pub(in super::super) fn snapshot(
    resources: &Resources,
    base: Path,
    paths: &[Path],
    format: ContentFormat,
) -> Result<(Response, Vec<(Path, Value)>), Refusal> {
    let mut values: Vec<(Path, Value)> = paths
        .iter()
        .flat_map(|path| resources.tree.readable(*path))
        .filter(|(path, _)| resources.may(*path, Right::Read))
        .collect();
    // Composite paths may overlap.
    values.sort_by_key(|(path, _)| *path);
    values.dedup_by_key(|(path, _)| *path);
    let payload = payload::encode(resources, base, values.clone(), format)?;
    let response = Response::new(Code::CONTENT).with_payload(format.0, payload);
    Ok((response, values))
}

/// The attributes in the query of an Observe. Only 1.2 has them; elsewhere a query is an error. LwM2M Core 1.2 §6.4.1.
fn own_attributes(
    resources: &Resources,
    path: Path,
    request: &Request,
    observes: bool,
) -> Result<Attributes, Refusal> {
    if request.queries().next().is_none() || request.observe() == Some(1) {
        return Ok(Attributes::default());
    }
    if !observes || resources.version < Version::V1_2 {
        return Err(Refusal::bad_request("no query is expected here"));
    }
    let target = Target {
        path,
        data_type: resources.tree.definition(path).map(|it| it.data_type),
    };
    let own = Attributes::default().changed_by(request.queries(), target, resources.version)?;
    own.inherit(resources.attributes.effective(path)).check()?;
    Ok(own)
}
