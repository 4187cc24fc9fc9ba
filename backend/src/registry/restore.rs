//! What the store held when the server started.

use super::device::{Described, Observed};
use super::link_sets::LinkSets;
use super::persist::{address_of, origin_of, path_of, request_of, state_of};
use super::values::Known;
use super::{Device, DeviceNumber, Rows, Samples};
use crate::credential::Secured;
use crate::lwm2m::observation::{Subject, Wanted};
use crate::lwm2m::registration::profile::Profile;
use crate::lwm2m::registration::record::Stored;
use crate::lwm2m::registration::{Behind, LinkCache, ObjectLinks, Registration, RegistrationId};
use crate::shard::SavedSession;
use crate::store::StoreError;
use coap::{Request, Token};
use rusqlite::{Connection, Row};
use shared::api::{OperationRequest, OperationView};
use shared::{ContentFormat, DeviceState, Timestamp};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// A registration that is to be served again.
#[derive(Debug)]
pub(crate) struct RestoredRegistration {
    pub(crate) device: DeviceNumber,
    pub(crate) registration: Arc<Registration>,
    pub(crate) address: SocketAddr,
    pub(crate) lifetime_ends: Timestamp,
    /// Established observations, with the requests that began them.
    pub(crate) observations: Vec<(Wanted, Token, Option<Request>)>,
    /// The session behind it, with the shard that had it.
    pub(crate) session: Option<Box<SavedSession>>,
}

/// An operation that had not ended.
#[derive(Debug)]
pub(crate) struct RestoredOperation {
    pub(crate) device: DeviceNumber,
    pub(crate) request: OperationRequest,
    pub(crate) view: OperationView,
    pub(crate) expires: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) rows: Rows,
    pub(crate) registrations: Vec<RestoredRegistration>,
    /// The object lists of the registrations.
    pub(crate) links: LinkSets,
    pub(crate) wishes: Vec<(DeviceNumber, Wanted)>,
    pub(crate) operations: Vec<RestoredOperation>,
    pub(crate) profiles: Vec<(String, Profile)>,
    /// The largest device and operation numbers ever given.
    pub(crate) last_device: u32,
    pub(crate) last_operation: u64,
    /// No event up to this number may be numbered again.
    pub(crate) sequence: u64,
}

impl Restored {
    /// Reads everything. A registration whose lifetime ended while the server was away gets until `now` plus
    /// `grace` to be renewed, so that the outage does not end it.
    pub(crate) fn read(
        connection: &Connection,
        samples: Samples,
        now: Timestamp,
        grace: Duration,
    ) -> Result<Restored, StoreError> {
        let mut restored = Restored {
            rows: Rows::new(samples),
            registrations: Vec::new(),
            wishes: Vec::new(),
            operations: Vec::new(),
            profiles: profiles(connection)?,
            links: LinkSets::default(),
            last_device: last_device(connection)?,
            last_operation: last_operation(connection)?,
            sequence: sequence(connection)?,
        };
        restored.read_devices(connection, now, grace)?;
        restored.read_sessions(connection)?;
        restored.read_observations(connection)?;
        restored.read_values(connection)?;
        restored.read_operations(connection)?;
        Ok(restored)
    }

    fn read_devices(
        &mut self,
        connection: &Connection,
        now: Timestamp,
        grace: Duration,
    ) -> Result<(), StoreError> {
        let lists = read_lists(connection)?;
        let mut statement = connection.prepare(
            "SELECT id, endpoint, location, state, last_seen, updated, links, address, detail, label, tags, metadata,
             awake_window, gateway, device_id, prefix, transmission FROM device ORDER BY id",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let number = DeviceNumber(row.get(0)?);
            let endpoint: Arc<str> = row.get_ref(1)?.as_str().map_err(corrupt)?.into();
            let described = Described {
                label: text(row.get_ref(9)?)?.map(Into::into),
                tags: from_json(text(row.get_ref(10)?)?)?.unwrap_or_default(),
                metadata: from_json(text(row.get_ref(11)?)?)?.unwrap_or_default(),
                awake_window: row.get(12)?,
                transmission: from_json(text(row.get_ref(16)?)?)?,
            };
            let (device, _) = self.rows.get_or_insert(number, &endpoint);
            device.described = (described != Described::default()).then(|| Box::new(described));
            let Some(location) = row.get::<_, Option<u32>>(2)? else {
                continue;
            };
            let id = RegistrationId::new(number, location);
            let behind = read_behind(row, &self.rows)?;
            let gateway = behind.as_ref().map(|behind| behind.gateway);
            self.rows.set_gateway(number, None, gateway);
            let (device, _) = self.rows.get_or_insert(number, &endpoint);
            match read_registration(row, device, (id, behind), &lists, now, grace) {
                Ok(Some((address, registration))) => self.registrations.push(RestoredRegistration {
                    device: number,
                    registration,
                    address,
                    lifetime_ends: device.lifetime_ends,
                    observations: Vec::new(),
                    session: None,
                }),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(endpoint = &*device.endpoint, %error, "a stored registration cannot be read");
                }
            }
        }
        self.links.begin_after(lists.keys().max().copied().unwrap_or(0));
        for (set, links) in lists {
            // A list that nobody holds but this map belongs to no device any more; the store will forget it.
            if Arc::strong_count(&links) > 1 {
                self.links.restore(set, links);
            }
        }
        Ok(())
    }

    /// The sessions behind registrations. One that cannot be read is as good as none: its device makes a new one.
    fn read_sessions(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let places: HashMap<DeviceNumber, usize> = self
            .registrations
            .iter()
            .enumerate()
            .map(|(index, restored)| (restored.device, index))
            .collect();
        let mut statement = connection.prepare("SELECT device, shard, about, sealed FROM dtls_session")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let number = DeviceNumber(row.get(0)?);
            let Some(restored) = places
                .get(&number)
                .and_then(|index| self.registrations.get_mut(*index))
            else {
                continue;
            };
            let Ok(about) = postcard::from_bytes::<Secured>(&row.get::<_, Vec<u8>>(2)?) else {
                tracing::warn!(device = number.0, "a stored session cannot be read");
                continue;
            };
            restored.session = Some(Box::new(SavedSession {
                shard: row.get(1)?,
                about,
                sealed: row.get(3)?,
            }));
        }
        Ok(())
    }

    fn read_observations(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let places: HashMap<DeviceNumber, usize> = self
            .registrations
            .iter()
            .enumerate()
            .map(|(index, restored)| (restored.device, index))
            .collect();
        let mut statement = connection
            .prepare("SELECT device, path, format, token, since, attributes, request FROM observation")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let number = DeviceNumber(row.get(0)?);
            let Ok(subject) = row.get_ref(1)?.as_str().unwrap_or_default().parse::<Subject>() else {
                continue;
            };
            let attributes = text(row.get_ref(5)?)?.unwrap_or_default();
            let wanted = Wanted {
                subject: subject.clone(),
                format: row.get::<_, Option<u16>>(2)?.map(ContentFormat),
                attributes: attributes
                    .split('&')
                    .filter(|query| !query.is_empty())
                    .map(String::from)
                    .collect(),
            };
            let request = row
                .get::<_, Option<Vec<u8>>>(6)?
                .and_then(|blob| request_of(&blob));
            let token = row
                .get::<_, Option<Vec<u8>>>(3)?
                .and_then(|bytes| Token::new(&bytes));
            let since = Timestamp(row.get(4)?);
            self.wishes.push((number, wanted.clone()));
            let serving = places
                .get(&number)
                .and_then(|index| self.registrations.get_mut(*index));
            let established = token.filter(|_| serving.is_some());
            if let (Some(restored), Some(token)) = (serving, established) {
                restored.observations.push((wanted, token, request));
            }
            if let Some(device) = self.rows.get_mut(number) {
                device.observations.push(Observed {
                    subject,
                    token: established,
                    since,
                    last_notification: None,
                    notifications: 0,
                });
            }
        }
        Ok(())
    }

    fn read_values(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let mut statement = connection.prepare(
            "SELECT device, path, depth, at, origin, value FROM value ORDER BY device, path, depth",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let Some(device) = self.rows.get_mut(DeviceNumber(row.get(0)?)) else {
                continue;
            };
            let known = (
                path_of(row.get(1)?, row.get(2)?),
                origin_of(row.get(4)?),
                row.get_ref(5)?
                    .as_blob()
                    .ok()
                    .and_then(|blob| postcard::from_bytes(blob).ok()),
            );
            if let (Some(path), Some(origin), Some(value)) = known {
                device.values.set(
                    Known {
                        path,
                        origin,
                        dirty: false,
                        stamped: false,
                        at: Timestamp(row.get(3)?),
                        value,
                    },
                    usize::MAX,
                );
            }
        }
        Ok(())
    }

    fn read_operations(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let mut statement = connection
            .prepare("SELECT device, expires, request, result FROM operation WHERE NOT final ORDER BY id")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let request = from_json(text(row.get_ref(2)?)?)?;
            let view = from_json(text(row.get_ref(3)?)?)?;
            if let (Some(request), Some(view)) = (request, view) {
                self.operations.push(RestoredOperation {
                    device: DeviceNumber(row.get(0)?),
                    request,
                    view,
                    expires: Timestamp(row.get(1)?),
                });
            }
        }
        Ok(())
    }
}

/// The object lists by number. One that cannot be read any more is left out, and so are its registrations.
fn read_lists(connection: &Connection) -> Result<HashMap<u32, Arc<ObjectLinks>>, StoreError> {
    let mut cache = LinkCache::default();
    let mut lists = HashMap::new();
    let mut statement = connection.prepare("SELECT id, version, formats, payload FROM link_set")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let set: u32 = row.get(0)?;
        let version = row
            .get_ref(1)?
            .as_str()
            .map_err(corrupt)?
            .parse::<shared::Version>();
        let formats = row.get_ref(2)?.as_str().map_err(corrupt)?;
        let formats: Vec<ContentFormat> = formats
            .split_ascii_whitespace()
            .filter_map(|format| format.parse().ok())
            .map(ContentFormat)
            .collect();
        let payload = row.get_ref(3)?.as_bytes().map_err(corrupt)?;
        let links = version.map_err(|error| error.to_string()).and_then(|version| {
            let links = cache.with_formats(version, payload, &formats);
            links.map_err(|refusal| refusal.reason)
        });
        match links {
            Ok(links) => {
                lists.insert(set, links);
            }
            Err(reason) => tracing::warn!(set, reason, "a stored object list cannot be read"),
        }
    }
    Ok(lists)
}

/// Fills the device in; its address and registration if it is registered.
fn read_registration(
    row: &Row<'_>,
    device: &mut Device,
    (id, behind): (RegistrationId, Option<Arc<Behind>>),
    lists: &HashMap<u32, Arc<ObjectLinks>>,
    now: Timestamp,
    grace: Duration,
) -> Result<Option<(SocketAddr, Arc<Registration>)>, StoreError> {
    let unreadable = |what: &str| StoreError::Corrupt(format!("its {what} cannot be read"));
    let state = state_of(row.get(3)?).ok_or_else(|| unreadable("state"))?;
    let links = lists.get(&row.get(6)?).ok_or_else(|| unreadable("object list"))?;
    let address = row.get_ref(7)?.as_blob().map_err(corrupt)?;
    let peer = address_of(address).ok_or_else(|| unreadable("address"))?;
    let detail = row.get_ref(8)?.as_blob().map_err(corrupt)?;
    let stored: Stored<'_> = postcard::from_bytes(detail).map_err(|_| unreadable("detail"))?;
    let links = match &behind {
        Some(behind) => {
            let (payload, formats) = (&links.payload, &links.formats);
            let read = ObjectLinks::behind_gateway(links.version, payload, formats, &behind.prefix);
            Arc::new(read.map_err(|_| unreadable("object list"))?)
        }
        None => links.clone(),
    };
    let mut registration = Registration::restore(id, device.endpoint.clone(), &stored, links);
    registration.behind = behind;
    let registration = Arc::new(registration);
    device.last_seen = row.get::<_, Option<i64>>(4)?.map(Timestamp);
    device.peer = Some(peer);
    device.registration = Some(registration.clone());
    device.renewed(Timestamp(row.get(5)?));
    device.state = state;
    if !state.is_registered() {
        return Ok(None);
    }
    // Whether it slept is not known after the outage; its next message or its window will tell.
    device.state = if device.queue_mode() {
        DeviceState::Asleep
    } else {
        DeviceState::Online
    };
    let granted = Timestamp(now.0.saturating_add(grace.as_millis() as i64));
    device.lifetime_ends = device.lifetime_ends.max(granted);
    Ok(Some((peer, registration)))
}

/// The gateway that a device is behind. One that is gone took its devices with it.
fn read_behind(row: &Row<'_>, rows: &Rows) -> Result<Option<Arc<Behind>>, StoreError> {
    let Some(gateway) = row.get::<_, Option<u32>>(13)?.map(DeviceNumber) else {
        return Ok(None);
    };
    let endpoint = rows.get(gateway).map(|gateway| gateway.endpoint.clone());
    let (device_id, prefix) = (text(row.get_ref(14)?)?, text(row.get_ref(15)?)?);
    Ok(endpoint
        .zip(device_id)
        .zip(prefix)
        .map(|((endpoint, device_id), prefix)| {
            Arc::new(Behind {
                gateway,
                endpoint,
                device_id: device_id.into(),
                prefix: prefix.into(),
            })
        }))
}

fn profiles(connection: &Connection) -> Result<Vec<(String, Profile)>, StoreError> {
    let mut statement = connection.prepare("SELECT id, links, learnt FROM profile ORDER BY id")?;
    let found = statement.query_map([], |row| {
        let profile = Profile {
            links: row.get(1)?,
            learnt: row.get(2)?,
        };
        Ok((row.get(0)?, profile))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The largest number that a device ever had.
fn last_device(connection: &Connection) -> Result<u32, StoreError> {
    let found = connection.query_row(
        "SELECT max(coalesce((SELECT max(id) FROM device), 0),
                    coalesce((SELECT value FROM counter WHERE name = 'device'), 0))",
        [],
        |row| row.get(0),
    )?;
    Ok(found)
}

fn last_operation(connection: &Connection) -> Result<u64, StoreError> {
    let found: i64 = connection.query_row(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'operation'",
        [],
        |row| row.get(0),
    )?;
    Ok(u64::try_from(found).unwrap_or_default())
}

fn sequence(connection: &Connection) -> Result<u64, StoreError> {
    let found: i64 = connection.query_row(
        "SELECT max(coalesce((SELECT value FROM counter WHERE name = 'sequence'), 0),
                    coalesce((SELECT max(sequence) FROM journal), 0),
                    coalesce((SELECT max(last) FROM journal_batch), 0))",
        [],
        |row| row.get(0),
    )?;
    Ok(u64::try_from(found).unwrap_or_default())
}

fn from_json<T: serde::de::DeserializeOwned>(text: Option<&str>) -> Result<Option<T>, StoreError> {
    text.map(|text| serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string())))
        .transpose()
}

/// A text column that may be null.
fn text(value: rusqlite::types::ValueRef<'_>) -> Result<Option<&str>, StoreError> {
    match value {
        rusqlite::types::ValueRef::Null => Ok(None),
        value => value
            .as_str()
            .map(Some)
            .map_err(|error| StoreError::Corrupt(error.to_string())),
    }
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
