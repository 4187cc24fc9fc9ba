//! How an endpoint behaves.

use crate::crypto::p256::SigningKey;
use crate::suite::CipherSuite;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// A pre-shared key as a client has it. The key is never shown.
#[derive(Clone)]
pub struct PskCredential {
    /// As the server knows it; any bytes, by RFC 4279 §5.1 preferably UTF-8.
    pub identity: Vec<u8>,
    /// Erased when dropped.
    pub key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for PskCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PskCredential")
            .field("identity", &self.identity)
            .field("key", &"…")
            .finish()
    }
}

/// The key pair by which this endpoint proves who it is.
#[derive(Debug, Clone)]
pub struct KeyCredential {
    /// The private key.
    pub key: Arc<SigningKey>,
    /// DER certificates, the own one first; empty: only the raw public key is shown.
    pub chain: Vec<Vec<u8>>,
    /// Whether the raw public key is shown to a peer that asks for it.
    pub raw_public_key: bool,
}

/// How an endpoint behaves. [`Config::default`] is a server for LwM2M without credentials of its own.
#[derive(Debug, Clone)]
pub struct Config {
    /// In the order of preference.
    pub suites: Vec<CipherSuite>,
    /// For suites with ECDHE.
    pub key: Option<KeyCredential>,
    /// For a client with PSK suites. A server asks for keys by [`crate::Event::Question`].
    pub psk: Option<PskCredential>,
    /// The name of the server that a client asks for. RFC 6066 §3.
    pub server_name: Option<String>,
    /// Whether a server refuses clients that show no certificate or raw public key in an ECDHE suite.
    pub require_client_certificate: bool,
    /// Whether a client offers the extended master secret. Only to behave like an older device there is a reason not to.
    pub offer_extended_master_secret: bool,
    /// Whether a client lets a server keep its sessions in tickets. Only to behave like an older device, whose sessions are
    /// resumed by their id, there is a reason not to.
    pub offer_tickets: bool,
    /// Whether peers without the extended master secret (RFC 7627) are refused. Older devices lack it.
    pub require_extended_master_secret: bool,
    /// Whether ClientHellos are answered.
    pub accept_clients: bool,
    /// The length of the connection ids given out, 1 to 20; `None`: the extension is not used. Some(0): records to
    /// the peer carry its id if it wants one, records to us none. RFC 9146. An endpoint keeps the length that its first
    /// configuration had.
    pub connection_id_length: Option<usize>,
    /// The first byte of every connection id given out, by which datagrams can be led to one of several endpoints.
    pub connection_id_prefix: Option<u8>,
    /// The largest datagram sent, in bytes.
    pub max_datagram: usize,
    /// The first retransmission waits this long, the next ones twice as long each. RFC 6347 §4.2.4.1.
    pub retransmit_after: Duration,
    /// After so many retransmissions a handshake is given up.
    pub max_retransmissions: u8,
    /// A handshake that takes longer is given up, questions included.
    pub handshake_timeout: Duration,
    /// A session of which nothing was heard for so long ends; `None`: it lives on.
    pub idle_timeout: Option<Duration>,
    /// Handshakes under way at the same time; more clients wait for the next try.
    pub max_handshakes: usize,
    /// Sessions; when it is full new handshakes are refused.
    pub max_sessions: usize,
    /// Whether finished sessions can be resumed, and for how long.
    pub resumption: Option<Duration>,
    /// After so many forged records a session ends. RFC 6655 §4 leaves the tag of CCM_8 short.
    pub max_forgeries: u32,
    /// Whether every handshake message is told, see [`crate::Event::Step`].
    pub trace: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            suites: CipherSuite::ALL.to_vec(),
            key: None,
            psk: None,
            server_name: None,
            require_client_certificate: true,
            offer_extended_master_secret: true,
            offer_tickets: true,
            require_extended_master_secret: false,
            accept_clients: true,
            connection_id_length: Some(6),
            connection_id_prefix: None,
            max_datagram: 1200,
            retransmit_after: Duration::from_secs(1),
            max_retransmissions: 6,
            handshake_timeout: Duration::from_secs(90),
            idle_timeout: None,
            max_handshakes: 10_000,
            max_sessions: 1_000_000,
            resumption: Some(Duration::from_secs(24 * 3600)),
            max_forgeries: 1 << 20,
            trace: false,
        }
    }
}
