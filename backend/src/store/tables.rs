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

/// Profile IDs and the object lists they stand for, in link format.
pub(super) const PROFILES: Migration = Migration {
    name: "profiles",
    sql: "
        CREATE TABLE profile (
            id           TEXT PRIMARY KEY,
            links        TEXT NOT NULL,
            learnt       INTEGER NOT NULL,
            at           INTEGER NOT NULL
        ) WITHOUT ROWID;
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

/// A registration becomes part of its device's row, object lists are kept once, and many events at once as one blob.
///
/// A Register of a new device is then one row at the end of one table; each further one changes a few numbers in place.
/// The endpoint names are unique because the registry gives each its number; an index would cost a Register as much as
/// its row. [`super::moved`] carries over what the table `registration` held.
///
/// `location` is the random half of the location (the other is the id), `address` the bytes of an IP address and a port,
/// `detail` postcard. `devices` are the sorted numbers that a batch is about, 4 bytes each; `kinds` a bit for each kind.
pub(super) const COMPACT: Migration = Migration {
    name: "registrations in their devices' rows, events in batches",
    sql: "
        CREATE TABLE link_set (
            id           INTEGER PRIMARY KEY,
            version      TEXT NOT NULL,
            formats      TEXT NOT NULL,
            payload      TEXT NOT NULL
        );
        CREATE TABLE new_device (
            id           INTEGER PRIMARY KEY,
            endpoint     TEXT NOT NULL,
            created      INTEGER NOT NULL,
            location     INTEGER,
            state        INTEGER,
            last_seen    INTEGER,
            updated      INTEGER,
            lifetime     INTEGER,
            links        INTEGER,
            address      BLOB,
            detail       BLOB,
            label        TEXT,
            tags         TEXT,
            metadata     TEXT
        );
        INSERT INTO new_device (id, endpoint, created, label, tags, metadata)
            SELECT id, endpoint, created, label, tags, metadata FROM device ORDER BY id;
        INSERT OR REPLACE INTO counter (name, value)
            SELECT 'device', seq FROM sqlite_sequence WHERE name = 'device';
        DROP TABLE device;
        ALTER TABLE new_device RENAME TO device;
        CREATE TABLE journal_batch (
            last         INTEGER PRIMARY KEY,
            first        INTEGER NOT NULL,
            count        INTEGER NOT NULL,
            earliest     INTEGER NOT NULL,
            latest       INTEGER NOT NULL,
            kinds        INTEGER NOT NULL,
            devices      BLOB NOT NULL,
            events       BLOB NOT NULL
        );
    ",
};

/// How long a device in queue mode listens after each message, in seconds, where a person set it.
pub(super) const AWAKE_WINDOW: Migration = Migration {
    name: "awake window of a device",
    sql: "ALTER TABLE device ADD COLUMN awake_window INTEGER;",
};

/// The object definitions that were uploaded, as JSON. The counter `models` says how often they were changed.
pub(super) const MODELS: Migration = Migration {
    name: "uploaded object definitions",
    sql: "
        CREATE TABLE model (
            id           INTEGER NOT NULL,
            version      TEXT NOT NULL,
            definition   TEXT NOT NULL,
            at           INTEGER NOT NULL,
            PRIMARY KEY (id, version)
        );
    ",
};

/// The gateway that a device is behind, by its number, and how that one calls it.
pub(super) const GATEWAYS: Migration = Migration {
    name: "devices behind gateways",
    sql: "
        ALTER TABLE device ADD COLUMN gateway INTEGER;
        ALTER TABLE device ADD COLUMN device_id TEXT;
        ALTER TABLE device ADD COLUMN prefix TEXT;
    ",
};

/// How a device is talked to where a person set it, as JSON.
pub(super) const TRANSMISSION: Migration = Migration {
    name: "transmission settings of a device",
    sql: "ALTER TABLE device ADD COLUMN transmission TEXT;",
};
