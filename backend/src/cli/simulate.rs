//! `muster simulate`: devices that are none, against any LwM2M server.

use clap::Args;
use shared::Version;
use simulator::{FleetOptions, Profile, TlsFiles};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// The server, as in coap://127.0.0.1:5683; or by coap+tcp or coaps+tcp.
    #[arg(long, value_name = "URI")]
    server: String,
    /// For coaps+tcp: the certificates of the authorities that the server's is checked against, in PEM.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// For coaps+tcp: the devices' certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// For coaps+tcp: the private key of that certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// How many devices.
    #[arg(long, default_value_t = 1)]
    devices: u32,
    /// What they are: mixed, demo, meter, street-light, tracker, sleepy-sensor or test-object.
    #[arg(long, default_value_t = Profile::Mixed)]
    profile: Profile,
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
    /// Equal seeds give equal devices, with equal endpoint names; without one they are new devices every time.
    #[arg(long)]
    seed: Option<u64>,
}

impl Simulate {
    pub(super) fn run(self) -> anyhow::Result<()> {
        super::serve::start_log(&crate::config::Log::default())?;
        let options = FleetOptions {
            server: self.server,
            tls: TlsFiles {
                authorities: self.ca,
                certificate: self.certificate,
                key: self.key,
            },
            devices: self.devices,
            profile: self.profile,
            endpoint_prefix: self.prefix,
            lifetime: self.lifetime,
            queue_mode: self.queue_mode,
            version: self.lwm2m,
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
