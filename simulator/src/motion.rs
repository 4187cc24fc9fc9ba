//! Values that move as values of the world do, as pure functions of the time: equal seeds give equal curves.

/// A generator of numbers from a seed (SplitMix64).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Random(u64);

impl Random {
    /// A generator.
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next 64 bits.
    pub(crate) fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// The next number from 0 to 1, 1 left out.
    pub(crate) fn unit(&mut self) -> f64 {
        to_unit(self.next_u64())
    }

    /// The next number from `from` to `to`.
    pub(crate) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn to_unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// Smooth noise from -1 to 1 that turns about once a `period`, in seconds.
pub fn noise(seed: u64, at: f64, period: f64) -> f64 {
    let position = at / period;
    let step = position.floor();
    let corner = |step: f64| to_unit(mix(seed ^ mix(step as i64 as u64))) * 2.0 - 1.0;
    let share = position - step;
    let eased = share * share * (3.0 - 2.0 * share);
    corner(step) + (corner(step + 1.0) - corner(step)) * eased
}

/// A value with a day's course, slow weather and quick noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Daily {
    /// The mean.
    pub mean: f64,
    /// How far the day carries it from the mean.
    pub swing: f64,
    /// The hour of the day (UTC) at which it is highest.
    pub peak_hour: f64,
    /// How far the noise carries it.
    pub noise: f64,
    /// Which noise.
    pub seed: u64,
}

impl Daily {
    /// The value at a time in seconds since 1970.
    pub fn at(&self, seconds: f64) -> f64 {
        let angle = (seconds / 86_400.0 - self.peak_hour / 24.0) * std::f64::consts::TAU;
        let slow = noise(self.seed, seconds, 900.0) * 0.6;
        let quick = noise(self.seed ^ 0x5bd1_e995, seconds, 25.0) * 0.4;
        self.mean + self.swing * angle.cos() + self.noise * (slow + quick)
    }
}

/// From 1 down to `low` and up again: a battery that drains for `draining` and charges for `charging` seconds.
pub fn saw(seconds: f64, low: f64, draining: f64, charging: f64) -> f64 {
    let position = seconds.rem_euclid(draining + charging);
    if position < draining {
        1.0 - (1.0 - low) * position / draining
    } else {
        low + (1.0 - low) * (position - draining) / charging
    }
}

/// The number with so many decimals.
pub(crate) fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_swings_around_its_mean_and_never_jumps() {
        let curve = Daily {
            mean: 20.0,
            swing: 4.0,
            peak_hour: 14.0,
            noise: 0.5,
            seed: 7,
        };
        let values: Vec<f64> = (0..86_400).map(|second| curve.at(f64::from(second))).collect();
        assert!(values.iter().all(|value| (15.4..=24.6).contains(value)));
        assert!(values.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.05));
        assert!(values[14 * 3600] > values[2 * 3600] + 6.0);
        assert_eq!(curve.at(1000.0), curve.at(1000.0));
    }

    #[test]
    fn a_battery_drains_to_its_low_and_charges_again() {
        assert_eq!(saw(0.0, 0.2, 80.0, 20.0), 1.0);
        assert!((saw(80.0, 0.2, 80.0, 20.0) - 0.2).abs() < 1e-9);
        assert!((saw(90.0, 0.2, 80.0, 20.0) - 0.6).abs() < 1e-9);
        assert_eq!(saw(100.0, 0.2, 80.0, 20.0), 1.0);
    }
}
