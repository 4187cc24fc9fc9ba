//! The one thread that changes the read model.
//!
//! It takes what was reported, applies it under one write lock, publishes the events and hands the store its share.
//! When the store cannot keep up it waits, its queue fills, and the shards merge what they report.

use super::apply::{Applier, Consequence};
use super::link_sets::LinkSets;
use super::persist::{self, Write};
use super::state::Windows;
use super::{DeviceNumber, Events, Feed, Refusals, Report, Rows, What};
use super::{history, journal};
use crate::core::StartError;
use crate::lwm2m::observation::Wishes;
use crate::lwm2m::operation::Outcome;
use crate::lwm2m::operation::book::Book;
use crate::shard::{Command, Directory, Shards};
use crate::store::Store;
use shared::Timestamp;
use shared::api::OperationState;
use shared::event::{DeregistrationReason, Origin};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, mpsc};

/// How many batches may wait.
const QUEUE: usize = 256;
/// How many reports are taken at once, or a few more.
const AT_ONCE: usize = 2048;
/// How often time is let pass.
const TICK: Duration = Duration::from_millis(200);
/// How often the journal is pruned.
const PRUNE: Duration = Duration::from_secs(300);
/// How many jobs the store may be behind. Beyond that the registry waits: what waits in its own queue is smaller.
const AHEAD: usize = 4;
/// How many event numbers are reserved in the store at a time.
const RESERVED: u64 = 1_000_000;

/// The registry as its readers see it.
#[derive(Debug, Clone)]
pub(crate) struct Registry {
    pub(crate) rows: Arc<RwLock<Rows>>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) input: Input,
}

/// Where reports go.
pub(crate) type Input = mpsc::Sender<Vec<Report>>;

/// What the registry's thread is told.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) awake_window: Duration,
    pub(crate) grace: Duration,
    pub(crate) max_values: usize,
    pub(crate) flush_interval: Duration,
    pub(crate) journal_events: u64,
    pub(crate) journal_age: Duration,
}

/// What the registry's thread works with.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) store: Store,
    pub(crate) book: Arc<Book>,
    pub(crate) wishes: Arc<Wishes>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) shards: Shards,
}

impl Registry {
    pub(crate) fn rows(&self) -> RwLockReadGuard<'_, Rows> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The registry over these rows, and what its thread is to be started with.
    pub(crate) fn new(rows: Rows, sequence: u64) -> (Registry, mpsc::Receiver<Vec<Report>>) {
        let (input, reports) = mpsc::channel(QUEUE);
        let registry = Registry {
            rows: Arc::new(RwLock::new(rows)),
            feed: Arc::new(Feed::new(sequence)),
            refusals: Arc::new(Refusals::default()),
            input,
        };
        (registry, reports)
    }

    /// Starts the thread. It ends when every [`Input`] is gone.
    ///
    /// # Errors
    /// [`StartError::Thread`].
    pub(crate) fn start(
        &self,
        reports: mpsc::Receiver<Vec<Report>>,
        links: LinkSets,
        settings: Settings,
        surroundings: Surroundings,
    ) -> Result<(), StartError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(StartError::Thread)?;
        let windows = Windows {
            awake: settings.awake_window,
            grace: settings.grace,
        };
        let worker = Worker {
            applier: Applier::new(
                Events::new(self.feed.clone()),
                self.refusals.clone(),
                links,
                windows,
                settings.max_values,
            ),
            rows: self.rows.clone(),
            settings,
            surroundings,
            ahead: Arc::new(Semaphore::new(AHEAD)),
            reserved: 0,
            flushed: Instant::now(),
            pruned: Instant::now(),
        };
        std::thread::Builder::new()
            .name("registry".into())
            .spawn(move || runtime.block_on(worker.run(reports)))
            .map_err(StartError::Thread)?;
        Ok(())
    }
}

/// The batch and those that wait behind it, up to a limit. What is taken at once is locked, published and committed at
/// once, which under load costs a fraction of doing it for each.
fn more(mut batch: Vec<Report>, reports: &mut mpsc::Receiver<Vec<Report>>) -> Vec<Report> {
    while batch.len() < AT_ONCE
        && let Ok(next) = reports.try_recv()
    {
        batch.extend(next);
    }
    batch
}

/// The time of day.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

struct Worker {
    applier: Applier,
    rows: Arc<RwLock<Rows>>,
    settings: Settings,
    surroundings: Surroundings,
    ahead: Arc<Semaphore>,
    reserved: u64,
    flushed: Instant,
    pruned: Instant,
}

impl Worker {
    async fn run(mut self, mut reports: mpsc::Receiver<Vec<Report>>) {
        self.forget_lists().await;
        self.restored();
        self.hand_over().await;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                batch = reports.recv() => match batch {
                    Some(batch) => {
                        let batch = more(batch, &mut reports);
                        self.take(batch).await;
                    }
                    None => break,
                },
                _ = tick.tick() => self.tick().await,
            }
        }
        self.flush().await;
    }

    /// Has the store forget the object lists that no device has any more. Only now: later a list may be known here and not
    /// yet, or again, be a device's.
    async fn forget_lists(&self) {
        let posted = self.surroundings.store.post(|transaction| {
            transaction.execute(
                "DELETE FROM link_set WHERE id NOT IN (SELECT links FROM device WHERE links IS NOT NULL)",
                [],
            )?;
            Ok(())
        });
        if let Err(error) = posted.await {
            tracing::error!(%error, "the object lists could not be pruned");
        }
    }

    /// Sets the timers of the devices that the store gave back, and says that they are.
    fn restored(&mut self) {
        let at = now();
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        let numbers: Vec<DeviceNumber> = rows
            .iter()
            .filter(|(_, device)| device.state.is_registered())
            .map(|(number, _)| number)
            .collect();
        for number in numbers {
            if let Some(device) = rows.get_mut(number) {
                self.applier.set_timer(number, device);
                if number.0 % 1024 == 0 {
                    // In pieces, because a large fleet would be a large batch.
                    self.applier.events.publish();
                }
                self.applier
                    .events
                    .add(at, &device.endpoint, shared::event::EventKind::Restored);
            }
        }
        drop(rows);
        self.applier.events.publish();
    }

    async fn take(&mut self, batch: Vec<Report>) {
        let mut removed = Vec::new();
        let mut flushes = Vec::new();
        let mut handed_over = Vec::new();
        {
            let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
            for report in batch {
                match report.what {
                    What::Flush { done } => flushes.push(done),
                    What::HandOver { done } => handed_over.push(done),
                    _ => {
                        if let Consequence::Removed(number) = self.applier.apply(&mut rows, report) {
                            removed.extend(number);
                        }
                    }
                }
            }
        }
        self.applier.events.publish();
        for number in removed {
            self.forget(number).await;
        }
        self.hand_over().await;
        if !flushes.is_empty() {
            self.flush().await;
        }
        for done in flushes.into_iter().chain(handed_over) {
            // Whoever asked may have given up waiting.
            let _ = done.send(());
        }
    }

    async fn forget(&self, number: DeviceNumber) {
        let surroundings = &self.surroundings;
        if let Some(place) = surroundings.directory.forget(number) {
            surroundings
                .shards
                .send(place.shard, Command::Forget { device: number })
                .await;
        }
        surroundings.wishes.forget(number);
        for entry in surroundings.book.remove(number) {
            let outcome = Outcome::ended(OperationState::Cancelled, "The device was removed.");
            entry.end(&outcome, Origin::Read, now());
        }
    }

    async fn tick(&mut self) {
        let at = now();
        let expired = {
            let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
            self.applier.pass(&mut rows, at)
        };
        for number in expired {
            self.expire(number, at).await;
        }
        self.expire_operations(at);
        self.applier.events.publish();
        self.hand_over().await;
        if self.flushed.elapsed() >= self.settings.flush_interval {
            self.flush().await;
        }
        if self.pruned.elapsed() >= PRUNE {
            self.pruned = Instant::now();
            self.prune(at).await;
        }
    }

    /// Asks the shard that has the registration to end it; where none has, it ends here.
    async fn expire(&mut self, number: DeviceNumber, at: Timestamp) {
        match self.surroundings.directory.place(number) {
            Some(place) => {
                self.surroundings
                    .shards
                    .send(place.shard, Command::Expire { device: number })
                    .await;
            }
            None => {
                let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
                let report = Report {
                    at,
                    device: Some(number),
                    what: What::Deregistered {
                        reason: DeregistrationReason::Expired,
                    },
                };
                self.applier.apply(&mut rows, report);
            }
        }
    }

    fn expire_operations(&mut self, at: Timestamp) {
        let expired = self.surroundings.book.expired(at);
        if expired.is_empty() {
            return;
        }
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        for entry in expired {
            self.surroundings.book.drop_waiting(&entry);
            let outcome = Outcome::ended(
                OperationState::Expired,
                "The device could not be reached before the operation's time ran out; nothing was sent.",
            );
            let report = Report {
                at,
                device: Some(entry.operation.device),
                what: What::Operation {
                    entry,
                    progress: super::Progress::Ended(Box::new(outcome)),
                },
            };
            self.applier.apply(&mut rows, report);
        }
    }

    /// Writes the contacts and values that changed since the last time.
    async fn flush(&mut self) {
        self.flushed = Instant::now();
        let dirty = std::mem::take(&mut self.applier.dirty);
        if !dirty.is_empty() {
            let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
            let writes = persist::collect(&mut rows, dirty);
            self.applier.writes.extend(writes);
        }
        let history = std::mem::take(&mut self.applier.history);
        if !history.is_empty() {
            self.applier.writes.push(Write::History(history));
        }
        self.hand_over().await;
    }

    /// Gives the store what is to be written. What cannot be given is lost with a message; the store being closed is
    /// the only reason.
    async fn hand_over(&mut self) {
        let last = self.applier.events.last();
        if last + RESERVED / 2 > self.reserved {
            self.reserved = last + RESERVED;
            self.applier.writes.push(Write::Sequence(self.reserved));
        }
        if self.applier.writes.is_empty() {
            return;
        }
        // Never closed, so there is always a permit in the end.
        let Ok(permit) = self.ahead.clone().acquire_owned().await else {
            return;
        };
        let writes = std::mem::take(&mut self.applier.writes);
        let count = writes.len();
        let posted = self
            .surroundings
            .store
            .post(move |transaction| {
                let _permit = permit;
                persist::carry_out(transaction, writes)
            })
            .await;
        if let Err(error) = posted {
            tracing::error!(%error, count, "changes could not be given to the store");
        }
    }

    async fn prune(&self, at: Timestamp) {
        let keep = self.settings.journal_events;
        let age = i64::try_from(self.settings.journal_age.as_secs()).unwrap_or(i64::MAX);
        let from = at.plus_seconds(age.saturating_neg());
        let posted = self
            .surroundings
            .store
            .post(move |transaction| {
                history::prune(transaction, from)?;
                journal::prune(transaction, keep, from)
            })
            .await;
        if let Err(error) = posted {
            tracing::error!(%error, "the journal could not be pruned");
        }
    }
}
