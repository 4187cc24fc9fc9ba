//! Carries registrations from the table they were in over to their devices' rows: the step of a migration that SQL alone
//! cannot do, because a part of them is postcard.

use super::StoreError;
use crate::lwm2m::registration::record::{Rest, Stored};
use crate::lwm2m::registration::{Binding, RegistrationId};
use crate::registry::address_bytes;
use rusqlite::{Transaction, params};
use serde::Deserialize;
use shared::{Timestamp, Version};
use std::borrow::Cow;
use std::collections::HashMap;
use std::net::SocketAddr;

/// `detail` as it was.
#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
struct Before<'a> {
    version: Version,
    lifetime: u32,
    binding: String,
    queue_mode: bool,
    links: &'a [u8],
    registered_at: Timestamp,
    rest: Option<Rest>,
}

pub(super) fn registrations(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut found = transaction.prepare(
        "SELECT device, location, address, state, last_seen, updated, detail FROM registration ORDER BY device",
    )?;
    let mut rows = found.query([])?;
    let mut sets: HashMap<(Version, Vec<u8>), i64> = HashMap::new();
    while let Some(row) = rows.next()? {
        let device: u32 = row.get(0)?;
        let location = row.get::<_, String>(1)?.parse::<RegistrationId>().ok();
        let address = row.get::<_, String>(2)?.parse::<SocketAddr>().ok();
        let detail: Vec<u8> = row.get(6)?;
        let before = postcard::from_bytes::<Before<'_>>(&detail).ok();
        let (Some(location), Some(address), Some(before)) = (location, address, before) else {
            tracing::warn!(
                device,
                "a stored registration cannot be read; its device has to register again"
            );
            continue;
        };
        let next = sets.len() as i64 + 1;
        let links = *sets
            .entry((before.version, before.links.to_vec()))
            .or_insert(next);
        if links == next {
            let payload = String::from_utf8_lossy(before.links);
            transaction.execute(
                "INSERT INTO link_set (id, version, formats, payload) VALUES (?1, ?2, '', ?3)",
                params![links, before.version.as_str(), payload],
            )?;
        }
        let stored = Stored {
            lifetime: before.lifetime,
            binding: Binding::parse(&before.binding).0,
            queue_mode: before.queue_mode,
            registered_at: before.registered_at,
            rest: before.rest.map(Cow::Owned),
            transport: Default::default(),
            secured: None,
        };
        let detail =
            postcard::to_allocvec(&stored).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        transaction.execute(
            "UPDATE device SET location = ?2, address = ?3, lifetime = ?4, state = ?5, last_seen = ?6, updated = ?7,
             links = ?8, detail = ?9 WHERE id = ?1",
            params![
                device,
                location.random(),
                address_bytes(address).as_slice(),
                before.lifetime,
                row.get::<_, i64>(3)?,
                row.get::<_, i64>(4)?,
                row.get::<_, i64>(5)?,
                links,
                detail
            ],
        )?;
    }
    drop(rows);
    drop(found);
    transaction.execute_batch("DROP TABLE registration")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{Core, CoreConfig};
    use crate::store::{Store, tables};
    use rusqlite::Connection;
    use shared::DeviceState;

    #[tokio::test]
    async fn what_the_old_tables_held_is_served() {
        let directory = tempfile::tempdir().unwrap();
        let before = Connection::open(directory.path().join("muster.db")).unwrap();
        for step in [
            tables::CORE.sql,
            crate::auth::ACCOUNTS.sql,
            "PRAGMA user_version = 2",
        ] {
            before.execute_batch(step).unwrap();
        }
        let id = RegistrationId::new(crate::registry::DeviceNumber(5), 77);
        let detail = Before {
            version: Version::V1_1,
            lifetime: 300,
            binding: "UT".into(),
            queue_mode: true,
            links: b"</1/0>,</3/0>",
            registered_at: Timestamp(1000),
            rest: None,
        };
        before
            .execute_batch(
                "INSERT INTO device (id, endpoint, label, created) VALUES (5, 'old', 'Cellar', 1), (9, 'gone', NULL, 1);
                 INSERT INTO observation (device, path, since) VALUES (5, '/3/0/9', 1);
                 DELETE FROM device WHERE id = 9",
            )
            .unwrap();
        before
            .execute(
                "INSERT INTO registration VALUES (5, ?1, '192.0.2.7:5683', 300, ?2, 2000, 2000, ?3)",
                params![
                    id.to_string(),
                    DeviceState::Online as i64,
                    postcard::to_allocvec(&detail).unwrap()
                ],
            )
            .unwrap();
        drop(before);

        let config = CoreConfig {
            coap: None,
            shards: 1,
            data_dir: directory.path().into(),
            ..CoreConfig::default()
        };
        let core = Core::start(config).unwrap();
        let detail = core.device("old").unwrap();
        let registration = detail.registration.unwrap();
        assert_eq!(detail.row.label.as_deref(), Some("Cellar"));
        assert_eq!(
            (registration.id, registration.address, registration.binding),
            (id.to_string(), "192.0.2.7:5683".into(), "UT".into())
        );
        assert_eq!(registration.objects.len(), 2);
        assert_eq!(core.observations("old").unwrap().len(), 1);
        core.shutdown().await.unwrap();
        let store = Store::open(directory.path()).unwrap();
        let last = store.read_now(|connection| {
            Ok(
                connection.query_row("SELECT value FROM counter WHERE name = 'device'", [], |row| {
                    row.get::<_, u32>(0)
                })?,
            )
        });
        assert_eq!(last.unwrap(), 9, "a number is never given again");
    }
}
