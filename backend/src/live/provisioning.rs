//! The waiting list and the imports: that they changed. What they are then is read by REST.

use shared::live::ServerFrame;
use std::time::{Duration, Instant};

/// How often a change is told at most.
const INTERVAL: Duration = Duration::from_millis(400);

#[derive(Debug)]
pub(super) struct Provisioning {
    dirty: bool,
    told: Option<Instant>,
}

impl Provisioning {
    /// It is told at once: something may have changed between what the page read and this.
    pub(super) const fn new() -> Provisioning {
        Provisioning {
            dirty: true,
            told: None,
        }
    }

    pub(super) const fn changed(&mut self) {
        self.dirty = true;
    }

    pub(super) fn flush(&mut self, id: u32, now: Instant) -> Option<ServerFrame> {
        self.due(now).filter(|due| *due <= now)?;
        self.dirty = false;
        self.told = Some(now);
        Some(ServerFrame::ProvisioningChanged { id })
    }

    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        self.dirty.then(|| self.told.map_or(now, |told| told + INTERVAL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_that_come_together_are_told_once() {
        let start = Instant::now();
        let mut watch = Provisioning::new();
        let told = |watch: &mut Provisioning, after: Duration| watch.flush(7, start + after).is_some();
        assert!(told(&mut watch, Duration::ZERO));
        assert_eq!(watch.due(start), None);
        watch.changed();
        watch.changed();
        assert!(!told(&mut watch, INTERVAL / 2));
        assert_eq!(watch.due(start), Some(start + INTERVAL));
        assert!(told(&mut watch, INTERVAL));
        assert!(!told(&mut watch, INTERVAL * 3));
    }
}
