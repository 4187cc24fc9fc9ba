//! `muster serve`: starts everything in order, waits for a signal, stops everything in order.

use super::lock::DirectoryLock;
use super::{Common, output};
use crate::app::App;
use crate::auth::Accounts;
use crate::config::{Config, Dtls, Log, LogFormat};
use crate::core::{Core, CoreConfig, DtlsConfig, READ_EVERY, StreamsConfig};
use crate::{demo, http, routes};
use anyhow::Context;
use clap::Args;
use shared::api::Listener;
use std::io::IsTerminal;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing_subscriber::EnvFilter;

/// How long stopping may take before it is cut short.
const STOP: Duration = Duration::from_secs(10);
/// How long of that the web side may take; the rest is for writing the store.
const STOP_WEB: Duration = Duration::from_secs(5);
/// How often it is looked whether object definitions were imported.
const LOOK: Duration = Duration::from_secs(2);
/// Threads of the web side. Devices are served by threads of their own.
const MOST_WORKERS: usize = 4;

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    common: Common,
    /// Where the page and the REST interface are served.
    #[arg(long, value_name = "ADDRESS")]
    listen_http: Option<String>,
    /// Serve the page from this directory instead of the one built in.
    #[arg(long, value_name = "DIR")]
    ui_dir: Option<PathBuf>,
    /// Add a few simulated devices.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut flags = Vec::new();
        if let Some(address) = self.listen_http {
            flags.push(("listen.http", address));
        }
        if let Some(directory) = self.ui_dir {
            let text = directory.to_str().context("--ui-dir: not UTF-8")?;
            flags.push(("ui.dir", text.to_owned()));
        }
        let config = self.common.load(flags)?;
        start_log(&config.log)?;
        let workers =
            std::thread::available_parallelism().map_or(2, |count| count.get().clamp(2, MOST_WORKERS));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .thread_name("web")
            .enable_all()
            .build()?;
        let result = runtime.block_on(serve(config, self.demo));
        // What still runs after an orderly stop has had its time.
        runtime.shutdown_timeout(Duration::from_millis(200));
        result
    }
}

async fn serve(config: Config, with_demo: bool) -> anyhow::Result<()> {
    let started = Instant::now();
    // What can be in use by somebody else comes first, before anything is touched.
    let _lock = DirectoryLock::take(&config.data_dir)?;
    let http = match config.listen.http.address() {
        Some(address) => {
            let bound = TcpListener::bind(address).await;
            Some(bound.with_context(|| format!("cannot listen on {address}/tcp (listen.http)"))?)
        }
        None => None,
    };
    let http_address = http.as_ref().map(TcpListener::local_addr).transpose()?;
    for (address, key) in [
        (config.listen.coap.address(), "listen.coap"),
        (config.listen.coaps.address(), "listen.coaps"),
        (config.listen.bootstrap_coap.address(), "listen.bootstrap_coap"),
        (config.listen.bootstrap_coaps.address(), "listen.bootstrap_coaps"),
    ] {
        if let Some(address) = address {
            check_free(address, key)?;
        }
    }
    for (address, key) in [
        (config.listen.coap_tcp.address(), "listen.coap_tcp"),
        (
            config.listen.bootstrap_coap_tcp.address(),
            "listen.bootstrap_coap_tcp",
        ),
        (
            config.listen.bootstrap_coaps_tcp.address(),
            "listen.bootstrap_coaps_tcp",
        ),
    ] {
        if let Some(address) = address {
            check_free_tcp(address, key)?;
        }
    }
    let core = Core::start(core_config(&config))?;
    let accounts = Accounts::new(core.store().clone(), &config.auth);
    first_start(&accounts).await?;

    let listeners = listeners(&core, http_address);
    let (stop, stopping) = watch::channel(false);
    let app = App::new(core.clone(), accounts, config, listeners, stopping.clone());
    announce(&app, http_address, started);
    tokio::spawn(take_imported_models(core.clone(), stopping.clone()));
    tokio::spawn(keep_activity(core.clone(), stopping.clone()));

    let most = app.config.limits.http_connections;
    let web = http.map(|listener| {
        tokio::spawn(http::serve(
            listener,
            routes::router(&app),
            most,
            stopping.clone(),
        ))
    });
    let coap = core
        .local_addresses()
        .into_iter()
        .find(|(scheme, _)| *scheme == "coap")
        .map(|(_, address)| address);
    let demo = coap
        .filter(|_| with_demo)
        .map(|address| demo::start(core.clone(), address, stopping));
    if with_demo && demo.is_none() {
        tracing::warn!("--demo: no simulated devices, because listen.coap is off");
    }

    let signal = stop_signal().await?;
    tracing::info!(signal, "stopping");
    let stopped = tokio::time::timeout(STOP, async {
        // Simulated devices sign off while the server still answers them.
        stop.send_replace(true);
        let web = web.into_iter().chain(demo);
        if tokio::time::timeout(STOP_WEB, wait_for_web(web, &app))
            .await
            .is_err()
        {
            tracing::warn!("some connections did not end in time");
        }
        core.shutdown().await
    })
    .await;
    match stopped {
        Ok(result) => result.context("the store could not be written to its end")?,
        Err(_) => anyhow::bail!("stopping took longer than {} s and was cut short", STOP.as_secs()),
    }
    tracing::info!("stopped");
    Ok(())
}

/// Takes the object definitions that `muster objects import` put into the database beside the running server.
async fn take_imported_models(core: Core, mut stopping: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            // The sender going away is an end as well.
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        if let Err(error) = core.refresh_models().await {
            tracing::warn!(%error, "the uploaded object definitions could not be looked at");
        }
    }
}

/// Counts what devices do over time.
async fn keep_activity(core: Core, mut stopping: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(READ_EVERY);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            // The sender going away is an end as well. What is counted until then is written with the rest.
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        if let Err(error) = core.keep_activity().await {
            tracing::warn!(%error, "the activity of the fleet could not be written");
        }
    }
}

async fn wait_for_web(tasks: impl Iterator<Item = JoinHandle<()>>, app: &App) {
    for task in tasks {
        if let Err(error) = task.await {
            tracing::error!(%error, "a task ended badly");
        }
    }
    // All permits back means all live feeds ended; the semaphore is never closed.
    let _ = app
        .live_slots
        .acquire_many(app.config.limits.live_connections)
        .await;
}

/// The sockets of the shards share their port, and would share it with another server of the same user as well, each
/// getting some of the datagrams.
fn check_free(address: SocketAddr, key: &str) -> anyhow::Result<()> {
    let alone = UdpSocket::bind(address);
    alone
        .map(drop)
        .with_context(|| format!("cannot listen on {address}/udp ({key})"))
}

fn check_free_tcp(address: SocketAddr, key: &str) -> anyhow::Result<()> {
    let alone = std::net::TcpListener::bind(address);
    alone
        .map(drop)
        .with_context(|| format!("cannot listen on {address}/tcp ({key})"))
}

fn core_config(config: &Config) -> CoreConfig {
    let (lwm2m, limits, streams) = (&config.lwm2m, &config.limits, &config.streams);
    CoreConfig {
        coap: config.listen.coap.address(),
        coaps: config.listen.coaps.address(),
        dtls: dtls_config(&config.dtls),
        streams: StreamsConfig {
            tcp: config.listen.coap_tcp.address(),
            tls: config.listen.coaps_tcp.address(),
            max_connections: streams.connections as usize,
            max_connections_of_one: streams.connections_per_address as usize,
            idle: Duration::from_secs(60 * u64::from(streams.idle_minutes)),
            keep_alive: (streams.keep_alive_seconds > 0)
                .then(|| Duration::from_secs(streams.keep_alive_seconds.into())),
            ..StreamsConfig::default()
        },
        bootstrap: crate::bootstrap::Settings {
            coap: config.listen.bootstrap_coap.address(),
            coaps: config.listen.bootstrap_coaps.address(),
            coap_tcp: config.listen.bootstrap_coap_tcp.address(),
            coaps_tcp: config.listen.bootstrap_coaps_tcp.address(),
            unknown_devices: config.bootstrap.unknown_devices,
            coap_uri: Some(config.bootstrap.coap_uri.clone()).filter(|uri| !uri.is_empty()),
            coaps_uri: Some(config.bootstrap.coaps_uri.clone()).filter(|uri| !uri.is_empty()),
        },
        shards: lwm2m.shards as usize,
        data_dir: config.data_dir.clone(),
        awake_window: Duration::from_secs(lwm2m.awake_window_seconds.into()),
        operation_timeout: Duration::from_secs(lwm2m.operation_timeout_seconds.into()),
        registrations_per_second: limits.registrations_per_second,
        max_queued_operations: limits.queued_operations as usize,
        max_devices: limits.devices as usize,
        journal_events: limits.journal_events.into(),
        journal_age: Duration::from_secs(u64::from(limits.journal_days) * 24 * 3600),
        ..CoreConfig::default()
    }
}

fn dtls_config(dtls: &Dtls) -> DtlsConfig {
    let named = |path: &PathBuf| (!path.as_os_str().is_empty()).then(|| path.clone());
    DtlsConfig {
        secret_key_file: named(&dtls.secret_key_file),
        key_file: named(&dtls.key_file),
        certificate_file: named(&dtls.certificate_file),
        authority_key_file: named(&dtls.authority_key_file),
        authority_certificate_file: named(&dtls.authority_certificate_file),
        trusted_certificates: dtls.trusted_certificates.clone(),
        endpoint_name: dtls.endpoint_name,
        connection_id_length: u8::try_from(dtls.connection_id_length).unwrap_or(u8::MAX),
        require_extended_master_secret: dtls.require_extended_master_secret,
        max_handshakes: dtls.max_handshakes as usize,
        allow_unsecured: dtls.allow_unsecured,
        ..DtlsConfig::default()
    }
}

/// Makes the first account and tells its password, if that was made up here.
async fn first_start(accounts: &Accounts) -> anyhow::Result<()> {
    let given = std::env::var("MUSTER_ADMIN_PASSWORD").ok();
    let Some(admin) = accounts.ensure_admin(given).await? else {
        return Ok(());
    };
    match admin.generated {
        Some(password) => output::line(&format!(
            "First start: the account '{}' was made. Its password, told only this once:\n\n    {password}\n",
            admin.name
        ))?,
        None => tracing::info!(
            name = admin.name,
            "first account made, with the password of MUSTER_ADMIN_PASSWORD"
        ),
    }
    Ok(())
}

fn listeners(core: &Core, http: Option<SocketAddr>) -> Vec<Listener> {
    let http = http.map(|address| ("http", address));
    core.local_addresses()
        .into_iter()
        .chain(http)
        .map(|(scheme, address)| Listener {
            scheme: scheme.into(),
            address: address.to_string(),
        })
        .collect()
}

fn announce(app: &App, http: Option<SocketAddr>, started: Instant) {
    for listener in &app.listeners {
        tracing::info!(scheme = listener.scheme, address = listener.address, "listening");
    }
    if !app.page.exists() {
        tracing::warn!("this binary holds no page; build it with `cargo xtask build`, or use --ui-dir");
    }
    let milliseconds = started.elapsed().as_millis();
    match http {
        Some(address) => {
            let host = if address.ip().is_unspecified() {
                "127.0.0.1".into()
            } else {
                host(address)
            };
            tracing::info!(milliseconds, "ready: http://{host}:{}/", address.port());
        }
        None => tracing::info!(milliseconds, "ready, without the page: listen.http is off"),
    }
}

fn host(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

/// Waits for SIGINT or SIGTERM and names it.
pub(super) async fn stop_signal() -> std::io::Result<&'static str> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| "SIGINT"),
        _ = terminate.recv() => Ok("SIGTERM"),
    }
}

/// Starts the log on standard error.
pub(super) fn start_log(config: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.level).context("log.level")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match config.format {
        LogFormat::Text => log.with_target(false).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))
}
