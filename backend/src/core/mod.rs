//! The server without its outside: sockets, registry, store and operations behind one handle.
//!
//! The REST interface, the live feed and the command line know this module and nothing below it.

mod config;
mod error;
mod statistics;

pub use config::CoreConfig;
pub use error::{OperateError, QueryError, StartError};
pub use statistics::Statistics;

use crate::store::{Store, StoreError};
use shared::api::{
    DeviceDetail, DeviceList, DevicePatch, DeviceQuery, FleetSummary, ObservationView, OperationRequest,
    OperationView, TraceRecord, ValueView,
};
use shared::event::Event;
use shared::{Path, Timestamp};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};

/// The running server; clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Core {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    batches: broadcast::Sender<Arc<Batch>>,
}

/// Events in the order of their sequence numbers, as the registry applied them.
#[derive(Debug, Clone)]
pub struct Batch {
    pub events: Vec<Arc<Event>>,
}

/// What [`Core::events`] is asked: newest first with `before` (or without a bound), oldest first with `since`.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
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

/// An operation that was taken; drop it if nobody waits.
#[derive(Debug)]
pub struct Ticket {
    pub id: u64,
}

impl Ticket {
    /// The operation when it has ended, or as it stands when `patience` is over.
    pub async fn wait(self, _patience: Duration) -> Option<OperationView> {
        None
    }
}

/// While it lives, the datagrams of one device are published as they pass.
#[derive(Debug)]
pub struct TraceWatch {
    records: mpsc::Receiver<Vec<TraceRecord>>,
}

impl TraceWatch {
    /// The next records; `None` when the server stops. Records that find the queue full are dropped and counted.
    pub async fn next(&mut self) -> Option<Vec<TraceRecord>> {
        self.records.recv().await
    }
}

impl Core {
    /// Opens the store, restores what it holds, and serves.
    ///
    /// # Errors
    /// [`StartError`] if the store cannot be opened or an address cannot be bound.
    pub fn start(config: CoreConfig) -> Result<Core, StartError> {
        let store = Store::open(&config.data_dir)?;
        let (batches, _) = broadcast::channel(256);
        Ok(Core {
            inner: Arc::new(Inner { store, batches }),
        })
    }

    /// The addresses the CoAP sockets are bound to, as (scheme, address).
    pub fn local_addresses(&self) -> Vec<(&'static str, SocketAddr)> {
        Vec::new()
    }

    /// Stops taking datagrams, writes what is not written, and ends the threads.
    pub async fn shutdown(&self) -> Result<(), StoreError> {
        Ok(())
    }

    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// A page of the device list.
    ///
    /// # Errors
    /// [`QueryError`] says in words what the query says wrongly.
    pub fn devices(&self, _query: &DeviceQuery) -> Result<DeviceList, QueryError> {
        Ok(DeviceList {
            items: Vec::new(),
            next_cursor: None,
            total: 0,
            sequence: self.sequence(),
        })
    }

    /// The rows of these endpoints, for those that exist, in the order asked for.
    pub fn rows(&self, _endpoints: &[String]) -> Vec<shared::api::DeviceRow> {
        Vec::new()
    }

    pub fn device(&self, _endpoint: &str) -> Option<DeviceDetail> {
        None
    }

    /// Changes what people say of a device: label, tags, metadata. `None` if there is no such device.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be kept.
    pub async fn describe(
        &self,
        _endpoint: &str,
        _patch: DevicePatch,
        _by: &str,
    ) -> Result<Option<DeviceDetail>, StoreError> {
        Ok(None)
    }

    /// Removes a device and what is known of it; whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be removed from the store.
    pub async fn remove(&self, _endpoint: &str, _by: &str) -> Result<bool, StoreError> {
        Ok(false)
    }

    pub fn fleet(&self) -> FleetSummary {
        FleetSummary::default()
    }

    /// The known values at and below the path; `None` if there is no such device.
    pub fn values(&self, _endpoint: &str, _path: Path) -> Option<Vec<ValueView>> {
        None
    }

    /// Takes an operation, to be carried out when the device can be reached.
    ///
    /// # Errors
    /// [`OperateError`] if it cannot be; nothing was sent then.
    pub async fn operate(
        &self,
        _endpoint: &str,
        _request: OperationRequest,
        _by: &str,
    ) -> Result<Ticket, OperateError> {
        Err(OperateError::UnknownDevice)
    }

    /// The operations that wait and the last ones that ended, newest first. `None` if there is no such device.
    pub fn operations(&self, _endpoint: &str) -> Option<Vec<OperationView>> {
        None
    }

    pub fn operation(&self, _endpoint: &str, _id: u64) -> Option<OperationView> {
        None
    }

    /// Cancels an operation that has not ended and tells how it stands then. One that was sent may still have its effect.
    pub async fn cancel_operation(&self, _endpoint: &str, _id: u64, _by: &str) -> Option<OperationView> {
        None
    }

    /// The running observations by path. `None` if there is no such device.
    pub fn observations(&self, _endpoint: &str) -> Option<Vec<ObservationView>> {
        None
    }

    /// Journalled events. Keep-alive Updates and single values are not journalled: see [`Core::recent_events`].
    ///
    /// # Errors
    /// [`StoreError`] if the journal cannot be read.
    pub async fn events(&self, _query: EventQuery) -> Result<Vec<Event>, StoreError> {
        Ok(Vec::new())
    }

    /// All events of the device after `since`, values included, from memory. `None` if `since` is too old for that:
    /// the caller has to read the state anew.
    pub fn recent_events(&self, _endpoint: &str, _since: u64) -> Option<Vec<Arc<Event>>> {
        Some(Vec::new())
    }

    /// The last datagrams of the device, oldest first. `None` if there is no such device.
    pub async fn trace(&self, _endpoint: &str, _limit: usize) -> Option<Vec<TraceRecord>> {
        None
    }

    /// The datagrams of the device from now on. `None` if there is no such device.
    pub fn watch_trace(&self, _endpoint: &str) -> Option<TraceWatch> {
        None
    }

    /// The numbers that were recently notified, sent or read at this path, oldest first.
    pub fn samples(&self, _endpoint: &str, _path: Path) -> Vec<(Timestamp, f64)> {
        Vec::new()
    }

    /// Every batch of events from now on. A receiver that lags has to read the state anew.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Batch>> {
        self.inner.batches.subscribe()
    }

    /// The sequence number of the last event that was applied.
    pub fn sequence(&self) -> u64 {
        0
    }

    pub fn statistics(&self) -> Statistics {
        Statistics::default()
    }
}
