//! Devices that said when they want to be asked again: 5.03 or 4.29 with Max-Age. RFC 7252 §5.9.3.4, RFC 8516.

use crate::registry::DeviceNumber;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// The longest time that a device is believed.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, Default)]
pub(super) struct Deferred {
    until: HashMap<DeviceNumber, Instant>,
    by_time: BTreeSet<(Instant, DeviceNumber)>,
}

impl Deferred {
    /// Nothing is asked of the device for so long.
    pub(super) fn add(&mut self, device: DeviceNumber, now: Instant, wait: Duration) {
        self.remove(device);
        let until = now + wait.min(LONGEST);
        self.until.insert(device, until);
        self.by_time.insert((until, device));
    }

    pub(super) fn holds(&self, device: DeviceNumber) -> bool {
        self.until.contains_key(&device)
    }

    pub(super) fn remove(&mut self, device: DeviceNumber) {
        if let Some(until) = self.until.remove(&device) {
            self.by_time.remove(&(until, device));
        }
    }

    /// The next device whose time has come.
    pub(super) fn take(&mut self, now: Instant) -> Option<DeviceNumber> {
        let (until, device) = self.by_time.first().copied()?;
        if until > now {
            return None;
        }
        self.remove(device);
        Some(device)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.by_time.first().map(|(until, _)| *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_device_is_held_as_long_as_it_said_last() {
        let start = Instant::now();
        let mut deferred = Deferred::default();
        let (one, other) = (DeviceNumber(1), DeviceNumber(2));
        deferred.add(one, start, Duration::from_secs(5));
        deferred.add(other, start, Duration::from_secs(3));
        deferred.add(one, start, Duration::from_secs(2));
        assert_eq!(deferred.deadline(), Some(start + Duration::from_secs(2)));
        assert_eq!(deferred.take(start + Duration::from_secs(1)), None);
        assert_eq!(deferred.take(start + Duration::from_secs(9)), Some(one));
        assert!(!deferred.holds(one) && deferred.holds(other));
        deferred.remove(other);
        assert_eq!(deferred.deadline(), None);
    }
}
