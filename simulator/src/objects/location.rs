//! Object 6, Location: a tour that repeats. LwM2M Core 1.2, appendix E.7.

use super::{Action, Behaviour};
use crate::motion::{noise, rounded};
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::{Float, Time};
use shared::{Path, Timestamp, Value};
use std::f64::consts::TAU;

static DEFINITION: ObjectDefinition = ObjectDefinition {
    id: 6,
    versions: ["1.0"; 3],
    multiple: false,
    creatable: false,
    resources: &[
        ResourceDefinition::read(0, Float).mandatory(),
        ResourceDefinition::read(1, Float).mandatory(),
        ResourceDefinition::read(2, Float),
        ResourceDefinition::read(3, Float),
        ResourceDefinition::read(5, Time).mandatory(),
        ResourceDefinition::read(6, Float),
    ],
};

const METRES_PER_DEGREE: f64 = 111_320.0;
/// The position is taken so often, in seconds.
const FIX_EVERY: i64 = 5;

/// A device on a round tour.
#[derive(Debug, Clone)]
pub struct Location {
    /// The middle of the tour: latitude and longitude in degrees.
    pub around: (f64, f64),
    /// How far from the middle the tour leads, in metres; 0 for a device that stays.
    pub radius: f64,
    /// How long the tour takes, in seconds.
    pub period: f64,
    /// Where on the tour it begins.
    pub seed: u64,
}

impl Location {
    fn position(&self, seconds: f64) -> (f64, f64) {
        let angle = TAU * (seconds / self.period + (self.seed % 360) as f64 / 360.0);
        let north = self.radius * (angle.sin() + 0.3 * (3.0 * angle).sin());
        let east = self.radius * angle.cos();
        let jitter = |which: u64| noise(self.seed ^ which, seconds, 20.0) * 2.0;
        let latitude = self.around.0 + (north + jitter(1)) / METRES_PER_DEGREE;
        let per_degree = METRES_PER_DEGREE * self.around.0.to_radians().cos().max(0.01);
        (latitude, self.around.1 + (east + jitter(2)) / per_degree)
    }

    fn metres_between(&self, from: (f64, f64), to: (f64, f64)) -> f64 {
        let east = (to.1 - from.1) * self.around.0.to_radians().cos();
        (to.0 - from.0).hypot(east) * METRES_PER_DEGREE
    }
}

impl Behaviour for Location {
    fn definition(&self) -> &'static ObjectDefinition {
        &DEFINITION
    }

    fn install(&mut self, now: Timestamp, tree: &mut ObjectTree) {
        tree.add_instance(&DEFINITION, 0);
        self.advance(now, tree);
    }

    fn advance(&mut self, now: Timestamp, tree: &mut ObjectTree) -> Option<Action> {
        let fix = now.seconds() - now.seconds().rem_euclid(FIX_EVERY);
        let seconds = fix as f64;
        let here = self.position(seconds);
        let speed = self.metres_between(self.position(seconds - 5.0), here) / 5.0;
        let mut set = |id, value| tree.set(Path::resource(6, 0, id), value);
        set(0, Value::Float(rounded(here.0, 6)));
        set(1, Value::Float(rounded(here.1, 6)));
        set(
            2,
            Value::Float(rounded(48.0 + 3.0 * noise(self.seed, seconds, 200.0), 1)),
        );
        set(
            3,
            Value::Float(rounded(6.0 + 2.0 * noise(!self.seed, seconds, 60.0), 1)),
        );
        set(5, Value::Time(fix));
        set(6, Value::Float(rounded(speed, 1)));
        None
    }
}
