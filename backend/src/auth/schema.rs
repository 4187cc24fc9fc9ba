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

/// What people want to know of users, sessions and tokens; and links to one device with the sessions that they began.
pub const LINKS: Migration = Migration {
    name: "use of accounts, links to devices",
    sql: "
        ALTER TABLE user ADD COLUMN logged_in INTEGER;
        ALTER TABLE session ADD COLUMN address TEXT;
        ALTER TABLE session ADD COLUMN agent TEXT;
        ALTER TABLE api_token ADD COLUMN note TEXT;
        ALTER TABLE api_token ADD COLUMN created_by TEXT;
        ALTER TABLE api_token ADD COLUMN expires INTEGER;
        ALTER TABLE api_token ADD COLUMN used INTEGER;
        CREATE TABLE device_link (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            hash       BLOB NOT NULL UNIQUE,
            endpoint   TEXT NOT NULL,
            note       TEXT,
            created    INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            expires    INTEGER NOT NULL,
            opened     INTEGER
        );
        CREATE TABLE link_session (
            hash       BLOB PRIMARY KEY,
            link       INTEGER NOT NULL REFERENCES device_link(id) ON DELETE CASCADE,
            created    INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX session_of_link ON link_session (link, created);
    ",
};
