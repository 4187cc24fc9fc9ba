//! What happened, from the journal.

use super::Core;
use crate::registry::{Told, read_journal};
use crate::store::StoreError;
use shared::Timestamp;
use shared::event::Event;
use std::sync::Arc;

/// Events in the order of their sequence numbers, as the registry applied them.
#[derive(Debug, Clone)]
pub struct Batch {
    pub events: Vec<Arc<Told>>,
}

/// What [`Core::events`] is asked: newest first with `before` (or without a bound), oldest first with `since`.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// A device's endpoint name, or the address of a sender that is no device.
    pub endpoint: Option<String>,
    /// Only events of senders that are no known device.
    pub strangers: bool,
    /// Only events with a greater sequence number.
    pub since: Option<u64>,
    /// Only events with a smaller sequence number.
    pub before: Option<u64>,
    /// Only events at or after this time.
    pub from: Option<Timestamp>,
    /// Only events before this time.
    pub until: Option<Timestamp>,
    /// Names as in [`shared::event::EventKind::name`]; empty for all.
    pub kinds: Vec<String>,
    /// At most 1000.
    pub limit: usize,
}

impl Core {
    /// Journalled events. Keep-alive Updates, single values, and falling asleep and waking up are not journalled: see
    /// [`Core::recent_events`].
    ///
    /// # Errors
    /// [`StoreError`] if the journal cannot be read.
    pub async fn events(&self, query: EventQuery) -> Result<Vec<Event>, StoreError> {
        let device = query
            .endpoint
            .as_deref()
            .and_then(|endpoint| self.number(endpoint));
        // Their events are kept under the number 0.
        let number = match query.strangers {
            true => Some(0),
            false => device.map(|device| device.0),
        };
        self.inner
            .store
            .read(move |connection| read_journal(connection, &query, number))
            .await
    }
}
