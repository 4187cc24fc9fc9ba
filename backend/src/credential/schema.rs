//! The tables of credentials and of sessions that outlive the server.

use crate::store::Migration;

/// Credentials by endpoint, and sealed DTLS sessions by device. Keys stand in `secret` and `sealed` as the vault sealed
/// them.
pub const CREDENTIALS: Migration = Migration {
    name: "credentials, DTLS sessions",
    sql: "
        CREATE TABLE credential (
            endpoint TEXT PRIMARY KEY,
            mode     TEXT NOT NULL,
            identity BLOB UNIQUE,
            secret   BLOB,
            created  INTEGER NOT NULL,
            expires  INTEGER
        ) WITHOUT ROWID;
        CREATE TABLE dtls_session (
            device   INTEGER PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE,
            shard    INTEGER NOT NULL,
            sealed   BLOB NOT NULL
        );
    ",
};
