//! Object 4, Connectivity Monitoring: a signal that wanders. LwM2M Core 1.2, appendix E.5.

use super::{Action, Behaviour};
use crate::motion::{noise, rounded};
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::{Integer, String as Text};
use shared::{Path, Timestamp, Value};

static DEFINITION: ObjectDefinition = ObjectDefinition {
    id: 4,
    versions: ["1.0", "1.1", "1.3"],
    multiple: false,
    creatable: false,
    resources: &[
        ResourceDefinition::read(0, Integer).mandatory(),
        ResourceDefinition::read(1, Integer).multiple().mandatory(),
        ResourceDefinition::read(2, Integer).mandatory(),
        ResourceDefinition::read(3, Integer),
        ResourceDefinition::read(4, Text).multiple().mandatory(),
        ResourceDefinition::read(5, Text).multiple(),
        ResourceDefinition::read(7, Text).multiple(),
        ResourceDefinition::read(8, Integer),
        ResourceDefinition::read(9, Integer),
        ResourceDefinition::read(10, Integer),
    ],
};

const NB_IOT: i64 = 7;

/// A cellular connection.
#[derive(Debug, Clone)]
pub struct Connectivity {
    /// The network bearer; 7 is NB-IoT, 6 LTE.
    pub bearer: i64,
    /// The signal in dBm around which it wanders.
    pub signal: f64,
    /// Which course it takes.
    pub seed: u64,
}

impl Connectivity {
    /// A connection over NB-IoT.
    pub fn narrow_band(signal: f64, seed: u64) -> Connectivity {
        Connectivity {
            bearer: NB_IOT,
            signal,
            seed,
        }
    }
}

impl Behaviour for Connectivity {
    fn definition(&self) -> &'static ObjectDefinition {
        &DEFINITION
    }

    fn install(&mut self, now: Timestamp, tree: &mut ObjectTree) {
        tree.add_instance(&DEFINITION, 0);
        let single = |id| Path::resource(4, 0, id);
        let host = self.seed % 250 + 2;
        tree.set(single(0), Value::Integer(self.bearer));
        tree.set_all(single(1), [(0, Value::Integer(self.bearer))]);
        tree.set_all(single(4), [(0, Value::String(format!("10.20.30.{host}")))]);
        tree.set_all(single(5), [(0, Value::String("10.20.30.1".into()))]);
        tree.set_all(single(7), [(0, Value::String("iot.example".into()))]);
        tree.set(single(8), Value::Integer(4_711));
        // 001/01 is the network of test equipment.
        tree.set(single(9), Value::Integer(1));
        tree.set(single(10), Value::Integer(1));
        self.advance(now, tree);
    }

    fn advance(&mut self, now: Timestamp, tree: &mut ObjectTree) -> Option<Action> {
        let seconds = now.0 as f64 / 1000.0;
        let wander = noise(self.seed, seconds, 300.0) * 6.0 + noise(!self.seed, seconds, 15.0) * 3.0;
        let signal = rounded(self.signal + wander, 0);
        let quality = ((signal + 125.0) * 1.6).clamp(0.0, 100.0);
        tree.set(Path::resource(4, 0, 2), Value::Integer(signal as i64));
        tree.set(Path::resource(4, 0, 3), Value::Integer(quality as i64));
        let cell = 4_711 + (seconds / 7_200.0) as i64 % 3;
        tree.set(Path::resource(4, 0, 8), Value::Integer(cell));
        None
    }
}
