//! The tables of accounts.

use crate::store::Migration;

/// Users, sessions, tokens and the audit log. Times are milliseconds since 1970, hashes SHA-256.
pub const ACCOUNTS: Migration = Migration {
    name: "accounts, sessions, tokens, audit",
    sql: "
        CREATE TABLE user (
            id       INTEGER PRIMARY KEY,
            name     TEXT NOT NULL UNIQUE,
            role     TEXT NOT NULL,
            password TEXT NOT NULL,
            created  INTEGER NOT NULL
        );
        CREATE TABLE session (
            hash     BLOB PRIMARY KEY,
            user     INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
            created  INTEGER NOT NULL,
            seen     INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX session_of_user ON session (user, seen);
        CREATE TABLE api_token (
            id       INTEGER PRIMARY KEY,
            name     TEXT NOT NULL,
            role     TEXT NOT NULL,
            hash     BLOB NOT NULL UNIQUE,
            created  INTEGER NOT NULL
        );
        CREATE TABLE audit (
            id       INTEGER PRIMARY KEY,
            at       INTEGER NOT NULL,
            who      TEXT NOT NULL,
            address  TEXT NOT NULL,
            action   TEXT NOT NULL,
            device   TEXT,
            detail   TEXT,
            status   INTEGER NOT NULL,
            request  TEXT NOT NULL
        );
        CREATE INDEX audit_of_device ON audit (device, id) WHERE device IS NOT NULL;
    ",
};
