//! The credentials of bootstrap: by which devices are known here, and which they are given for later.
//!
//! A device may have one credential for its bootstrap and another for its server. Where it has only one, that serves for
//! both. What is generated for a device is kept and given again at its next bootstrap: a device that did not finish the
//! last one goes by what it had before, and must not be locked out.

use super::error::BootstrapError;
use super::sender::Sender;
use crate::credential::{
    self, Authority, Credential, CredentialError, Credentials, Proof, SecurityMode, ServerKey, Trust,
};
use crate::store::{Store, StoreError};
use dtls::{AlertDescription, PeerIdentity, Untrusted};
use rcgen::PublicKeyData;
use rusqlite::params;
use shared::Timestamp;
use shared::bootstrap::{AccountSecurity, BootstrapConfiguration, Variables};
use std::net::SocketAddr;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The bytes of a key that is made here.
const KEY: usize = 16;

/// What a device is known by, and given; clones are handles to the same.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// By which devices register.
    pub(crate) server: Credentials,
    /// For bootstrap alone.
    pub(crate) bootstrap: Credentials,
    pub(crate) trust: Arc<Trust>,
    pub(crate) server_key: ServerKey,
    pub(crate) authority: Arc<Authority>,
    pub(crate) store: Store,
}

impl Keys {
    /// The key of a PSK identity.
    pub(super) fn psk(&self, identity: &[u8], now: Timestamp) -> Result<Zeroizing<Vec<u8>>, Untrusted> {
        let key = self.bootstrap.psk(identity, now);
        key.or_else(|| self.server.psk(identity, now))
            .ok_or_else(|| Untrusted {
                alert: AlertDescription::UnknownPskIdentity,
                words: "no valid credential has this identity".into(),
            })
    }

    /// Whose proven identity this is.
    ///
    /// # Errors
    /// [`Untrusted`], with the alert to send.
    pub(super) fn whose(
        &self,
        identity: &PeerIdentity,
        now: Timestamp,
    ) -> Result<(SecurityMode, Arc<str>), Untrusted> {
        let own = self.bootstrap.owner(identity, now);
        if let Some((credential, mode)) = own.and_then(|own| Some((own.clone(), own.security()?))) {
            return Ok((mode, credential.endpoint.clone()));
        }
        if let PeerIdentity::Certificate(chain) = identity {
            let seconds = u64::try_from(now.seconds()).unwrap_or(0);
            self.trust.verify(chain, seconds)?;
            return self
                .of_certificate(chain, now)
                .map(|endpoint| (SecurityMode::X509, endpoint));
        }
        credential::owner(&self.server, &self.trust, identity, now)
    }

    /// Whose a trusted certificate is. That of a device that is not known waits for approval; that of a device which is to
    /// prove itself otherwise here is refused. What a device is given for its server may be of another kind.
    fn of_certificate(&self, chain: &[Vec<u8>], now: Timestamp) -> Result<Arc<str>, Untrusted> {
        let denied = |words| Untrusted {
            alert: AlertDescription::AccessDenied,
            words,
        };
        let known = self.bootstrap.of_certificate(chain);
        let known = known.or_else(|| self.server.of_certificate(chain));
        let endpoint: Arc<str> = match known {
            Some(credential) => credential.endpoint.clone(),
            None => self.trust.name(chain)?.into(),
        };
        let own = self.bootstrap.get(&endpoint);
        let of_server = || {
            let credential = self.server.get(&endpoint);
            credential.filter(|credential| credential.proof.certificate_name().is_some())
        };
        if let Some(credential) = own.or_else(of_server) {
            credential.expects(chain).map_err(denied)?;
            if !credential.is_valid(now) {
                return Err(denied(format!(
                    "'{endpoint}' is known, and its credential expired"
                )));
            }
        }
        Ok(endpoint)
    }

    /// Who speaks in a session.
    pub(super) fn sender(
        address: SocketAddr,
        (mode, endpoint): (SecurityMode, Arc<str>),
        identity: &PeerIdentity,
    ) -> Sender {
        Sender {
            address,
            security: mode.name(),
            identity: Some(credential::shown(identity)),
            endpoint: Some(endpoint.to_string()),
        }
    }

    /// The security by which a device of this name has to come, if it has a credential: that for its bootstrap, else that
    /// of its server.
    pub(super) fn demands(&self, endpoint: &str) -> Option<&'static str> {
        let demanded = self.bootstrap.demands(endpoint);
        demanded
            .or_else(|| self.server.demands(endpoint))
            .filter(|mode| *mode != "none")
    }

    /// Has a device that left come once more, to be rid of its account: its credential serves for bootstrap alone then.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub(crate) async fn keep_for_wipe(&self, endpoint: &str) -> Result<(), CredentialError> {
        if self.bootstrap.get(endpoint).is_some() {
            return Ok(());
        }
        if let Some(credential) = self.server.get(endpoint) {
            self.bootstrap.put(vec![Credential::clone(&credential)]).await?;
        }
        Ok(())
    }

    /// Forgets what a device was known by here, and what was made for it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn forget(&self, endpoint: &str) -> Result<(), StoreError> {
        self.bootstrap.remove(endpoint).await?;
        let name = endpoint.to_owned();
        self.store
            .write(move |transaction| {
                transaction.execute("DELETE FROM bootstrap_key WHERE endpoint = ?1", [name])?;
                Ok(())
            })
            .await
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
            self.provide_pair(endpoint, wants_certificate, variables, at)
                .await?;
        }
        self.add_server(variables);
        Ok(())
    }

    /// What devices are told of this server.
    pub(super) fn add_server(&self, variables: &mut Variables) {
        variables.bytes("server_public_key", self.server_key.public_key());
        if let Some(certificate) = self.server_key.chain().first() {
            variables.bytes("server_certificate", certificate.as_slice());
        }
        variables.bytes("ca_certificate", self.authority.certificate());
    }

    /// The same without making anything, for people to look at: what would be made is zeros, and secrets are not shown.
    pub(super) fn preview(&self, endpoint: &str, variables: &mut Variables) {
        let known = self.server.get(endpoint);
        let identity = match known.as_deref().map(|credential| &credential.proof) {
            Some(Proof::Psk { identity, .. }) => String::from_utf8_lossy(identity).into_owned(),
            _ => endpoint.to_owned(),
        };
        variables.text("identity", identity);
        for name in ["key", "public_key", "private_key", "certificate"] {
            variables.bytes(name, [0; KEY]);
        }
        self.add_server(variables);
    }

    async fn provide_psk(
        &self,
        endpoint: &str,
        variables: &mut Variables,
        at: Timestamp,
    ) -> Result<(), BootstrapError> {
        let known = self.server.get(endpoint).filter(|known| known.is_valid(at));
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
            let signed = self.authority.sign(endpoint, self.trust.endpoint_name, &pair);
            let certificate = signed.map_err(|error| BootstrapError::Key(error.to_string()))?;
            variables.bytes("certificate", certificate);
            self.keep(endpoint, Proof::CERTIFICATE, at).await?;
        } else {
            let public_key = pair.subject_public_key_info();
            variables.bytes("public_key", public_key.as_slice());
            self.keep(endpoint, Proof::Rpk { public_key }, at).await?;
        }
        Ok(())
    }

    /// Makes it the device's credential for its server, unless it is. The certificate by whose name the device was known goes
    /// on to serve for bootstrap, or it would be a stranger the next time.
    async fn keep(&self, endpoint: &str, proof: Proof, at: Timestamp) -> Result<(), BootstrapError> {
        let failed = |error: CredentialError| BootstrapError::Key(error.to_string());
        if let Some(known) = self.server.get(endpoint) {
            if known.proof == proof {
                return Ok(());
            }
            if known.proof.certificate_name().is_some() && self.bootstrap.get(endpoint).is_none() {
                let known = vec![Credential::clone(&known)];
                self.bootstrap.put(known).await.map_err(failed)?;
            }
        }
        let credential = Credential {
            endpoint: endpoint.into(),
            proof,
            created: at,
            expires: None,
        };
        let kept = self.server.put(vec![credential]).await;
        kept.map(drop).map_err(failed)
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
        let vault = self.server.vault();
        sealed
            .map(|sealed| vault.open_sealed(&purpose(endpoint), &sealed))
            .transpose()
            .map_err(|error| BootstrapError::Key(error.to_string()))
    }

    async fn keep_pair(&self, endpoint: &str, pkcs8: &[u8]) -> Result<(), BootstrapError> {
        let vault = self.server.vault();
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
