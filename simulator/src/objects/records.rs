//! Objects that only hold what is put into them: cellular connectivity (10), APN connection profile (11), portfolio (16),
//! data of applications (19). Their definitions are in OMA's registry.

use super::Behaviour;
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::{Boolean, Integer, ObjectLink, Opaque, String as Text, Time, Unsigned};
use shared::{Path, Timestamp, Value};

static CELLULAR: ObjectDefinition = ObjectDefinition {
    id: 10,
    versions: ["1.0", "1.1", "1.1"],
    multiple: false,
    creatable: false,
    resources: &[
        ResourceDefinition::read_write(0, Text),
        ResourceDefinition::read_write(1, Integer).range(0.0, 65_535.0),
        ResourceDefinition::read_write(4, Integer),
        ResourceDefinition::read_write(5, Integer),
        ResourceDefinition::read_write(8, Opaque),
        ResourceDefinition::read(11, ObjectLink).multiple().mandatory(),
        ResourceDefinition::read(12, Unsigned),
        ResourceDefinition::read_write(13, Unsigned).range(0.0, 255.0),
        ResourceDefinition::read_write(14, Unsigned).range(0.0, 255.0),
    ],
};

static APN: ObjectDefinition = ObjectDefinition {
    id: 11,
    versions: ["1.0", "1.1", "1.1"],
    multiple: true,
    creatable: true,
    resources: &[
        ResourceDefinition::read_write(0, Text).mandatory(),
        ResourceDefinition::read_write(1, Text),
        ResourceDefinition::read_write(3, Boolean),
        ResourceDefinition::read_write(4, Integer).mandatory(),
        ResourceDefinition::read_write(5, Text),
        ResourceDefinition::read(9, Time).multiple(),
        ResourceDefinition::read(13, Integer),
        ResourceDefinition::read(14, Integer),
    ],
};

static PORTFOLIO: ObjectDefinition = ObjectDefinition {
    id: 16,
    versions: ["1.0"; 3],
    multiple: true,
    creatable: true,
    resources: &[ResourceDefinition::read_write(0, Text).multiple().mandatory()],
};

static APP_DATA: ObjectDefinition = ObjectDefinition {
    id: 19,
    versions: ["1.0"; 3],
    multiple: true,
    creatable: true,
    resources: &[
        ResourceDefinition::read_write(0, Opaque).multiple().mandatory(),
        ResourceDefinition::read_write(1, Integer).range(0.0, 255.0),
        ResourceDefinition::read_write(2, Time),
        ResourceDefinition::read_write(3, Text).range(0.0, 32.0),
    ],
};

/// What one resource holds.
#[derive(Debug, Clone)]
enum Held {
    One(Value),
    Several(Vec<Value>),
}

/// An object that holds what is put into it.
#[derive(Debug, Clone)]
pub struct Records {
    definition: &'static ObjectDefinition,
    /// By instance.
    first: Vec<Vec<(u16, Held)>>,
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

impl Records {
    /// Object 10: a modem that saves power.
    pub fn cellular() -> Records {
        let held = vec![
            (1, Held::One(Value::Integer(0))),
            (4, Held::One(Value::Integer(14_400))),
            (5, Held::One(Value::Integer(30))),
            (
                11,
                Held::Several(vec![Value::ObjectLink {
                    object: 11,
                    instance: 0,
                }]),
            ),
            (12, Held::One(Value::Unsigned(0b11))),
            (13, Held::One(Value::Unsigned(0b01))),
            (14, Held::One(Value::Unsigned(0))),
        ];
        Records {
            definition: &CELLULAR,
            first: vec![held],
        }
    }

    /// Object 11: one profile.
    pub fn access_points() -> Records {
        let held = vec![
            (0, Held::One(text("Operator"))),
            (1, Held::One(text("iot.example"))),
            (3, Held::One(Value::Boolean(true))),
            (4, Held::One(Value::Integer(0))),
            (9, Held::Several(vec![Value::Time(1_700_000_000)])),
            (13, Held::One(Value::Integer(10))),
            (14, Held::One(Value::Integer(20))),
        ];
        Records {
            definition: &APN,
            first: vec![held],
        }
    }

    /// Object 16: one entry with its four names.
    pub fn portfolio() -> Records {
        let names = [
            "Host Device ID #1",
            "Host Device Model #1",
            "Host Device SW #1",
            "Host Device Unique ID #1",
        ];
        Records {
            definition: &PORTFOLIO,
            first: vec![vec![(0, Held::Several(names.map(text).to_vec()))]],
        }
    }

    /// Object 19: instance 0 is what goes up, instance 1 what comes down.
    pub fn app_data() -> Records {
        let held = || {
            vec![
                (0, Held::Several(vec![Value::Opaque(vec![1, 2, 3])])),
                (1, Held::One(Value::Integer(1))),
            ]
        };
        Records {
            definition: &APP_DATA,
            first: vec![held(), held()],
        }
    }
}

impl Behaviour for Records {
    fn definition(&self) -> &'static ObjectDefinition {
        self.definition
    }

    fn install(&mut self, _now: Timestamp, tree: &mut ObjectTree) {
        for (instance, held) in (0u16..).zip(&self.first) {
            tree.add_instance(self.definition, instance);
            for (resource, held) in held {
                let path = Path::resource(self.definition.id, instance, *resource);
                match held {
                    Held::One(value) => tree.set(path, value.clone()),
                    Held::Several(values) => tree.set_all(path, (0..).zip(values.iter().cloned())),
                }
            }
        }
    }
}
