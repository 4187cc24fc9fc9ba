//! The server without its outside: sockets, registry, store and operations behind one handle.
//!
//! The REST interface, the live feed and the command line know this module and nothing below it.

mod activity;
mod captures;
mod config;
mod credentials;
pub(crate) mod definitions;
mod devices;
mod diagnosis;
mod error;
mod events;
mod models;
mod operate;
mod profiles;
mod provision;
mod queue;
mod security;
mod start;
mod statistics;
mod streams;
mod trace;
mod transmission;

pub(crate) use activity::ACTIVITY;
pub use activity::READ_EVERY;
pub use captures::CaptureRefusal;
pub use config::{CoreConfig, DtlsConfig};
pub use definitions::ModelError;
pub use error::{OperateError, QueryError, StartError};
pub use events::{Batch, EventQuery};
pub use models::Models;
pub use operate::Ticket;
pub use profiles::ProfileError;
pub use statistics::Statistics;
pub use streams::{StreamsConfig, TlsCredentials};
pub use trace::TraceWatch;
pub use transmission::TransmissionError;

use crate::bootstrap::Bootstrap;
use crate::credential::{Credentials, ServerKey, Trust};
use crate::lwm2m::operation::book::Book;
use crate::lwm2m::queue_mode::AwakeWindows;
use crate::lwm2m::registration::profile::Profiles;
use crate::lwm2m::transmission::Manners;
pub use crate::registry::Told;
use crate::registry::{Registry, Report};
use crate::shard::{Command, Counters, Directory, Shards};
use crate::store::{Store, StoreError};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{broadcast, oneshot};

/// The running server; clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Core {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: CoreConfig,
    store: Store,
    models: Models,
    /// The number of the last change of the uploaded definitions that was read.
    models_read: AtomicU64,
    registry: Registry,
    book: Arc<Book>,
    profiles: Arc<Profiles>,
    awake_windows: Arc<AwakeWindows>,
    manners: Arc<Manners>,
    directory: Arc<Directory>,
    shards: Shards,
    counters: Vec<Arc<Counters>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    local: Vec<(&'static str, SocketAddr)>,
    credentials: Credentials,
    server_key: ServerKey,
    trust: Arc<Trust>,
    bootstrap: Bootstrap,
    captures: captures::Captures,
    activity: activity::Activity,
    stopping: AtomicBool,
}

impl Core {
    /// The addresses the CoAP sockets are bound to, as (scheme, address).
    pub fn local_addresses(&self) -> Vec<(&'static str, SocketAddr)> {
        let mut addresses = self.inner.local.clone();
        addresses.extend(self.inner.bootstrap.local_addresses());
        addresses
    }

    /// The bootstrap server.
    pub fn bootstrap(&self) -> &Bootstrap {
        &self.inner.bootstrap
    }

    /// Stops taking datagrams, writes what is not written, and ends the threads.
    ///
    /// # Errors
    /// [`StoreError`] if the store could not be closed; a second call finds it closed.
    pub async fn shutdown(&self) -> Result<(), StoreError> {
        let inner = &self.inner;
        inner.stopping.store(true, Ordering::Release);
        inner.bootstrap.stop().await;
        for shard in 0..inner.shards.count() {
            inner.shards.send(shard as u16, Command::Stop).await;
        }
        let threads = std::mem::take(&mut *inner.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined =
            tokio::task::spawn_blocking(move || threads.into_iter().all(|thread| thread.join().is_ok()));
        if !joined.await.unwrap_or(false) {
            tracing::error!("a shard ended in a panic");
        }
        self.hand_over().await;
        self.read_activity();
        self.store_activity(true).await?;
        inner.store.close().await
    }

    /// Writes everything that was reported until now, values included, to the store.
    ///
    /// # Errors
    /// [`StoreError`] if the store takes nothing.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.hand_over().await;
        self.inner.store.write(|_| Ok(())).await
    }

    /// Has the registry give the store all that it has not given yet.
    async fn hand_over(&self) {
        let (done, flushed) = oneshot::channel();
        self.tell(Report::flush(done)).await;
        // The registry has ended if the answer does not come; it has given away everything then.
        let _ = flushed.await;
    }

    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The object definitions in use.
    pub fn models(&self) -> &Models {
        &self.inner.models
    }

    /// Every batch of events from now on. A receiver that lags has to read the state anew.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Batch>> {
        self.inner.registry.feed.subscribe()
    }

    /// The sequence number of the last event that was applied.
    pub fn sequence(&self) -> u64 {
        self.inner.registry.feed.sequence()
    }

    /// All events of the device after `since`, values included, from memory. `None` if `since` is too old for that:
    /// the caller has to read the state anew.
    pub fn recent_events(&self, endpoint: &str, since: u64) -> Option<Vec<Arc<Told>>> {
        self.inner.registry.feed.recent(endpoint, since)
    }

    /// Gives the registry's thread something to apply. False if it has ended.
    async fn tell(&self, report: Report) -> bool {
        self.inner.registry.input.send(vec![report]).await.is_ok()
    }

    fn is_stopping(&self) -> bool {
        self.inner.stopping.load(Ordering::Acquire)
    }
}
