//! Delete. LwM2M Core 1.2 §6.3.7.

use super::super::resources::Resources;
use super::Outcome;
use crate::refusal::Refusal;
use crate::tree::Resource;
use coap::{Code, Response};
use shared::{Path, Version};

pub(super) fn delete(resources: &mut Resources, path: Path) -> Result<Outcome, Refusal> {
    resources.require(path)?;
    let allowed = match path.depth() {
        2 => path
            .object_id()
            .and_then(|id| resources.tree.object(id))
            .is_some_and(|object| object.definition.creatable),
        // Resource instances can be deleted since 1.2.
        4 => {
            resources.version >= Version::V1_2
                && resources.operations(path).is_some_and(|it| it.writable())
                && matches!(resources.tree.resource(path), Some(Resource::Multiple(_)))
        }
        _ => false,
    };
    if !allowed {
        return Err(Refusal::not_allowed(format!("{path} cannot be deleted")));
    }
    resources.tree.remove(path);
    resources.attributes.forget(path);
    if path.depth() == 2 {
        resources.note_deleted(path);
    }
    Ok(Outcome::of(Response::new(Code::DELETED)))
}
