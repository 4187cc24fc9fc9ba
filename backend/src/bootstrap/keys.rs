//! The credentials of bootstrap: by which devices are known here, and which they are given for later.
//!
//! A device may have one credential for its bootstrap and another for its server. Where it has only one, that serves for
//! both. What is generated for a device is kept and given again at its next bootstrap: a device that did not finish the
//! last one goes by what it had before, and must not be locked out.

use super::error::BootstrapError;
use super::sender::Sender;
use crate::core::{Security, Whose};
use crate::credential::{Credential, Credentials, Proof, shown};
use crate::store::Store;
use dtls::{PeerIdentity, Untrusted};
use rusqlite::params;
use shared::Timestamp;
use shared::api::CredentialMode;
use shared::bootstrap::{AccountSecurity, BootstrapConfiguration, Variables};
use std::net::SocketAddr;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The bytes of a key that is made here.
const KEY: usize = 16;

/// What a device is known by, and given.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    security: Arc<Security>,
    /// Credentials for bootstrap alone.
    pub(crate) bootstrap: Credentials,
    store: Store,
}

impl Keys {
    pub(crate) fn new(security: Arc<Security>, bootstrap: Credentials, store: Store) -> Keys {
        Keys {
            security,
            bootstrap,
            store,
        }
    }

    /// The key of a PSK identity.
    ///
    /// # Errors
    /// [`Untrusted`], with the alert to send.
    pub(super) fn psk(&self, identity: &[u8], now: Timestamp) -> Result<Zeroizing<Vec<u8>>, Untrusted> {
        match self.bootstrap.psk(identity, now) {
            Some(key) => Ok(key),
            None => self.security.psk(identity, now),
        }
    }

    /// Whose proven identity this is.
    ///
    /// # Errors
    /// [`Untrusted`], with the alert to send.
    pub(super) fn whose(&self, identity: &PeerIdentity, now: Timestamp) -> Result<Whose, Untrusted> {
        let own = match identity {
            PeerIdentity::Psk(_) | PeerIdentity::RawPublicKey(_) => self.bootstrap.holder(identity),
            PeerIdentity::Certificate(_) | PeerIdentity::Anonymous => None,
        };
        match own {
            Some(credential) if credential.is_valid(now) => Ok(Whose {
                endpoint: credential.endpoint.clone(),
                mode: credential.proof.mode(),
                identity: shown(identity).into(),
            }),
            _ => self.security.whose(identity, now),
        }
    }

    /// Who speaks in a session.
    pub(super) fn sender(address: SocketAddr, whose: &Whose) -> Sender {
        Sender {
            address,
            security: whose.mode.name(),
            identity: Some(whose.identity.to_string()),
            endpoint: Some(whose.endpoint.to_string()),
        }
    }

    /// Whether a device of this name may be bootstrapped without security: not if it has a credential for it.
    pub(super) fn demands_security(&self, endpoint: &str) -> bool {
        let secured = |mode: Option<CredentialMode>| mode.is_some_and(|mode| mode != CredentialMode::None);
        secured(self.bootstrap.mode(endpoint))
    }

    /// Adds what the accounts of a configuration need for this device: the variables `identity`, `key`, `public_key`, …
    /// What the device has no credential for yet is made and kept first.
    ///
    /// # Errors
    /// [`BootstrapError`] if something cannot be made or kept.
    pub(super) async fn provide(
        &self,
        endpoint: &str,
        configuration: &BootstrapConfiguration,
        variables: &mut Variables,
        at: Timestamp,
    ) -> Result<(), BootstrapError> {
        let uses = |name: &str| {
            let place = format!("${{{name}}}");
            configuration
                .servers
                .iter()
                .any(|account| uses(&account.security, &place))
        };
        if uses("key") || uses("identity") {
            self.provide_psk(endpoint, variables, at).await?;
        }
        if uses("private_key") {
            let wants_certificate = uses("certificate");
            self.provide_pair(endpoint, wants_certificate, variables, at).await?;
        }
        variables.bytes("server_public_key", self.security.key.public_key());
        if let Some(certificate) = self.security.key.chain().first() {
            variables.bytes("server_certificate", certificate.as_slice());
        }
        Ok(())
    }

    async fn provide_psk(
        &self,
        endpoint: &str,
        variables: &mut Variables,
        at: Timestamp,
    ) -> Result<(), BootstrapError> {
        let known = self.security.credentials.get(endpoint);
        let (identity, key) = match known.as_deref().map(|credential| &credential.proof) {
            Some(Proof::Psk { identity, key }) => (identity.clone(), key.clone()),
            _ => {
                let mut key = Zeroizing::new(vec![0; KEY]);
                getrandom::fill(&mut key).map_err(|error| BootstrapError::Key(error.to_string()))?;
                let identity = endpoint.as_bytes().to_vec();
                let proof = Proof::Psk {
                    identity: identity.clone(),
                    key: key.clone(),
                };
                self.keep(endpoint, proof, at).await?;
                (identity, key)
            }
        };
        let identity = String::from_utf8(identity)
            .map_err(|_| BootstrapError::Key("the device's PSK identity is no text".into()))?;
        variables.text("identity", identity).bytes("key", key.to_vec());
        Ok(())
    }

    /// A key pair, and for certificates one that Muster's own authority signed.
    async fn provide_pair(
        &self,
        endpoint: &str,
        wants_certificate: bool,
        variables: &mut Variables,
        at: Timestamp,
    ) -> Result<(), BootstrapError> {
        let failed = |error: rcgen::Error| BootstrapError::Key(error.to_string());
        let pair = match self.kept_pair(endpoint).await? {
            Some(pkcs8) => rcgen::KeyPair::try_from(pkcs8.as_slice()).map_err(failed)?,
            None => {
                let pair = rcgen::KeyPair::generate().map_err(failed)?;
                self.keep_pair(endpoint, pair.serialized_der()).await?;
                pair
            }
        };
        variables.bytes("private_key", pair.serialized_der());
        if wants_certificate {
            let authority = self
                .security
                .authority
                .as_ref()
                .ok_or_else(|| BootstrapError::Key("no certificate authority is there to sign with".into()))?;
            let certificate = authority.sign(endpoint, &pair).map_err(failed)?;
            variables.bytes("certificate", certificate);
            self.keep(endpoint, Proof::X509, at).await?;
        } else {
            let public_key = pair.subject_public_key_info();
            variables.bytes("public_key", public_key.as_slice());
            self.keep(endpoint, Proof::Rpk { public_key }, at).await?;
        }
        Ok(())
    }

    /// Makes it the device's credential for its server, unless it is.
    async fn keep(&self, endpoint: &str, proof: Proof, at: Timestamp) -> Result<(), BootstrapError> {
        let known = self.security.credentials.get(endpoint);
        if known.is_some_and(|known| known.proof == proof) {
            return Ok(());
        }
        let credential = Credential {
            endpoint: endpoint.into(),
            proof,
            created: at,
            expires: None,
        };
        let kept = self.security.credentials.put(vec![credential]).await;
        kept.map(drop).map_err(|error| BootstrapError::Key(error.to_string()))
    }

    async fn kept_pair(&self, endpoint: &str) -> Result<Option<Zeroizing<Vec<u8>>>, BootstrapError> {
        let name = endpoint.to_owned();
        let sealed = self
            .store
            .read(move |connection| {
                let mut statement =
                    connection.prepare_cached("SELECT sealed FROM bootstrap_key WHERE endpoint = ?1")?;
                let mut rows = statement.query([name])?;
                Ok(rows.next()?.map(|row| row.get::<_, Vec<u8>>(0)).transpose()?)
            })
            .await?;
        let vault = self.security.credentials.vault();
        sealed
            .map(|sealed| vault.open_sealed(&purpose(endpoint), &sealed))
            .transpose()
            .map_err(|error| BootstrapError::Key(error.to_string()))
    }

    async fn keep_pair(&self, endpoint: &str, pkcs8: &[u8]) -> Result<(), BootstrapError> {
        let vault = self.security.credentials.vault();
        let sealed = vault
            .seal(&purpose(endpoint), pkcs8)
            .map_err(|error| BootstrapError::Key(error.to_string()))?;
        let name = endpoint.to_owned();
        self.store
            .write(move |transaction| {
                transaction.execute(
                    "INSERT OR REPLACE INTO bootstrap_key (endpoint, sealed) VALUES (?1, ?2)",
                    params![name, sealed],
                )?;
                Ok(())
            })
            .await?;
        Ok(())
    }
}

/// What a sealed private key is bound to.
fn purpose(endpoint: &str) -> Vec<u8> {
    [b"key pair of ", endpoint.as_bytes()].concat()
}

fn uses(security: &AccountSecurity, place: &str) -> bool {
    match security {
        AccountSecurity::None {} => false,
        AccountSecurity::Psk { identity, key } => identity.contains(place) || key.contains(place),
        AccountSecurity::Rpk {
            public_key,
            private_key,
            server_public_key,
        } => [public_key, private_key, server_public_key]
            .iter()
            .any(|text| text.contains(place)),
        AccountSecurity::X509 {
            certificate,
            private_key,
            server_certificate,
            ..
        } => [certificate, private_key, server_certificate]
            .iter()
            .any(|text| text.contains(place)),
    }
}
