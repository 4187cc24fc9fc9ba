//! `muster simulate`: devices that are none, against any LwM2M server.

use clap::Args;
use shared::{ContentFormat, Version};
use simulator::{Dialect, DtlsOptions, FleetOptions, Profile, Secret, TlsFiles};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// The server, as in coap://127.0.0.1:5683; or by coaps, coap+tcp or coaps+tcp.
    #[arg(long, value_name = "URI", required_unless_present = "bootstrap")]
    server: Option<String>,
    /// A bootstrap server that tells them their server, as in coap://127.0.0.1:5783 or coaps://127.0.0.1:5784: then keys
    /// and certificates are those for it.
    #[arg(long, value_name = "URI", conflicts_with = "server")]
    bootstrap: Option<String>,
    /// For coaps and coaps+tcp: the certificates of the authorities that the server's is checked against, in PEM.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// For coaps and coaps+tcp: the devices' certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// For coaps and coaps+tcp: the private key of that certificate, in PEM; for coaps without a certificate the raw
    /// public key of the device.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// For coaps: the raw public key that the server has to have, its SubjectPublicKeyInfo in hexadecimal.
    #[arg(long, value_name = "HEX", value_parser = hexadecimal)]
    server_key: Option<Hexadecimal>,
    /// For coaps: the pre-shared key of the devices, in hexadecimal.
    #[arg(long, value_name = "HEX", conflicts_with = "key", value_parser = hexadecimal)]
    psk_key: Option<Hexadecimal>,
    /// For coaps: the identity of that key; without it each device's endpoint name.
    #[arg(long, value_name = "TEXT", requires = "psk_key")]
    psk_identity: Option<String>,
    /// For coaps: sessions without a connection id, as devices have them that know none.
    #[arg(long)]
    no_connection_id: bool,
    /// For coaps: each device gets a new source port so often, as from a NAT that forgot it.
    #[arg(long, value_name = "SECONDS")]
    rebind_every: Option<u32>,
    /// How many devices.
    #[arg(long, default_value_t = 1)]
    devices: u32,
    /// What they are: mixed, demo, meter, street-light, tracker, sleepy-sensor, gateway, shared or test-object.
    #[arg(long, default_value_t = Profile::Mixed)]
    profile: Profile,
    /// The endpoint name of the one device.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["devices", "prefix"])]
    endpoint: Option<String>,
    /// The endpoint names are this and a number.
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// The lifetime they register with, in seconds.
    #[arg(long, value_name = "SECONDS")]
    lifetime: Option<u32>,
    /// All of them use queue mode.
    #[arg(long)]
    queue_mode: bool,
    /// The version of LwM2M they speak: 1.0, 1.1 or 1.2.
    #[arg(long, value_name = "VERSION")]
    lwm2m: Option<Version>,
    /// The content format they prefer, as in lwm2m-cbor, senml-json or tlv.
    #[arg(long, value_name = "FORMAT", value_parser = content_format)]
    format: Option<ContentFormat>,
    /// They know no other format than that.
    #[arg(long, requires = "format")]
    only_format: bool,
    /// The alternate path that their objects are under, as in /lwm2m.
    #[arg(long, value_name = "PATH", value_parser = alternate_path)]
    alternate_path: Option<String>,
    /// The Profile ID that stands for their object list, as in 6:27354b9a; with LwM2M 1.2.
    #[arg(long, value_name = "ID")]
    profile_id: Option<String>,
    /// They send their values of their own accord, this often.
    #[arg(long, value_name = "SECONDS")]
    send_every: Option<u32>,
    /// Equal seeds give equal devices, with equal endpoint names; without one they are new devices every time.
    #[arg(long)]
    seed: Option<u64>,
}

/// Bytes that may be a key, and are not shown.
#[derive(Clone)]
struct Hexadecimal(zeroize::Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Hexadecimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hexadecimal(…)")
    }
}

fn hexadecimal(text: &str) -> Result<Hexadecimal, String> {
    crate::auth::from_hex(text)
        .map(Hexadecimal)
        .ok_or_else(|| "write pairs of the digits 0 to 9 and a to f".into())
}

/// A content format by its short name, with hyphens or underscores.
fn content_format(name: &str) -> Result<ContentFormat, String> {
    ContentFormat::from_name(&name.replace('-', "_")).ok_or_else(|| {
        let names = ContentFormat::NAMED.map(|(_, name, _)| name.replace('_', "-"));
        format!("there are {}", names.join(", "))
    })
}

/// One segment that is no number, which would be the name of an object.
fn alternate_path(text: &str) -> Result<String, String> {
    let segment = text.trim_matches('/');
    let plain = !segment.is_empty()
        && segment
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if plain && segment.parse::<u16>().is_err() {
        Ok(format!("/{segment}"))
    } else {
        Err("an alternate path is a slash and a word that is no number".into())
    }
}

impl Simulate {
    pub(super) fn run(self) -> anyhow::Result<()> {
        super::serve::start_log(&crate::config::Log::default())?;
        let options = FleetOptions {
            server: self.server.unwrap_or_default(),
            bootstrap: self.bootstrap,
            tls: TlsFiles {
                authorities: self.ca,
                certificate: self.certificate,
                key: self.key,
            },
            dtls: DtlsOptions {
                psk: self.psk_key.map(|key| Secret(key.0)),
                psk_identity: self.psk_identity,
                server_public_key: self.server_key.map(|key| key.0.to_vec()),
                connection_id: !self.no_connection_id,
                rebind_every: self
                    .rebind_every
                    .map(|seconds| Duration::from_secs(u64::from(seconds.max(1)))),
                ..DtlsOptions::default()
            },
            devices: self.devices,
            only: None,
            profile: self.profile,
            endpoint: self.endpoint,
            endpoint_prefix: self.prefix,
            lifetime: self.lifetime,
            queue_mode: self.queue_mode,
            version: self.lwm2m,
            dialect: Dialect {
                format: self.format,
                only: self.only_format,
                root: self.alternate_path,
                profile_id: self.profile_id,
            },
            send_every: self.send_every,
            registration_tries: 5,
            seed: self.seed.map_or_else(getrandom::u64, Ok)?,
        };
        let signals = async {
            if let Err(error) = super::serve::stop_signal().await {
                tracing::error!(%error, "signals cannot be heard");
            }
        };
        super::block_on(async { Ok(simulator::run(options, signals).await?) })
    }
}
