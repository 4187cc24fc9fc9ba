//! The visible rows of a device list.

use super::source::Source;
use crate::core::Told;
use shared::live::ServerFrame;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How many rows a page may watch at a time.
pub(super) const MOST_ROWS: usize = 500;
/// How often a page is told at most that the list has to be read again.
const LIST_INTERVAL: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct List {
    endpoints: BTreeSet<String>,
    dirty: BTreeSet<String>,
    changed: bool,
    told: Option<Instant>,
}

impl List {
    /// All rows are dirty at first, and so is the list itself: a device may have come between the page's reading and this
    /// subscription, or have been told to the subscription that this one takes the place of.
    pub(super) fn new(endpoints: Vec<String>) -> List {
        let endpoints: BTreeSet<String> = endpoints.into_iter().collect();
        List {
            dirty: endpoints.clone(),
            endpoints,
            changed: true,
            told: None,
        }
    }

    pub(super) fn apply(&mut self, event: &Told) {
        if self.endpoints.contains(&*event.endpoint) {
            self.dirty.insert(event.endpoint.to_string());
        }
        self.changed |= event.changes_fleet();
    }

    /// Events were missed, so that every row may have changed.
    pub(super) fn lagged(&mut self) {
        self.dirty.clone_from(&self.endpoints);
        self.changed = true;
    }

    pub(super) fn flush(&mut self, id: u32, source: &impl Source, now: Instant) -> Vec<ServerFrame> {
        let mut frames = Vec::new();
        if !self.dirty.is_empty() {
            // Taken before the rows are read: the rows are at least as new as this number.
            let sequence = source.sequence();
            let endpoints: Vec<String> = std::mem::take(&mut self.dirty).into_iter().collect();
            let rows = source.rows(&endpoints);
            frames.push(ServerFrame::Rows { id, rows, sequence });
        }
        if self.changed && self.list_due().is_none_or(|due| due <= now) {
            self.changed = false;
            self.told = Some(now);
            let sequence = source.sequence();
            frames.push(ServerFrame::ListChanged { id, sequence });
        }
        frames
    }

    /// When there is something to flush.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        if !self.dirty.is_empty() {
            return Some(now);
        }
        self.changed.then(|| self.list_due().unwrap_or(now))
    }

    fn list_due(&self) -> Option<Instant> {
        self.told.map(|told| told + LIST_INTERVAL)
    }
}
