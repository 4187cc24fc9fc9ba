//! The one thread that writes.
//!
//! It takes what waits in its queue, runs all of it in one transaction, commits, and only then tells the callers. While
//! much is posted it lets [`PACE`] pass between two commits, so that more shares one; nobody who waits for a commit is made
//! to, and after a pause the first job is committed at once.

use super::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How many jobs may wait; a caller beyond that waits to hand its job over.
const QUEUE: usize = 1024;
/// How many jobs share a transaction at most.
const GROUP: usize = 512;

/// What a job leaves behind for when it is known whether the transaction was committed.
type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// What runs inside the transaction.
type Job = Box<dyn FnOnce(&Transaction<'_>) -> Done + Send>;

/// The least time from one commit of posted jobs to the next.
const PACE: Duration = Duration::from_millis(10);

enum Message {
    /// Somebody waits for it.
    Job(Job),
    /// Nobody does.
    Posted(Job),
    Close(oneshot::Sender<()>),
}

#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    commits: Arc<AtomicU64>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Writer, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let commits = Arc::new(AtomicU64::new(0));
        let counter = commits.clone();
        std::thread::Builder::new()
            .name("store".into())
            .spawn(move || run(connection, jobs, &counter))
            .map_err(StoreError::Thread)?;
        Ok(Writer { queue, commits })
    }

    pub(super) async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.queue
            .send(Message::Job(wrap(job, move |result| {
                // The caller may have gone; what it wanted is done all the same.
                let _ = reply.send(result);
            })))
            .await
            .map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }

    /// As [`Writer::write`], but waits only for room in the queue, not for the commit; a failure is logged.
    pub(super) async fn post<F>(&self, job: F) -> Result<(), StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<(), StoreError> + Send + 'static,
    {
        self.queue
            .send(Message::Posted(wrap(job, |result: Result<(), StoreError>| {
                if let Err(error) = result {
                    tracing::error!(%error, "a write to the store failed");
                }
            })))
            .await
            .map_err(|_| StoreError::Stopped)
    }

    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue
            .send(Message::Close(reply))
            .await
            .map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)
    }

    pub(super) fn counters(&self) -> (u64, u64) {
        let waiting = self.queue.max_capacity() - self.queue.capacity();
        (waiting as u64, self.commits.load(Ordering::Relaxed))
    }
}

/// Runs the job in a savepoint of its own, so that its failure undoes nothing else.
fn wrap<T, F, R>(job: F, reply: R) -> Job
where
    T: Send + 'static,
    F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    R: FnOnce(Result<T, StoreError>) + Send + 'static,
{
    Box::new(move |transaction| {
        let result = in_savepoint(transaction, job);
        Box::new(move |committed| reply(committed.and(result)))
    })
}

fn in_savepoint<T>(
    transaction: &Transaction<'_>,
    job: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    transaction.execute_batch("SAVEPOINT job")?;
    let result = job(transaction);
    transaction.execute_batch(if result.is_ok() {
        "RELEASE job"
    } else {
        "ROLLBACK TO job; RELEASE job"
    })?;
    result
}

fn run(mut connection: Connection, mut jobs: mpsc::Receiver<Message>, commits: &AtomicU64) {
    let mut committed: Option<Instant> = None;
    while let Some(first) = jobs.blocking_recv() {
        if let (Message::Posted(_), Some(committed)) = (&first, committed) {
            std::thread::sleep(PACE.saturating_sub(committed.elapsed()));
        }
        let mut group = Vec::new();
        let mut close = None;
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Job(job) | Message::Posted(job) => group.push(job),
                Message::Close(reply) => close = Some(reply),
            }
            next = (group.len() < GROUP && close.is_none())
                .then(|| jobs.try_recv().ok())
                .flatten();
        }
        if !group.is_empty() {
            commit(&mut connection, group);
            commits.fetch_add(1, Ordering::Relaxed);
            committed = Some(Instant::now());
        }
        if let Some(reply) = close {
            jobs.close();
            drop(connection);
            // Nobody may be waiting any more.
            let _ = reply.send(());
            return;
        }
    }
}

fn commit(connection: &mut Connection, group: Vec<Job>) {
    let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            // The jobs are dropped unrun, which tells their callers that the store is closed to them.
            tracing::error!(%error, jobs = group.len(), "the store takes no transaction");
            return;
        }
    };
    let done: Vec<Done> = group.into_iter().map(|job| job(&transaction)).collect();
    let committed = transaction.commit().map_err(|error| error.to_string());
    if let Err(error) = &committed {
        tracing::error!(error, "a commit failed");
    }
    for reply in done {
        reply(committed.clone().map_err(StoreError::Refused));
    }
}
