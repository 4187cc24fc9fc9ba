//! What the server does to a device on somebody's behalf. LwM2M Core 1.2 §6.3, §6.4.
//!
//! - [`check`]: from what a person asks to a [`Task`], by the object definitions.
//! - [`encode`], [`decode`], [`negotiate`]: from a task to a request and from a response to an [`Outcome`].
//! - [`book`]: who waits for which device, in which order, and what came of it.
//! - [`words`]: a device's refusal as a sentence.

mod arguments;
pub(crate) mod attributes;
pub(crate) mod book;
pub(crate) mod check;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod negotiate;
mod values;
pub(crate) mod words;

use crate::lwm2m::observation::Subject;
use crate::registry::DeviceNumber;
use shared::api::{OperationKind, OperationRequest, OperationState};
use shared::event::TimedValue;
use shared::{ContentFormat, Node, Path, Timestamp};
use std::time::Duration;

/// An operation that was taken.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: u64,
    pub(crate) device: DeviceNumber,
    pub(crate) request: OperationRequest,
    pub(crate) task: Task,
    /// The format that was asked for; none other is tried then.
    pub(crate) format: Option<ContentFormat>,
    pub(crate) timeout: Duration,
    pub(crate) expires: Timestamp,
    pub(crate) by: String,
    pub(crate) created_at: Timestamp,
    /// The operation that this one does again.
    pub(crate) retry_of: Option<u64>,
}

/// What is to be done, checked and typed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Task {
    Read {
        path: Path,
    },
    /// `node.base` is the target.
    Write {
        node: Node,
        replace: bool,
    },
    Execute {
        path: Path,
        arguments: String,
    },
    /// `node.base` is the object, or `/object/65535` where the device chooses the instance.
    Create {
        node: Node,
    },
    Delete {
        path: Path,
    },
    /// `depth` is how many levels below the path are asked for. Since 1.2.
    Discover {
        path: Path,
        depth: Option<u8>,
    },
    WriteAttributes {
        path: Path,
        queries: Vec<String>,
    },
    /// `attributes` are those in the request, as queries; they hold for this observation alone. Since 1.2.
    Observe {
        subject: Subject,
        attributes: Vec<String>,
    },
    /// `silently`: nothing is sent; the next notification is answered with a reset, which ends it at the device.
    CancelObserve {
        subject: Subject,
        silently: bool,
    },
    ReadComposite {
        paths: Vec<Path>,
    },
    WriteComposite {
        node: Node,
    },
}

impl Task {
    /// The path that views and events name; the root for composite operations.
    pub(crate) fn path(&self) -> Path {
        match self {
            Task::Read { path }
            | Task::Execute { path, .. }
            | Task::Delete { path }
            | Task::Discover { path, .. }
            | Task::WriteAttributes { path, .. } => *path,
            Task::Observe { subject, .. } | Task::CancelObserve { subject, .. } => subject.base(),
            Task::Write { node, .. } => node.base,
            Task::Create { node } => node.base.truncated(1),
            Task::ReadComposite { .. } | Task::WriteComposite { .. } => Path::ROOT,
        }
    }
}

impl Task {
    /// Whether asking twice does no harm.
    pub(crate) const fn is_repeatable(&self) -> bool {
        matches!(
            self,
            Task::Read { .. } | Task::ReadComposite { .. } | Task::Discover { .. } | Task::Observe { .. }
        )
    }
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) state: OperationState,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) values: Vec<TimedValue>,
    pub(crate) links: Option<String>,
    pub(crate) location: Option<Path>,
    pub(crate) round_trip: Option<Duration>,
}

impl Outcome {
    pub(crate) fn ended(state: OperationState, message: impl Into<String>) -> Outcome {
        Outcome {
            state,
            code: None,
            message: Some(message.into()),
            values: Vec::new(),
            links: None,
            location: None,
            round_trip: None,
        }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Outcome {
        Outcome::ended(OperationState::Failed, message)
    }
}

/// Whether what the operation brings back is read from the device or was written to it.
pub(crate) const fn writes(kind: OperationKind) -> bool {
    matches!(
        kind,
        OperationKind::Write | OperationKind::Update | OperationKind::Create | OperationKind::WriteComposite
    )
}
