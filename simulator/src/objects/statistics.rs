//! Object 7, Connectivity Statistics: what went over the air while it was counted. LwM2M Core 1.2, appendix E.8.

use super::{Action, Behaviour};
use crate::arguments::Arguments;
use crate::refusal::Refusal;
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::Integer;
use shared::{Path, Timestamp, Value};

static DEFINITION: ObjectDefinition = ObjectDefinition {
    id: 7,
    versions: ["1.0"; 3],
    multiple: false,
    creatable: false,
    resources: &[
        ResourceDefinition::read(SENT, Integer),
        ResourceDefinition::read(RECEIVED, Integer),
        ResourceDefinition::read(LARGEST, Integer),
        ResourceDefinition::read(AVERAGE, Integer),
        ResourceDefinition::execute(START).mandatory(),
        ResourceDefinition::execute(STOP).mandatory(),
        ResourceDefinition::read_write(PERIOD, Integer).range(0.0, 86_400.0),
    ],
};

const SENT: u16 = 2;
const RECEIVED: u16 = 3;
const LARGEST: u16 = 4;
const AVERAGE: u16 = 5;
const START: u16 = 6;
const STOP: u16 = 7;
const PERIOD: u16 = 8;

/// What the device sends in a second, in kilobytes; it receives half of it.
const RATE: i64 = 4;

/// The counters of a device.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    since: Option<Timestamp>,
}

impl Statistics {
    fn count(&self, now: Timestamp, tree: &mut ObjectTree) {
        let Some(since) = self.since else { return };
        let seconds = now.since(since).max(0) / 1000;
        tree.set(Path::resource(7, 0, SENT), Value::Integer(RATE * seconds));
        tree.set(Path::resource(7, 0, RECEIVED), Value::Integer(RATE * seconds / 2));
    }
}

impl Behaviour for Statistics {
    fn definition(&self) -> &'static ObjectDefinition {
        &DEFINITION
    }

    fn install(&mut self, _now: Timestamp, tree: &mut ObjectTree) {
        tree.add_instance(&DEFINITION, 0);
        for (id, value) in [
            (SENT, 0),
            (RECEIVED, 0),
            (LARGEST, 1024),
            (AVERAGE, 80),
            (PERIOD, 0),
        ] {
            tree.set(Path::resource(7, 0, id), Value::Integer(value));
        }
    }

    fn is_busy(&self) -> bool {
        self.since.is_some()
    }

    /// Counts until it is stopped, or until the period is over if there is one.
    fn advance(&mut self, now: Timestamp, tree: &mut ObjectTree) -> Option<Action> {
        let since = self.since?;
        let period = match tree.get(Path::resource(7, 0, PERIOD)) {
            Some(Value::Integer(seconds @ 1..)) => Some(since.plus_seconds(*seconds)),
            _ => None,
        };
        let end = period.filter(|end| *end <= now);
        self.count(end.unwrap_or(now), tree);
        if end.is_some() {
            self.since = None;
        }
        None
    }

    fn execute(
        &mut self,
        path: Path,
        _arguments: &Arguments,
        now: Timestamp,
        tree: &mut ObjectTree,
    ) -> Result<Option<Action>, Refusal> {
        if path.resource_id() == Some(START) {
            self.since = Some(now);
        }
        self.count(now, tree);
        if path.resource_id() == Some(STOP) {
            self.since = None;
        }
        Ok(None)
    }
}
