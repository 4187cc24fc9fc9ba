//! What devices are held against: credentials, trusted authorities, the server's own key, and what the configuration
//! allows.

use super::StartError;
use crate::credential::{Credentials, EndpointName, ServerKey, Trust, Vault, authorities, shown};
use crate::lwm2m::identity::Demand;
use crate::store::Store;
use dtls::{AlertDescription, CipherSuite, PeerIdentity, Untrusted};
use shared::Timestamp;
use shared::api::CredentialMode;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// How devices are secured.
#[derive(Debug, Clone)]
pub struct SecurityConfig {
    /// The key by which the store's secrets are encrypted; made in the data directory if it is `None`.
    pub key_file: Option<PathBuf>,
    /// The server's private key and certificate in PEM; made in the data directory if they are `None`.
    pub server_key: Option<PathBuf>,
    pub server_certificate: Option<PathBuf>,
    /// PEM files with the authorities of devices' certificates.
    pub trusted_certificates: Vec<PathBuf>,
    pub endpoint_name: EndpointName,
    /// Endpoint names of certificates whose own name is another one.
    pub names: BTreeMap<String, String>,
    /// In the order of preference.
    pub suites: Vec<CipherSuite>,
    /// The length of the connection ids given out; `None` for none. The first byte is the shard.
    pub connection_id_length: Option<usize>,
    pub require_extended_master_secret: bool,
    /// Handshakes at the same time, and sessions; of each shard.
    pub max_handshakes: usize,
    pub max_sessions: usize,
    pub handshake_timeout: Duration,
    /// A session of which nothing was heard for so long ends.
    pub idle_timeout: Duration,
    /// How long an ended session can be resumed.
    pub resumption: Duration,
    /// Whether devices without a credential are let in without security.
    pub allow_unsecured: bool,
    /// Whether a trusted certificate is enough for a device without a credential.
    pub allow_unknown_certificates: bool,
}

impl Default for SecurityConfig {
    fn default() -> SecurityConfig {
        SecurityConfig {
            key_file: None,
            server_key: None,
            server_certificate: None,
            trusted_certificates: Vec::new(),
            endpoint_name: EndpointName::default(),
            names: BTreeMap::new(),
            suites: CipherSuite::ALL.to_vec(),
            connection_id_length: Some(6),
            require_extended_master_secret: false,
            max_handshakes: 10_000,
            max_sessions: 1_000_000,
            handshake_timeout: Duration::from_secs(90),
            idle_timeout: Duration::from_secs(30 * 24 * 3600),
            resumption: Duration::from_secs(24 * 3600),
            allow_unsecured: true,
            allow_unknown_certificates: false,
        }
    }
}

/// What the shards and the API decide by.
#[derive(Debug)]
pub(crate) struct Security {
    pub(crate) credentials: Credentials,
    pub(crate) trust: Trust,
    pub(crate) key: ServerKey,
    pub(crate) allow_unsecured: bool,
    pub(crate) allow_unknown_certificates: bool,
}

impl Security {
    /// Opens the vault, the credentials and the keys.
    pub(super) fn open(
        config: &SecurityConfig,
        data_dir: &Path,
        store: &Store,
    ) -> Result<Security, StartError> {
        let in_data =
            |given: &Option<PathBuf>, name: &str| given.clone().unwrap_or_else(|| data_dir.join(name));
        let vault = Vault::open(&in_data(&config.key_file, Vault::FILE))?;
        let key = ServerKey::open(
            &in_data(&config.server_key, "server-key.pem"),
            &in_data(&config.server_certificate, "server-certificate.pem"),
        )?;
        let mut trusted = Vec::new();
        for file in &config.trusted_certificates {
            trusted.extend(authorities(file)?);
        }
        Ok(Security {
            credentials: Credentials::load(store.clone(), Arc::new(vault))?,
            trust: Trust {
                authorities: trusted,
                endpoint_name: config.endpoint_name,
                names: config.names.clone(),
            },
            key,
            allow_unsecured: config.allow_unsecured,
            allow_unknown_certificates: config.allow_unknown_certificates,
        })
    }
}

impl SecurityConfig {
    /// The configuration of a DTLS endpoint; connection ids begin with the number of the shard.
    pub(crate) fn endpoint(&self, key: &ServerKey, shard: u16) -> dtls::Config {
        dtls::Config {
            suites: self.suites.clone(),
            key: Some(key.credential()),
            require_client_certificate: true,
            require_extended_master_secret: self.require_extended_master_secret,
            connection_id_length: self.connection_id_length,
            connection_id_prefix: Some(shard as u8),
            handshake_timeout: self.handshake_timeout,
            idle_timeout: Some(self.idle_timeout),
            max_handshakes: self.max_handshakes,
            max_sessions: self.max_sessions,
            resumption: Some(self.resumption),
            ..dtls::Config::default()
        }
    }
}

/// Whom a proven identity belongs to.
#[derive(Debug)]
pub(crate) struct Whose {
    pub(crate) endpoint: Arc<str>,
    pub(crate) mode: CredentialMode,
    /// For people.
    pub(crate) identity: Box<str>,
}

impl Security {
    /// The key of a PSK identity.
    ///
    /// # Errors
    /// The alert to send and why, in words.
    pub(crate) fn psk(&self, identity: &[u8], now: Timestamp) -> Result<Zeroizing<Vec<u8>>, Untrusted> {
        self.credentials.psk(identity, now).ok_or_else(|| {
            let identity = PeerIdentity::Psk(identity.to_vec());
            let words = match self.credentials.holder(&identity) {
                Some(holder) => expired(&holder.endpoint),
                None => format!("no device has the PSK identity '{}'", shown(&identity)),
            };
            Untrusted {
                alert: AlertDescription::UnknownPskIdentity,
                words,
            }
        })
    }

    /// Whose identity this is. Its possession is proven; a certificate's chain is validated here.
    ///
    /// # Errors
    /// The alert to send and why, in words.
    pub(crate) fn whose(&self, identity: &PeerIdentity, now: Timestamp) -> Result<Whose, Untrusted> {
        let refuse = |alert, words| Err(Untrusted { alert, words });
        let credential = match identity {
            PeerIdentity::Certificate(chain) => return self.whose_certificate(chain, now),
            PeerIdentity::Anonymous => {
                let words = "it showed neither certificate nor public key".to_owned();
                return refuse(AlertDescription::HandshakeFailure, words);
            }
            PeerIdentity::Psk(_) | PeerIdentity::RawPublicKey(_) => self.credentials.holder(identity),
        };
        match credential {
            None => refuse(
                AlertDescription::CertificateUnknown,
                format!("no device has the public key {}", shown(identity)),
            ),
            Some(credential) if !credential.is_valid(now) => refuse(
                AlertDescription::CertificateExpired,
                expired(&credential.endpoint),
            ),
            Some(credential) => Ok(Whose {
                endpoint: credential.endpoint.clone(),
                mode: credential.proof.mode(),
                identity: shown(identity).into(),
            }),
        }
    }

    fn whose_certificate(&self, chain: &[Vec<u8>], now: Timestamp) -> Result<Whose, Untrusted> {
        let refuse = |alert, words| Err(Untrusted { alert, words });
        let seconds = u64::try_from(now.seconds()).unwrap_or_default();
        let (endpoint, identity) = self.trust.endpoint(chain, seconds)?;
        let credential = self.credentials.get(&endpoint);
        match &credential {
            None if !self.allow_unknown_certificates => refuse(
                AlertDescription::AccessDenied,
                format!(
                    "the certificate of '{endpoint}' is trusted, but the device has no credential of the mode x509 \
                     (dtls.allow_unknown_certificates)"
                ),
            ),
            Some(credential) if credential.proof.mode() != CredentialMode::X509 => refuse(
                AlertDescription::AccessDenied,
                format!(
                    "the credential of '{endpoint}' has the mode {}, and it showed a certificate",
                    credential.proof.mode().name()
                ),
            ),
            Some(credential) if !credential.is_valid(now) => {
                refuse(AlertDescription::CertificateExpired, expired(&endpoint))
            }
            _ => Ok(Whose {
                endpoint: endpoint.into(),
                mode: CredentialMode::X509,
                identity: identity.into(),
            }),
        }
    }

    /// Whether a session of this identity may go on where an earlier one ended.
    ///
    /// # Errors
    /// The alert to send and why, in words; a full handshake follows.
    pub(crate) fn may_resume(&self, identity: &PeerIdentity, now: Timestamp) -> Result<(), Untrusted> {
        let whose = self.whose(identity, now)?;
        if self.credentials.may_resume(&whose.endpoint) {
            return Ok(());
        }
        Err(Untrusted {
            alert: AlertDescription::AccessDenied,
            words: "its credential was replaced".into(),
        })
    }

    /// The device that an identity claims to be, without any proof.
    pub(crate) fn claimed_endpoint(&self, identity: &PeerIdentity) -> Option<Arc<str>> {
        match identity {
            PeerIdentity::Certificate(chain) => self
                .trust
                .claimed(chain)
                .ok()
                .map(|(endpoint, _)| endpoint.into()),
            other => self
                .credentials
                .holder(other)
                .map(|credential| credential.endpoint.clone()),
        }
    }

    /// What a message without security from this endpoint is held against.
    pub(crate) fn demand(&self, endpoint: &str) -> Demand {
        Demand {
            mode: self.credentials.mode(endpoint),
            allow_unsecured: self.allow_unsecured,
        }
    }
}

fn expired(endpoint: &str) -> String {
    format!("the credential of '{endpoint}' has expired")
}
