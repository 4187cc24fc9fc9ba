//! What the server is told before it starts: one TOML file, then `MUSTER__SECTION__KEY`, then flags.
//!
//! Every key has a default, so that a server without any configuration runs. [`load`] puts the layers together and
//! names the key of whatever it cannot use; [`template`] writes the commented file that `muster config print` shows.

mod listener;
mod load;
mod template;

pub use listener::ListenAddress;
pub(crate) use load::parse;
pub use load::{ConfigError, Source, load};
pub use template::template;

use crate::bootstrap::UnknownDevices;
use crate::credential::EndpointName;
use serde::{Deserialize, Serialize};
use shared::bootstrap::ServerUri;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The whole configuration. Field names are the keys of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the database and everything else that lasts is kept.
    pub data_dir: PathBuf,
    pub listen: Listen,
    pub http: Http,
    pub auth: Auth,
    pub lwm2m: Lwm2m,
    pub dtls: Dtls,
    pub streams: Streams,
    pub bootstrap: Bootstrap,
    pub ui: Ui,
    pub log: Log,
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            data_dir: PathBuf::from("muster-data"),
            listen: Listen::default(),
            http: Http::default(),
            auth: Auth::default(),
            lwm2m: Lwm2m::default(),
            dtls: Dtls::default(),
            streams: Streams::default(),
            bootstrap: Bootstrap::default(),
            ui: Ui::default(),
            log: Log::default(),
            limits: Limits::default(),
        }
    }
}

/// The addresses the server listens on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    pub http: ListenAddress,
    pub coap: ListenAddress,
    pub coaps: ListenAddress,
    pub coap_tcp: ListenAddress,
    pub coaps_tcp: ListenAddress,
    pub bootstrap_coap: ListenAddress,
    pub bootstrap_coaps: ListenAddress,
    pub bootstrap_coap_tcp: ListenAddress,
    pub bootstrap_coaps_tcp: ListenAddress,
}

impl Default for Listen {
    fn default() -> Listen {
        let local = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
        let coap = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 5683);
        let coaps = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 5684);
        let bootstrap = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 5783);
        let bootstrap_coaps = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 5784);
        Listen {
            http: ListenAddress::At(local),
            coap: ListenAddress::At(coap),
            coaps: ListenAddress::At(coaps),
            coap_tcp: ListenAddress::Off,
            coaps_tcp: ListenAddress::Off,
            bootstrap_coap: ListenAddress::At(bootstrap),
            bootstrap_coaps: ListenAddress::At(bootstrap_coaps),
            bootstrap_coap_tcp: ListenAddress::Off,
            bootstrap_coaps_tcp: ListenAddress::Off,
        }
    }
}

/// The web side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    pub allowed_origins: Vec<String>,
    pub trusted_proxies: Vec<IpAddr>,
    pub public_metrics: bool,
}

impl Default for Http {
    fn default() -> Http {
        Http {
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            public_metrics: true,
        }
    }
}

/// Accounts and sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    pub session_idle_minutes: u32,
    pub session_absolute_hours: u32,
    pub login_failures: u32,
    pub login_window_seconds: u32,
}

impl Default for Auth {
    fn default() -> Auth {
        Auth {
            session_idle_minutes: 12 * 60,
            session_absolute_hours: 7 * 24,
            login_failures: 10,
            login_window_seconds: 300,
        }
    }
}

/// How devices are served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lwm2m {
    pub shards: u32,
    pub awake_window_seconds: u32,
    pub operation_timeout_seconds: u32,
}

impl Default for Lwm2m {
    fn default() -> Lwm2m {
        Lwm2m {
            shards: 0,
            awake_window_seconds: 93,
            operation_timeout_seconds: 93,
        }
    }
}

/// Devices over TCP and TLS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Streams {
    pub connections: u32,
    pub connections_per_address: u32,
    pub idle_minutes: u32,
    pub keep_alive_seconds: u32,
}

impl Default for Streams {
    fn default() -> Streams {
        Streams {
            connections: 100_000,
            connections_per_address: 10_000,
            idle_minutes: 24 * 60,
            keep_alive_seconds: 0,
        }
    }
}

/// How devices and the server prove who they are. An empty path means the usual file in the data directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dtls {
    pub allow_unsecured: bool,
    pub secret_key_file: PathBuf,
    pub key_file: PathBuf,
    pub certificate_file: PathBuf,
    pub authority_key_file: PathBuf,
    pub authority_certificate_file: PathBuf,
    pub trusted_certificates: Vec<PathBuf>,
    pub endpoint_name: EndpointName,
    pub connection_id_length: u32,
    pub require_extended_master_secret: bool,
    pub max_handshakes: u32,
}

impl Default for Dtls {
    fn default() -> Dtls {
        Dtls {
            allow_unsecured: true,
            secret_key_file: PathBuf::new(),
            key_file: PathBuf::new(),
            certificate_file: PathBuf::new(),
            authority_key_file: PathBuf::new(),
            authority_certificate_file: PathBuf::new(),
            trusted_certificates: Vec::new(),
            endpoint_name: EndpointName::CommonName,
            connection_id_length: 6,
            require_extended_master_secret: false,
            max_handshakes: 10_000,
        }
    }
}

/// How devices get their configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bootstrap {
    pub unknown_devices: UnknownDevices,
    pub coap_uri: String,
    pub coaps_uri: String,
}

impl Default for Bootstrap {
    fn default() -> Bootstrap {
        Bootstrap {
            unknown_devices: UnknownDevices::Wait,
            coap_uri: String::new(),
            coaps_uri: String::new(),
        }
    }
}

/// The page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ui {
    pub dir: PathBuf,
}

impl Ui {
    /// The directory to serve the page from, unless it is the one inside the binary.
    pub fn directory(&self) -> Option<&std::path::Path> {
        (!self.dir.as_os_str().is_empty()).then_some(self.dir.as_path())
    }
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Log {
        Log {
            level: "info".into(),
            format: LogFormat::Text,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

/// How much is taken at a time, and how much is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    pub body_bytes: u32,
    pub http_connections: u32,
    pub live_connections: u32,
    pub live_subscriptions: u32,
    pub devices: u32,
    pub registrations_per_second: u32,
    pub queued_operations: u32,
    pub journal_events: u32,
    pub journal_days: u32,
    pub audit_rows: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_bytes: 1024 * 1024,
            http_connections: 2048,
            live_connections: 256,
            live_subscriptions: 32,
            devices: 2_000_000,
            registrations_per_second: 0,
            queued_operations: 1_000,
            journal_events: 2_000_000,
            journal_days: 30,
            audit_rows: 1_000_000,
        }
    }
}

impl Config {
    /// Everything in this configuration that the server cannot do, each with its key.
    pub fn problems(&self) -> Vec<ConfigError> {
        let (auth, lwm2m, limits) = (&self.auth, &self.lwm2m, &self.limits);
        let streams = &self.streams;
        let ranges = [
            ("auth.session_idle_minutes", auth.session_idle_minutes, 1, 525_600),
            (
                "auth.session_absolute_hours",
                auth.session_absolute_hours,
                1,
                8_760,
            ),
            ("auth.login_failures", auth.login_failures, 1, 10_000),
            ("auth.login_window_seconds", auth.login_window_seconds, 1, 86_400),
            ("lwm2m.shards", lwm2m.shards, 0, 256),
            (
                "lwm2m.awake_window_seconds",
                lwm2m.awake_window_seconds,
                1,
                86_400,
            ),
            (
                "lwm2m.operation_timeout_seconds",
                lwm2m.operation_timeout_seconds,
                1,
                3_600,
            ),
            ("streams.connections", streams.connections, 1, 1_000_000),
            (
                "streams.connections_per_address",
                streams.connections_per_address,
                1,
                1_000_000,
            ),
            ("streams.idle_minutes", streams.idle_minutes, 1, 525_600),
            (
                "streams.keep_alive_seconds",
                streams.keep_alive_seconds,
                0,
                86_400,
            ),
            ("dtls.connection_id_length", self.dtls.connection_id_length, 0, 20),
            ("dtls.max_handshakes", self.dtls.max_handshakes, 1, 1_000_000),
            ("limits.body_bytes", limits.body_bytes, 1_024, 16 * 1024 * 1024),
            ("limits.http_connections", limits.http_connections, 8, 100_000),
            ("limits.live_connections", limits.live_connections, 1, 50_000),
            ("limits.live_subscriptions", limits.live_subscriptions, 1, 1_000),
            ("limits.devices", limits.devices, 1, 100_000_000),
            (
                "limits.registrations_per_second",
                limits.registrations_per_second,
                0,
                1_000_000,
            ),
            ("limits.queued_operations", limits.queued_operations, 1, 1_000_000),
            ("limits.journal_events", limits.journal_events, 1_000, u32::MAX),
            ("limits.journal_days", limits.journal_days, 1, 36_500),
            ("limits.audit_rows", limits.audit_rows, 1_000, 100_000_000),
        ];
        let ranges = ranges
            .into_iter()
            .filter(|(_, value, least, most)| value < least || value > most)
            .map(|(key, value, least, most)| {
                ConfigError::value(key, format!("{value} is not between {least} and {most}"))
            });
        let origins = self.http.allowed_origins.iter().filter_map(|origin| {
            let authority = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            let fits = authority.is_some_and(|rest| !rest.is_empty() && !rest.contains('/'));
            (!fits).then(|| {
                let text = format!("'{origin}' is not an origin such as https://muster.example");
                ConfigError::value("http.allowed_origins", text)
            })
        });
        let uris = [
            ("bootstrap.coap_uri", &self.bootstrap.coap_uri, "coap"),
            ("bootstrap.coaps_uri", &self.bootstrap.coaps_uri, "coaps"),
        ];
        let uris = uris.into_iter().filter(|(_, uri, _)| !uri.is_empty());
        let uris = uris.filter_map(|(key, uri, scheme)| match ServerUri::parse(uri) {
            Ok(parsed) if parsed.scheme.starts_with(scheme) => None,
            Ok(_) => Some(ConfigError::value(
                key,
                format!("'{uri}' does not begin with {scheme}"),
            )),
            Err(error) => Some(ConfigError::value(key, error.to_string())),
        });
        ranges.chain(origins).chain(uris).collect()
    }
}
