//! The tables of bootstrap and provisioning.

use crate::store::Migration;

/// Configurations, which were chosen for devices, rules, the waiting list, sessions, and devices that may not come back.
/// Bodies are JSON; times are milliseconds since 1970.
pub const BOOTSTRAP: Migration = Migration {
    name: "bootstrap configurations and sessions, waiting list, decommissioned devices",
    sql: "
        CREATE TABLE bootstrap_configuration (
            name     TEXT PRIMARY KEY,
            body     BLOB NOT NULL,
            updated  INTEGER NOT NULL,
            who      TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE bootstrap_choice (
            endpoint      TEXT PRIMARY KEY,
            configuration TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX bootstrap_choice_of ON bootstrap_choice (configuration);
        CREATE TABLE bootstrap_rules (
            id       INTEGER PRIMARY KEY CHECK (id = 0),
            body     TEXT NOT NULL
        );
        CREATE TABLE bootstrap_waiting (
            endpoint TEXT PRIMARY KEY,
            body     TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE bootstrap_session (
            id       INTEGER PRIMARY KEY AUTOINCREMENT,
            endpoint TEXT NOT NULL,
            state    TEXT NOT NULL,
            body     TEXT NOT NULL
        );
        CREATE INDEX bootstrap_session_of ON bootstrap_session (endpoint, id);
        CREATE TABLE decommissioned (
            endpoint TEXT PRIMARY KEY,
            at       INTEGER NOT NULL,
            who      TEXT NOT NULL,
            archive  TEXT,
            wipe     TEXT
        ) WITHOUT ROWID;
    ",
};
