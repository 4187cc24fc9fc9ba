//! The fleet in numbers.

use super::source::Source;
use crate::core::Told;
use shared::live::ServerFrame;
use std::time::{Duration, Instant};

/// How often the numbers are sent at most.
const INTERVAL: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Fleet {
    dirty: bool,
    told: Option<Instant>,
}

impl Fleet {
    pub(super) const fn new() -> Fleet {
        Fleet {
            dirty: true,
            told: None,
        }
    }

    pub(super) fn apply(&mut self, event: &Told) {
        self.dirty |= event.changes_fleet();
    }

    pub(super) const fn lagged(&mut self) {
        self.dirty = true;
    }

    pub(super) fn flush(&mut self, id: u32, source: &impl Source, now: Instant) -> Option<ServerFrame> {
        self.due(now).filter(|due| *due <= now)?;
        self.dirty = false;
        self.told = Some(now);
        let summary = source.fleet();
        Some(ServerFrame::Fleet { id, summary })
    }

    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        self.dirty.then(|| self.told.map_or(now, |told| told + INTERVAL))
    }
}
