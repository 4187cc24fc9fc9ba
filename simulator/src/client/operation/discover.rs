//! Discover: what there is and which attributes are attached. LwM2M Core 1.2 §6.3.2, §7.3.

use super::super::resources::Resources;
use super::Outcome;
use crate::refusal::Refusal;
use crate::tree::Resource;
use coap::{Code, Request, Response};
use shared::{ContentFormat, Path, Version};

pub(super) fn discover(resources: &Resources, path: Path, request: &Request) -> Result<Outcome, Refusal> {
    resources.require(path)?;
    let levels = levels_below(resources.version, path, request)?;
    let mut links = Vec::new();
    // The asked path shows what is in force there, what lies below only what is attached there.
    let in_force = resources.attributes.effective(path).to_link();
    links.push(format!(
        "<{}{path}>{}{in_force}",
        resources.root(),
        properties(resources, path)
    ));
    descend(resources, path, levels, &mut links);
    let response = Response::new(Code::CONTENT).with_payload(ContentFormat::LINK.0, links.join(","));
    Ok(Outcome::of(response))
}

/// How many levels below the path are listed: two below an object, else one; since 1.2 the server may say.
fn levels_below(version: Version, path: Path, request: &Request) -> Result<usize, Refusal> {
    let usual = if path.depth() == 1 { 2 } else { 1 };
    // Before 1.1 nothing lies below a resource.
    let deepest = if version < Version::V1_1 { 3 } else { 4 };
    let mut levels = usual;
    for query in request.queries() {
        levels = match query.strip_prefix("depth=") {
            Some(depth) if version >= Version::V1_2 => match depth {
                "0" => 0,
                "1" => 1,
                "2" => 2,
                "3" => 3,
                _ => return Err(Refusal::bad_request("depth is 0, 1, 2 or 3")),
            },
            _ => return Err(Refusal::bad_request("no such query is expected here")),
        };
    }
    Ok(levels.min(deepest - path.depth().min(deepest)))
}

fn descend(resources: &Resources, path: Path, levels: usize, links: &mut Vec<String>) {
    if levels == 0 {
        return;
    }
    for child in children(resources, path) {
        let attached = resources.attributes.attached(child).to_link();
        links.push(format!(
            "<{}{child}>{}{attached}",
            resources.root(),
            properties(resources, child)
        ));
        descend(resources, child, levels - 1, links);
    }
}

fn children(resources: &Resources, path: Path) -> Vec<Path> {
    let ids: Vec<u16> = match path.depth() {
        1 => path
            .object_id()
            .and_then(|id| resources.tree.object(id))
            .map(|object| object.instances.keys().copied().collect())
            .unwrap_or_default(),
        2 => resources
            .tree
            .instance(path)
            .map(|instance| instance.keys().copied().collect())
            .unwrap_or_default(),
        3 => match resources.tree.resource(path) {
            Some(Resource::Multiple(values)) => values.keys().copied().collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    ids.iter().filter_map(|id| path.child(*id)).collect()
}

/// The attributes that the device gives: the version of an object, the number of instances of a multiple resource.
fn properties(resources: &Resources, path: Path) -> String {
    match path.depth() {
        1 => {
            let object = path.object_id().and_then(|id| resources.tree.object(id));
            let version = object.map(|object| object.definition.version(resources.version));
            match version {
                Some(version) if version != "1.0" => format!(";ver={version}"),
                _ => String::new(),
            }
        }
        3 => match resources.tree.resource(path) {
            Some(Resource::Multiple(values)) => format!(";dim={}", values.len()),
            _ => String::new(),
        },
        _ => String::new(),
    }
}
