//! What happened, in the store.
//!
//! Few events at a time are rows of `journal`, which SQL can read. Many at once, when a fleet registers, are blobs of
//! `journal_batch`: a row and an entry of an index for each would cost more than everything else the event needs.

use super::DeviceNumber;
use super::told::{Telling, Told};
use crate::core::EventQuery;
use crate::lwm2m::registration::record::Stored;
use crate::lwm2m::registration::{LinkCache, ObjectLinks, Registration, RegistrationId};
use crate::store::StoreError;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Transaction, params, params_from_iter};
use serde::{Deserialize, Serialize};
use shared::event::{Event, EventKind};
use shared::{ContentFormat, Timestamp, Version};
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// From how many events at a time on they are kept as a blob,
const BATCH: usize = 16;
/// of at most so many.
const LARGEST_BATCH: usize = 512;
/// The most events one answer has.
const MOST_READ: usize = 1000;

/// An event that is to be kept. The device's number is 0 for a sender that is no device.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) number: DeviceNumber,
    pub(crate) event: Arc<Told>,
}

impl Entry {
    fn source(&self) -> Option<&str> {
        (self.number.0 == 0).then_some(&*self.event.endpoint)
    }
}

/// Many events, as postcard.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    /// The object lists of the registrations in it, each once.
    #[serde(borrow)]
    links: Vec<KeptLinks<'a>>,
    events: Vec<KeptEvent<'a>>,
}

#[derive(Serialize, Deserialize)]
struct KeptLinks<'a> {
    version: Version,
    #[serde(borrow)]
    payload: &'a [u8],
    formats: Cow<'a, [ContentFormat]>,
}

#[derive(Serialize, Deserialize)]
struct KeptEvent<'a> {
    sequence: u64,
    at: Timestamp,
    device: u32,
    source: Option<Cow<'a, str>>,
    what: KeptWhat<'a>,
}

#[derive(Serialize, Deserialize)]
enum KeptWhat<'a> {
    Registered {
        registration: KeptRegistration<'a>,
        replaced: bool,
    },
    Updated {
        registration: Option<KeptRegistration<'a>>,
        lifetime_ends: Timestamp,
    },
    Other(Cow<'a, EventKind>),
}

#[derive(Serialize, Deserialize)]
struct KeptRegistration<'a> {
    id: RegistrationId,
    peer: SocketAddr,
    /// Which of the batch's object lists.
    links: u32,
    stored: Stored<'a>,
}

impl<'a> Kept<'a> {
    fn new(entries: &'a [Entry]) -> Kept<'a> {
        let mut places: HashMap<*const ObjectLinks, u32> = HashMap::new();
        let mut links = Vec::new();
        let mut kept = |registration: &'a Registration, peer: SocketAddr| {
            let list: &'a ObjectLinks = &registration.links;
            let place = *places.entry(list).or_insert_with(|| {
                links.push(KeptLinks {
                    version: list.version,
                    payload: &list.payload,
                    formats: Cow::Borrowed(&list.formats),
                });
                links.len() as u32 - 1
            });
            KeptRegistration {
                id: registration.id,
                peer,
                links: place,
                stored: registration.stored(),
            }
        };
        let events = entries.iter().map(|entry| KeptEvent {
            sequence: entry.event.sequence,
            at: entry.event.at,
            device: entry.number.0,
            source: entry.source().map(Cow::Borrowed),
            what: match &entry.event.what {
                Telling::Registered {
                    registration,
                    peer,
                    replaced,
                } => KeptWhat::Registered {
                    registration: kept(registration, *peer),
                    replaced: *replaced,
                },
                Telling::Updated {
                    changed,
                    lifetime_ends,
                } => KeptWhat::Updated {
                    registration: changed
                        .as_ref()
                        .map(|(registration, peer)| kept(registration, *peer)),
                    lifetime_ends: *lifetime_ends,
                },
                Telling::Other(kind) => KeptWhat::Other(Cow::Borrowed(kind)),
            },
        });
        let events = events.collect();
        Kept { links, events }
    }
}

/// Keeps events, in the order of their numbers.
pub(crate) fn write(transaction: &Transaction<'_>, entries: &[Entry]) -> Result<(), StoreError> {
    if entries.len() < BATCH {
        return entries.iter().try_for_each(|entry| write_row(transaction, entry));
    }
    entries
        .chunks(LARGEST_BATCH)
        .try_for_each(|batch| write_batch(transaction, batch))
}

fn write_row(transaction: &Transaction<'_>, entry: &Entry) -> Result<(), StoreError> {
    let event = &entry.event;
    transaction
        .prepare_cached(
            "INSERT INTO journal (sequence, device, at, kind, source, event) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            event.sequence as i64,
            entry.number.0,
            event.at.0,
            event.name(),
            entry.source(),
            blob(&event.kind())?
        ])?;
    Ok(())
}

fn write_batch(transaction: &Transaction<'_>, entries: &[Entry]) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(());
    };
    let mut devices: Vec<u32> = entries.iter().map(|entry| entry.number.0).collect();
    devices.sort_unstable();
    devices.dedup();
    let devices: Vec<u8> = devices.into_iter().flat_map(u32::to_be_bytes).collect();
    let times = || entries.iter().map(|entry| entry.event.at.0);
    let kinds = entries
        .iter()
        .fold(0, |kinds, entry| kinds | kind_bit(entry.event.name()));
    transaction
        .prepare_cached(
            "INSERT INTO journal_batch (last, first, count, earliest, latest, kinds, devices, events)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            last.event.sequence as i64,
            first.event.sequence as i64,
            entries.len() as i64,
            times().min(),
            times().max(),
            kinds,
            devices,
            blob(&Kept::new(entries))?
        ])?;
    Ok(())
}

/// The kinds of events, a bit each, in an order that may only be appended to.
const KINDS: [&str; 16] = [
    "registered",
    "updated",
    "deregistered",
    "values",
    "observation_started",
    "observation_ended",
    "operation",
    "refused",
    "awake",
    "asleep",
    "late",
    "described",
    "decommissioned",
    "restored",
    "provisioned",
    "bootstrap",
];

/// The bit of a kind; that of all that have none is the highest.
fn kind_bit(name: &str) -> i64 {
    let place = KINDS.iter().position(|kind| *kind == name);
    1 << place.unwrap_or(62)
}

/// The events that are asked for, of the device of this number if it is one.
///
/// # Errors
/// [`StoreError`] if the store cannot be read.
pub(crate) fn read(
    connection: &Connection,
    query: &EventQuery,
    device: Option<u32>,
) -> Result<Vec<Event>, StoreError> {
    let mut events = read_rows(connection, query, device)?;
    events.extend(read_batches(connection, query, device)?);
    events.sort_unstable_by_key(|event| event.sequence);
    if query.since.is_none() {
        events.reverse();
    }
    events.truncate(limit(query));
    Ok(events)
}

fn limit(query: &EventQuery) -> usize {
    query.limit.clamp(1, MOST_READ)
}

fn number(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

fn read_rows(
    connection: &Connection,
    query: &EventQuery,
    device: Option<u32>,
) -> Result<Vec<Event>, StoreError> {
    let (sql, values) = statement(query, device);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(Event {
            sequence: row.get::<_, i64>(0)? as u64,
            at: Timestamp(row.get(1)?),
            endpoint: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
            kind: read_blob(row.get_ref(3)?.as_blob().map_err(corrupt)?)?,
        });
    }
    Ok(events)
}

fn statement(query: &EventQuery, device: Option<u32>) -> (String, Vec<Sql>) {
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    let mut add = |condition: &str, value: Sql| {
        values.push(value);
        conditions.push(format!("{condition} ?{}", values.len()));
    };
    match (device, &query.endpoint) {
        (Some(device), _) => add("journal.device =", Sql::from(i64::from(device))),
        (None, Some(source)) => {
            add("journal.device =", Sql::from(0));
            add("journal.source =", Sql::from(source.clone()));
        }
        (None, None) => {}
    }
    if let Some(since) = query.since {
        add("sequence >", Sql::from(number(since)));
    }
    if let Some(before) = query.before {
        add("sequence <", Sql::from(number(before)));
    }
    if let Some(from) = query.from {
        add("at >=", Sql::from(from.0));
    }
    if let Some(until) = query.until {
        add("at <", Sql::from(until.0));
    }
    if !query.kinds.is_empty() {
        let first = values.len();
        values.extend(query.kinds.iter().take(32).cloned().map(Sql::from));
        let places: Vec<String> = (first + 1..=values.len())
            .map(|place| format!("?{place}"))
            .collect();
        conditions.push(format!("kind IN ({})", places.join(", ")));
    }
    let condition = if conditions.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", conditions.join(" AND "))
    };
    let order = if query.since.is_some() { "ASC" } else { "DESC" };
    values.push(Sql::from(limit(query) as i64));
    let sql = format!(
        "SELECT sequence, at, coalesce(source, endpoint), event
         FROM journal LEFT JOIN device ON device.id = journal.device
         {condition} ORDER BY sequence {order} LIMIT ?{}",
        values.len()
    );
    (sql, values)
}

/// Batch by batch until there are enough. Which devices a batch is about is read before its events are.
fn read_batches(
    connection: &Connection,
    query: &EventQuery,
    device: Option<u32>,
) -> Result<Vec<Event>, StoreError> {
    let wanted = device.or_else(|| query.endpoint.as_ref().map(|_| 0));
    let order = if query.since.is_some() { "ASC" } else { "DESC" };
    let mut batches = connection.prepare_cached(&format!(
        "SELECT last, devices FROM journal_batch
         WHERE last > ?1 AND first < ?2 AND latest >= ?3 AND earliest < ?4 AND kinds & ?5 <> 0
         ORDER BY last {order}"
    ))?;
    let mut contents = connection.prepare_cached("SELECT events FROM journal_batch WHERE last = ?1")?;
    let kinds = match query.kinds.as_slice() {
        [] => i64::MAX,
        kinds => kinds.iter().fold(0, |bits, kind| bits | kind_bit(kind)),
    };
    let mut rows = batches.query(params![
        query.since.map_or(-1, number),
        query.before.map_or(i64::MAX, number),
        query.from.map_or(i64::MIN, |from| from.0),
        query.until.map_or(i64::MAX, |until| until.0),
        kinds
    ])?;
    let mut reading = Reading {
        connection,
        query,
        wanted,
        endpoints: HashMap::new(),
        links: LinkCache::default(),
        events: Vec::new(),
    };
    while reading.events.len() < limit(query)
        && let Some(row) = rows.next()?
    {
        let devices = row.get_ref(1)?.as_blob().map_err(corrupt)?;
        if wanted.is_none_or(|wanted| concerns(devices, wanted)) {
            let mut found = contents.query([row.get::<_, i64>(0)?])?;
            if let Some(row) = found.next()? {
                reading.take(row.get_ref(0)?.as_blob().map_err(corrupt)?)?;
            }
        }
    }
    Ok(reading.events)
}

/// Whether the number is one of those in the sorted list.
fn concerns(devices: &[u8], wanted: u32) -> bool {
    let (devices, _) = devices.as_chunks::<4>();
    devices.binary_search(&wanted.to_be_bytes()).is_ok()
}

struct Reading<'a> {
    connection: &'a Connection,
    query: &'a EventQuery,
    wanted: Option<u32>,
    /// Names of devices; none for one that was removed.
    endpoints: HashMap<u32, Option<Arc<str>>>,
    links: LinkCache,
    events: Vec<Event>,
}

impl Reading<'_> {
    fn take(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let kept: Kept<'_> = read_blob(bytes)?;
        for event in &kept.events {
            if self.is_wanted(event)
                && let Some(endpoint) = self.endpoint(event)?
            {
                let told = Told {
                    sequence: event.sequence,
                    at: event.at,
                    what: self.telling(&kept.links, &event.what, &endpoint)?,
                    endpoint,
                };
                self.events.push(told.event());
            }
        }
        Ok(())
    }

    fn is_wanted(&self, event: &KeptEvent<'_>) -> bool {
        let query = self.query;
        let name = match &event.what {
            KeptWhat::Registered { .. } => "registered",
            KeptWhat::Updated { .. } => "updated",
            KeptWhat::Other(kind) => kind.name(),
        };
        let source = event.source.as_deref();
        self.wanted.is_none_or(|wanted| wanted == event.device)
            && (self.wanted != Some(0) || source == query.endpoint.as_deref())
            && query.since.is_none_or(|since| event.sequence > since)
            && query.before.is_none_or(|before| event.sequence < before)
            && query.from.is_none_or(|from| event.at >= from)
            && query.until.is_none_or(|until| event.at < until)
            && (query.kinds.is_empty() || query.kinds.iter().any(|kind| kind == name))
    }

    fn endpoint(&mut self, event: &KeptEvent<'_>) -> Result<Option<Arc<str>>, StoreError> {
        if let Some(source) = &event.source {
            return Ok(Some(source.as_ref().into()));
        }
        if let Some(known) = self.endpoints.get(&event.device) {
            return Ok(known.clone());
        }
        let found: Option<String> = self
            .connection
            .prepare_cached("SELECT endpoint FROM device WHERE id = ?1")?
            .query_row([event.device], |row| row.get(0))
            .optional()?;
        let endpoint: Option<Arc<str>> = found.map(Into::into);
        self.endpoints.insert(event.device, endpoint.clone());
        Ok(endpoint)
    }

    fn telling(
        &mut self,
        links: &[KeptLinks<'_>],
        what: &KeptWhat<'_>,
        endpoint: &Arc<str>,
    ) -> Result<Telling, StoreError> {
        let mut restore = |kept: &KeptRegistration<'_>| {
            let list = links
                .get(kept.links as usize)
                .ok_or_else(|| StoreError::Corrupt("an object list is missing".into()))?;
            let list = self
                .links
                .with_formats(list.version, list.payload, &list.formats)
                .map_err(|refusal| StoreError::Corrupt(refusal.reason))?;
            let registration = Registration::restore(kept.id, endpoint.clone(), &kept.stored, list);
            Ok::<_, StoreError>((Arc::new(registration), kept.peer))
        };
        Ok(match what {
            KeptWhat::Registered {
                registration,
                replaced,
            } => {
                let (registration, peer) = restore(registration)?;
                Telling::Registered {
                    registration,
                    peer,
                    replaced: *replaced,
                }
            }
            KeptWhat::Updated {
                registration,
                lifetime_ends,
            } => Telling::Updated {
                changed: registration.as_ref().map(restore).transpose()?,
                lifetime_ends: *lifetime_ends,
            },
            KeptWhat::Other(kind) => Telling::Other(kind.as_ref().clone()),
        })
    }
}

/// Deletes what is kept no longer: all but the newest `keep` events, and those before `from`. Of a batch all go or none.
pub(crate) fn prune(transaction: &Transaction<'_>, keep: u64, from: Timestamp) -> Result<(), StoreError> {
    // Times rise with the sequence numbers, so the old ones are the first ones.
    let sequence = |sql: &str, value: i64| -> Result<Option<i64>, StoreError> {
        Ok(transaction
            .prepare_cached(sql)?
            .query_row([value], |row| row.get(0))
            .optional()?
            .flatten())
    };
    let rows_from = sequence(
        "SELECT coalesce((SELECT sequence FROM journal WHERE at >= ?1 ORDER BY sequence LIMIT 1),
                         (SELECT max(sequence) + 1 FROM journal))",
        from.0,
    )?;
    let surplus = surplus(transaction, keep)?;
    transaction
        .prepare_cached("DELETE FROM journal WHERE sequence < ?1 OR sequence <= ?2")?
        .execute(params![rows_from.unwrap_or(0), surplus])?;
    transaction
        .prepare_cached("DELETE FROM journal_batch WHERE latest < ?1 OR last <= ?2")?
        .execute(params![from.0, surplus])?;
    Ok(())
}

/// Up to which number there are more events than are to be kept.
fn surplus(transaction: &Transaction<'_>, keep: u64) -> Result<i64, StoreError> {
    let mut batches =
        transaction.prepare_cached("SELECT last, count FROM journal_batch ORDER BY last DESC")?;
    let mut rows = transaction.prepare_cached("SELECT sequence FROM journal ORDER BY sequence DESC")?;
    let mut batches = batches.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let mut rows = rows.query_map([], |row| Ok((row.get::<_, i64>(0)?, 1)))?;
    let (mut batch, mut row) = (batches.next().transpose()?, rows.next().transpose()?);
    let mut left = i64::try_from(keep).unwrap_or(i64::MAX);
    loop {
        let newest = batch.max(row);
        let Some((last, count)) = newest else {
            return Ok(0);
        };
        if left < count {
            return Ok(last);
        }
        left -= count;
        if newest == batch {
            batch = batches.next().transpose()?;
        } else {
            row = rows.next().transpose()?;
        }
    }
}

fn blob<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    postcard::to_allocvec(value).map_err(corrupt)
}

fn read_blob<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, StoreError> {
    postcard::from_bytes(bytes).map_err(corrupt)
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lwm2m::registration::{Way, parameters};
    use crate::store::Store;
    use shared::event::DeregistrationReason;

    fn registration(number: u32, payload: &str) -> Arc<Registration> {
        let mut options = coap::Options::new();
        for query in [
            &*format!("ep={}", name(number)),
            "lwm2m=1.1",
            "lt=300",
            "b=U",
            "color=red",
        ] {
            options.add_query(query);
        }
        let links = ObjectLinks::parse(Version::V1_1, payload.as_bytes()).unwrap();
        Arc::new(Registration::new(
            RegistrationId::new(DeviceNumber(number), 7),
            name(number).into(),
            Way::default(),
            parameters::register(&options, None).unwrap(),
            Arc::new(links.with_formats(vec![ContentFormat::TEXT].into())),
            Vec::new(),
            Timestamp(5),
        ))
    }

    fn name(number: u32) -> String {
        format!("device-{number}")
    }

    /// An event a second: devices 1 to 3 register, change and sign off in turn, and a stranger is refused.
    fn events(count: u64) -> Vec<Entry> {
        let peer = SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], 5683));
        let one = |sequence: u64| {
            let number = (sequence % 4) as u32;
            let payload = if number == 1 { "</1/0>" } else { "</1/0>,</3/0>" };
            let what = match (number, sequence % 3) {
                (0, _) => Telling::Other(EventKind::Refused {
                    what: "register".into(),
                    code: Some("4.00".into()),
                    reason: "no name".into(),
                }),
                (_, 0) => Telling::Registered {
                    registration: registration(number, payload),
                    peer,
                    replaced: true,
                },
                (_, 1) => Telling::Updated {
                    changed: Some((registration(number, payload), peer)),
                    lifetime_ends: Timestamp(9),
                },
                _ => Telling::Other(EventKind::Deregistered {
                    reason: DeregistrationReason::Deregistered,
                }),
            };
            let endpoint = if number == 0 {
                "192.0.2.1:5683".into()
            } else {
                name(number).into()
            };
            let (at, what) = (Timestamp(sequence as i64 * 1000), what);
            Entry {
                number: DeviceNumber(number),
                event: Arc::new(Told {
                    sequence,
                    at,
                    endpoint,
                    what,
                }),
            }
        };
        (1..=count).map(one).collect()
    }

    /// A store with these events, written so many at a time.
    fn store(entries: &[Entry], at_a_time: usize) -> (tempfile::TempDir, Connection) {
        let directory = tempfile::tempdir().unwrap();
        drop(Store::open(directory.path()).unwrap());
        let mut connection = Connection::open(directory.path().join("muster.db")).unwrap();
        let transaction = connection.transaction().unwrap();
        for number in 1..=3 {
            let insert = "INSERT INTO device (id, endpoint, created) VALUES (?1, ?2, 0)";
            transaction
                .execute(insert, params![number, name(number)])
                .unwrap();
        }
        for entries in entries.chunks(at_a_time) {
            write(&transaction, entries).unwrap();
        }
        transaction.commit().unwrap();
        (directory, connection)
    }

    #[test]
    fn rows_and_batches_say_the_same() {
        let entries = events(1200);
        let all: Vec<Event> = entries.iter().map(|entry| entry.event.event()).collect();
        let query = |limit: usize| EventQuery {
            limit,
            ..EventQuery::default()
        };
        let of = |number: u32| {
            (
                Some(number),
                EventQuery {
                    endpoint: Some(name(number)),
                    ..query(1000)
                },
            )
        };
        let queries = [
            (None, query(1000)),
            (None, query(3)),
            of(1),
            of(2),
            (
                Some(2),
                EventQuery {
                    since: Some(600),
                    ..of(2).1
                },
            ),
            (
                Some(2),
                EventQuery {
                    before: Some(600),
                    limit: 7,
                    ..of(2).1
                },
            ),
            (
                Some(3),
                EventQuery {
                    kinds: vec!["updated".into(), "nothing".into()],
                    ..of(3).1
                },
            ),
            (
                Some(3),
                EventQuery {
                    kinds: vec!["late".into()],
                    ..of(3).1
                },
            ),
            (
                Some(1),
                EventQuery {
                    from: Some(Timestamp(50_000)),
                    until: Some(Timestamp(70_000)),
                    ..of(1).1
                },
            ),
            (
                None,
                EventQuery {
                    endpoint: Some("192.0.2.1:5683".into()),
                    ..query(5)
                },
            ),
            (
                None,
                EventQuery {
                    endpoint: Some("192.0.2.2:5683".into()),
                    ..query(5)
                },
            ),
        ];
        for at_a_time in [1, 16, 300, 1200] {
            let (_directory, connection) = store(&entries, at_a_time);
            for (device, query) in &queries {
                let mut wanted: Vec<Event> = all
                    .iter()
                    .filter(|event| {
                        query
                            .endpoint
                            .as_ref()
                            .is_none_or(|endpoint| event.endpoint == *endpoint)
                    })
                    .filter(|event| query.since.is_none_or(|since| event.sequence > since))
                    .filter(|event| query.before.is_none_or(|before| event.sequence < before))
                    .filter(|event| query.from.is_none_or(|from| event.at >= from))
                    .filter(|event| query.until.is_none_or(|until| event.at < until))
                    .filter(|event| {
                        query.kinds.is_empty() || query.kinds.iter().any(|kind| kind == event.kind.name())
                    })
                    .cloned()
                    .collect();
                if query.since.is_none() {
                    wanted.reverse();
                }
                wanted.truncate(query.limit);
                assert_eq!(
                    read(&connection, query, *device).unwrap(),
                    wanted,
                    "{at_a_time} at a time: {query:?}"
                );
            }
        }
    }

    #[test]
    fn events_of_a_removed_device_are_not_told() {
        let (_directory, connection) = store(&events(100), 100);
        connection.execute("DELETE FROM device WHERE id = 2", []).unwrap();
        let query = EventQuery {
            limit: 1000,
            ..EventQuery::default()
        };
        let found = read(&connection, &query, None).unwrap();
        assert_eq!(found.len(), 75);
        assert!(found.iter().all(|event| event.endpoint != name(2)));
    }

    #[test]
    fn the_newest_are_kept_and_nothing_old() {
        let left = |keep: u64, from: i64| {
            let entries = events(100);
            let (_directory, mut connection) = store(&entries[..40], 1);
            let transaction = connection.transaction().unwrap();
            for batch in entries[40..].chunks(20) {
                write(&transaction, batch).unwrap();
            }
            prune(&transaction, keep, Timestamp(from)).unwrap();
            transaction.commit().unwrap();
            let query = EventQuery {
                limit: 1000,
                since: Some(0),
                ..EventQuery::default()
            };
            let found = read(&connection, &query, None).unwrap();
            (found.first().map(|event| event.sequence), found.len())
        };
        assert_eq!(left(1000, 0), (Some(1), 100));
        assert_eq!(left(70, 0), (Some(31), 70));
        assert_eq!(left(20, 0), (Some(81), 20));
        assert_eq!(left(30, 0), (Some(81), 20), "of a batch all go");
        assert_eq!(left(1000, 35_000), (Some(35), 66));
        assert_eq!(left(1000, 96_000), (Some(81), 20), "or none");
        assert_eq!(left(1000, 1_000_000), (None, 0));
    }
}
