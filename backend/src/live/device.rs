//! Everything that happens to one device, without a gap and without a repetition.

use super::source::Source;
use crate::core::Told;
use shared::live::ServerFrame;
use std::sync::Arc;

/// How many events wait for the next flush; a device that does more in that time is read anew.
const MOST_EVENTS: usize = 2000;

#[derive(Debug)]
pub(super) struct Device {
    endpoint: String,
    /// The last event that was queued; nothing up to it is queued again.
    last: u64,
    waiting: Vec<Arc<Told>>,
    /// Events were lost for good.
    broken: bool,
}

impl Device {
    pub(super) fn new(endpoint: String, since: u64, source: &impl Source) -> Device {
        let mut device = Device {
            endpoint,
            last: since,
            waiting: Vec::new(),
            broken: false,
        };
        device.lagged(source);
        device
    }

    pub(super) fn apply(&mut self, event: &Arc<Told>) {
        if *event.endpoint != *self.endpoint || event.sequence <= self.last || self.broken {
            return;
        }
        if self.waiting.len() >= MOST_EVENTS {
            self.waiting.clear();
            self.broken = true;
            return;
        }
        self.last = event.sequence;
        self.waiting.push(event.clone());
    }

    /// Makes up for events that were missed, from the core's memory.
    pub(super) fn lagged(&mut self, source: &impl Source) {
        match source.recent_events(&self.endpoint, self.last) {
            Some(events) => events.iter().for_each(|event| self.apply(event)),
            None => {
                self.waiting.clear();
                self.broken = true;
            }
        }
    }

    pub(super) fn flush(&mut self, id: u32, source: &impl Source) -> Option<ServerFrame> {
        if self.broken {
            let sequence = source.sequence();
            return Some(ServerFrame::Resync { id, sequence });
        }
        if self.waiting.is_empty() {
            return None;
        }
        let events = self.waiting.drain(..).map(|event| event.event()).collect();
        Some(ServerFrame::Events { id, events })
    }

    pub(super) const fn is_due(&self) -> bool {
        self.broken || !self.waiting.is_empty()
    }

    /// Whether the subscription is over: the page has to read the state and subscribe again.
    pub(super) const fn is_broken(&self) -> bool {
        self.broken
    }
}
