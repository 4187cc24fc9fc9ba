//! The operations of all devices: those that wait, in order; the one that is on its way; the last ones that ended.
//!
//! Beside the shards, not in them: what waits for a device outlives its registration and follows it to another shard.

use super::{Operation, Outcome};
use crate::core::OperateError;
use crate::registry::DeviceNumber;
use shared::Timestamp;
use shared::api::{OperationState, OperationView, ValueView};
use shared::event::Origin;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many ended operations are shown of one device.
const ENDED_PER_DEVICE: usize = 50;
/// How many times a device may put an operation off.
const DEFERRALS: u32 = 10;
/// How many ended operations are held of all devices.
const ENDED: usize = 20_000;

/// An operation and how it stands.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) operation: Operation,
    view: Mutex<OperationView>,
    deferrals: AtomicU32,
    ended: watch::Sender<bool>,
}

impl Entry {
    pub(crate) fn new(operation: Operation) -> Entry {
        let view = OperationView {
            id: operation.id,
            op: operation.request.op,
            path: operation.task.path(),
            paths: operation.request.paths.clone(),
            state: OperationState::Queued,
            code: None,
            message: None,
            values: Vec::new(),
            links: None,
            location: None,
            created_at: operation.created_at,
            finished_at: None,
            round_trip_ms: None,
            by: operation.by.clone(),
            position: None,
            expected_at: None,
            expires_at: Some(operation.expires),
            retry_of: operation.retry_of,
        };
        Entry {
            operation,
            view: Mutex::new(view),
            deferrals: AtomicU32::new(0),
            ended: watch::Sender::new(false),
        }
    }

    pub(crate) fn view(&self) -> OperationView {
        self.lock().clone()
    }

    pub(crate) fn state(&self) -> OperationState {
        self.lock().state
    }

    /// Notes that the request went out, or had to go back into the queue.
    pub(crate) fn set_state(&self, state: OperationState) {
        let mut view = self.lock();
        view.state = state;
        (view.message, view.expected_at) = (None, None);
    }

    /// Notes that it waits until then, and why.
    pub(crate) fn defer(&self, until: Timestamp, why: String) {
        let mut view = self.lock();
        view.state = OperationState::Queued;
        (view.message, view.expected_at) = (Some(why), Some(until));
    }

    /// Whether the device may put it off once more.
    pub(crate) fn may_be_deferred(&self) -> bool {
        self.deferrals.fetch_add(1, Ordering::Relaxed) < DEFERRALS
    }

    /// Notes the end and wakes those who wait for it; whether it had not ended before.
    pub(crate) fn end(&self, outcome: &Outcome, origin: Origin, now: Timestamp) -> bool {
        {
            let mut view = self.lock();
            if view.state.is_final() {
                return false;
            }
            view.state = outcome.state;
            view.code.clone_from(&outcome.code);
            view.message.clone_from(&outcome.message);
            view.links.clone_from(&outcome.links);
            view.location = outcome.location;
            view.finished_at = Some(now);
            view.round_trip_ms = outcome
                .round_trip
                .map(|time| u32::try_from(time.as_millis()).unwrap_or(u32::MAX));
            if origin != Origin::Written {
                view.values = outcome
                    .values
                    .iter()
                    .map(|value| ValueView::new(value.path, &value.value, value.at, origin))
                    .collect();
            }
        }
        self.ended.send_replace(true);
        true
    }

    /// Waits for the end.
    pub(crate) async fn ended(&self) {
        let mut ended = self.ended.subscribe();
        // The sender is in `self`, so it cannot be gone while this waits.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    fn lock(&self) -> MutexGuard<'_, OperationView> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct Account {
    waiting: VecDeque<Arc<Entry>>,
    sent: Option<Arc<Entry>>,
    ended: VecDeque<Arc<Entry>>,
}

impl Account {
    fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.ended.iter().chain(&self.sent).chain(&self.waiting)
    }

    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.sent.is_none() && self.ended.is_empty()
    }
}

#[derive(Debug)]
pub(crate) struct Book {
    accounts: Mutex<Accounts>,
    next_id: AtomicU64,
    max_waiting: usize,
}

#[derive(Debug, Default)]
struct Accounts {
    of: HashMap<DeviceNumber, Account>,
    /// Whose operation ended, oldest first, to hold [`ENDED`] of all devices.
    ended: VecDeque<DeviceNumber>,
}

impl Book {
    pub(crate) fn new(next_id: u64, max_waiting: usize) -> Book {
        Book {
            accounts: Mutex::default(),
            next_id: AtomicU64::new(next_id),
            max_waiting,
        }
    }

    pub(crate) fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Puts an operation behind those that wait.
    ///
    /// # Errors
    /// [`OperateError::QueueFull`].
    pub(crate) fn add(&self, entry: Arc<Entry>) -> Result<(), OperateError> {
        let mut accounts = self.lock();
        let account = accounts.of.entry(entry.operation.device).or_default();
        if account.waiting.len() >= self.max_waiting {
            return Err(OperateError::QueueFull(account.waiting.len()));
        }
        account.waiting.push_back(entry);
        Ok(())
    }

    /// The next operation to send; it is on its way until [`Book::ended`] or [`Book::put_back`].
    pub(crate) fn take(&self, device: DeviceNumber) -> Option<Arc<Entry>> {
        let mut accounts = self.lock();
        let account = accounts.of.get_mut(&device)?;
        if account.sent.is_some() {
            return None;
        }
        while let Some(entry) = account.waiting.pop_front() {
            // One that was cancelled or expired meanwhile has ended and is listed as such.
            if !entry.state().is_final() {
                account.sent = Some(entry.clone());
                return Some(entry);
            }
        }
        None
    }

    /// Whether something waits for the device.
    pub(crate) fn waits(&self, device: DeviceNumber) -> bool {
        self.lock()
            .of
            .get(&device)
            .is_some_and(|account| !account.waiting.is_empty())
    }

    /// Those that wait for the device.
    pub(crate) fn waiting(&self, device: DeviceNumber) -> Vec<Arc<Entry>> {
        let accounts = self.lock();
        let waiting = accounts.of.get(&device).map(|account| &account.waiting);
        waiting.into_iter().flatten().cloned().collect()
    }

    /// Puts an operation that could not be sent back at the head of the queue.
    pub(crate) fn put_back(&self, entry: &Arc<Entry>) {
        let mut accounts = self.lock();
        let Some(account) = accounts.of.get_mut(&entry.operation.device) else {
            return;
        };
        if account.sent.as_ref().is_some_and(|sent| Arc::ptr_eq(sent, entry)) {
            account.sent = None;
            account.waiting.push_front(entry.clone());
        }
    }

    /// Frees the way for the next operation of the device; the registry notes the end when the report reaches it.
    pub(crate) fn answered(&self, entry: &Arc<Entry>) {
        let mut accounts = self.lock();
        accounts.move_to_ended(entry);
    }

    /// Lists an operation that ended without having been on its way.
    pub(crate) fn drop_waiting(&self, entry: &Arc<Entry>) {
        let mut accounts = self.lock();
        if let Some(account) = accounts.of.get_mut(&entry.operation.device) {
            account.waiting.retain(|waiting| !Arc::ptr_eq(waiting, entry));
        }
        accounts.move_to_ended(entry);
    }

    pub(crate) fn find(&self, device: DeviceNumber, id: u64) -> Option<Arc<Entry>> {
        self.lock()
            .of
            .get(&device)?
            .all()
            .find(|entry| entry.operation.id == id)
            .cloned()
    }

    /// All operations of the device that are in memory, newest first; those that wait with their position.
    pub(crate) fn list(&self, device: DeviceNumber) -> Vec<OperationView> {
        let (mut views, waiting) = match self.lock().of.get(&device) {
            Some(account) => (
                account
                    .ended
                    .iter()
                    .chain(&account.sent)
                    .map(|entry| entry.view())
                    .collect(),
                account.waiting.clone(),
            ),
            None => (Vec::new(), VecDeque::new()),
        };
        let mut position = 0;
        for entry in waiting {
            let mut view = entry.view();
            if !view.state.is_final() {
                position += 1;
                view.position = Some(position);
            }
            views.push(view);
        }
        views.sort_by_key(|view| std::cmp::Reverse(view.id));
        views
    }

    /// Those that wait and whose time has run out.
    pub(crate) fn expired(&self, now: Timestamp) -> Vec<Arc<Entry>> {
        self.lock()
            .of
            .values()
            .flat_map(|account| &account.waiting)
            .filter(|entry| entry.operation.expires <= now)
            .cloned()
            .collect()
    }

    /// Forgets a device and returns what had not ended.
    pub(crate) fn remove(&self, device: DeviceNumber) -> Vec<Arc<Entry>> {
        let account = self.lock().of.remove(&device).unwrap_or_default();
        account.sent.into_iter().chain(account.waiting).collect()
    }

    /// How many operations wait or are on their way.
    pub(crate) fn pending(&self) -> u64 {
        self.lock()
            .of
            .values()
            .map(|account| (account.waiting.len() + usize::from(account.sent.is_some())) as u64)
            .sum()
    }

    fn lock(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accounts {
    fn move_to_ended(&mut self, entry: &Arc<Entry>) {
        let device = entry.operation.device;
        let Some(account) = self.of.get_mut(&device) else {
            return;
        };
        if account.sent.as_ref().is_some_and(|sent| Arc::ptr_eq(sent, entry)) {
            account.sent = None;
        }
        if account.ended.iter().any(|ended| Arc::ptr_eq(ended, entry)) {
            return;
        }
        account.ended.push_back(entry.clone());
        if account.ended.len() > ENDED_PER_DEVICE {
            account.ended.pop_front();
            return;
        }
        self.ended.push_back(device);
        if self.ended.len() > ENDED
            && let Some(oldest) = self.ended.pop_front()
            && let Some(account) = self.of.get_mut(&oldest)
        {
            account.ended.pop_front();
            if account.is_empty() {
                self.of.remove(&oldest);
            }
        }
    }
}
