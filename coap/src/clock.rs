//! Time as the endpoint counts it: from the first moment it was told of, so that it can be kept in few bytes.

use std::time::{Duration, Instant};

/// Microseconds since the endpoint's first call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Moment(u64);

impl Moment {
    /// Later than everything.
    pub(crate) const NEVER: Moment = Moment(u64::MAX);

    pub(crate) fn after(self, duration: Duration) -> Moment {
        Moment(
            self.0
                .saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)),
        )
    }

    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The tick that this moment is in or before.
    pub(crate) fn tick(self) -> Tick {
        Tick(u32::try_from(self.0.div_ceil(Tick::MICROS)).unwrap_or(u32::MAX))
    }
}

/// A tenth of a second, for what is kept in numbers and needs no precision. Rounded up; 13 years fit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Tick(u32);

impl Tick {
    const MICROS: u64 = 100_000;

    pub(crate) fn moment(self) -> Moment {
        Moment(u64::from(self.0) * Tick::MICROS)
    }
}

/// Turns the caller's instants into moments and back. It never goes backwards.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    epoch: Option<Instant>,
    last: u64,
}

impl Clock {
    pub(crate) fn read(&mut self, now: Instant) -> Moment {
        let epoch = *self.epoch.get_or_insert(now);
        let elapsed = u64::try_from(now.saturating_duration_since(epoch).as_micros()).unwrap_or(u64::MAX);
        self.last = self.last.max(elapsed);
        Moment(self.last)
    }

    /// The latest moment that was read.
    pub(crate) fn last(&self) -> Moment {
        Moment(self.last)
    }

    pub(crate) fn instant(&self, moment: Moment) -> Option<Instant> {
        self.epoch?.checked_add(Duration::from_micros(moment.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_returns_as_the_instant_it_was_read_from() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.read(start);
        let later = start + Duration::from_micros(1_234_567);
        let moment = clock.read(later);
        assert_eq!(clock.instant(moment), Some(later));
        assert_eq!(clock.read(start), moment, "time does not go backwards");
        assert!(moment.tick().moment() >= moment);
    }
}
