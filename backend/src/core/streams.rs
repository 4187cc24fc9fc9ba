//! What the core is told about connections: CoAP over TCP and TLS.

use crate::tls::{self, Judge, Tls};
use std::net::SocketAddr;
use std::time::Duration;

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
    /// What accepts TLS with them; who is let in is for the judge to say.
    pub(crate) fn acceptor(&self, judge: Judge) -> Result<Tls, String> {
        let credentials = tls::Credentials {
            chain: &self.chain,
            key: &self.key,
            authorities: &self.authorities,
            optional: self.optional || self.authorities.is_empty(),
        };
        Tls::new(&credentials, judge)
    }
}
