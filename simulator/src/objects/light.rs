//! Object 3311, Light Control: lamps to switch and dim, to add and remove.

use super::{Action, Behaviour};
use crate::motion::{noise, rounded};
use crate::refusal::Refusal;
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::{Boolean, Float, Integer, String as Text};
use shared::{Path, Timestamp, Value};
use std::collections::BTreeMap;

static DEFINITION: ObjectDefinition = ObjectDefinition {
    id: 3311,
    versions: ["1.0"; 3],
    multiple: true,
    creatable: true,
    resources: &[
        ResourceDefinition::read_write(ON_OFF, Boolean).mandatory(),
        ResourceDefinition::read_write(DIMMER, Integer).range(0.0, 100.0),
        ResourceDefinition::read_write(ON_TIME, Integer),
        ResourceDefinition::read(ENERGY, Float),
        ResourceDefinition::read(POWER_FACTOR, Float),
        ResourceDefinition::read_write(COLOUR, Text),
        ResourceDefinition::read(UNITS, Text),
        ResourceDefinition::read_write(APPLICATION, Text),
    ],
};

const ON_OFF: u16 = 5850;
const DIMMER: u16 = 5851;
const ON_TIME: u16 = 5852;
const ENERGY: u16 = 5805;
const POWER_FACTOR: u16 = 5820;
const COLOUR: u16 = 5706;
const UNITS: u16 = 5701;
const APPLICATION: u16 = 5750;

/// What the lamp behind an instance has counted.
#[derive(Debug, Clone, Copy)]
struct Lamp {
    counted_to: Timestamp,
    on_milliseconds: i64,
    watt_hours: f64,
}

/// The lamps of a street light.
#[derive(Debug, Clone)]
pub struct Light {
    watts: f64,
    seed: u64,
    installed: u16,
    lamps: BTreeMap<u16, Lamp>,
}

impl Light {
    /// So many lamps of so many watts.
    pub fn new(installed: u16, watts: f64, seed: u64) -> Light {
        Light {
            watts,
            seed,
            installed,
            lamps: BTreeMap::new(),
        }
    }

    fn add(&mut self, instance: u16, now: Timestamp, tree: &mut ObjectTree) {
        self.lamps.insert(
            instance,
            Lamp {
                counted_to: now,
                on_milliseconds: 0,
                watt_hours: 0.0,
            },
        );
        let mut set_if_absent = |id, value| {
            let path = Path::resource(3311, instance, id);
            if tree.get(path).is_none() {
                tree.set(path, value);
            }
        };
        set_if_absent(ON_OFF, Value::Boolean(false));
        set_if_absent(DIMMER, Value::Integer(100));
        set_if_absent(ON_TIME, Value::Integer(0));
        set_if_absent(ENERGY, Value::Float(0.0));
        set_if_absent(POWER_FACTOR, Value::Float(0.95));
        set_if_absent(COLOUR, Value::String("#ffd8a8".into()));
        set_if_absent(UNITS, Value::String("hex".into()));
        set_if_absent(APPLICATION, Value::String(String::new()));
    }
}

impl Behaviour for Light {
    fn definition(&self) -> &'static ObjectDefinition {
        &DEFINITION
    }

    fn install(&mut self, now: Timestamp, tree: &mut ObjectTree) {
        for instance in 0..self.installed {
            tree.add_instance(&DEFINITION, instance);
            let at = |id| Path::resource(3311, instance, id);
            tree.set(at(ON_OFF), Value::Boolean(true));
            tree.set(at(DIMMER), Value::Integer(70));
            tree.set(at(APPLICATION), Value::String(format!("Lamp {}", instance + 1)));
            self.add(instance, now, tree);
        }
    }

    fn advance(&mut self, now: Timestamp, tree: &mut ObjectTree) -> Option<Action> {
        self.lamps
            .retain(|instance, _| tree.contains(Path::instance(3311, *instance)));
        for (instance, lamp) in &mut self.lamps {
            let at = |id| Path::resource(3311, *instance, id);
            let elapsed = now.since(lamp.counted_to).max(0);
            lamp.counted_to = now;
            if tree.get(at(ON_OFF)) != Some(&Value::Boolean(true)) {
                continue;
            }
            let dimmed = tree.get(at(DIMMER)).and_then(Value::as_number).unwrap_or(100.0) / 100.0;
            let ripple = noise(self.seed ^ u64::from(*instance), now.0 as f64 / 1000.0, 60.0);
            lamp.on_milliseconds += elapsed;
            lamp.watt_hours += self.watts * dimmed * elapsed as f64 / 3_600_000.0;
            tree.set(at(ENERGY), Value::Float(rounded(lamp.watt_hours, 2)));
            tree.set(at(POWER_FACTOR), Value::Float(rounded(0.95 + 0.02 * ripple, 2)));
            tree.refresh(at(ON_TIME), Value::Integer(lamp.on_milliseconds / 1000));
        }
        None
    }

    fn check(&self, path: Path, value: &Value, _tree: &ObjectTree) -> Result<(), Refusal> {
        // The object allows 0 only: writing it resets the counter.
        match value {
            Value::Integer(seconds) if path.resource_id() == Some(ON_TIME) && *seconds != 0 => {
                Err(Refusal::bad_request("the on time can only be set to 0"))
            }
            _ => Ok(()),
        }
    }

    fn written(&mut self, path: Path, _now: Timestamp, _tree: &mut ObjectTree) -> Option<Action> {
        let lamp = path.instance_id().and_then(|id| self.lamps.get_mut(&id));
        if let (Some(lamp), Some(ON_TIME)) = (lamp, path.resource_id()) {
            lamp.on_milliseconds = 0;
        }
        None
    }

    fn created(&mut self, instance: u16, now: Timestamp, tree: &mut ObjectTree) {
        self.add(instance, now, tree);
    }
}
