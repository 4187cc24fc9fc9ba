//! `muster simulate`: devices that are none, against any LwM2M server.

use clap::Args;
use shared::Version;
use simulator::{FleetOptions, Profile};

#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// The server, as in coap://127.0.0.1:5683.
    #[arg(long, value_name = "URI")]
    server: String,
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
