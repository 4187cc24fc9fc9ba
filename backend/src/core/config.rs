//! What the core is told at its start.

use super::StreamsConfig;
use crate::bootstrap;
use crate::credential::EndpointName;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The core's configuration. Every limit is hard.
#[derive(Debug, Clone)]
pub struct CoreConfig {
    /// Where to serve `coap://`; `None` for nowhere.
    pub coap: Option<SocketAddr>,
    /// CoAP over TCP and TLS.
    pub streams: StreamsConfig,
    /// Where to serve `coaps://`; `None` for nowhere.
    pub coaps: Option<SocketAddr>,
    pub dtls: DtlsConfig,
    /// How bootstrap is served.
    pub bootstrap: bootstrap::Settings,
    /// How many sockets and threads serve `coap`; 0 for one a processor core.
    pub shards: usize,
    /// The directory of `muster.db`; it is made if it does not exist.
    pub data_dir: PathBuf,
    /// How long a device in queue mode can be reached after its last message. LwM2M Core 1.2 §6.5: 93 s unless agreed.
    pub awake_window: Duration,
    /// How long a registration outlives its lifetime. The lifetime is the device's promise, so this only has to cover
    /// the way of one datagram and its first retransmission; MAX_TRANSMIT_WAIT (93 s) would show gone devices as there.
    pub grace: Duration,
    /// Whether `/3/0` is read after each Register, so that the list can show models and firmware.
    pub read_device_object: bool,
    /// At most how many such reads are begun in a second, each shard.
    pub automatic_reads_per_second: u32,
    /// How many registrations are taken in a second, over all shards; 0 for as many as come. Those beyond it are told by
    /// 5.03 when to try again.
    pub registrations_per_second: u32,
    /// How long a device may take to answer an operation, unless it says another time.
    pub operation_timeout: Duration,
    /// How many operations may wait for one device.
    pub max_queued_operations: usize,
    /// How many devices may be known.
    pub max_devices: usize,
    /// How many values are kept of one device.
    pub max_values_per_device: usize,
    /// The bytes of datagrams each shard keeps for the protocol trace.
    pub trace_bytes: usize,
    /// How many numbers are kept in total for charts to begin with.
    pub max_samples: usize,
    /// How often last contacts and values are written to the store.
    pub flush_interval: Duration,
    /// How many events the journal keeps.
    pub journal_events: u64,
    /// How long the journal keeps them.
    pub journal_age: Duration,
}

/// How devices prove who they are, and the server too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DtlsConfig {
    /// The key that encrypts secrets at rest; `secret.key` in the data directory unless named.
    pub secret_key_file: Option<PathBuf>,
    /// PEM files of the server's own key and certificate chain; made in the data directory unless named.
    pub key_file: Option<PathBuf>,
    pub certificate_file: Option<PathBuf>,
    /// PEM files of the authority that signs the certificates devices are given; made in the data directory unless named.
    pub authority_key_file: Option<PathBuf>,
    pub authority_certificate_file: Option<PathBuf>,
    /// PEM files of the authorities that devices' certificates may come from.
    pub trusted_certificates: Vec<PathBuf>,
    pub endpoint_name: EndpointName,
    /// The length of connection ids given out (RFC 9146); 0 for none.
    pub connection_id_length: u8,
    /// Whether peers without the extended master secret (RFC 7627) are refused.
    pub require_extended_master_secret: bool,
    pub max_handshakes: usize,
    pub max_sessions: usize,
    /// How often sessions are looked through: those of expired credentials end, those that were used are saved.
    pub session_sweep: Duration,
    /// Whether devices without a credential are let in without security.
    pub allow_unsecured: bool,
}

impl Default for DtlsConfig {
    fn default() -> DtlsConfig {
        DtlsConfig {
            secret_key_file: None,
            key_file: None,
            certificate_file: None,
            authority_key_file: None,
            authority_certificate_file: None,
            trusted_certificates: Vec::new(),
            endpoint_name: EndpointName::default(),
            connection_id_length: 6,
            require_extended_master_secret: false,
            max_handshakes: 10_000,
            max_sessions: 2_000_000,
            session_sweep: Duration::from_secs(120),
            allow_unsecured: true,
        }
    }
}

impl Default for CoreConfig {
    fn default() -> CoreConfig {
        CoreConfig {
            coap: Some(SocketAddr::from(([0, 0, 0, 0], 5683))),
            streams: StreamsConfig::default(),
            coaps: None,
            dtls: DtlsConfig::default(),
            bootstrap: bootstrap::Settings::default(),
            shards: 0,
            data_dir: PathBuf::from("data"),
            awake_window: Duration::from_secs(93),
            grace: Duration::from_secs(4),
            read_device_object: true,
            automatic_reads_per_second: 200,
            registrations_per_second: 0,
            operation_timeout: Duration::from_secs(93),
            max_queued_operations: 1000,
            max_devices: 2_000_000,
            max_values_per_device: 2000,
            trace_bytes: 2 << 20,
            max_samples: 200_000,
            flush_interval: Duration::from_secs(3),
            journal_events: 2_000_000,
            journal_age: Duration::from_secs(30 * 24 * 3600),
        }
    }
}
