//! Carrying out operations from the page: what is on its way, what came of it, in words.

use super::store::Device;
use super::timeline::words::{code_and_word, operation_word};
use crate::api::Answer;
use crate::dom::prelude::*;
use shared::Path;
use shared::api::{OperationKind, OperationRequest, OperationState, OperationView};
use shared::event::{Event, EventKind};
use shared::sorted::SortedSet;

/// How long the page waits for the end of an operation before it says that it is on its way, in seconds.
const PATIENCE: u32 = 12;

/// What came of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done(String),
    /// It waits for the device.
    Waits(String),
    Failed(String),
}

impl Outcome {
    pub(crate) fn text(&self) -> &str {
        match self {
            Outcome::Done(text) | Outcome::Waits(text) | Outcome::Failed(text) => text,
        }
    }
}

/// The operations that this page asked for and that have not ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Busy {
    asked: RwSignal<SortedSet<(Path, &'static str)>>,
    /// Those that went on without anybody waiting; their end is told when it comes.
    left: StoredValue<SortedSet<u64>>,
}

impl Busy {
    pub(crate) fn new() -> Busy {
        Busy {
            asked: RwSignal::new(SortedSet::new()),
            left: StoredValue::new(SortedSet::new()),
        }
    }

    /// Whether this operation is on its way for this path.
    pub(crate) fn is(self, path: Path, op: OperationKind) -> bool {
        self.asked.with(|asked| asked.contains(&(path, op.name())))
    }

    /// Tells the end of an operation that nobody waits for any more.
    pub(super) fn ended(self, device: Device, event: &Event) {
        let EventKind::Operation {
            id,
            op,
            path,
            state,
            code,
            message,
            ..
        } = &event.kind
        else {
            return;
        };
        if !state.is_final() || self.left.try_update_value(|left| left.remove(id)) != Some(true) {
            return;
        }
        device.say(&outcome(
            device,
            *op,
            *path,
            *state,
            code.as_deref(),
            message.as_deref(),
        ));
    }
}

/// How an operation ended: in words, and as the server tells it.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) view: Option<OperationView>,
}

impl Ended {
    /// What the device answered, if it did what was asked.
    pub(crate) fn done(&self) -> Option<&OperationView> {
        self.view
            .as_ref()
            .filter(|view| view.state == OperationState::Done)
    }
}

impl Device {
    /// Carries out an operation and shows its values. The button that asked is busy meanwhile. `then` is given the end, unless
    /// the page was left.
    pub(crate) fn operate(self, request: &OperationRequest, then: impl FnOnce(&Ended) + 'static) {
        self.operate_then(request, Box::new(then));
    }

    fn operate_then(self, request: &OperationRequest, then: Box<dyn FnOnce(&Ended)>) {
        let (op, path) = (request.op, request.path.unwrap_or_default());
        let key = (path, op.name());
        let asked = self.busy().asked;
        asked.update(|asked| {
            asked.insert(key);
        });
        let asked_for = self.api().operate(&self.endpoint(), request, PATIENCE);
        asked_for.then(move |answer| {
            if self.is_gone() {
                return;
            }
            asked.update(|asked| {
                asked.remove(&key);
            });
            then(&self.ended(op, path, answer));
        });
    }

    fn ended(self, op: OperationKind, path: Path, answer: Answer<OperationView>) -> Ended {
        match answer {
            Ok(view) => {
                self.learn(&view.values);
                if !view.state.is_final() {
                    self.busy().left.update_value(|left| {
                        left.insert(view.id);
                    });
                }
                Ended {
                    outcome: outcome_of(self, &view),
                    view: Some(view),
                }
            }
            Err(failure) => {
                let what = titled(self, op, path);
                Ended {
                    outcome: Outcome::Failed(format!("{what}: {failure}")),
                    view: None,
                }
            }
        }
    }

    /// Carries out an operation that needs no more questions, and says what came of it.
    pub(crate) fn run(self, op: OperationKind, path: Path) {
        self.operate(&request(op, path), move |ended| self.say(&ended.outcome));
    }
}

/// A request without a value.
pub(crate) const fn request(op: OperationKind, path: Path) -> OperationRequest {
    OperationRequest {
        op,
        path: Some(path),
        paths: Vec::new(),
        value: None,
        data_type: None,
        format: None,
        timeout: None,
        expires: None,
    }
}

fn titled(device: Device, op: OperationKind, path: Path) -> String {
    let word = operation_word(op);
    if path.is_root() {
        return word.into();
    }
    match device.name(path) {
        Some(name) => format!("{word} {path} {name}"),
        None => format!("{word} {path}"),
    }
}

/// What came of an operation that is looked at.
pub(super) fn outcome_of(device: Device, one: &OperationView) -> Outcome {
    outcome(
        device,
        one.op,
        one.path,
        one.state,
        one.code.as_deref(),
        one.message.as_deref(),
    )
}

/// What came of an operation, in words.
fn outcome(
    device: Device,
    op: OperationKind,
    path: Path,
    state: OperationState,
    code: Option<&str>,
    message: Option<&str>,
) -> Outcome {
    let what = titled(device, op, path);
    let code = code.map(code_and_word);
    match state {
        OperationState::Done => Outcome::Done(format!("{what}: {}", code.unwrap_or_else(|| "done".into()))),
        OperationState::Queued => {
            let expected = untrack(|| device.expected());
            Outcome::Waits(format!("{what}: waits for the device's next contact{expected}."))
        }
        OperationState::Sent => Outcome::Waits(format!("{what}: sent; the device has not answered yet.")),
        OperationState::Failed => {
            let code = code.map_or_else(|| "failed".into(), |code| format!("refused with {code}"));
            Outcome::Failed(
                format!("{what}: {code}. {}", message.unwrap_or_default())
                    .trim_end()
                    .to_owned(),
            )
        }
        OperationState::Expired => Outcome::Failed(format!(
            "{what}: {}",
            message.unwrap_or("the device did not answer in time.")
        )),
        OperationState::Cancelled => Outcome::Failed(format!("{what}: cancelled.")),
    }
}
