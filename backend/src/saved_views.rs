//! Views of the device list, saved by name, and the columns that an account chose, in the store.

use crate::store::{Migration, Store, StoreError};
use rusqlite::{OptionalExtension, Row, params};
use shared::Timestamp;
use shared::api::{DeviceColumn, SavedView, SavedViewList, SavedViewRequest};

/// Times are milliseconds since 1970; `columns` has names with commas between them.
pub const SAVED_VIEWS: Migration = Migration {
    name: "views of the device list",
    sql: "
        CREATE TABLE saved_view (
            id       INTEGER PRIMARY KEY,
            owner    TEXT NOT NULL,
            name     TEXT NOT NULL,
            query    TEXT NOT NULL,
            sort     TEXT NOT NULL,
            columns  TEXT NOT NULL,
            shared   INTEGER NOT NULL,
            created  INTEGER NOT NULL,
            UNIQUE (owner, name)
        );
        CREATE TABLE chosen_columns (
            owner    TEXT PRIMARY KEY,
            columns  TEXT NOT NULL
        ) WITHOUT ROWID;
    ",
};

/// How many views one account may have.
const MOST: i64 = 100;

/// The views that an account sees, its own and the shared ones, and its columns.
///
/// # Errors
/// [`StoreError`].
pub async fn list(store: &Store, account: &str) -> Result<SavedViewList, StoreError> {
    let account = account.to_owned();
    store
        .read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, name, query, sort, columns, shared, owner, created FROM saved_view
                 WHERE owner = ?1 OR shared ORDER BY name, id",
            )?;
            let items = statement
                .query_map([&account], read)?
                .collect::<Result<Vec<_>, _>>()?;
            let columns: Option<String> = connection
                .query_row(
                    "SELECT columns FROM chosen_columns WHERE owner = ?1",
                    [&account],
                    |row| row.get(0),
                )
                .optional()?;
            Ok(SavedViewList {
                items,
                columns: columns.map(|names| known(&names)).unwrap_or_default(),
            })
        })
        .await
}

/// Keeps a view; `None` if the account has as many as it may.
///
/// # Errors
/// [`StoreError`].
pub async fn put(
    store: &Store,
    account: &str,
    request: SavedViewRequest,
    now: Timestamp,
) -> Result<Option<SavedView>, StoreError> {
    let account = account.to_owned();
    store
        .write(move |transaction| {
            let count: i64 = transaction.query_row(
                "SELECT count(*) FROM saved_view WHERE owner = ?1 AND name <> ?2",
                params![account, request.name],
                |row| row.get(0),
            )?;
            if count >= MOST {
                return Ok(None);
            }
            let columns = DeviceColumn::join(&request.columns);
            let id = transaction.query_row(
                "INSERT INTO saved_view (owner, name, query, sort, columns, shared, created)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (owner, name) DO UPDATE
                 SET query = ?3, sort = ?4, columns = ?5, shared = ?6, created = ?7 RETURNING id",
                params![
                    account,
                    request.name,
                    request.query,
                    request.sort,
                    columns,
                    request.shared,
                    now.0
                ],
                |row| row.get(0),
            )?;
            Ok(Some(SavedView {
                id,
                name: request.name,
                query: request.query,
                sort: request.sort,
                columns: request.columns,
                shared: request.shared,
                owner: account,
                created: now,
            }))
        })
        .await
}

/// Keeps the columns that an account wants to see; with none it sees the usual ones.
///
/// # Errors
/// [`StoreError`].
pub async fn choose_columns(
    store: &Store,
    account: &str,
    columns: &[DeviceColumn],
) -> Result<(), StoreError> {
    let account = account.to_owned();
    let columns = DeviceColumn::join(columns);
    store
        .write(move |transaction| {
            transaction.execute(
                "INSERT INTO chosen_columns (owner, columns) VALUES (?1, ?2)
                 ON CONFLICT (owner) DO UPDATE SET columns = ?2",
                params![account, columns],
            )?;
            Ok(())
        })
        .await
}

/// Forgets a view and returns its name; of another's only a shared one, and only if `any`.
///
/// # Errors
/// [`StoreError`].
pub async fn remove(store: &Store, account: &str, id: i64, any: bool) -> Result<Option<String>, StoreError> {
    let account = account.to_owned();
    store
        .write(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "DELETE FROM saved_view WHERE id = ?1 AND (owner = ?2 OR (shared AND ?3)) RETURNING name",
            )?;
            let mut rows = statement.query(params![id, account, any])?;
            Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
        })
        .await
}

fn read(row: &Row<'_>) -> rusqlite::Result<SavedView> {
    let columns: String = row.get(4)?;
    Ok(SavedView {
        id: row.get(0)?,
        name: row.get(1)?,
        query: row.get(2)?,
        sort: row.get(3)?,
        columns: known(&columns),
        shared: row.get(5)?,
        owner: row.get(6)?,
        created: Timestamp(row.get(7)?),
    })
}

/// The columns of these names that this version has.
fn known(names: &str) -> Vec<DeviceColumn> {
    names.split(',').filter_map(DeviceColumn::parse).collect()
}
