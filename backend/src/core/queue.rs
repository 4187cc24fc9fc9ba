//! The operations of a device: those that wait for it, in order, and those that ended.
//!
//! What waits and the last that ended are in memory; older ones are read from the store.

use super::operate::Ticket;
use super::{Core, OperateError};
use crate::lwm2m::operation::Outcome;
use crate::registry::{self, DeviceNumber, Progress, Report, What};
use crate::shard::Command;
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension};
use shared::api::{OperationRequest, OperationState, OperationView};
use std::time::Duration;
use tokio::sync::oneshot;

/// How many of the store's operations a list has at most.
const LISTED: i64 = 50;

impl Core {
    /// The operations that wait and the last ones that ended, newest first. `None` if there is no such device.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    pub async fn operations(&self, endpoint: &str) -> Result<Option<Vec<OperationView>>, StoreError> {
        let Some(device) = self.number(endpoint) else {
            return Ok(None);
        };
        let mut views = self.listed(endpoint, device);
        if (views.len() as i64) < LISTED {
            let stored = self
                .inner
                .store
                .read(move |connection| ended(connection, device))
                .await?;
            for view in stored {
                if views.iter().all(|known| known.id != view.id) {
                    views.push(view);
                }
            }
            views.sort_by_key(|view| std::cmp::Reverse(view.id));
        }
        Ok(Some(views))
    }

    /// `None` if there is no such device or operation.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    pub async fn operation(&self, endpoint: &str, id: u64) -> Result<Option<OperationView>, StoreError> {
        let Some(device) = self.number(endpoint) else {
            return Ok(None);
        };
        let known = self
            .listed(endpoint, device)
            .into_iter()
            .find(|view| view.id == id);
        if known.is_some() {
            return Ok(known);
        }
        let stored = self.stored(device, id).await?;
        Ok(stored.map(|(_, view)| view))
    }

    /// Those in memory, the waiting ones with their position and the time they are expected to go out.
    fn listed(&self, endpoint: &str, device: DeviceNumber) -> Vec<OperationView> {
        let now = registry::now();
        let mut views = self.inner.book.list(device);
        let expected = {
            let rows = self.inner.registry.rows();
            rows.find(endpoint)
                .and_then(|(_, device)| rows.lead(device).next_contact(now))
        };
        for view in views.iter_mut().filter(|view| view.position.is_some()) {
            view.expected_at = view.expected_at.or(expected);
        }
        views
    }

    /// Cancels an operation that has not ended and tells how it stands then. One that was sent may still have its
    /// effect. `None` if there is no such operation.
    pub async fn cancel_operation(&self, endpoint: &str, id: u64, by: &str) -> Option<OperationView> {
        let device = self.number(endpoint)?;
        let entry = self.inner.book.find(device, id)?;
        let message = match entry.state() {
            OperationState::Queued => format!("{by} cancelled it before it was sent."),
            OperationState::Sent => {
                format!("{by} cancelled it after it was sent. Whether the device did it is not known.")
            }
            _ => return Some(entry.view()),
        };
        let outcome = Outcome::ended(OperationState::Cancelled, message);
        self.inner.book.drop_waiting(&entry);
        self.report_progress(&entry, Progress::Ended(Box::new(outcome)))
            .await;
        if let Some(place) = self.inner.directory.place(device) {
            let command = Command::Cancel {
                device,
                operation: id,
            };
            self.inner.shards.send(place.shard, command).await;
        }
        // The registry ends it in a moment.
        let _ = tokio::time::timeout(Duration::from_secs(5), entry.ended()).await;
        Some(entry.view())
    }

    /// Takes the same operation again, behind those that wait. `None` if there is no such operation.
    ///
    /// # Errors
    /// [`OperateError`] if it has not ended, or cannot be taken as a new one could not.
    pub async fn retry_operation(
        &self,
        endpoint: &str,
        id: u64,
        by: &str,
    ) -> Result<Option<Ticket>, OperateError> {
        let device = self.number(endpoint).ok_or(OperateError::UnknownDevice)?;
        let in_memory = self
            .inner
            .book
            .find(device, id)
            .map(|entry| (entry.operation.request.clone(), entry.view()));
        let found = match in_memory {
            Some(found) => Some(found),
            None => self
                .stored(device, id)
                .await
                .map_err(|_| OperateError::Stopping)?,
        };
        let Some((mut request, view)) = found else {
            return Ok(None);
        };
        if !view.state.is_final() {
            return Err(OperateError::BadRequest(
                "the operation has not ended; there is nothing to do again".into(),
            ));
        }
        // It may wait as long as it might before.
        request.expires = request.expires.map(|expires| {
            let span = expires.since(view.created_at).max(0);
            shared::Timestamp(registry::now().0.saturating_add(span))
        });
        self.take(endpoint, request, by, Some(id)).await.map(Some)
    }

    /// Waits until everything that was taken up to now is in the store, so that a kill loses none of it.
    ///
    /// # Errors
    /// [`StoreError`] if the store takes nothing.
    pub async fn keep_taken(&self) -> Result<(), StoreError> {
        let (done, handed_over) = oneshot::channel();
        let report = Report {
            at: registry::now(),
            device: None,
            what: What::HandOver { done },
        };
        self.tell(report).await;
        // The registry has ended if the answer does not come; it has given away everything then.
        let _ = handed_over.await;
        self.inner.store.write(|_| Ok(())).await
    }

    async fn stored(
        &self,
        device: DeviceNumber,
        id: u64,
    ) -> Result<Option<(OperationRequest, OperationView)>, StoreError> {
        let Ok(id) = i64::try_from(id) else {
            return Ok(None);
        };
        self.inner
            .store
            .read(move |connection| {
                let sql = "SELECT request, result FROM operation WHERE id = ?1 AND device = ?2";
                let found = connection
                    .prepare_cached(sql)?
                    .query_row((id, device.0), |row| {
                        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                    })
                    .optional()?;
                found
                    .map(|(request, view)| Ok((from_json(&request)?, from_json(&view)?)))
                    .transpose()
            })
            .await
    }
}

fn ended(connection: &Connection, device: DeviceNumber) -> Result<Vec<OperationView>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT result FROM operation WHERE device = ?1 AND final ORDER BY id DESC LIMIT ?2",
    )?;
    let mut rows = statement.query((device.0, LISTED))?;
    let mut views = Vec::new();
    while let Some(row) = rows.next()? {
        views.push(from_json(&row.get::<_, String>(0)?)?);
    }
    Ok(views)
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}
