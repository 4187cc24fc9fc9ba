//! The IPSO sensors that measure one number: temperature, humidity, current, power.

use super::{Action, Behaviour};
use crate::arguments::Arguments;
use crate::motion::{Daily, rounded};
use crate::refusal::Refusal;
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::{Float, String as Text};
use shared::{Path, Timestamp, Value};

const RESOURCES: &[ResourceDefinition] = &[
    ResourceDefinition::read(VALUE, Float).mandatory(),
    ResourceDefinition::read(MIN_MEASURED, Float),
    ResourceDefinition::read(MAX_MEASURED, Float),
    ResourceDefinition::read(MIN_RANGE, Float),
    ResourceDefinition::read(MAX_RANGE, Float),
    ResourceDefinition::read(UNITS, Text),
    ResourceDefinition::execute(RESET),
    ResourceDefinition::read_write(APPLICATION, Text),
];
const VALUE: u16 = 5700;
const MIN_MEASURED: u16 = 5601;
const MAX_MEASURED: u16 = 5602;
const MIN_RANGE: u16 = 5603;
const MAX_RANGE: u16 = 5604;
const UNITS: u16 = 5701;
const RESET: u16 = 5605;
const APPLICATION: u16 = 5750;

const fn sensor(id: u16) -> ObjectDefinition {
    ObjectDefinition {
        id,
        versions: ["1.0"; 3],
        multiple: true,
        creatable: false,
        resources: RESOURCES,
    }
}

/// Object 3303, Temperature.
pub static TEMPERATURE: ObjectDefinition = sensor(3303);
/// Object 3304, Humidity.
pub static HUMIDITY: ObjectDefinition = sensor(3304);
/// Object 3317, Current.
pub static CURRENT: ObjectDefinition = sensor(3317);
/// Object 3328, Power.
pub static POWER: ObjectDefinition = sensor(3328);

/// The sensors of one object, an instance each.
#[derive(Debug, Clone)]
pub struct Sensor {
    /// Which object.
    pub object: &'static ObjectDefinition,
    /// The unit of the values.
    pub units: &'static str,
    /// What can be measured.
    pub range: (f64, f64),
    /// For each instance what it is used for, and its course.
    pub instances: Vec<(&'static str, Daily)>,
}

impl Sensor {
    fn numbered(&self) -> impl Iterator<Item = (u16, &(&'static str, Daily))> {
        (0u16..).zip(&self.instances)
    }

    fn path(&self, instance: u16, resource: u16) -> Path {
        Path::resource(self.object.id, instance, resource)
    }

    fn measure(&self, course: &Daily, now: Timestamp) -> Value {
        let value = course.at(now.0 as f64 / 1000.0);
        Value::Float(rounded(value.clamp(self.range.0, self.range.1), 2))
    }
}

impl Behaviour for Sensor {
    fn definition(&self) -> &'static ObjectDefinition {
        self.object
    }

    fn install(&mut self, now: Timestamp, tree: &mut ObjectTree) {
        for (instance, (application, course)) in self.numbered() {
            tree.add_instance(self.object, instance);
            let value = self.measure(course, now);
            tree.set(self.path(instance, MIN_MEASURED), value.clone());
            tree.set(self.path(instance, MAX_MEASURED), value.clone());
            tree.set(self.path(instance, VALUE), value);
            tree.set(self.path(instance, MIN_RANGE), Value::Float(self.range.0));
            tree.set(self.path(instance, MAX_RANGE), Value::Float(self.range.1));
            tree.set(self.path(instance, UNITS), Value::String(self.units.into()));
            let application = Value::String((*application).into());
            tree.set(self.path(instance, APPLICATION), application);
        }
    }

    fn advance(&mut self, now: Timestamp, tree: &mut ObjectTree) -> Option<Action> {
        for (instance, (_, course)) in self.numbered() {
            let value = self.measure(course, now);
            let number = value.as_number().unwrap_or_default();
            let (low, high) = (
                self.path(instance, MIN_MEASURED),
                self.path(instance, MAX_MEASURED),
            );
            if tree.get(low).and_then(Value::as_number) > Some(number) {
                tree.set(low, value.clone());
            }
            if tree.get(high).and_then(Value::as_number) < Some(number) {
                tree.set(high, value.clone());
            }
            tree.set(self.path(instance, VALUE), value);
        }
        None
    }

    fn execute(
        &mut self,
        path: Path,
        _arguments: &Arguments,
        _now: Timestamp,
        tree: &mut ObjectTree,
    ) -> Result<Option<Action>, Refusal> {
        let instance = path.instance_id().unwrap_or_default();
        if let Some(value) = tree.get(self.path(instance, VALUE)).cloned() {
            tree.set(self.path(instance, MIN_MEASURED), value.clone());
            tree.set(self.path(instance, MAX_MEASURED), value);
        }
        Ok(None)
    }
}
