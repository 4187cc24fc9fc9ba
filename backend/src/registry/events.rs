//! Events on their way out: numbered, kept for a while in memory, and broadcast in batches.

use super::told::{Telling, Told};
use crate::core::Batch;
use shared::Timestamp;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// How many events are kept for pages that resume.
const KEPT: usize = 4096;
/// How many batches a slow subscriber may lag behind.
const BATCHES: usize = 256;

/// Where everyone but the registry reads events.
#[derive(Debug)]
pub(crate) struct Feed {
    recent: Mutex<VecDeque<Arc<Told>>>,
    sequence: AtomicU64,
    batches: broadcast::Sender<Arc<Batch>>,
}

impl Feed {
    pub(crate) fn new(sequence: u64) -> Feed {
        Feed {
            recent: Mutex::default(),
            sequence: AtomicU64::new(sequence),
            batches: broadcast::channel(BATCHES).0,
        }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<Batch>> {
        self.batches.subscribe()
    }

    /// The number of the last event.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence.load(Ordering::Acquire)
    }

    /// The events of one device after `since`; `None` if some may be gone.
    pub(crate) fn recent(&self, endpoint: &str, since: u64) -> Option<Vec<Arc<Told>>> {
        let recent = self.lock();
        let complete = match recent.front() {
            Some(oldest) => oldest.sequence <= since.saturating_add(1),
            None => since >= self.sequence(),
        };
        complete.then(|| {
            recent
                .iter()
                .rev()
                .take_while(|event| event.sequence > since)
                .filter(|event| &*event.endpoint == endpoint)
                .cloned()
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect()
        })
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Told>>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The registry's side: the events of the batch that is being applied.
#[derive(Debug)]
pub(crate) struct Events {
    feed: Arc<Feed>,
    next: u64,
    batch: Vec<Arc<Told>>,
}

impl Events {
    pub(crate) fn new(feed: Arc<Feed>) -> Events {
        let next = feed.sequence() + 1;
        Events {
            feed,
            next,
            batch: Vec::new(),
        }
    }

    /// Numbers an event.
    pub(crate) fn add(&mut self, at: Timestamp, endpoint: &Arc<str>, what: impl Into<Telling>) -> Arc<Told> {
        let event = Arc::new(Told {
            sequence: self.next,
            at,
            endpoint: endpoint.clone(),
            what: what.into(),
        });
        self.next += 1;
        self.batch.push(event.clone());
        event
    }

    /// The number of the last event that was added.
    pub(crate) const fn last(&self) -> u64 {
        self.next - 1
    }

    /// Makes the batch known.
    pub(crate) fn publish(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let events = std::mem::take(&mut self.batch);
        {
            let mut recent = self.feed.lock();
            recent.extend(events.iter().cloned());
            let over = recent.len().saturating_sub(KEPT);
            recent.drain(..over);
        }
        self.feed.sequence.store(self.last(), Ordering::Release);
        // Without subscribers there is nobody to tell.
        let _ = self.feed.batches.send(Arc::new(Batch { events }));
    }
}
