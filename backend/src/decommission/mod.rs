//! Devices that left for good: what is kept of them, and that they are refused when they come back.

mod archive;

use crate::core::Core;
use crate::store::{Store, StoreError};
use rusqlite::params;
use shared::Timestamp;
use shared::api::DecommissionedDevice;
use std::path::{Path, PathBuf};

/// How many are listed.
const LISTED: i64 = 1_000;

/// The endpoints that may not come back.
pub(crate) fn barred(store: &Store) -> Result<Vec<String>, StoreError> {
    store.read_now(|connection| {
        let mut statement = connection.prepare("SELECT endpoint FROM decommissioned")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    })
}

/// Archives a device, has it refused from now on, and forgets it. False if there is no such device.
///
/// # Errors
/// [`StoreError`]; the device is there as before if it could not be archived.
pub(crate) async fn decommission(
    core: &Core,
    data_dir: &Path,
    endpoint: &str,
    by: &str,
) -> Result<bool, StoreError> {
    if core.device(endpoint).is_none() {
        return Ok(false);
    }
    // What was reported until now belongs to the history.
    core.flush().await?;
    let at = crate::clock::now();
    let archive = archive::write(core, data_dir, endpoint, at.0).await?;
    let ids = core.bootstrap().leave(endpoint).await?;
    let wipe: Vec<String> = ids.iter().map(u16::to_string).collect();
    let wipe = (!wipe.is_empty()).then(|| wipe.join(","));
    let (name, who) = (endpoint.to_owned(), by.to_owned());
    core.store()
        .write(move |transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO decommissioned (endpoint, at, who, archive, wipe) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![name, at.0, who, archive, wipe],
            )?;
            Ok(())
        })
        .await?;
    core.bar(endpoint);
    let keys = core.bootstrap().keys();
    if ids.is_empty() {
        keys.forget(endpoint).await?;
    } else if let Err(error) = keys.keep_for_wipe(endpoint).await {
        tracing::warn!(%error, endpoint, "the device cannot come to have its account deleted");
    }
    core.withdraw(endpoint).await?;
    // A certificate needs no credential here, so there may have been none to withdraw.
    core.end_session(endpoint).await;
    core.bootstrap().set_retiring(endpoint, ids);
    core.remove(endpoint, by).await
}

/// Those that left, newest first.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn list(store: &Store) -> Result<Vec<DecommissionedDevice>, StoreError> {
    store
        .read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT endpoint, at, who, archive IS NOT NULL, wipe IS NOT NULL FROM decommissioned
                 ORDER BY at DESC LIMIT ?1",
            )?;
            let rows = statement.query_map([LISTED], |row| {
                Ok(DecommissionedDevice {
                    endpoint: row.get(0)?,
                    at: Timestamp(row.get(1)?),
                    by: row.get(2)?,
                    archive: row.get(3)?,
                    wipe_pending: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
}

/// The file with the history of a device that left.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn archive_of(
    store: &Store,
    data_dir: &Path,
    endpoint: &str,
) -> Result<Option<PathBuf>, StoreError> {
    let endpoint = endpoint.to_owned();
    let name = store
        .read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT archive FROM decommissioned WHERE endpoint = ?1")?;
            let mut rows = statement.query([endpoint])?;
            match rows.next()? {
                Some(row) => Ok(row.get::<_, Option<String>>(0)?),
                None => Ok(None),
            }
        })
        .await?;
    Ok(name.map(|name| data_dir.join(name)))
}
