//! What goes to the store: at once what must not be lost, every few seconds what changes all the time.

use super::device::Described;
use super::history::{self, Point};
use super::journal::{self, Entry as JournalEntry};
use super::{DeviceNumber, Rows};
use crate::lwm2m::observation::{Subject, Wanted};
use crate::lwm2m::operation::book::Entry;
use crate::lwm2m::registration::profile::Profile;
use crate::lwm2m::registration::{Behind, ObjectLinks, Registration};
use crate::store::StoreError;
use coap::{Kind, Message, Request, Token};
use rusqlite::{CachedStatement, Transaction, params};
use shared::event::Origin;
use shared::{DeviceState, Path, Timestamp, Value};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// How many operations are kept of one device.
const OPERATIONS: u64 = 100;

/// One change of the store.
#[derive(Debug)]
pub(crate) enum Write {
    /// An object list that the registrations after it refer to.
    Links {
        set: u32,
        links: Arc<ObjectLinks>,
    },
    /// A device that is made known before it registers.
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
        /// The number of its object list.
        set: u32,
        peer: SocketAddr,
        at: Timestamp,
    },
    /// The gateway that a registered device is behind, or that it is behind none any more.
    Behind {
        number: DeviceNumber,
        behind: Option<Arc<Behind>>,
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
    /// Numbers since the last time.
    History(Vec<Point>),
    Profile {
        id: String,
        profile: Profile,
        at: Timestamp,
    },
    Journal(JournalEntry),
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

/// Carries the changes out. Of several registrations of one device only the last is written.
pub(crate) fn carry_out(transaction: &Transaction<'_>, writes: Writes) -> Result<(), StoreError> {
    let last = last_registrations(&writes);
    let mut statements = Statements::default();
    let mut journal = Vec::new();
    for (place, write) in writes.into_iter().enumerate() {
        match write {
            Write::Journal(entry) => journal.push(entry),
            Write::Registration { number, .. } if last.get(&number).is_some_and(|last| *last != place) => {}
            Write::Remove { .. } => {
                // What is to be removed must be there.
                journal::write(transaction, &std::mem::take(&mut journal))?;
                one(transaction, &mut statements, &write)?;
            }
            write => one(transaction, &mut statements, &write)?,
        }
    }
    journal::write(transaction, &journal)
}

/// Where the last registration of each device is, if there is more than one at all.
fn last_registrations(writes: &Writes) -> HashMap<DeviceNumber, usize> {
    let of = |(place, write): (usize, &Write)| match write {
        Write::Registration { number, .. } => Some((*number, place)),
        _ => None,
    };
    let registrations = writes.iter().enumerate().filter_map(of);
    if registrations.clone().nth(1).is_none() {
        return HashMap::new();
    }
    registrations.collect()
}

/// The statements of the most frequent changes, at hand for as long as a job runs.
#[derive(Default)]
struct Statements<'a> {
    registration: Option<CachedStatement<'a>>,
    contact: Option<CachedStatement<'a>>,
    value: Option<CachedStatement<'a>>,
}

/// The statement in the slot, prepared if it is not.
fn at_hand<'s, 'a>(
    slot: &'s mut Option<CachedStatement<'a>>,
    transaction: &'a Transaction<'_>,
    sql: &str,
) -> Result<&'s mut CachedStatement<'a>, StoreError> {
    match slot {
        Some(statement) => Ok(statement),
        None => Ok(slot.insert(transaction.prepare_cached(sql)?)),
    }
}

fn one<'a>(
    transaction: &'a Transaction<'_>,
    statements: &mut Statements<'a>,
    write: &Write,
) -> Result<(), StoreError> {
    match write {
        Write::Links { set, links } => {
            let formats: Vec<String> = links.formats.iter().map(|format| format.0.to_string()).collect();
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO link_set (id, version, formats, payload) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    set,
                    links.version.as_str(),
                    formats.join(" "),
                    String::from_utf8_lossy(&links.payload)
                ])?;
        }
        Write::Describe { number, described } => {
            transaction
                .prepare_cached(
                    "UPDATE device SET label = ?2, tags = ?3, metadata = ?4, awake_window = ?5, transmission = ?6
                     WHERE id = ?1",
                )?
                .execute(params![
                    number.0,
                    described.label.as_deref(),
                    json(&described.tags)?,
                    json(&described.metadata)?,
                    described.awake_window,
                    described.transmission.as_ref().map(json).transpose()?
                ])?;
        }
        Write::Device {
            number,
            endpoint,
            created,
        } => {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO device (id, endpoint, created) VALUES (?1, ?2, ?3)")?
                .execute(params![number.0, &**endpoint, created.0])?;
        }
        Write::Registration {
            number,
            registration,
            set,
            peer,
            at,
        } => {
            let upsert = at_hand(
                &mut statements.registration,
                transaction,
                "INSERT INTO device (id, endpoint, created, location, state, last_seen, updated, lifetime, links,
                                     address, detail)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?3, ?3, ?6, ?7, ?8, ?9)
                 ON CONFLICT (id) DO UPDATE SET
                     location = ?4, state = ?5, last_seen = ?3, updated = ?3, lifetime = ?6, links = ?7,
                     address = ?8, detail = ?9",
            )?;
            upsert.execute(params![
                number.0,
                &*registration.endpoint,
                at.0,
                registration.id.random(),
                state_number(DeviceState::Online),
                registration.lifetime,
                set,
                address_bytes(*peer).as_slice(),
                blob(&registration.stored())?
            ])?;
        }
        Write::Behind { number, behind } => {
            transaction
                .prepare_cached("UPDATE device SET gateway = ?2, device_id = ?3, prefix = ?4 WHERE id = ?1")?
                .execute(params![
                    number.0,
                    behind.as_ref().map(|behind| behind.gateway.0),
                    behind.as_ref().map(|behind| &*behind.device_id),
                    behind.as_ref().map(|behind| &*behind.prefix)
                ])?;
        }
        Write::Contact {
            number,
            last_seen,
            updated,
            state,
        } => {
            let update = at_hand(
                &mut statements.contact,
                transaction,
                "UPDATE device SET last_seen = ?2, updated = ?3, state = ?4 WHERE id = ?1",
            )?;
            update.execute(params![number.0, last_seen.0, updated.0, state_number(*state)])?;
        }
        Write::Operation(entry) => operation(transaction, entry)?,
        Write::History(points) => history::write(transaction, points)?,
        Write::Profile { id, profile, at } => keep_profile(transaction, id, profile, *at)?,
        Write::Remove { number } => {
            // No later device may have its number.
            transaction
                .prepare_cached(
                    "INSERT INTO counter (name, value) VALUES ('device', ?1)
                     ON CONFLICT (name) DO UPDATE SET value = max(value, ?1)",
                )?
                .execute([number.0])?;
            for statement in [
                "DELETE FROM device WHERE id = ?1",
                "DELETE FROM journal WHERE device = ?1",
            ] {
                transaction.prepare_cached(statement)?.execute([number.0])?;
            }
            history::remove(transaction, *number)?;
        }
        Write::Sequence(sequence) => {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO counter (name, value) VALUES ('sequence', ?1)")?
                .execute([*sequence as i64])?;
        }
        Write::Value {
            number,
            path,
            at,
            origin,
            value,
        } => {
            let insert = at_hand(
                &mut statements.value,
                transaction,
                "INSERT OR REPLACE INTO value (device, path, depth, at, origin, value)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM device WHERE id = ?1)",
            )?;
            insert.execute(params![
                number.0,
                path_number(*path),
                path.depth() as i64,
                at.0,
                origin_number(*origin),
                blob(value)?
            ])?;
        }
        Write::ValuesGone { .. } | Write::Observation { .. } | Write::ObservationGone { .. } => {
            resource(transaction, write)?;
        }
        // Kept by [`carry_out`] itself.
        Write::Journal(_) => {}
    }
    Ok(())
}

fn resource(transaction: &Transaction<'_>, write: &Write) -> Result<(), StoreError> {
    match write {
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

/// Keeps what a Profile ID stands for.
pub(crate) fn keep_profile(
    transaction: &Transaction<'_>,
    id: &str,
    profile: &Profile,
    at: Timestamp,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO profile (id, links, learnt, at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![id, profile.links, profile.learnt, at.0])?;
    Ok(())
}

/// An IP address and a port as bytes, 4 or 16 and 2.
pub(crate) fn address_bytes(address: SocketAddr) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(18);
    match address.ip() {
        IpAddr::V4(ip) => bytes.extend(ip.octets()),
        IpAddr::V6(ip) => bytes.extend(ip.octets()),
    }
    bytes.extend(address.port().to_be_bytes());
    bytes
}

/// The address in the bytes.
pub(crate) fn address_of(bytes: &[u8]) -> Option<SocketAddr> {
    let (ip, port) = bytes.split_last_chunk::<2>()?;
    let ip = match ip.len() {
        4 => IpAddr::from(<[u8; 4]>::try_from(ip).ok()?),
        _ => IpAddr::from(<[u8; 16]>::try_from(ip).ok()?),
    };
    Some(SocketAddr::new(ip, u16::from_be_bytes(*port)))
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
    fn an_address_reads_back_from_its_bytes() {
        for text in ["192.0.2.7:5683", "[2001:db8::1]:61616"] {
            let address: SocketAddr = text.parse().unwrap();
            assert_eq!(address_of(&address_bytes(address)), Some(address));
        }
        for bytes in [&[][..], &[1], &[1, 2, 3, 4, 5], &[0; 7], &[0; 19]] {
            assert_eq!(address_of(bytes), None);
        }
    }
}
