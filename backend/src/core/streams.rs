//! What the core is told about connections: CoAP over TCP and TLS.

use crate::shard::TlsAcceptor;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// The protocol name of RFC 8323 §8.2.
const ALPN: &[u8] = b"coap";

/// Where and how connections are taken. Every limit is hard.
#[derive(Debug, Clone)]
pub struct StreamsConfig {
    /// Where to serve `coap+tcp://`; `None` for nowhere.
    pub tcp: Option<SocketAddr>,
    /// Where to serve `coaps+tcp://`; `None` for nowhere.
    pub tls: Option<SocketAddr>,
    /// What the server proves itself by, and whom it believes.
    pub credentials: TlsCredentials,
    /// How many connections may stand, over all shards.
    pub max_connections: usize,
    /// How many of them may come from one address.
    pub max_connections_of_one: usize,
    /// After how long a silence a connection is closed.
    pub idle: Duration,
    /// After how long a silence the device is sent a Ping; `None` for never: a battery pays for it.
    pub keep_alive: Option<Duration>,
}

impl Default for StreamsConfig {
    fn default() -> StreamsConfig {
        StreamsConfig {
            tcp: None,
            tls: None,
            credentials: TlsCredentials::default(),
            max_connections: 100_000,
            max_connections_of_one: 10_000,
            idle: Duration::from_secs(24 * 3600),
            keep_alive: None,
        }
    }
}

/// Certificates and key for TLS, DER.
#[derive(Clone, Default)]
pub struct TlsCredentials {
    /// The server's certificate, then those between it and its authority.
    pub chain: Vec<Vec<u8>>,
    /// Its private key, PKCS #8.
    pub key: Vec<u8>,
    /// The authorities of devices' certificates. With any, a device has to show a certificate of theirs.
    pub authorities: Vec<Vec<u8>>,
    /// Whether a device may do without, and be one that proves nothing.
    pub optional: bool,
}

impl std::fmt::Debug for TlsCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsCredentials")
            .field("chain", &self.chain.len())
            .field("authorities", &self.authorities.len())
            .finish_non_exhaustive()
    }
}

impl TlsCredentials {
    /// What accepts TLS 1.2 and 1.3 with them.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, String> {
        if self.chain.is_empty() {
            return Err("the server has no certificate".into());
        }
        let words = |error: &dyn std::error::Error| error.to_string();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| words(&error))?;
        let builder = if self.authorities.is_empty() {
            builder.with_no_client_auth()
        } else {
            let mut roots = RootCertStore::empty();
            for authority in &self.authorities {
                roots
                    .add(CertificateDer::from(authority.clone()))
                    .map_err(|error| words(&error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if self.optional {
                verifier.allow_unauthenticated()
            } else {
                verifier
            };
            let verifier = verifier.build().map_err(|error| words(&error))?;
            builder.with_client_cert_verifier(verifier)
        };
        let chain = self.chain.iter().cloned().map(CertificateDer::from).collect();
        let key = PrivateKeyDer::try_from(self.key.clone()).map_err(str::to_owned)?;
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(|error| words(&error))?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
