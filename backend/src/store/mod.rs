//! What survives a restart: one SQLite file, `muster.db`, in the data directory.
//!
//! One thread writes; what waits for it is committed in one transaction (group commit). Readers have a few connections
//! of their own. WAL with synchronous=FULL: what was acknowledged survives the loss of power too, and group commit
//! makes that one fdatasync for all that waited, not one for each.

mod error;
mod migrations;
mod moved;
mod reader;
mod tables;
mod writer;

pub use error::StoreError;
pub use migrations::Migration;

use rusqlite::{Connection, Transaction};
use std::path::Path;
use std::sync::Arc;

/// The store; clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: writer::Writer,
    readers: reader::Readers,
}

impl Store {
    /// Opens `muster.db` in the directory, which is made if need be, and brings its tables up to date. May be called
    /// by the command line while a server runs.
    ///
    /// # Errors
    /// [`StoreError`] if the directory or file cannot be used, or was made by a newer server.
    pub fn open(directory: &Path) -> Result<Store, StoreError> {
        std::fs::create_dir_all(directory).map_err(|source| StoreError::Directory {
            path: directory.to_owned(),
            source,
        })?;
        let file = directory.join("muster.db");
        let mut connection = connect(&file)?;
        // A table cannot be made anew while others that refer to it are held to it.
        connection.pragma_update(None, "foreign_keys", false)?;
        migrations::apply(&mut connection)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(Store {
            inner: Arc::new(Inner {
                writer: writer::Writer::start(connection)?,
                readers: reader::Readers::new(file),
            }),
        })
    }

    /// Runs the closure in the writer's transaction; what it did is committed when this returns. An error undoes only
    /// what this closure did.
    ///
    /// # Errors
    /// The closure's own error, or [`StoreError::Stopped`].
    pub async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.inner.writer.write(job).await
    }

    /// Runs the closure on a connection that only reads, in the blocking pool.
    ///
    /// # Errors
    /// The closure's own error, or [`StoreError::Stopped`].
    pub async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.inner.readers.read(job).await
    }

    /// As [`Store::write`], but waits only for room in the queue: a failure of the job is logged, not returned.
    ///
    /// # Errors
    /// [`StoreError::Stopped`].
    pub async fn post<F>(&self, job: F) -> Result<(), StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<(), StoreError> + Send + 'static,
    {
        self.inner.writer.post(job).await
    }

    /// As [`Store::read`], on the calling thread; for the start, when nothing else is to be done.
    ///
    /// # Errors
    /// The closure's own error.
    pub fn read_now<T>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.inner.readers.read_now(job)
    }

    /// Commits what waits and ends the writer.
    ///
    /// # Errors
    /// [`StoreError`] if the last commit failed.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.inner.writer.close().await
    }

    /// (write jobs that wait, transactions done).
    pub fn counters(&self) -> (u64, u64) {
        self.inner.writer.counters()
    }
}

/// A connection with the settings that all of ours share.
fn connect(file: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", 10_000)?;
    // Kibibytes, when negative. The rows of 100,000 devices are 11 MB, which the system caches as well.
    connection.pragma_update(None, "cache_size", -3_000)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_write_that_fails_undoes_itself_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let set = |name: &'static str, fails: bool| {
            store.write(move |transaction| {
                transaction.execute("INSERT INTO counter (name, value) VALUES (?1, 1)", [name])?;
                if fails {
                    return Err(StoreError::Refused("no".into()));
                }
                Ok(())
            })
        };
        let (first, second, third) = tokio::join!(set("a", false), set("b", true), set("c", false));
        assert!(first.is_ok() && third.is_ok());
        assert!(matches!(second, Err(StoreError::Refused(_))));
        let count = store.read(|connection| {
            let found =
                connection.query_row("SELECT count(*) FROM counter", [], |row| row.get::<_, i64>(0))?;
            Ok(found)
        });
        assert_eq!(count.await.unwrap(), 2);
        store.close().await.unwrap();
        assert!(matches!(set("d", false).await, Err(StoreError::Stopped)));
    }

    #[tokio::test]
    async fn a_database_of_a_newer_server_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let newer =
            store.write(|transaction| Ok(transaction.pragma_update(None, "user_version", 1_000_000)?));
        newer.await.unwrap();
        store.close().await.unwrap();
        assert!(matches!(
            Store::open(directory.path()),
            Err(StoreError::Newer { found: 1_000_000, .. })
        ));
    }
}
