//! Devices as the API shows them.

use super::{Core, QueryError, Statistics};
use crate::registry::{self, Device, DeviceNumber, Report, What, Windows};
use crate::shard::Command;
use crate::store::StoreError;
use shared::api::{
    DeviceDetail, DeviceList, DevicePatch, DeviceQuery, DeviceRow, FleetFacets, FleetSummary,
    ObservationView, ValueView,
};
use shared::model::ObjectModel;
use shared::{Path, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;

impl Core {
    /// A page of the device list.
    ///
    /// # Errors
    /// [`QueryError`] says in words what the query says wrongly.
    pub fn devices(&self, query: &DeviceQuery) -> Result<DeviceList, QueryError> {
        // Read before the rows: what is told may be newer than its number, never older.
        let sequence = self.sequence();
        registry::page(&self.inner.registry.rows(), query, sequence, registry::now())
    }

    /// The rows of these endpoints, for those that exist, in the order asked for.
    pub fn rows(&self, endpoints: &[String]) -> Vec<DeviceRow> {
        let rows = self.inner.registry.rows();
        endpoints
            .iter()
            .filter_map(|endpoint| rows.find(endpoint))
            .map(|(_, device)| device.row())
            .collect()
    }

    /// The numbers of all devices that match, in order, as they are now. Takes a while with many devices.
    ///
    /// # Errors
    /// [`QueryError`] says in words what the query says wrongly.
    pub(crate) fn in_order(&self, query: &str, sort: Option<&str>) -> Result<Vec<DeviceNumber>, QueryError> {
        registry::in_order(&self.inner.registry.rows(), query, sort, registry::now())
    }

    /// The rows of these devices, for those that still exist.
    pub(crate) fn rows_of(&self, devices: &[DeviceNumber]) -> Vec<DeviceRow> {
        let rows = self.inner.registry.rows();
        let devices = devices.iter().filter_map(|number| rows.get(*number));
        devices.map(Device::row).collect()
    }

    pub fn device(&self, endpoint: &str) -> Option<DeviceDetail> {
        let sequence = self.sequence();
        let windows = Windows {
            awake: self.inner.config.awake_window,
            grace: self.inner.config.grace,
        };
        let rows = self.inner.registry.rows();
        let (_, device) = rows.find(endpoint)?;
        Some(device.detail(&rows, sequence, windows, registry::now()))
    }

    /// Changes what people say of a device: label, tags, metadata, awake window. `None` if there is no such device.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] if the server is stopping.
    pub async fn describe(
        &self,
        endpoint: &str,
        patch: DevicePatch,
        by: &str,
    ) -> Result<Option<DeviceDetail>, StoreError> {
        let Some(number) = self.number(endpoint) else {
            return Ok(None);
        };
        let by = by.to_owned();
        let awake_window = patch.awake_window;
        self.ask(number, |done| What::Describe { patch, by, done })
            .await?;
        if let Some(window) = awake_window {
            self.inner.awake_windows.set(number, window);
            if let Some(place) = self.inner.directory.place(number) {
                // A longer window may be open still.
                let wake = Command::Wake { device: number };
                self.inner.shards.send(place.shard, wake).await;
            }
        }
        Ok(self.device(endpoint))
    }

    /// Removes a device and what is known of it; whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] if the server is stopping.
    pub async fn remove(&self, endpoint: &str, by: &str) -> Result<bool, StoreError> {
        let Some(number) = self.number(endpoint) else {
            return Ok(false);
        };
        let by = by.to_owned();
        self.ask(number, |done| What::Remove { by, done }).await?;
        self.inner.awake_windows.set(number, None);
        self.inner.manners.set(number, None);
        Ok(true)
    }

    pub fn fleet(&self) -> FleetSummary {
        let rows = self.inner.registry.rows();
        FleetSummary {
            total: rows.len() as u64,
            by_state: rows
                .by_state()
                .into_iter()
                .map(|(state, count)| (state.name().to_owned(), count))
                .collect(),
        }
    }

    /// The words that the fleet knows.
    pub fn facets(&self) -> FleetFacets {
        registry::facets(&self.inner.registry.rows())
    }

    /// The known values at and below the path; `None` if there is no such device.
    pub fn values(&self, endpoint: &str, path: Path) -> Option<Vec<ValueView>> {
        self.with_device(endpoint, |_, device| device.value_views(path))
    }

    /// The running observations by path. `None` if there is no such device.
    pub fn observations(&self, endpoint: &str) -> Option<Vec<ObservationView>> {
        self.with_device(endpoint, |_, device| device.observation_views())
    }

    /// The numbers that were recently notified, sent or read at this path, oldest first.
    pub fn samples(&self, endpoint: &str, path: Path) -> Vec<(Timestamp, f64)> {
        let rows = self.inner.registry.rows();
        rows.find(endpoint)
            .map(|(number, _)| rows.samples.of(number, path))
            .unwrap_or_default()
    }

    /// The numbers of this path in a range of time, by time: those in the store, and those that are not there yet. Of more
    /// than `most`, only every so many-th, and always the newest. `None` if there is no such device.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    pub async fn history(
        &self,
        endpoint: &str,
        path: Path,
        (from, until): (Timestamp, Timestamp),
        most: usize,
    ) -> Result<Option<Vec<(Timestamp, f64)>>, StoreError> {
        /// How many are read to choose from.
        const READ: usize = 200_000;
        let Some(number) = self.number(endpoint) else {
            return Ok(None);
        };
        let mut found = self
            .inner
            .store
            .read(move |connection| registry::read_history(connection, number, path, (from, until), READ))
            .await?;
        let newest = self.samples(endpoint, path).into_iter();
        found.extend(newest.filter(|(at, _)| (from..until).contains(at)));
        found.sort_by_key(|(at, _)| *at);
        found.dedup_by_key(|(at, _)| *at);
        let step = found.len().div_ceil(most.max(1)).max(1);
        let last = found.len().saturating_sub(1);
        let kept = found.into_iter().enumerate();
        let kept = kept.filter(|(index, _)| (last - index).is_multiple_of(step));
        Ok(Some(kept.map(|(_, sample)| sample).collect()))
    }

    /// The definitions of the objects a device registered, in its versions, as far as they are known.
    pub fn device_models(&self, endpoint: &str) -> Option<Vec<Arc<ObjectModel>>> {
        let versions = self.with_device(endpoint, |_, device| {
            device
                .registration
                .as_ref()
                .map(|registration| registration.links.versions.clone())
                .unwrap_or_default()
        })?;
        let models = self.models().get();
        let found = versions.iter().filter_map(|(id, version)| {
            let version = version.parse().ok()?;
            models.nearest(*id, version).cloned()
        });
        Some(found.collect())
    }

    /// Counters and levels.
    pub fn statistics(&self) -> Statistics {
        let inner = &self.inner;
        let mut sum = Statistics {
            registered: inner.directory.registered() as u64,
            operations_pending: inner.book.pending(),
            events: self.sequence(),
            ..Statistics::default()
        };
        (sum.store_queue, sum.store_commits) = inner.store.counters();
        let mut answered: BTreeMap<(u8, u8), u64> = BTreeMap::new();
        for counters in &inner.counters {
            let shard = counters.read();
            sum.add(&shard);
            for (codes, count) in shard.answered {
                *answered.entry(codes).or_default() += count;
            }
        }
        sum.answered = answered
            .into_iter()
            .map(|((method, code), count)| {
                let method = coap::Code(method).name().unwrap_or("unknown").to_owned();
                (method, coap::Code(code).to_string(), count)
            })
            .collect();
        sum
    }

    pub(super) fn number(&self, endpoint: &str) -> Option<DeviceNumber> {
        self.with_device(endpoint, |number, _| number)
    }

    pub(super) fn with_device<T>(
        &self,
        endpoint: &str,
        look: impl FnOnce(DeviceNumber, &Device) -> T,
    ) -> Option<T> {
        let rows = self.inner.registry.rows();
        let (number, device) = rows.find(endpoint)?;
        Some(look(number, device))
    }

    /// Has the registry's thread apply something, and waits until it has.
    pub(super) async fn ask(
        &self,
        device: DeviceNumber,
        what: impl FnOnce(oneshot::Sender<()>) -> What,
    ) -> Result<(), StoreError> {
        let (done, applied) = oneshot::channel();
        let report = Report {
            at: registry::now(),
            device: Some(device),
            what: what(done),
        };
        self.tell(report).await;
        applied.await.map_err(|_| StoreError::Stopped)
    }
}
