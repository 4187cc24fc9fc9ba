//! What the server asks of its own accord after a Register, so many a second: a fleet that registers at once must not
//! be answered with as many requests at once.

use crate::registry::DeviceNumber;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many devices may wait for their turn. Those beyond it get theirs at their next message.
const WAITING: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Pacing {
    waiting: VecDeque<DeviceNumber>,
    interval: Duration,
    next: Instant,
}

impl Pacing {
    /// `per_second` of 0 lets nothing through.
    pub(super) fn new(per_second: u32, now: Instant) -> Pacing {
        Pacing {
            waiting: VecDeque::new(),
            interval: Duration::from_secs(1)
                .checked_div(per_second)
                .unwrap_or(Duration::MAX),
            next: now,
        }
    }

    pub(super) fn add(&mut self, device: DeviceNumber) {
        if self.interval != Duration::MAX && self.waiting.len() < WAITING {
            self.waiting.push_back(device);
        }
    }

    /// The next device whose turn has come.
    pub(super) fn take(&mut self, now: Instant) -> Option<DeviceNumber> {
        if now < self.next {
            return None;
        }
        let device = self.waiting.pop_front()?;
        // Time that was not used may be made up for, up to a tenth of a second's worth.
        let earliest = now.checked_sub(Duration::from_millis(100)).unwrap_or(now);
        self.next = self.next.max(earliest) + self.interval;
        Some(device)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        (!self.waiting.is_empty()).then_some(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_get_their_turn_at_the_given_rate() {
        let start = Instant::now();
        let mut pacing = Pacing::new(100, start);
        (0..1000).for_each(|number| pacing.add(DeviceNumber(number)));
        let mut taken = 0;
        for millis in 0..1000 {
            while pacing.take(start + Duration::from_millis(millis)).is_some() {
                taken += 1;
            }
        }
        assert!((95..=115).contains(&taken), "{taken}");
        let mut none = Pacing::new(0, start);
        none.add(DeviceNumber(1));
        assert_eq!(none.take(start), None);
    }
}
