//! Credentials of devices, and what follows from a change of them.

use super::Core;
use crate::auth::hex;
use crate::credential::{CertificateName, Credential, CredentialError, Credentials, EndpointName, ServerKey};
use crate::registry::{self, Report, What};
use crate::shard::Command;
use crate::store::StoreError;
use sha2::{Digest, Sha256};
use shared::api::{DevicePatch, RefusalView, ServerIdentity};
use std::sync::Arc;

impl Core {
    /// The credentials, for reading. They are changed by [`Core::keep_credentials`] and [`Core::withdraw`].
    pub fn credentials(&self) -> &Credentials {
        &self.inner.credentials
    }

    /// The server's own key and certificate.
    pub fn server_key(&self) -> &ServerKey {
        &self.inner.server_key
    }

    /// What devices are given to know the server by, and what it trusts.
    pub fn identity(&self) -> ServerIdentity {
        let (key, trust, settings) = (self.server_key(), &self.inner.trust, &self.inner.config.dtls);
        let endpoint_name = match trust.endpoint_name {
            EndpointName::CommonName => "common_name",
            EndpointName::SanUri => "san_uri",
            EndpointName::SanDns => "san_dns",
        };
        ServerIdentity {
            public_key: hex(key.public_key()),
            certificates: key.chain().iter().map(|der| hex(der)).collect(),
            fingerprint: key
                .chain()
                .first()
                .map(|der| hex(&Sha256::digest(der)))
                .unwrap_or_default(),
            trusted_authorities: trust.names(),
            endpoint_name: endpoint_name.into(),
            allow_unsecured: settings.allow_unsecured,
            connection_id_length: settings.connection_id_length,
        }
    }

    /// What was refused lately, of devices and of strangers; the newest first.
    pub fn refusals(&self) -> Vec<RefusalView> {
        self.inner.registry.refusals.read()
    }

    /// Keeps credentials, all or none, and makes their devices known. The sessions of those that are replaced end.
    ///
    /// # Errors
    /// [`CredentialError`]; nothing has changed then.
    pub async fn keep_credentials(
        &self,
        credentials: Vec<Credential>,
        by: &str,
    ) -> Result<(), CredentialError> {
        let endpoints: Vec<Arc<str>> = credentials
            .iter()
            .map(|credential| credential.endpoint.clone())
            .collect();
        for endpoint in endpoints {
            let provided = self.inner.directory.provide(&endpoint);
            let (device, endpoint, is_new) =
                provided.ok_or(CredentialError::Unfit("as many devices are known as may be"))?;
            if is_new {
                self.tell(Report {
                    at: registry::now(),
                    device: Some(device),
                    what: What::Provision {
                        endpoint,
                        patch: DevicePatch::default(),
                        by: by.to_owned(),
                        done: None,
                    },
                })
                .await;
            }
        }
        self.hand_over().await;
        self.put_credentials(credentials).await
    }

    /// Keeps the credentials of devices that are known, and ends the sessions that would not begin so any more.
    ///
    /// # Errors
    /// [`CredentialError`]; nothing is kept then.
    pub(super) async fn put_credentials(&self, credentials: Vec<Credential>) -> Result<(), CredentialError> {
        let named: Vec<Credential> = credentials
            .iter()
            .filter(|credential| credential.proof.certificate_name().is_some())
            .cloned()
            .collect();
        let replaced = self.inner.credentials.put(credentials).await?;
        for old in &replaced {
            self.end_sessions(old).await;
        }
        for credential in named {
            let is_new = replaced.iter().all(|old| old.endpoint != credential.endpoint);
            self.end_named_otherwise(&credential, is_new).await;
        }
        Ok(())
    }

    /// Ends the sessions that began while nobody was known by this certificate: it stood for the endpoint that it names
    /// then, and another certificate may have stood for this one.
    async fn end_named_otherwise(&self, credential: &Credential, is_new: bool) {
        let reason = "which certificate is whose was changed";
        if is_new {
            self.end_session_for(&credential.endpoint, reason).await;
        }
        if let Some(CertificateName::Name(name)) = credential.proof.certificate_name()
            && **name != *credential.endpoint
            && self.inner.credentials.get(name).is_none()
        {
            self.end_session_for(name, reason).await;
        }
    }

    /// Forgets the credential of an endpoint and ends its sessions; whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw(&self, endpoint: &str) -> Result<bool, StoreError> {
        let removed = self.inner.credentials.remove(endpoint).await?;
        if let Some(removed) = &removed {
            self.end_sessions(removed).await;
        }
        Ok(removed.is_some())
    }

    /// Ends the session of a device, which has to make a new one. `None` if there is no such device.
    pub async fn end_session(&self, endpoint: &str) -> Option<()> {
        self.end_session_for(endpoint, "a person ended it").await
    }

    async fn end_session_for(&self, endpoint: &str, reason: &'static str) -> Option<()> {
        let device = self.number(endpoint)?;
        if let Some(place) = self.inner.directory.place(device) {
            self.inner
                .shards
                .send(place.shard, Command::EndSession { device, reason })
                .await;
        }
        Some(())
    }

    pub(super) async fn end_sessions(&self, credential: &Credential) {
        match credential.proof.peer_identity() {
            Some(identity) => {
                for shard in 0..self.inner.shards.count() {
                    self.inner
                        .shards
                        .send(shard as u16, Command::EndIdentity(identity.clone()))
                        .await;
                }
            }
            // A certificate is known by its device only.
            None => {
                self.end_session_for(&credential.endpoint, "its credential was withdrawn")
                    .await;
            }
        }
    }
}
