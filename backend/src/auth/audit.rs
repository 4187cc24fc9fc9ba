//! The log of what was changed: who, what, which device, when, and how it ended.

use crate::store::{Store, StoreError};
use rusqlite::params;
use shared::Timestamp;
use shared::api::AuditEntry;

/// What part of the log is wanted; newest first.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    pub device: Option<String>,
    /// Only entries with a smaller id.
    pub before: Option<i64>,
    pub limit: u32,
}

/// Keeps the entry (its `id` is ignored) and at most `keep` of them.
///
/// # Errors
/// [`StoreError`] if it cannot be kept.
pub async fn record(store: &Store, entry: AuditEntry, keep: u32) -> Result<(), StoreError> {
    store
        .write(move |transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO audit (at, who, address, action, device, detail, status, request)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    entry.at.0,
                    entry.who,
                    entry.address,
                    entry.action,
                    entry.device,
                    entry.detail,
                    entry.status,
                    entry.request_id
                ])?;
            let newest = transaction.last_insert_rowid();
            transaction
                .prepare_cached("DELETE FROM audit WHERE id <= ?1")?
                .execute(params![newest - i64::from(keep)])?;
            Ok(())
        })
        .await
}

/// The newest entries that fit.
///
/// # Errors
/// [`StoreError`] if the log cannot be read.
pub async fn list(store: &Store, query: AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
    store
        .read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, at, who, address, action, device, detail, status, request FROM audit
                 WHERE (?1 IS NULL OR device = ?1) AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3",
            )?;
            let rows = statement.query_map(params![query.device, query.before, query.limit], |row| {
                Ok(AuditEntry {
                    id: row.get(0)?,
                    at: Timestamp(row.get(1)?),
                    who: row.get(2)?,
                    address: row.get(3)?,
                    action: row.get(4)?,
                    device: row.get(5)?,
                    detail: row.get(6)?,
                    status: row.get(7)?,
                    request_id: row.get(8)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_entries_are_kept_and_listed_first() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        for (index, device) in ["a", "b", "a", "b"].into_iter().enumerate() {
            let entry = AuditEntry {
                id: 0,
                at: Timestamp(index as i64),
                who: "ann".into(),
                address: "127.0.0.1".into(),
                action: "POST /x".into(),
                device: Some(device.into()),
                detail: None,
                status: 200,
                request_id: index.to_string(),
            };
            record(&store, entry, 3).await.unwrap();
        }
        let ids = |query: AuditQuery| {
            let store = store.clone();
            async move {
                let entries = list(&store, query).await.unwrap();
                entries.into_iter().map(|entry| entry.id).collect::<Vec<_>>()
            }
        };
        let query = AuditQuery {
            limit: 10,
            ..AuditQuery::default()
        };
        assert_eq!(ids(query.clone()).await, [4, 3, 2]);
        let of_a = AuditQuery {
            device: Some("a".into()),
            ..query.clone()
        };
        assert_eq!(ids(of_a).await, [3]);
        let before = AuditQuery {
            before: Some(3),
            ..query
        };
        assert_eq!(ids(before).await, [2]);
    }
}
