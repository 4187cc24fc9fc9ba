//! What goes to the store: at once what must not be lost, every few seconds what changes all the time.

use super::device::Described;
use super::{DeviceNumber, Rows};
use crate::lwm2m::observation::{Subject, Wanted};
use crate::lwm2m::operation::book::Entry;
use crate::lwm2m::registration::Registration;
use crate::store::StoreError;
use coap::{Kind, Message, Request, Token};
use rusqlite::{Transaction, params};
use shared::event::{Event, Origin};
use shared::{DeviceState, Path, Timestamp, Value};
use std::net::SocketAddr;
use std::sync::Arc;

/// How many operations are kept of one device.
const OPERATIONS: u64 = 100;

/// One change of the store.
#[derive(Debug)]
pub(crate) enum Write {
    Device {
        number: DeviceNumber,
        endpoint: Arc<str>,
        created: Timestamp,
    },
    Describe {
        number: DeviceNumber,
        described: Described,
    },
    Registration {
        number: DeviceNumber,
        registration: Arc<Registration>,
        peer: SocketAddr,
        last_seen: Timestamp,
        updated: Timestamp,
    },
    Contact {
        number: DeviceNumber,
        last_seen: Timestamp,
        updated: Timestamp,
        state: DeviceState,
    },
    Value {
        number: DeviceNumber,
        path: Path,
        at: Timestamp,
        origin: Origin,
        value: Value,
    },
    ValuesGone {
        number: DeviceNumber,
        path: Path,
    },
    Observation {
        number: DeviceNumber,
        wanted: Box<Wanted>,
        token: Token,
        request: Option<Request>,
        since: Timestamp,
    },
    ObservationGone {
        number: DeviceNumber,
        subject: Subject,
    },
    Operation(Arc<Entry>),
    Journal {
        number: DeviceNumber,
        source: Option<String>,
        event: Arc<Event>,
    },
    Remove {
        number: DeviceNumber,
    },
    /// No event of a later run may have a number up to this one.
    Sequence(u64),
}

pub(crate) type Writes = Vec<Write>;

/// Collects what changed of the devices since they were last written, in the order of the tables' keys.
pub(crate) fn collect(rows: &mut Rows, mut dirty: Vec<DeviceNumber>) -> Writes {
    dirty.sort_unstable();
    let mut contacts = Vec::with_capacity(dirty.len());
    let mut values = Vec::new();
    for number in dirty {
        let Some(device) = rows.get_mut(number) else {
            continue;
        };
        device.dirty = false;
        if let Some(last_seen) = device.last_seen {
            contacts.push(Write::Contact {
                number,
                last_seen,
                updated: device.updated_at,
                state: device.state,
            });
        }
        for known in device.values.iter_mut().filter(|known| known.dirty) {
            known.dirty = false;
            values.push(Write::Value {
                number,
                path: known.path,
                at: known.at,
                origin: known.origin,
                value: known.value.clone(),
            });
        }
    }
    contacts.extend(values);
    contacts
}

/// Carries the changes out.
pub(crate) fn carry_out(transaction: &Transaction<'_>, writes: &Writes) -> Result<(), StoreError> {
    writes.iter().try_for_each(|write| one(transaction, write))
}

fn one(transaction: &Transaction<'_>, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::Device {
            number,
            endpoint,
            created,
        } => {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO device (id, endpoint, created) VALUES (?1, ?2, ?3)")?
                .execute(params![number.0, &**endpoint, created.0])?;
        }
        Write::Describe { number, described } => {
            transaction
                .prepare_cached("UPDATE device SET label = ?2, tags = ?3, metadata = ?4 WHERE id = ?1")?
                .execute(params![
                    number.0,
                    described.label.as_deref(),
                    json(&described.tags)?,
                    json(&described.metadata)?
                ])?;
        }
        Write::Registration {
            number,
            registration,
            peer,
            last_seen,
            updated,
        } => {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO registration
                     (device, location, address, lifetime, state, last_seen, updated, detail)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    number.0,
                    registration.id.to_string(),
                    peer.to_string(),
                    registration.lifetime,
                    state_number(DeviceState::Online),
                    last_seen.0,
                    updated.0,
                    blob(&registration.stored())?
                ])?;
        }
        Write::Contact {
            number,
            last_seen,
            updated,
            state,
        } => {
            transaction
                .prepare_cached(
                    "UPDATE registration SET last_seen = ?2, updated = ?3, state = ?4 WHERE device = ?1",
                )?
                .execute(params![number.0, last_seen.0, updated.0, state_number(*state)])?;
        }
        Write::Operation(entry) => operation(transaction, entry)?,
        Write::Journal {
            number,
            source,
            event,
        } => {
            transaction
                .prepare_cached(
                    "INSERT INTO journal (sequence, device, at, kind, source, event)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    event.sequence as i64,
                    number.0,
                    event.at.0,
                    event.kind.name(),
                    source,
                    blob(&event.kind)?
                ])?;
        }
        Write::Remove { number } => {
            for statement in [
                "DELETE FROM device WHERE id = ?1",
                "DELETE FROM journal WHERE device = ?1",
            ] {
                transaction.prepare_cached(statement)?.execute([number.0])?;
            }
        }
        Write::Sequence(sequence) => {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO counter (name, value) VALUES ('sequence', ?1)")?
                .execute([*sequence as i64])?;
        }
        Write::Value { .. }
        | Write::ValuesGone { .. }
        | Write::Observation { .. }
        | Write::ObservationGone { .. } => resource(transaction, write)?,
    }
    Ok(())
}

fn resource(transaction: &Transaction<'_>, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::Value {
            number,
            path,
            at,
            origin,
            value,
        } => {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO value (device, path, depth, at, origin, value)
                     SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM device WHERE id = ?1)",
                )?
                .execute(params![
                    number.0,
                    path_number(*path),
                    path.depth() as i64,
                    at.0,
                    origin_number(*origin),
                    blob(value)?
                ])?;
        }
        Write::ValuesGone { number, path } => {
            // The key sorts what is below a path right behind it.
            let free_bits = 16 * (4 - path.depth() as u32);
            let first = path_number(*path);
            let last = first | ((1i128 << free_bits) - 1) as i64;
            transaction
                .prepare_cached("DELETE FROM value WHERE device = ?1 AND path BETWEEN ?2 AND ?3")?
                .execute(params![number.0, first, last])?;
        }
        Write::Observation {
            number,
            wanted,
            token,
            request,
            since,
        } => {
            let attributes = (!wanted.attributes.is_empty()).then(|| wanted.attributes.join("&"));
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO observation (device, path, format, token, since, attributes, request)
                     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM device WHERE id = ?1)",
                )?
                .execute(params![
                    number.0,
                    wanted.subject.to_string(),
                    wanted.format.map(|format| format.0),
                    token.as_bytes(),
                    since.0,
                    attributes,
                    request.as_ref().map(request_blob)
                ])?;
        }
        Write::ObservationGone { number, subject } => {
            transaction
                .prepare_cached("DELETE FROM observation WHERE device = ?1 AND path = ?2")?
                .execute(params![number.0, subject.to_string()])?;
        }
        _ => {}
    }
    Ok(())
}

fn operation(transaction: &Transaction<'_>, entry: &Entry) -> Result<(), StoreError> {
    let view = entry.view();
    let operation = &entry.operation;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO operation (id, device, final, expires, request, result)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM device WHERE id = ?2)",
        )?
        .execute(params![
            operation.id as i64,
            operation.device.0,
            view.state.is_final(),
            operation.expires.0,
            json(&operation.request)?,
            json(&view)?
        ])?;
    if view.state.is_final() {
        transaction
            .prepare_cached(
                "DELETE FROM operation WHERE device = ?1 AND final AND id <=
                 (SELECT id FROM operation WHERE device = ?1 AND final ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute(params![operation.device.0, OPERATIONS as i64])?;
    }
    Ok(())
}

/// Deletes what the journal keeps no longer: all but the newest `keep` events, and those before `from`.
pub(crate) fn prune(transaction: &Transaction<'_>, keep: u64, from: Timestamp) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "DELETE FROM journal WHERE sequence <=
             (SELECT sequence FROM journal ORDER BY sequence DESC LIMIT 1 OFFSET ?1)",
        )?
        .execute([i64::try_from(keep).unwrap_or(i64::MAX)])?;
    // Times rise with the sequence numbers, so the old ones are the first ones.
    transaction
        .prepare_cached(
            "DELETE FROM journal WHERE sequence < coalesce(
             (SELECT sequence FROM journal WHERE at >= ?1 ORDER BY sequence LIMIT 1),
             (SELECT max(sequence) + 1 FROM journal), 0)",
        )?
        .execute([from.0])?;
    Ok(())
}

/// The request of an observation as the datagram it would be.
fn request_blob(request: &Request) -> Vec<u8> {
    let message = Message {
        kind: Kind::Confirmable,
        code: request.code,
        message_id: 0,
        token: Token::default(),
        options: request.options.clone(),
        payload: request.payload.clone(),
    };
    message.encode()
}

/// The request that [`request_blob`] kept.
pub(crate) fn request_of(blob: &[u8]) -> Option<Request> {
    let message = Message::parse(blob).ok()?;
    Some(Request {
        code: message.code,
        options: message.options,
        payload: message.payload,
    })
}

/// A path as the key of its table: its identifiers, 16 bits each, outermost first.
pub(crate) fn path_number(path: Path) -> i64 {
    let mut ids = [0u16; 4];
    ids[..path.depth()].copy_from_slice(path.ids());
    ids.iter().fold(0u64, |key, id| key << 16 | u64::from(*id)) as i64
}

/// The path of a key and its depth.
pub(crate) fn path_of(number: i64, depth: i64) -> Option<Path> {
    let key = number as u64;
    let ids = [
        (key >> 48) as u16,
        (key >> 32) as u16,
        (key >> 16) as u16,
        key as u16,
    ];
    Path::from_ids(ids.get(..usize::try_from(depth).ok()?)?)
}

/// States and origins by number, in the order of their declaration.
pub(crate) const fn state_number(state: DeviceState) -> i64 {
    state as i64
}

pub(crate) fn state_of(number: i64) -> Option<DeviceState> {
    DeviceState::ALL.into_iter().find(|state| *state as i64 == number)
}

pub(crate) const fn origin_number(origin: Origin) -> i64 {
    origin as i64
}

pub(crate) fn origin_of(number: i64) -> Option<Origin> {
    [Origin::Read, Origin::Notify, Origin::Send, Origin::Written]
        .into_iter()
        .find(|origin| *origin as i64 == number)
}

fn blob<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_allocvec(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_their_order_and_read_back_as_keys() {
        let mut last = None;
        for text in [
            "/3/0",
            "/3/0/7",
            "/3/0/7/1",
            "/3/0/9",
            "/3303/0/5700",
            "/32769/1/2",
        ] {
            let path: Path = text.parse().unwrap();
            let number = path_number(path);
            assert_eq!(path_of(number, path.depth() as i64), Some(path));
            if path.object_id() < Some(32768) {
                assert!(last < Some(number), "{text}");
                last = Some(number);
            }
        }
    }

    #[test]
    fn the_journal_keeps_the_newest_and_nothing_old() {
        let directory = tempfile::tempdir().unwrap();
        let store = crate::store::Store::open(directory.path()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let left = |keep: u64, from: i64| {
            let found = runtime.block_on(store.write(move |transaction| {
                transaction.execute("DELETE FROM journal", [])?;
                for number in 1..=100 {
                    transaction.execute(
                        "INSERT INTO journal (sequence, device, at, kind, event) VALUES (?1, 0, ?1, 'late', x'00')",
                        [number],
                    )?;
                }
                prune(transaction, keep, Timestamp(from))?;
                let found = transaction.query_row("SELECT min(sequence), count(*) FROM journal", [], |row| {
                    Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, i64>(1)?))
                })?;
                Ok(found)
            }));
            found.unwrap()
        };
        assert_eq!(left(1000, 0), (Some(1), 100));
        assert_eq!(left(10, 0), (Some(91), 10));
        assert_eq!(left(1000, 96), (Some(96), 5));
        assert_eq!(left(10, 1000), (None, 0));
    }
}
