//! What the server asks: which operation a request is, and one file for each of them. LwM2M Core 1.2 §6.3, §6.4,
//! Transport §6.4.

mod composite;
mod create;
mod delete;
mod discover;
mod execute;
mod read;
mod write;
mod write_attributes;

pub(super) use read::snapshot;

use super::resources::Resources;
use crate::attributes::Attributes;
use crate::objects::Action;
use crate::refusal::Refusal;
use coap::{Code, Request, Response};
use shared::{ContentFormat, Path, Timestamp, Version};

/// What came of a request.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) response: Response,
    /// What the objects ask of the client.
    pub(super) actions: Vec<Action>,
    /// What the request observes.
    pub(super) observation: Option<Subscription>,
}

impl Outcome {
    fn of(response: Response) -> Outcome {
        Outcome {
            response,
            actions: Vec::new(),
            observation: None,
        }
    }

    fn changed(actions: Vec<Action>) -> Outcome {
        Outcome {
            actions,
            ..Outcome::of(Response::new(Code::CHANGED))
        }
    }
}

/// What an observation is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subscription {
    /// The path of the request; the root for a composite one.
    pub(super) base: Path,
    /// What is read for a notification.
    pub(super) paths: Vec<Path>,
    /// The format of every notification.
    pub(super) format: ContentFormat,
    /// Attributes of this observation alone. LwM2M 1.2.
    pub(super) own: Attributes,
    /// What was reported with the first response.
    pub(super) reported: Vec<(Path, shared::Value)>,
}

/// Does what the request asks.
pub(super) fn handle(resources: &mut Resources, request: &Request, now: Timestamp) -> Outcome {
    route(resources, request, now).unwrap_or_else(|refusal| Outcome::of(refusal.into()))
}

fn route(resources: &mut Resources, request: &Request, now: Timestamp) -> Result<Outcome, Refusal> {
    let path = parse_path(resources, request)?;
    let composites = resources.version >= Version::V1_1;
    if path.depth() > 0 {
        resources.authorize(path, request)?;
    }
    let bare = request.payload.is_empty() && request.content_format().is_none();
    match (request.code, path.depth()) {
        (Code::GET, 1..) if request.accept() == Some(ContentFormat::LINK.0) => {
            discover::discover(resources, path, request)
        }
        (Code::GET, 1..) => read::read(resources, path, request),
        (Code::PUT, 1..) if bare && request.queries().next().is_some() => {
            write_attributes::write_attributes(resources, path, request)
        }
        (Code::PUT, 2..) => write::replace(resources, path, request, now),
        (Code::POST, 1) => create::create(resources, path, request, now),
        (Code::POST, 2) => write::partial(resources, path, request, now),
        (Code::POST, 3) => execute::execute(resources, path, request, now),
        (Code::DELETE, 2..) => delete::delete(resources, path),
        (Code::FETCH, 0) if composites => composite::read(resources, request, now),
        (Code::IPATCH, 0) if composites => composite::write(resources, request, now),
        (Code::PUT | Code::POST | Code::DELETE, 1..) => {
            // What is hidden or missing is told before what cannot be done with it.
            resources.require(path)?;
            Err(Refusal::not_allowed(format!("not possible at {path}")))
        }
        _ => Err(Refusal::not_allowed(format!(
            "{} is not possible at {path}",
            request.code.name().unwrap_or("this")
        ))),
    }
}

/// The path of a request, below the alternate path: identifiers only.
fn parse_path(resources: &Resources, request: &Request) -> Result<Path, Refusal> {
    let text = request.path();
    if resources.behind && text == "/" {
        // A composite operation of a gateway has the prefixes in its names.
        return Ok(Path::ROOT);
    }
    let below = text
        .strip_prefix(resources.root())
        .filter(|below| below.is_empty() || below.starts_with('/'))
        .ok_or_else(|| Refusal::not_found(format!("the objects are under {}", resources.root())))?;
    let below = if below.is_empty() { "/" } else { below };
    below
        .parse()
        .map_err(|error| Refusal::not_found(format!("no such path: {error}")))
}
