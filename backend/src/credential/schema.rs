//! The tables of credentials and of sessions that outlive the server.

use crate::store::Migration;

/// Credentials by endpoint, and sealed DTLS sessions by device. Keys stand in `secret` as the vault sealed them.
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
            about    BLOB NOT NULL,
            sealed   BLOB NOT NULL
        );
    ",
};

/// Credentials that serve for bootstrap alone, and sealed private keys that were made for devices.
pub const BOOTSTRAP_CREDENTIALS: Migration = Migration {
    name: "bootstrap credentials, generated key pairs",
    sql: "
        CREATE TABLE bootstrap_credential (
            endpoint TEXT PRIMARY KEY,
            mode     TEXT NOT NULL,
            identity BLOB UNIQUE,
            secret   BLOB,
            created  INTEGER NOT NULL,
            expires  INTEGER
        ) WITHOUT ROWID;
        CREATE TABLE bootstrap_key (
            endpoint TEXT PRIMARY KEY,
            sealed   BLOB NOT NULL
        ) WITHOUT ROWID;
    ",
};
