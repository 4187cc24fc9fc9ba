//! When a device in queue mode can be reached. LwM2M Core 1.2 §6.5.

use crate::registry::DeviceNumber;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long devices listen after each of their messages: as long as usual, or as a person set it for one of them.
#[derive(Debug)]
pub(crate) struct AwakeWindows {
    usual: Duration,
    own: RwLock<HashMap<DeviceNumber, Duration>>,
}

impl AwakeWindows {
    pub(crate) fn new(usual: Duration) -> AwakeWindows {
        AwakeWindows {
            usual,
            own: RwLock::default(),
        }
    }

    pub(crate) fn of(&self, device: DeviceNumber) -> Duration {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.get(&device).copied().unwrap_or(self.usual)
    }

    /// Sets the window of a device, in seconds; `None` for the usual one.
    pub(crate) fn set(&self, device: DeviceNumber, window: Option<u32>) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        match window {
            Some(seconds) => own.insert(device, Duration::from_secs(seconds.into())),
            None => own.remove(&device),
        };
    }
}

/// Whether a device in queue mode can be sent something now: until its awake window closes, or until it leaves a
/// request unanswered.
pub(crate) fn reachable(last_message: Option<Instant>, asleep: bool, window: Duration, now: Instant) -> bool {
    !asleep && last_message.is_some_and(|last| now.saturating_duration_since(last) < window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleeping_device_is_not_sent_anything() {
        let now = Instant::now();
        let window = Duration::from_secs(93);
        let later = now + Duration::from_secs(92);
        let too_late = now + Duration::from_secs(93);
        for (last, asleep, at, expect) in [
            (None, false, now, false),
            (Some(now), false, later, true),
            (Some(now), true, later, false),
            (Some(now), false, too_late, false),
        ] {
            assert_eq!(reachable(last, asleep, window, at), expect);
        }
    }

    #[test]
    fn one_device_has_a_window_of_its_own_until_it_is_taken_back() {
        let windows = AwakeWindows::new(Duration::from_secs(93));
        let (one, other) = (DeviceNumber(1), DeviceNumber(2));
        windows.set(one, Some(30));
        assert_eq!(windows.of(one), Duration::from_secs(30));
        assert_eq!(windows.of(other), Duration::from_secs(93));
        windows.set(one, None);
        assert_eq!(windows.of(one), Duration::from_secs(93));
    }
}
