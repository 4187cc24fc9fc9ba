//! `muster db`: a copy of the database while the server runs, and the way back.

use super::lock::DirectoryLock;
use super::{Common, output};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub(super) enum DbCommand {
    /// Copy the database into a file, with the server running or not.
    Backup(Backup),
    /// Put a copy in the place of the database. The server must not run.
    Restore(Restore),
}

#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    common: Common,
    /// The file to write; it must not exist.
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    common: Common,
    /// The file that `backup` wrote.
    file: PathBuf,
}

impl DbCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            DbCommand::Backup(command) => {
                let config = command.common.load(Vec::new())?;
                backup(&config.data_dir, &command.file)?;
                output::line(&format!("The database is copied to {}.", command.file.display()))?;
            }
            DbCommand::Restore(command) => {
                let config = command.common.load(Vec::new())?;
                let kept = restore(&config.data_dir, &command.file)?;
                output::line("The database is restored.")?;
                if let Some(kept) = kept {
                    output::line(&format!("What was there before is kept as {}.", kept.display()))?;
                }
            }
        }
        Ok(())
    }
}

/// SQLite copies a consistent state by itself, also from under a running server.
fn backup(data_dir: &Path, file: &Path) -> anyhow::Result<()> {
    if file.exists() {
        bail!("{} exists already", file.display());
    }
    let database = data_dir.join("muster.db");
    let connection = Connection::open_with_flags(&database, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("cannot open {}", database.display()))?;
    connection.busy_timeout(Duration::from_secs(10))?;
    let target = file.to_str().context("the file's name is not UTF-8")?;
    connection.execute("VACUUM INTO ?1", [target])?;
    Ok(())
}

/// Puts the copy in place; what was there is kept beside it under a new name.
fn restore(data_dir: &Path, file: &Path) -> anyhow::Result<Option<PathBuf>> {
    let copy = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("cannot open {}", file.display()))?;
    let sound: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    let tables: i64 = copy.query_row(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('device', 'user')",
        [],
        |row| row.get(0),
    )?;
    if sound != "ok" || tables != 2 {
        bail!(
            "{} is not a sound copy of a database of this server",
            file.display()
        );
    }
    drop(copy);
    let _lock = DirectoryLock::take(data_dir)?;
    let database = data_dir.join("muster.db");
    let kept = if database.exists() {
        Some(set_aside(data_dir, &database)?)
    } else {
        None
    };
    std::fs::copy(file, &database).with_context(|| format!("cannot write {}", database.display()))?;
    Ok(kept)
}

/// Renames the database, after making sure that nobody uses it.
fn set_aside(data_dir: &Path, database: &Path) -> anyhow::Result<PathBuf> {
    let connection = Connection::open(database)?;
    connection.busy_timeout(Duration::from_secs(1))?;
    // Leaving the write-ahead log takes the database for itself, which fails while a server has it open; and it
    // brings everything into the one file.
    let mode: Result<String, _> = connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0));
    if !mode.is_ok_and(|mode| mode == "delete") {
        bail!("the database is in use; stop the server first");
    }
    drop(connection);
    let kept = data_dir.join(format!("muster-{}.db", crate::clock::now().seconds()));
    std::fs::rename(database, &kept)?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn a_copy_brings_back_what_was_there() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let copy = directory.path().join("copy.db");
        let store = Store::open(&data).unwrap();
        let insert = "INSERT INTO device (endpoint, created) VALUES (?1, 0)";
        store
            .write(|transaction| Ok(transaction.execute(insert, ["kept"])?))
            .await
            .unwrap();
        backup(&data, &copy).unwrap();
        assert!(backup(&data, &copy).is_err(), "a copy is never overwritten");
        store
            .write(|transaction| Ok(transaction.execute(insert, ["later"])?))
            .await
            .unwrap();

        let error = restore(&data, &copy).unwrap_err().to_string();
        assert_eq!(error, "the database is in use; stop the server first");
        store.close().await.unwrap();

        let kept = restore(&data, &copy).unwrap().unwrap();
        let endpoints = |file: &Path| -> Vec<String> {
            let connection = Connection::open(file).unwrap();
            let mut statement = connection
                .prepare("SELECT endpoint FROM device ORDER BY id")
                .unwrap();
            statement
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect()
        };
        assert_eq!(endpoints(&data.join("muster.db")), ["kept"]);
        assert_eq!(endpoints(&kept), ["kept", "later"]);
    }
}
