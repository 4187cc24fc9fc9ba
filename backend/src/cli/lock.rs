//! One server for one data directory: two would each take the other's database for their own.

use anyhow::{Context, bail};
use std::fs::{File, TryLockError};
use std::path::Path;

/// Holds the directory while it lives; the system lets go of it also when the process is killed.
#[derive(Debug)]
pub(super) struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// # Errors
    /// If a server holds it, or the directory cannot be made.
    pub(super) fn take(directory: &Path) -> anyhow::Result<DirectoryLock> {
        let shown = directory.display();
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot make the data directory {shown}"))?;
        let path = directory.join("muster.lock");
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(DirectoryLock { _file: file }),
            Err(TryLockError::WouldBlock) => bail!("a running server uses the data directory {shown}"),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_server_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let first = DirectoryLock::take(directory.path()).unwrap();
        assert!(DirectoryLock::take(directory.path()).is_err());
        drop(first);
        assert!(DirectoryLock::take(directory.path()).is_ok());
    }
}
