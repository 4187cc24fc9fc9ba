//! What happened, from the journal.

use super::Core;
use crate::store::StoreError;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};
use shared::Timestamp;
use shared::event::Event;
use std::sync::Arc;

/// The most events one answer has.
const MAX: usize = 1000;

/// Events in the order of their sequence numbers, as the registry applied them.
#[derive(Debug, Clone)]
pub struct Batch {
    pub events: Vec<Arc<Event>>,
}

/// What [`Core::events`] is asked: newest first with `before` (or without a bound), oldest first with `since`.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// A device's endpoint name, or the address of a sender that is no device.
    pub endpoint: Option<String>,
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
        let number = device.map(|device| device.0);
        self.inner
            .store
            .read(move |connection| read(connection, &query, number))
            .await
    }
}

fn read(connection: &Connection, query: &EventQuery, device: Option<u32>) -> Result<Vec<Event>, StoreError> {
    let (sql, values) = statement(query, device);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let blob = row
            .get_ref(3)?
            .as_blob()
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        events.push(Event {
            sequence: row.get::<_, i64>(0)? as u64,
            at: Timestamp(row.get(1)?),
            endpoint: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
            kind: postcard::from_bytes(blob).map_err(|error| StoreError::Corrupt(error.to_string()))?,
        });
    }
    Ok(events)
}

fn statement(query: &EventQuery, device: Option<u32>) -> (String, Vec<Sql>) {
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    let mut add = |condition: &str, value: Sql| {
        values.push(value);
        conditions.push(format!("{condition} ?{}", values.len()));
    };
    match (device, &query.endpoint) {
        (Some(device), _) => add("journal.device =", Sql::from(i64::from(device))),
        (None, Some(source)) => {
            add("journal.device =", Sql::from(0));
            add("journal.source =", Sql::from(source.clone()));
        }
        (None, None) => {}
    }
    let number = |sequence: u64| Sql::from(i64::try_from(sequence).unwrap_or(i64::MAX));
    if let Some(since) = query.since {
        add("sequence >", number(since));
    }
    if let Some(before) = query.before {
        add("sequence <", number(before));
    }
    if let Some(from) = query.from {
        add("at >=", Sql::from(from.0));
    }
    if let Some(until) = query.until {
        add("at <", Sql::from(until.0));
    }
    if !query.kinds.is_empty() {
        let first = values.len();
        values.extend(query.kinds.iter().take(32).cloned().map(Sql::from));
        let places: Vec<String> = (first + 1..=values.len())
            .map(|place| format!("?{place}"))
            .collect();
        conditions.push(format!("kind IN ({})", places.join(", ")));
    }
    let condition = if conditions.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", conditions.join(" AND "))
    };
    let order = if query.since.is_some() { "ASC" } else { "DESC" };
    values.push(Sql::from(query.limit.clamp(1, MAX) as i64));
    let sql = format!(
        "SELECT sequence, at, coalesce(source, endpoint), event
         FROM journal LEFT JOIN device ON device.id = journal.device
         {condition} ORDER BY sequence {order} LIMIT ?{}",
        values.len()
    );
    (sql, values)
}
