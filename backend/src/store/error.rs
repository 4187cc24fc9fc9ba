//! Why the store does not do what it is asked.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot make the data directory {}: {source}", path.display())]
    Directory { path: PathBuf, source: std::io::Error },
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    #[error(
        "the database has tables of version {found}, this server knows {known}: it was made by a newer one"
    )]
    Newer { found: usize, known: usize },
    #[error("cannot start the writer's thread: {0}")]
    Thread(std::io::Error),
    #[error("what the store holds cannot be read: {0}")]
    Corrupt(String),
    #[error("the store is closed")]
    Stopped,
    /// What a caller's closure wants to give back as an error of its own.
    #[error("{0}")]
    Refused(String),
}
