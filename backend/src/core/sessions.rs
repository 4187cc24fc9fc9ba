//! DTLS sessions of the run before, taken up again.

use super::{CoreConfig, Security, StartError};
use crate::credential::session_purpose;
use crate::registry::{DeviceNumber, RestoredRegistration};
use crate::shard::{Begun, Peer, Session};
use crate::store::{Store, StoreError};
use rusqlite::params;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Instant;

/// The DTLS endpoints of all shards, with what was taken up.
#[derive(Debug)]
pub(super) struct Sessions {
    pub(super) endpoints: Vec<Begun>,
    /// Where the sessions without connection ids are.
    pub(super) addresses: HashMap<SocketAddr, u16>,
    /// What is to be kept in place of what was kept before.
    renewed: Vec<(DeviceNumber, u16, Vec<u8>)>,
}

impl Sessions {
    /// Makes an endpoint for each shard and gives each its sessions, and registrations the sessions that they had. A
    /// session that cannot be taken up is lost with a message: its device has to prove anew who it is.
    pub(super) fn take_up(
        config: &CoreConfig,
        security: &Security,
        saved: Vec<(DeviceNumber, u16, Vec<u8>)>,
        registrations: &mut [RestoredRegistration],
        shards: usize,
    ) -> Result<Sessions, StartError> {
        let now = Instant::now();
        let begun = |shard| {
            Begun::new(now, config.security.endpoint(&security.key, shard as u16))
                .map_err(|error| StartError::Randomness(error.to_string()))
        };
        let mut sessions = Sessions {
            endpoints: (0..shards).map(begun).collect::<Result<_, _>>()?,
            addresses: HashMap::new(),
            renewed: Vec::new(),
        };
        let places: HashMap<DeviceNumber, usize> = registrations
            .iter()
            .enumerate()
            .map(|(index, registration)| (registration.device, index))
            .collect();
        if config.coaps.is_none() {
            return Ok(sessions);
        }
        for (device, shard, sealed) in saved {
            let registration = places
                .get(&device)
                .and_then(|index| registrations.get_mut(*index));
            let Some(registration) = registration else {
                continue;
            };
            let shard = usize::from(shard) % shards;
            if let Err(reason) = sessions.take_up_one(now, security, device, shard, &sealed, registration) {
                tracing::warn!(
                    endpoint = &*registration.registration.endpoint,
                    reason,
                    "a session is lost"
                );
            }
        }
        Ok(sessions)
    }

    fn take_up_one(
        &mut self,
        now: Instant,
        security: &Security,
        device: DeviceNumber,
        shard: usize,
        sealed: &[u8],
        registration: &mut RestoredRegistration,
    ) -> Result<(), String> {
        let purpose = session_purpose(device.0);
        let vault = security.credentials.vault();
        let opened = vault
            .open_sealed(&purpose, sealed)
            .map_err(|error| error.to_string())?;
        let secured = registration.registration.secured.clone();
        let secured = secured.ok_or("its registration has none")?;
        let endpoint = self.endpoints.get_mut(shard).ok_or("there is no such shard")?;
        let (id, next, address) = endpoint
            .take_up(now, &opened, secured)
            .map_err(|error| error.to_string())?;
        let shard = shard as u16;
        if let Some(address) = address {
            self.addresses.insert(address, shard);
        }
        registration.peer = Peer::Dtls(Session { shard, id });
        let sealed = vault.seal(&purpose, &next).map_err(|error| error.to_string())?;
        self.renewed.push((device, shard, sealed));
        Ok(())
    }

    /// Keeps what was taken up, with the numbers of its records advanced, before any of it is used: what was kept
    /// before must never be taken up a second time.
    pub(super) fn save(&self, store: &Store) -> Result<(), StartError> {
        let (store, renewed) = (store.clone(), self.renewed.clone());
        let write = move |transaction: &rusqlite::Transaction<'_>| -> Result<(), StoreError> {
            transaction.execute("DELETE FROM dtls_session", [])?;
            let mut statement = transaction
                .prepare("INSERT INTO dtls_session (device, shard, sealed) VALUES (?1, ?2, ?3)")?;
            for (device, shard, sealed) in &renewed {
                statement.execute(params![device.0, shard, sealed])?;
            }
            Ok(())
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(StartError::Thread)?;
        // On a thread of its own, because the caller may be one of another runtime.
        let written = std::thread::spawn(move || runtime.block_on(store.write(write))).join();
        match written {
            Ok(result) => Ok(result?),
            Err(_) => Err(StartError::Thread(std::io::ErrorKind::Other.into())),
        }
    }
}
