//! Execute. LwM2M Core 1.2 §6.3.5.

use super::super::resources::Resources;
use super::{Outcome, write};
use crate::arguments::Arguments;
use crate::refusal::Refusal;
use crate::tree::Operations;
use coap::{Code, Request};
use shared::{ContentFormat, Path, Timestamp};

pub(super) fn execute(
    resources: &mut Resources,
    path: Path,
    request: &Request,
    now: Timestamp,
) -> Result<Outcome, Refusal> {
    resources.require(path)?;
    if resources.operations(path) != Some(Operations::Execute) {
        // A POST to a resource that holds values is a partial Write, which a later version allows.
        return write::partial_resource(resources, path, request, now);
    }
    let format = request.content_format().map(ContentFormat);
    if format.is_some_and(|format| format.canonical() != ContentFormat::TEXT) {
        let reason = "arguments are plain text";
        return Err(Refusal::new(Code::UNSUPPORTED_CONTENT_FORMAT, reason));
    }
    let arguments =
        Arguments::parse(&request.payload).map_err(|error| Refusal::bad_request(error.to_string()))?;
    let behaviour = path
        .object_id()
        .and_then(|id| resources.behaviours.get_mut(&id))
        .ok_or_else(|| Refusal::not_found(format!("there is no {path}")))?;
    let action = behaviour.execute(path, &arguments, now, &mut resources.tree)?;
    Ok(Outcome::changed(action.into_iter().collect()))
}
