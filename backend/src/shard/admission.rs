//! How many registrations are taken: a fleet that comes back all at once is told to come in turns.
//!
//! Only Registers are turned away, which a device repeats by itself. Whoever is registered is served.

use crate::lwm2m::Refusal;
use std::time::{Duration, Instant};

/// The least and the most seconds after which a device may try again. They differ from device to device, so that those
/// that were turned away together do not come back together.
const LEAST: u32 = 15;
const MOST: u32 = 60;

/// A bucket of registrations that fills at a rate.
#[derive(Debug)]
pub(super) struct Admission {
    per_second: u32,
    /// Millionths of a registration that may be taken now; at most a second's worth.
    left: u64,
    filled: Instant,
}

impl Admission {
    /// `per_second` of 0 is without limit.
    pub(super) fn new(per_second: u32, now: Instant) -> Admission {
        Admission {
            per_second,
            left: u64::from(per_second) * 1_000_000,
            filled: now,
        }
    }

    /// Takes a registration in, unless there are too many or what they cause cannot be worked off. `spread` is random.
    ///
    /// # Errors
    /// 5.03 with the time after which to try again.
    pub(super) fn admit(&mut self, now: Instant, is_behind: bool, spread: u32) -> Result<(), Refusal> {
        let seconds = LEAST + spread % (MOST - LEAST);
        if is_behind {
            return Err(Refusal::busy(
                seconds,
                "the server has more to do than it can: try again later",
            ));
        }
        if self.per_second == 0 {
            return Ok(());
        }
        let passed = now
            .saturating_duration_since(self.filled)
            .min(Duration::from_secs(1));
        let full = u64::from(self.per_second) * 1_000_000;
        let gained = u64::try_from(passed.as_micros()).unwrap_or(1_000_000) * u64::from(self.per_second);
        self.left = (self.left + gained).min(full);
        self.filled = now;
        match self.left.checked_sub(1_000_000) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Refusal::busy(
                seconds,
                "too many devices register at once: try again later",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_taken_in_a_second_and_the_others_told_when_to_come() {
        let start = Instant::now();
        let mut admission = Admission::new(100, start);
        let mut taken = 0;
        for tick in 0..20_000u32 {
            let now = start + Duration::from_millis(u64::from(tick) / 10);
            match admission.admit(now, false, tick.wrapping_mul(2_654_435_761)) {
                Ok(()) => taken += 1,
                Err(refusal) => {
                    let seconds = refusal.max_age.unwrap();
                    assert!((LEAST..MOST).contains(&seconds), "{seconds}");
                }
            }
        }
        // Two seconds' worth, and the bucket that was full at the start.
        assert!((290..=300).contains(&taken), "{taken}");
        assert!(Admission::new(0, start).admit(start, false, 1).is_ok());
        assert!(Admission::new(0, start).admit(start, true, 1).is_err());
    }
}
