//! Object 3, Device: nameplate, supply, clock, errors, reboot. LwM2M Core 1.2, appendix E.4.

use super::{Action, Behaviour};
use crate::arguments::Arguments;
use crate::motion::{noise, rounded, saw};
use crate::refusal::Refusal;
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::{Integer, String as Text, Time};
use shared::{Path, Timestamp, Value};

static DEFINITION: ObjectDefinition = ObjectDefinition {
    id: 3,
    versions: ["1.0", "1.1", "1.2"],
    multiple: false,
    creatable: false,
    resources: &[
        ResourceDefinition::read(0, Text),
        ResourceDefinition::read(1, Text),
        ResourceDefinition::read(2, Text),
        ResourceDefinition::read(3, Text),
        ResourceDefinition::execute(4).mandatory(),
        ResourceDefinition::execute(5),
        ResourceDefinition::read(6, Integer).multiple(),
        ResourceDefinition::read(7, Integer).multiple(),
        ResourceDefinition::read(8, Integer).multiple(),
        ResourceDefinition::read(9, Integer),
        ResourceDefinition::read(10, Integer),
        ResourceDefinition::read(11, Integer).multiple().mandatory(),
        ResourceDefinition::execute(12),
        ResourceDefinition::read_write(13, Time),
        ResourceDefinition::read_write(14, Text),
        ResourceDefinition::read_write(15, Text),
        ResourceDefinition::read(16, Text).mandatory(),
        ResourceDefinition::read(17, Text),
        ResourceDefinition::read(18, Text),
        ResourceDefinition::read(19, Text),
        ResourceDefinition::read(20, Integer),
        ResourceDefinition::read(21, Integer),
    ],
};

const REBOOT: u16 = 4;
const FACTORY_RESET: u16 = 5;
const RESET_ERRORS: u16 = 12;
const LOW_BATTERY: i64 = 1;
const LOW_BATTERY_BELOW: f64 = 20.0;

/// What is printed on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nameplate {
    /// Manufacturer.
    pub manufacturer: &'static str,
    /// Model number.
    pub model: &'static str,
    /// Device type.
    pub kind: &'static str,
    /// Serial number.
    pub serial: String,
    /// The firmware it left the factory with.
    pub firmware: &'static str,
    /// Hardware version.
    pub hardware: &'static str,
}

/// What feeds the device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Supply {
    /// Alternating current from the mains.
    Mains,
    /// A battery that is charged when it is low, times in seconds.
    Rechargeable {
        /// From full to low.
        draining: f64,
        /// From low to full.
        charging: f64,
    },
    /// A battery that lasts for years.
    PrimaryCell,
}

/// The device itself.
#[derive(Debug, Clone)]
pub struct Device {
    nameplate: Nameplate,
    supply: Supply,
    binding: &'static str,
    seed: u64,
    clock_offset: i64,
    was_low: bool,
}

impl Device {
    /// A device with supported bindings such as `U`.
    pub fn new(nameplate: Nameplate, supply: Supply, binding: &'static str, seed: u64) -> Device {
        Device {
            nameplate,
            supply,
            binding,
            seed,
            clock_offset: 0,
            was_low: false,
        }
    }

    fn supply(&mut self, seconds: f64, tree: &mut ObjectTree) {
        let ripple = noise(self.seed, seconds, 40.0);
        let phase = (self.seed % 1_000) as f64 * 97.0;
        let (millivolts, milliamperes, level, status) = match self.supply {
            Supply::Mains => (5_000.0 + 12.0 * ripple, 180.0 + 30.0 * ripple, None, None),
            Supply::Rechargeable { draining, charging } => {
                let position = seconds + phase;
                let level = saw(position, 0.12, draining, charging);
                let rising = saw(position + 1.0, 0.12, draining, charging) > level;
                let current = if rising { -350.0 } else { 95.0 };
                let status = if rising { 1 } else { 0 };
                let millivolts = 3_400.0 + 800.0 * level + 4.0 * ripple;
                (
                    millivolts,
                    current + 10.0 * ripple,
                    Some(level * 100.0),
                    Some(status),
                )
            }
            Supply::PrimaryCell => {
                let level = saw(seconds + phase * 3_000.0, 0.3, 2.2e8, 1.0);
                let millivolts = 3_000.0 + 600.0 * level + 2.0 * ripple;
                (millivolts, 2.0 + ripple, Some(level * 100.0), Some(0))
            }
        };
        tree.set(at(7, 0), Value::Integer(rounded(millivolts, 0) as i64));
        tree.set(at(8, 0), Value::Integer(rounded(milliamperes, 0) as i64));
        if let (Some(level), Some(status)) = (level, status) {
            let low = level < LOW_BATTERY_BELOW;
            tree.set(single(9), Value::Integer(level as i64));
            tree.set(single(20), Value::Integer(if low { 4 } else { status }));
            if low && !self.was_low {
                tree.set(at(11, 0), Value::Integer(LOW_BATTERY));
            }
            self.was_low = low;
        }
    }
}

fn single(resource: u16) -> Path {
    Path::resource(3, 0, resource)
}

fn at(resource: u16, instance: u16) -> Path {
    Path::resource_instance(3, 0, resource, instance)
}

impl Behaviour for Device {
    fn definition(&self) -> &'static ObjectDefinition {
        &DEFINITION
    }

    fn install(&mut self, now: Timestamp, tree: &mut ObjectTree) {
        tree.add_instance(&DEFINITION, 0);
        let text = |text: &str| Value::String(text.into());
        let source = match self.supply {
            Supply::Mains => 6,
            Supply::Rechargeable { .. } | Supply::PrimaryCell => 1,
        };
        tree.set(single(0), text(self.nameplate.manufacturer));
        tree.set(single(1), text(self.nameplate.model));
        tree.set(single(2), text(&self.nameplate.serial));
        tree.set(single(3), text(self.nameplate.firmware));
        tree.set(at(6, 0), Value::Integer(source));
        tree.set(at(11, 0), Value::Integer(0));
        tree.set(single(14), text("+00:00"));
        tree.set(single(15), text("Etc/UTC"));
        tree.set(single(16), text(self.binding));
        tree.set(single(17), text(self.nameplate.kind));
        tree.set(single(18), text(self.nameplate.hardware));
        tree.set(single(19), text(self.nameplate.firmware));
        tree.set(single(21), Value::Integer(256));
        self.advance(now, tree);
    }

    fn advance(&mut self, now: Timestamp, tree: &mut ObjectTree) -> Option<Action> {
        let seconds = now.0 as f64 / 1000.0;
        self.supply(seconds, tree);
        let free = 120.0 + 30.0 * noise(self.seed ^ 3, seconds, 120.0);
        tree.set(single(10), Value::Integer(free as i64));
        tree.refresh(
            single(13),
            Value::Time(now.seconds().saturating_add(self.clock_offset)),
        );
        None
    }

    fn execute(
        &mut self,
        path: Path,
        _arguments: &Arguments,
        now: Timestamp,
        tree: &mut ObjectTree,
    ) -> Result<Option<Action>, Refusal> {
        match path.resource_id() {
            Some(REBOOT) => Ok(Some(Action::Reboot)),
            Some(FACTORY_RESET) => {
                self.clock_offset = 0;
                tree.set(single(14), Value::String("+00:00".into()));
                tree.set(single(15), Value::String("Etc/UTC".into()));
                self.advance(now, tree);
                Ok(Some(Action::Reboot))
            }
            Some(RESET_ERRORS) => {
                tree.set_all(single(11), [(0, Value::Integer(0))]);
                Ok(None)
            }
            _ => Err(Refusal::not_allowed("not executable")),
        }
    }

    fn written(&mut self, path: Path, now: Timestamp, tree: &mut ObjectTree) -> Option<Action> {
        if path == single(13)
            && let Some(Value::Time(told)) = tree.get(path)
        {
            self.clock_offset = told.saturating_sub(now.seconds());
        }
        None
    }
}
