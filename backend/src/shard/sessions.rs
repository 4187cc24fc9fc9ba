//! DTLS sessions in the store, encrypted, so that a device does not notice a restart.
//!
//! A session is saved when its device registers, when its address changes, every few minutes while it is used, and when the
//! server stops. After a crash the numbers of our records go on far ahead of what was saved, so that none is used twice (see `dtls`).

use super::Peer;
use super::state::{Now, Shard};
use crate::credential::Secured;
use crate::registry::DeviceNumber;
use crate::store::StoreError;
use dtls::SessionId;
use rusqlite::params;
use std::time::{Duration, Instant};

/// How long a session may wait to be saved.
pub(super) const SAVE_AFTER: Duration = Duration::from_secs(2);

/// How long a session lives in which no device is registered, in milliseconds. Such a device is away, and makes a new one when
/// it comes back.
const UNUSED: i64 = 24 * 3600 * 1000;

/// How many are saved in one go, and the pause before the next ones: a turn of the shard is to stay short.
const SAVED_AT_ONCE: usize = 256;
const PAUSE: Duration = Duration::from_millis(50);

/// A session as the store keeps it.
#[derive(Debug)]
pub(crate) struct SavedSession {
    pub(crate) shard: u16,
    pub(crate) about: Secured,
    pub(crate) sealed: Vec<u8>,
}

struct Row {
    device: DeviceNumber,
    shard: u16,
    about: Vec<u8>,
    sealed: Vec<u8>,
}

/// What a sealed session is bound to.
fn purpose(device: DeviceNumber) -> Vec<u8> {
    format!("dtls session {}", device.0).into_bytes()
}

impl Shard {
    /// Notes that the session of a registration is to be saved.
    pub(super) fn save_soon(&mut self, peer: Peer, now: Instant) {
        if let (Peer::Dtls { session, .. }, Some(secure)) = (peer, &mut self.transports.secure) {
            secure.unsaved.insert(session);
            self.save_at.get_or_insert(now + SAVE_AFTER);
        }
    }

    /// Hands the sessions that wait to the store, if it is time.
    pub(super) fn save_due(&mut self, now: Instant) {
        if self.save_at.is_none_or(|at| at > now) {
            return;
        }
        self.save_at = None;
        let waiting: Vec<SessionId> = match &mut self.transports.secure {
            Some(secure) => {
                let some: Vec<SessionId> = secure.unsaved.iter().take(SAVED_AT_ONCE).copied().collect();
                some.iter().for_each(|session| {
                    secure.unsaved.remove(session);
                });
                if !secure.unsaved.is_empty() {
                    self.save_at = Some(now + PAUSE);
                }
                some
            }
            None => return,
        };
        let rows = self.rows(waiting);
        let store = self.surroundings.store.clone();
        // The writer's queue is bounded; what waits for room in it waits here, not in the shard's turn.
        tokio::spawn(async move {
            if let Err(error) = store.post(move |transaction| write(transaction, &rows)).await {
                tracing::warn!(%error, "sessions were not saved");
            }
        });
    }

    /// Whether there are sessions to be looked through.
    pub(super) fn has_sessions(&self) -> bool {
        self.transports.secure.is_some() || self.streams.any_secured()
    }

    /// Now and then: ends the sessions whose credentials have expired, and has those saved that were used since.
    pub(super) fn sweep_sessions(&mut self, now: Now) {
        let interval = self.surroundings.session_sweep;
        if !self.has_sessions() || now.instant.duration_since(self.swept_at) < interval {
            return;
        }
        let since = std::mem::replace(&mut self.swept_at, now.instant);
        self.end_unused(now);
        let secured: Vec<(Peer, DeviceNumber)> = self
            .by_peer
            .iter()
            .filter(|(peer, _)| self.secured(**peer).is_some())
            .map(|(peer, device)| (*peer, *device))
            .collect();
        for (peer, device) in secured {
            let Some(record) = self.records.get(&device) else {
                continue;
            };
            let credential = self.surroundings.credentials.get(&record.registration.endpoint);
            if credential.is_some_and(|credential| !credential.is_valid(now.at)) {
                self.end_session(now, device, "its credential has expired");
            } else if record.last_message >= Some(since) {
                self.save_soon(peer, now.instant);
            }
        }
    }

    /// Ends sessions in which nobody is registered, long after they began: nothing would ever end them.
    fn end_unused(&mut self, now: Now) {
        let Some(secure) = &mut self.transports.secure else {
            return;
        };
        for (session, began) in secure.begun() {
            let peer = Peer::Dtls {
                shard: self.index,
                session,
            };
            if now.at.since(began) > UNUSED && !self.by_peer.contains_key(&peer) {
                secure.endpoint.close(session);
                secure.end(session);
            }
        }
        self.settle_secured(now);
    }

    /// Saves every session of a registration; for the end.
    pub(super) async fn save_all(&mut self) {
        let Some(secure) = &self.transports.secure else {
            return;
        };
        let all: Vec<SessionId> = secure.endpoint.sessions().collect();
        let rows = self.rows(all);
        let store = self.surroundings.store.clone();
        if let Err(error) = store.write(move |transaction| write(transaction, &rows)).await {
            tracing::warn!(%error, "sessions were not saved");
        }
    }

    fn rows(&self, sessions: Vec<SessionId>) -> Vec<Row> {
        let Some(secure) = &self.transports.secure else {
            return Vec::new();
        };
        let vault = self.surroundings.credentials.vault();
        sessions
            .into_iter()
            .filter_map(|session| {
                let peer = Peer::Dtls {
                    shard: self.index,
                    session,
                };
                let device = *self.by_peer.get(&peer)?;
                let bytes = secure.endpoint.export(session)?;
                Some(Row {
                    device,
                    shard: self.index,
                    about: postcard::to_allocvec(&**secure.secured(session)?).ok()?,
                    sealed: vault.seal(&purpose(device), &bytes).ok()?,
                })
            })
            .collect()
    }

    /// Takes up a session that outlived a restart. Nothing if it cannot be: the device makes a new one then.
    pub(super) fn import(&mut self, now: Instant, device: DeviceNumber, saved: SavedSession) -> Option<Peer> {
        let secure = self.transports.secure.as_mut()?;
        let opened = self
            .surroundings
            .credentials
            .vault()
            .open_sealed(&purpose(device), &saved.sealed);
        let imported = opened.map_err(|error| error.to_string()).and_then(|bytes| {
            secure
                .endpoint
                .import(now, &bytes)
                .map_err(|error| error.to_string())
        });
        match imported {
            Ok(session) => {
                secure.resume(session, saved.about.into());
                Some(Peer::Dtls {
                    shard: self.index,
                    session,
                })
            }
            Err(error) => {
                tracing::warn!(
                    endpoint = &*saved.about.endpoint,
                    error,
                    "a saved session cannot be taken up"
                );
                None
            }
        }
    }
}

fn write(transaction: &rusqlite::Transaction<'_>, rows: &[Row]) -> Result<(), StoreError> {
    for row in rows {
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO dtls_session (device, shard, about, sealed)
                 SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM device WHERE id = ?1)",
            )?
            .execute(params![row.device.0, row.shard, row.about, row.sealed])?;
    }
    Ok(())
}
