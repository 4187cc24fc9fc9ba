//! A CSV file of devices, taken as it arrives: each row whole or not at all, the bad ones told by line.

use super::csv::{Reader, Record};
use super::row::{Header, Row};
use crate::core::Core;
use crate::store::StoreError;
use shared::Timestamp;
use shared::api::{GeneratedKey, ImportState, ImportView, RefusedRow};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many rows are taken at a time.
const BATCH: usize = 1_000;
/// How many rows one import may have.
const MOST_ROWS: u64 = 1_000_000;
/// How many refused rows are told.
const MOST_REFUSED: usize = 10_000;
/// How many imports are remembered, and how many may run at a time.
const REMEMBERED: usize = 50;
const AT_ONCE: usize = 4;

/// Why an import breaks off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("an import '{0}' exists already")]
    Exists(String),
    #[error("{AT_ONCE} imports are running already")]
    TooMany,
    #[error("the first line: {0}")]
    Header(String),
    #[error("the file is empty: the first line names the columns")]
    Empty,
    #[error("a file has at most {MOST_ROWS} rows; what stands before was taken")]
    TooManyRows,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The imports of late, with their progress; clones are handles to the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Imports {
    all: Arc<Mutex<VecDeque<Arc<Job>>>>,
    changes: Arc<watch::Sender<()>>,
}

/// A key that was generated, to be told once.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) endpoint: String,
    /// `"server"` or `"bootstrap"`.
    pub(crate) purpose: &'static str,
    pub(crate) key: GeneratedKey,
}

#[derive(Debug)]
struct Job {
    view: Mutex<ImportView>,
    /// Keys that were generated, until they are fetched.
    generated: Mutex<Vec<Told>>,
}

impl Job {
    fn view(&self) -> MutexGuard<'_, ImportView> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The refused rows may be thousands: they are not copied to be left out.
    fn without_rows(&self) -> ImportView {
        let mut view = self.view();
        let refused = std::mem::take(&mut view.refused);
        let told = view.clone();
        view.refused = refused;
        told
    }

    fn generated(&self) -> MutexGuard<'_, Vec<Told>> {
        self.generated.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Imports {
    /// Those of late without their refused rows, newest first.
    pub(crate) fn list(&self) -> Vec<ImportView> {
        self.lock().iter().rev().map(|job| job.without_rows()).collect()
    }

    pub(crate) fn get(&self, id: &str) -> Option<ImportView> {
        self.find(id).map(|job| job.view().clone())
    }

    /// The keys that an import generated, which are told only once.
    pub(crate) fn take_generated(&self, id: &str) -> Option<Vec<Told>> {
        let job = self.find(id)?;
        let taken = std::mem::take(&mut *job.generated());
        job.view().generated = 0;
        Some(taken)
    }

    /// Told whenever one begins, goes on or ends.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    fn find(&self, id: &str) -> Option<Arc<Job>> {
        self.lock().iter().find(|job| job.view().id == id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Job>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an import.
    ///
    /// # Errors
    /// [`ImportError::Exists`] and [`ImportError::TooMany`].
    pub(crate) fn begin(
        &self,
        core: &Core,
        id: String,
        by: &str,
        bytes_total: Option<u64>,
        now: Timestamp,
    ) -> Result<Import, ImportError> {
        let mut all = self.lock();
        if all.iter().any(|job| job.view().id == id) {
            return Err(ImportError::Exists(id));
        }
        let running = all.iter().filter(|job| job.view().state == ImportState::Running);
        if running.count() >= AT_ONCE {
            return Err(ImportError::TooMany);
        }
        let job = Arc::new(Job {
            view: Mutex::new(ImportView {
                id,
                state: ImportState::Running,
                created: 0,
                updated: 0,
                refused: Vec::new(),
                refused_total: 0,
                bytes: 0,
                bytes_total,
                generated: 0,
                reason: None,
                by: by.to_owned(),
                started_at: now,
                ended_at: None,
            }),
            generated: Mutex::default(),
        });
        all.push_back(job.clone());
        while all.len() > REMEMBERED {
            all.pop_front();
        }
        self.changes.send_replace(());
        Ok(Import {
            core: core.clone(),
            job,
            changes: self.changes.clone(),
            reader: Reader::default(),
            header: None,
            records: Vec::new(),
            rows: 0,
            is_over: false,
        })
    }
}

/// An import that is under way. Dropped before its end it has failed.
#[derive(Debug)]
pub(crate) struct Import {
    core: Core,
    job: Arc<Job>,
    changes: Arc<watch::Sender<()>>,
    reader: Reader,
    header: Option<Header>,
    /// Records that were read and not yet taken.
    records: Vec<Record>,
    rows: u64,
    is_over: bool,
}

impl Import {
    /// Takes more of the file.
    ///
    /// # Errors
    /// [`ImportError`]; the import is over then.
    pub(crate) async fn feed(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        let records = &mut self.records;
        self.reader.feed(bytes, &mut |record| records.push(record));
        self.job.view().bytes += bytes.len() as u64;
        self.changes.send_replace(());
        self.take(BATCH).await
    }

    /// Takes the rest, and tells how it went.
    ///
    /// # Errors
    /// [`ImportError`].
    pub(crate) async fn finish(mut self) -> Result<ImportView, ImportError> {
        let records = &mut self.records;
        self.reader.finish(&mut |record| records.push(record));
        self.take(1).await?;
        if self.header.is_none() {
            return Err(ImportError::Empty);
        }
        // All is applied and in the store when this is answered.
        self.core.flush().await?;
        Ok(self.end(ImportState::Done, None))
    }

    /// Breaks off.
    pub(crate) fn fail(mut self, reason: &str) {
        self.end(ImportState::Failed, Some(reason.to_owned()));
    }

    fn end(&mut self, state: ImportState, reason: Option<String>) -> ImportView {
        self.is_over = true;
        let ended = {
            let mut view = self.job.view();
            view.state = state;
            view.reason = reason;
            view.ended_at = Some(crate::registry::now());
            view.clone()
        };
        self.changes.send_replace(());
        ended
    }

    /// Takes whole batches of the records that wait, once there are at least so many.
    async fn take(&mut self, least: usize) -> Result<(), ImportError> {
        if self.header.is_none() && !self.records.is_empty() {
            let first = self.records.remove(0);
            let fields = first
                .fields
                .map_err(|reason| ImportError::Header(reason.into()))?;
            self.header = Some(Header::read(&fields).map_err(ImportError::Header)?);
        }
        while self.records.len() >= least {
            let count = self.records.len().min(BATCH);
            let batch: Vec<Record> = self.records.drain(..count).collect();
            self.rows += batch.len() as u64;
            if self.rows > MOST_ROWS {
                return Err(ImportError::TooManyRows);
            }
            self.take_batch(batch).await?;
        }
        Ok(())
    }

    async fn take_batch(&mut self, batch: Vec<Record>) -> Result<(), ImportError> {
        let Some(header) = &self.header else { return Ok(()) };
        let mut lines = Vec::with_capacity(batch.len());
        let mut rows = Vec::with_capacity(batch.len());
        let mut refused = Vec::new();
        for Record { line, fields } in batch {
            let row = fields
                .map_err(str::to_owned)
                .and_then(|fields| header.row(&fields));
            match row {
                Ok(row) => {
                    lines.push(line);
                    rows.push(row);
                }
                Err(reason) => refused.push(RefusedRow { line, reason }),
            }
        }
        let endpoints: Vec<String> = rows.iter().map(|row: &Row| row.endpoint.clone()).collect();
        let by = self.job.view().by.clone();
        let outcomes = self.core.provision(rows, &by).await?;
        let mut generated = Vec::new();
        let mut view = self.job.view();
        for ((line, endpoint), outcome) in lines.into_iter().zip(endpoints).zip(outcomes) {
            match outcome {
                Ok(done) => {
                    if done.created {
                        view.created += 1;
                    } else {
                        view.updated += 1;
                    }
                    let keys = [
                        ("server", done.generated.server),
                        ("bootstrap", done.generated.bootstrap),
                    ];
                    generated.extend(keys.into_iter().filter_map(|(purpose, key)| {
                        Some(Told {
                            endpoint: endpoint.clone(),
                            purpose,
                            key: key?,
                        })
                    }));
                }
                Err(reason) => refused.push(RefusedRow { line, reason }),
            }
        }
        view.refused_total += refused.len() as u64;
        refused.sort_by_key(|row| row.line);
        let room = MOST_REFUSED.saturating_sub(view.refused.len());
        view.refused.extend(refused.into_iter().take(room));
        view.generated += generated.len() as u64;
        drop(view);
        self.job.generated().extend(generated);
        self.changes.send_replace(());
        Ok(())
    }
}

impl Drop for Import {
    fn drop(&mut self) {
        if !self.is_over {
            self.end(ImportState::Failed, Some("the file ended early".into()));
        }
    }
}
