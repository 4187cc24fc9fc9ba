//! Sessions are saved with their registration, now and then, and at the end, so that they outlive the server.
//!
//! A session that is taken up again counts its records on from far beyond what was saved (2^24, see
//! `dtls::Endpoint::import`), so that none is numbered twice; a session sends nothing like that between two savings.

use super::state::{Now, Shard};
use super::{Peer, Session};
use crate::credential::session_purpose;
use crate::registry::{DeviceNumber, What};
use std::time::{Duration, Instant};

/// How often a session that is in use is saved.
const INTERVAL: Duration = Duration::from_secs(300);
/// How many are looked at in one turn.
const SLICE: usize = 128;

/// Which sessions are to be looked at next.
#[derive(Debug)]
pub(super) struct Saving {
    began: Instant,
    before: Instant,
    waiting: Vec<DeviceNumber>,
}

impl Saving {
    pub(super) const fn new(now: Instant) -> Saving {
        Saving {
            began: now,
            before: now,
            waiting: Vec::new(),
        }
    }

    /// When there is something to do.
    pub(super) fn deadline(&self) -> Instant {
        if self.waiting.is_empty() {
            self.began + INTERVAL
        } else {
            self.began
        }
    }
}

impl Shard {
    /// Saves some of the sessions that were in use, when it is time.
    pub(super) fn save_some(&mut self, now: Now) {
        if self.transports.secure.is_none() || now.instant < self.saving.deadline() {
            return;
        }
        if self.saving.waiting.is_empty() {
            self.saving.before = self.saving.began;
            self.saving.began = now.instant;
            self.saving.waiting = self.secured_devices();
        }
        let from = self.saving.waiting.len().saturating_sub(SLICE);
        for device in self.saving.waiting.split_off(from) {
            if self.end_if_expired(now, device) {
                continue;
            }
            let record = self.records.get(&device);
            if record.is_some_and(|record| record.last_message >= Some(self.saving.before)) {
                self.save_session(now, device);
            }
        }
    }

    /// Saves all sessions.
    pub(super) fn save_all(&mut self, now: Now) {
        for device in self.secured_devices() {
            self.save_session(now, device);
        }
    }

    fn secured_devices(&self) -> Vec<DeviceNumber> {
        let secured = self
            .by_peer
            .iter()
            .filter(|(peer, _)| matches!(peer, Peer::Dtls(_)));
        secured.map(|(_, device)| *device).collect()
    }

    /// A session does not outlive its credential.
    fn end_if_expired(&mut self, now: Now, device: DeviceNumber) -> bool {
        let Some(registration) = self
            .records
            .get(&device)
            .map(|record| record.registration.clone())
        else {
            return true;
        };
        let credential = self.surroundings.security.credentials.get(&registration.endpoint);
        let expired = credential.is_some_and(|credential| !credential.is_valid(now.at));
        if expired {
            self.end_sessions(now, &registration.endpoint, None, "its credential has expired");
        }
        expired
    }

    /// Has the session of a registration kept.
    pub(super) fn save_session(&mut self, now: Now, device: DeviceNumber) {
        let Some(Peer::Dtls(Session { id, .. })) = self.records.get(&device).map(|record| record.peer) else {
            return;
        };
        let Some(saved) = self
            .transports
            .secure
            .as_ref()
            .and_then(|secure| secure.export(id))
        else {
            return;
        };
        let vault = self.surroundings.security.credentials.vault();
        match vault.seal(&session_purpose(device.0), &saved) {
            Ok(sealed) => {
                let shard = self.index;
                self.report(now, device, What::SessionSaved { shard, sealed });
            }
            Err(error) => tracing::error!(%error, "a session could not be encrypted to be kept"),
        }
    }
}
