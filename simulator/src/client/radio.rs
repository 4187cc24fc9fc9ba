//! Queue mode: the device listens for a while after it sent something, then sleeps. LwM2M Transport 1.2 §6.5.

use super::options::ClientOptions;
use std::time::{Duration, Instant};

/// When the device can be reached.
#[derive(Debug)]
pub(super) struct Radio {
    /// How long it listens after its last message; none for a device that always listens.
    window: Option<Duration>,
    listens_until: Option<Instant>,
}

impl Radio {
    pub(super) fn new(options: &ClientOptions) -> Radio {
        Radio {
            window: options.queue_mode.then_some(options.awake_time),
            listens_until: None,
        }
    }

    /// The device sent something.
    pub(super) fn sent(&mut self, now: Instant) {
        self.listens_until = self.window.map(|window| now + window);
    }

    /// When the device goes to sleep, if it does.
    pub(super) fn sleeps_at(&self) -> Option<Instant> {
        self.window.and(self.listens_until)
    }

    /// Whether a datagram is heard.
    pub(super) fn listens(&self, now: Instant) -> bool {
        self.window.is_none() || self.listens_until.is_some_and(|until| now <= until)
    }
}
