//! Object 20, Event Log: what the device wrote down between a start and a stop. OMA's registry, versions 1.0 and 2.1.

use super::{Action, Behaviour};
use crate::arguments::Arguments;
use crate::refusal::Refusal;
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::{Integer, Opaque};
use shared::{Path, Timestamp, Value};

static DEFINITION: ObjectDefinition = ObjectDefinition {
    id: 20,
    versions: ["1.0", "2.1", "2.1"],
    multiple: true,
    creatable: false,
    resources: &[
        ResourceDefinition::read_write(CLASS, Integer).range(0.0, 255.0),
        ResourceDefinition::execute(START),
        ResourceDefinition::execute(STOP),
        ResourceDefinition::read(STATUS, Integer),
        ResourceDefinition::read(DATA, Opaque).mandatory(),
        ResourceDefinition::read_write(FORMAT, Integer).range(0.0, 255.0),
    ],
};

const CLASS: u16 = 4010;
const START: u16 = 4011;
const STOP: u16 = 4012;
const STATUS: u16 = 4013;
const DATA: u16 = 4014;
const FORMAT: u16 = 4015;

/// The bit of the status that says that it is written.
const RUNNING: i64 = 1;

/// The log of a device.
#[derive(Debug, Clone, Default)]
pub struct EventLog {
    lines: Vec<String>,
}

impl EventLog {
    fn show(&self, status: i64, tree: &mut ObjectTree) {
        tree.set(Path::resource(20, 0, STATUS), Value::Integer(status));
        let text = self.lines.join("\n").into_bytes();
        tree.set(Path::resource(20, 0, DATA), Value::Opaque(text));
    }
}

impl Behaviour for EventLog {
    fn definition(&self) -> &'static ObjectDefinition {
        &DEFINITION
    }

    fn install(&mut self, _now: Timestamp, tree: &mut ObjectTree) {
        tree.add_instance(&DEFINITION, 0);
        tree.set(Path::resource(20, 0, CLASS), Value::Integer(0));
        tree.set(Path::resource(20, 0, FORMAT), Value::Integer(0));
        self.show(0, tree);
    }

    fn execute(
        &mut self,
        path: Path,
        _arguments: &Arguments,
        now: Timestamp,
        tree: &mut ObjectTree,
    ) -> Result<Option<Action>, Refusal> {
        let running = tree.get(Path::resource(20, 0, STATUS)) == Some(&Value::Integer(RUNNING));
        match path.resource_id() {
            Some(START) => {
                self.lines = vec![format!("{now} start")];
                self.show(RUNNING, tree);
            }
            Some(STOP) if running => {
                self.lines.push(format!("{now} stop"));
                self.show(0, tree);
            }
            _ => return Err(Refusal::not_allowed("the log is not being written")),
        }
        Ok(None)
    }
}
