//! Saved sets of paths, in the store: each belongs to who saved it, and may be shared with everybody.

use crate::store::{Migration, Store, StoreError};
use rusqlite::{Row, params};
use shared::Timestamp;
use shared::api::{PathSet, PathSetRequest};

/// Times are milliseconds since 1970; `paths` has commas between them.
pub const PATH_SETS: Migration = Migration {
    name: "sets of paths",
    sql: "
        CREATE TABLE path_set (
            id       INTEGER PRIMARY KEY,
            owner    TEXT NOT NULL,
            name     TEXT NOT NULL,
            shared   INTEGER NOT NULL,
            paths    TEXT NOT NULL,
            created  INTEGER NOT NULL,
            UNIQUE (owner, name)
        );
    ",
};

/// How many sets one account may have.
const MOST: i64 = 100;

/// The sets that an account sees: its own and the shared ones.
///
/// # Errors
/// [`StoreError`].
pub async fn list(store: &Store, account: &str) -> Result<Vec<PathSet>, StoreError> {
    let account = account.to_owned();
    store
        .read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, name, paths, shared, owner, created FROM path_set WHERE owner = ?1 OR shared ORDER BY name, id",
            )?;
            let rows = statement.query_map([account], read)?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })
        .await
}

/// Keeps a set; `None` if the account has as many as it may.
///
/// # Errors
/// [`StoreError`].
pub async fn put(
    store: &Store,
    account: &str,
    request: PathSetRequest,
    now: Timestamp,
) -> Result<Option<PathSet>, StoreError> {
    let account = account.to_owned();
    store
        .write(move |transaction| {
            let count: i64 = transaction.query_row(
                "SELECT count(*) FROM path_set WHERE owner = ?1 AND name <> ?2",
                params![account, request.name],
                |row| row.get(0),
            )?;
            if count >= MOST {
                return Ok(None);
            }
            let paths: Vec<String> = request.paths.iter().map(ToString::to_string).collect();
            let id = transaction.query_row(
                "INSERT INTO path_set (owner, name, shared, paths, created) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (owner, name) DO UPDATE SET shared = ?3, paths = ?4, created = ?5 RETURNING id",
                params![account, request.name, request.shared, paths.join(","), now.0],
                |row| row.get(0),
            )?;
            Ok(Some(PathSet {
                id,
                name: request.name,
                paths: request.paths,
                shared: request.shared,
                owner: account,
                created: now,
            }))
        })
        .await
}

/// Forgets a set and returns its name; of another's only a shared one, and only if `any`.
///
/// # Errors
/// [`StoreError`].
pub async fn remove(store: &Store, account: &str, id: i64, any: bool) -> Result<Option<String>, StoreError> {
    let account = account.to_owned();
    store
        .write(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "DELETE FROM path_set WHERE id = ?1 AND (owner = ?2 OR (shared AND ?3)) RETURNING name",
            )?;
            let mut rows = statement.query(params![id, account, any])?;
            Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
        })
        .await
}

fn read(row: &Row<'_>) -> rusqlite::Result<PathSet> {
    let paths: String = row.get(2)?;
    Ok(PathSet {
        id: row.get(0)?,
        name: row.get(1)?,
        paths: paths.split(',').filter_map(|path| path.parse().ok()).collect(),
        shared: row.get(3)?,
        owner: row.get(4)?,
        created: Timestamp(row.get(5)?),
    })
}
