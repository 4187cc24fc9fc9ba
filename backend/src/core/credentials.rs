//! Credentials as people give and take them: what follows for devices and their sessions.

use super::Core;
use crate::credential::{Credential, CredentialError, Credentials};
use crate::registry::{self, Report, What};
use crate::shard::Command;
use crate::store::StoreError;
use shared::api::{CredentialView, ServerIdentity};
use std::sync::Arc;
use tokio::sync::oneshot;

impl Core {
    /// The credentials, to look at. They are changed by [`Core::set_credentials`] and [`Core::remove_credential`].
    pub fn credentials(&self) -> &Credentials {
        &self.inner.security.credentials
    }

    /// Gives devices their credentials, all or none. Devices that were never seen become known by it; sessions that
    /// rest on a credential that was replaced end.
    ///
    /// # Errors
    /// [`CredentialError`] about the first that is not taken.
    pub async fn set_credentials(
        &self,
        credentials: Vec<Credential>,
        by: &str,
    ) -> Result<Vec<CredentialView>, CredentialError> {
        let now = registry::now();
        let views = credentials
            .iter()
            .map(|credential| credential.view(now))
            .collect();
        let given: Vec<(Arc<str>, _)> = credentials
            .iter()
            .map(|credential| (credential.endpoint.clone(), credential.proof.mode()))
            .collect();
        let mut devices = Vec::with_capacity(given.len());
        for (endpoint, mode) in given {
            let (device, endpoint) = self
                .inner
                .directory
                .provision(&endpoint)
                .ok_or(CredentialError::TooMany)?;
            devices.push((device, endpoint, mode));
        }
        let replaced = self.credentials().put(credentials).await?;
        for credential in replaced {
            let unchanged = self
                .credentials()
                .get(&credential.endpoint)
                .is_some_and(|now| now.proof == credential.proof);
            if !unchanged {
                self.end_sessions(&credential, "its credential was replaced")
                    .await;
            }
        }
        for (device, endpoint, mode) in devices {
            let what = What::CredentialSet {
                endpoint,
                mode,
                by: by.to_owned(),
            };
            self.tell(Report {
                at: now,
                device: Some(device),
                what,
            })
            .await;
        }
        self.applied().await;
        Ok(views)
    }

    /// Takes a device's credential and ends its session; whether it had one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_credential(&self, endpoint: &str, by: &str) -> Result<bool, StoreError> {
        let Some(removed) = self.credentials().remove(endpoint).await? else {
            return Ok(false);
        };
        self.end_sessions(&removed, "its credential was removed").await;
        if let Some(device) = self.number(endpoint) {
            self.tell(Report {
                at: registry::now(),
                device: Some(device),
                what: What::CredentialRemoved { by: by.to_owned() },
            })
            .await;
            self.applied().await;
        }
        Ok(true)
    }

    /// Ends the session of a device, so that it has to prove anew who it is; whether it had one.
    pub async fn forget_session(&self, endpoint: &str, by: &str) -> bool {
        self.credentials().withhold_resumption(endpoint);
        self.end_sessions_of(endpoint, None, &format!("{by} had it forgotten"))
            .await
    }

    /// What devices are given so that they know the server.
    pub fn identity(&self) -> ServerIdentity {
        let key = &self.inner.security.key;
        ServerIdentity {
            public_key: crate::credential::hex(key.public_key()),
            certificate: key
                .chain()
                .first()
                .map(|der| crate::credential::hex(der))
                .unwrap_or_default(),
        }
    }

    async fn end_sessions(&self, credential: &Credential, reason: &str) -> bool {
        let identity = credential.proof.peer_identity();
        self.end_sessions_of(&credential.endpoint, identity, reason).await
    }

    async fn end_sessions_of(
        &self,
        endpoint: &str,
        identity: Option<dtls::PeerIdentity>,
        reason: &str,
    ) -> bool {
        let mut ended = false;
        for shard in 0..self.inner.shards.count() {
            let (reply, answer) = oneshot::channel();
            let command = Command::EndSessions {
                endpoint: endpoint.into(),
                identity: identity.clone(),
                reason: reason.to_owned(),
                reply,
            };
            // A shard that has ended has no sessions.
            if self.inner.shards.send(shard as u16, command).await {
                ended |= answer.await.unwrap_or(0) > 0;
            }
        }
        ended
    }

    /// Waits until what was told before this has been applied.
    async fn applied(&self) {
        let (done, applied) = oneshot::channel();
        self.tell(Report::flush(done)).await;
        // The registry has ended if the answer does not come.
        let _ = applied.await;
    }
}
