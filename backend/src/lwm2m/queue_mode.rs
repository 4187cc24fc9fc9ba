//! When a device in queue mode can be reached. LwM2M Core 1.2 §6.5.

use std::time::{Duration, Instant};

/// Whether a device can be sent something now: always without queue mode; with it, until its awake window closes, or
/// until it leaves a request unanswered.
pub(crate) fn reachable(
    queue_mode: bool,
    last_message: Option<Instant>,
    asleep: bool,
    window: Duration,
    now: Instant,
) -> bool {
    !queue_mode || !asleep && last_message.is_some_and(|last| now.saturating_duration_since(last) < window)
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
        for (queue_mode, last, asleep, at, expect) in [
            (false, None, true, now, true),
            (true, None, false, now, false),
            (true, Some(now), false, later, true),
            (true, Some(now), true, later, false),
            (true, Some(now), false, too_late, false),
        ] {
            assert_eq!(reachable(queue_mode, last, asleep, window, at), expect);
        }
    }
}
