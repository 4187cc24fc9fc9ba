//! The core's own tables.

use super::Migration;

/// What an observation was asked with beside its path: attributes in the query, and the whole request, which a
/// cancellation has to repeat. The path of one of several is their list in brackets.
pub(super) const OBSERVATION_REQUESTS: Migration = Migration {
    name: "requests of observations",
    sql: "
        ALTER TABLE observation ADD COLUMN attributes TEXT;
        ALTER TABLE observation ADD COLUMN request BLOB;
    ",
};

/// Devices, what they registered, their values, observations and operations, and the journal.
///
/// Blobs are postcard. Times are milliseconds since 1970. A number of a device or operation is never given again
/// (AUTOINCREMENT). The journal's `device` is 0 and `source` an address for those that are no device.
pub(super) const CORE: Migration = Migration {
    name: "devices, values, observations, operations, journal",
    sql: "
        CREATE TABLE device (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            endpoint     TEXT NOT NULL UNIQUE,
            label        TEXT,
            tags         TEXT,
            metadata     TEXT,
            created      INTEGER NOT NULL
        );
        CREATE TABLE registration (
            device       INTEGER PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE,
            location     TEXT NOT NULL,
            address      TEXT NOT NULL,
            lifetime     INTEGER NOT NULL,
            state        INTEGER NOT NULL,
            last_seen    INTEGER NOT NULL,
            updated      INTEGER NOT NULL,
            detail       BLOB NOT NULL
        );
        CREATE TABLE value (
            device       INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
            path         INTEGER NOT NULL,
            depth        INTEGER NOT NULL,
            at           INTEGER NOT NULL,
            origin       INTEGER NOT NULL,
            value        BLOB NOT NULL,
            PRIMARY KEY (device, path, depth)
        ) WITHOUT ROWID;
        CREATE TABLE observation (
            device       INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
            path         TEXT NOT NULL,
            format       INTEGER,
            token        BLOB,
            since        INTEGER NOT NULL,
            PRIMARY KEY (device, path)
        ) WITHOUT ROWID;
        CREATE TABLE operation (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            device       INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
            final        INTEGER NOT NULL,
            expires      INTEGER NOT NULL,
            request      TEXT NOT NULL,
            result       TEXT NOT NULL
        );
        CREATE INDEX operation_of_device ON operation (device, id);
        CREATE TABLE journal (
            sequence     INTEGER PRIMARY KEY,
            device       INTEGER NOT NULL,
            at           INTEGER NOT NULL,
            kind         TEXT NOT NULL,
            source       TEXT,
            event        BLOB NOT NULL
        );
        CREATE INDEX journal_of_device ON journal (device, sequence);
        CREATE TABLE counter (
            name         TEXT PRIMARY KEY,
            value        INTEGER NOT NULL
        ) WITHOUT ROWID;
    ",
};
