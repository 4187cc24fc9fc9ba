//! How the devices of a fleet prove over DTLS who they are, and whom they believe. LwM2M Transport 1.2 §5.2.

use super::options::FleetOptions;
use super::server::Server;
use super::{FleetError, tls};
use crate::bootstrap::Account;
use dtls::{
    AlertDescription, Answer, CipherSuite, Config, KeyCredential, PeerIdentity, PskCredential, Question,
    SigningKey, Usage,
};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

/// Bytes that are not shown, and erased when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Zeroizing<Vec<u8>>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Secret {
        Secret(bytes.into())
    }
}

/// What `coaps://` needs beside [`TlsFiles`](super::TlsFiles). With a pre-shared key the devices prove themselves by
/// that; without one by the key of the files or of `key`, with a certificate or as a raw public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DtlsOptions {
    /// The pre-shared key of all devices.
    pub psk: Option<Secret>,
    /// The identity of that key; without it each device's endpoint name.
    pub psk_identity: Option<String>,
    /// A private key on P-256 in PKCS #8, in place of the file.
    pub key: Option<Secret>,
    /// The raw public key that the server has to have, as a DER SubjectPublicKeyInfo.
    pub server_public_key: Option<Vec<u8>>,
    /// Whether sessions have a connection id (RFC 9146), by which they outlive a change of address.
    pub connection_id: bool,
    /// How often each device gets a new source port, as from a NAT that forgot it.
    pub rebind_every: Option<Duration>,
}

impl Default for DtlsOptions {
    fn default() -> DtlsOptions {
        DtlsOptions {
            psk: None,
            psk_identity: None,
            key: None,
            server_public_key: None,
            connection_id: true,
            rebind_every: None,
        }
    }
}

/// What the devices of a fleet have in common.
#[derive(Debug, Clone)]
pub(super) struct Security {
    config: Config,
    psk: Option<(Option<String>, Secret)>,
    trust: Arc<Trust>,
    pub(super) rebind_every: Option<Duration>,
}

/// Whom the devices believe to be the server.
#[derive(Debug)]
pub(super) struct Trust {
    host: String,
    public_key: Option<Vec<u8>>,
    /// The very certificate that it has to have: a domain-issued one, as accounts give it. LwM2M Core 1.2, appendix E.1.
    certificate: Option<Vec<u8>>,
    authorities: Vec<Vec<u8>>,
}

impl Security {
    /// What the account of a bootstrap gives.
    pub(super) fn of_account(account: &Account, host: &str) -> Result<Security, FleetError> {
        let raw_public_key = account.security_mode == 1;
        let key = match account.security_mode {
            0 => None,
            1 | 2 => Some(KeyCredential {
                key: Arc::new(signing_key(&account.secret)?),
                chain: (!raw_public_key)
                    .then(|| account.identity.clone())
                    .into_iter()
                    .collect(),
                raw_public_key,
            }),
            mode => {
                return Err(FleetError::Dtls(format!(
                    "the security mode {mode} is not for coaps"
                )));
            }
        };
        let psk = (account.security_mode == 0).then(|| {
            let identity = String::from_utf8(account.identity.clone())
                .map_err(|_| FleetError::Dtls("the identity is no text".into()))?;
            Ok::<_, FleetError>((Some(identity), Secret::from(account.secret.clone())))
        });
        Ok(Security {
            config: client_config(key, true),
            psk: psk.transpose()?,
            trust: Arc::new(Trust {
                host: host.to_owned(),
                public_key: raw_public_key.then(|| account.server_key.clone()),
                certificate: (account.security_mode == 2).then(|| account.server_key.clone()),
                authorities: Vec::new(),
            }),
            rebind_every: None,
        })
    }

    /// Reads what the options name.
    pub(super) fn read(options: &FleetOptions, server: &Server) -> Result<Security, FleetError> {
        let (dtls, files) = (&options.dtls, &options.tls);
        let authorities = match &files.authorities {
            Some(file) => tls::certificates(file)?,
            None => Vec::new(),
        };
        let key = match (&dtls.psk, &dtls.key, &files.key) {
            (Some(_), _, _) => None,
            (None, Some(Secret(pkcs8)), _) => Some(signing_key(pkcs8)?),
            (None, None, Some(file)) => {
                let key = PrivateKeyDer::from_pem_file(file);
                let key = key.map_err(|error| FleetError::Dtls(format!("{}: {error}", file.display())))?;
                Some(signing_key(key.secret_der())?)
            }
            (None, None, None) => {
                let reason = "say how the devices prove who they are: by --psk-key, or by --key with or without --certificate";
                return Err(FleetError::Dtls(reason.into()));
            }
        };
        let chain = match (&files.certificate, &key) {
            (Some(file), Some(_)) => tls::certificates(file)?,
            _ => Vec::new(),
        };
        if key.is_some() && authorities.is_empty() && dtls.server_public_key.is_none() {
            let reason =
                "say whom to believe: by --server-key the server's public key, or by --ca its authority";
            return Err(FleetError::Dtls(reason.into()));
        }
        let der = |chain: Vec<tls::Certificate>| chain.iter().map(|one| one.as_ref().to_vec()).collect();
        let raw_public_key = chain.is_empty();
        let key = key.map(|key| KeyCredential {
            key: Arc::new(key),
            chain: der(chain),
            raw_public_key,
        });
        Ok(Security {
            config: client_config(key, dtls.connection_id),
            psk: dtls.psk.clone().map(|key| (dtls.psk_identity.clone(), key)),
            trust: Arc::new(Trust {
                host: server.host.clone(),
                public_key: dtls.server_public_key.clone(),
                certificate: None,
                authorities: der(authorities),
            }),
            rebind_every: dtls.rebind_every,
        })
    }

    /// The configuration of one device's DTLS endpoint.
    pub(super) fn config(&self, endpoint: &str) -> Config {
        let psk = self.psk.as_ref().map(|(identity, Secret(key))| PskCredential {
            identity: identity.as_deref().unwrap_or(endpoint).as_bytes().to_vec(),
            key: key.clone(),
        });
        Config {
            psk,
            ..self.config.clone()
        }
    }

    pub(super) fn trust(&self) -> Arc<Trust> {
        self.trust.clone()
    }
}

fn client_config(key: Option<KeyCredential>, connection_id: bool) -> Config {
    Config {
        suites: CipherSuite::ALL.to_vec(),
        key,
        accept_clients: false,
        // A client's records come to its own socket: it needs no id in them, but gives the server one.
        connection_id_length: connection_id.then_some(0),
        max_handshakes: 2,
        max_sessions: 4,
        ..Config::default()
    }
}

fn signing_key(pkcs8: &[u8]) -> Result<SigningKey, FleetError> {
    SigningKey::from_pkcs8(pkcs8).map_err(|error| FleetError::Dtls(error.to_string()))
}

impl Trust {
    /// Whether the server is the one that it should be.
    pub(super) fn answer(&self, question: &Question) -> Answer {
        let identity = match question {
            Question::Trust { identity } => identity,
            // A session of a server that was believed when it began.
            Question::Resume { .. } => return Answer::Accept,
            Question::Psk { .. } => return Answer::Reject(AlertDescription::InternalError),
        };
        match self.believes(identity) {
            Ok(()) => Answer::Accept,
            Err((alert, reason)) => {
                tracing::warn!(reason, "the server is not believed");
                Answer::Reject(alert)
            }
        }
    }

    fn believes(&self, identity: &PeerIdentity) -> Result<(), (AlertDescription, String)> {
        match identity {
            PeerIdentity::RawPublicKey(key) if self.public_key.as_ref() == Some(key) => Ok(()),
            PeerIdentity::RawPublicKey(_) => Err((
                AlertDescription::CertificateUnknown,
                "its public key is another than the one given".into(),
            )),
            PeerIdentity::Certificate(chain) if self.certificate.is_some() => {
                if chain.first() == self.certificate.as_ref() {
                    Ok(())
                } else {
                    Err((
                        AlertDescription::BadCertificate,
                        "its certificate is another than the one given".into(),
                    ))
                }
            }
            PeerIdentity::Certificate(chain) => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let leaf = chain.first().map(Vec::as_slice).unwrap_or_default();
                dtls::verify_chain(chain, &self.authorities, since.as_secs(), Usage::Server)
                    .and_then(|()| dtls::verify_name(leaf, &self.host))
                    .map_err(|untrusted| (untrusted.alert, untrusted.words))
            }
            PeerIdentity::Psk(_) | PeerIdentity::Anonymous => {
                Err((AlertDescription::HandshakeFailure, "it shows no key".into()))
            }
        }
    }
}
