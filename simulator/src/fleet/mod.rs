//! Many devices over UDP, DTLS, TCP or TLS: what to simulate, and the loop that drives it.

mod asking;
mod bootstrapped;
mod cast;
mod channel;
mod drive;
mod line;
mod options;
mod pinned;
mod raw_public_key;
mod security;
mod server;
mod stream;
mod tls;

pub use options::{FleetOptions, Profile, TlsFiles, UnknownProfile};
pub use security::{DtlsOptions, Secret};

use crate::client::{Client, Clock};
use bootstrapped::Bootstrapped;
use line::Line;
use security::Security;
use server::Server;
use shared::Timestamp;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Why a fleet cannot run.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The server is not written as `scheme://host[:port]`.
    #[error(
        "'{0}' is not a server: write coap://host, coaps://host, coap+tcp://host or coaps+tcp://host, with :port or without"
    )]
    ServerUri(String),
    /// The host has no address.
    #[error("the server's host '{host}' has no address: {source}")]
    Resolve {
        /// The host as given.
        host: String,
        /// What the resolver said.
        source: std::io::Error,
    },
    /// More devices than one process drives with a socket each.
    #[error(
        "{asked} devices are more than the {} that one process simulates",
        FleetOptions::MAX_DEVICES
    )]
    TooManyDevices {
        /// How many were asked for.
        asked: u32,
    },
    /// A socket could not be made.
    #[error("no UDP socket for a device: {0}")]
    Socket(#[source] std::io::Error),
    /// The files for TLS are not there or cannot be used.
    #[error("TLS: {0}")]
    Tls(String),
    /// What DTLS needs is not there or cannot be used.
    #[error("DTLS: {0}")]
    Dtls(String),
    /// The system gives no randomness for tokens.
    #[error("the system gives no random bytes: {0}")]
    Randomness(getrandom::Error),
}

/// The endpoint names of the devices, by their numbers: what they have to be provisioned under.
pub fn endpoint_names(options: &FleetOptions) -> Vec<String> {
    options
        .numbers()
        .map(|index| cast::endpoint_name(options, index))
        .collect()
}

/// Drives the devices until `shutdown` ends; they de-register then, within a second.
///
/// # Errors
/// [`FleetError`] if the options make no sense or a socket cannot be made. A server that does not answer is no error:
/// the devices try again, as devices do.
pub async fn run<F>(options: FleetOptions, shutdown: F) -> Result<(), FleetError>
where
    F: Future<Output = ()> + Send,
{
    options.check()?;
    if let Some(uri) = options.bootstrap.clone() {
        return run_bootstrapped(options, uri, shutdown).await;
    }
    let server = Server::resolve(&options.server).await?;
    let connector = server.connector(&options.tls, &options.dtls)?;
    let security = match server.scheme {
        server::Scheme::Coaps => Some(Security::read(&options, &server)?),
        _ => None,
    };
    let clock = Clock {
        instant: Instant::now(),
        time: now_of_day(),
    };
    let (stop, stopping) = watch::channel(false);
    let mut devices = JoinSet::new();
    for index in options.numbers() {
        let (client_options, behaviours) =
            cast::device(&options, index, (server.address, server.transport()), clock);
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(FleetError::Randomness)?;
        let first_attempt = Instant::now() + STAGGER * index;
        let mut client = Client::new(client_options, behaviours, first_attempt, secret);
        let behind = cast::behind(&options, index);
        if !behind.is_empty() {
            client = client.with_devices_behind(behind);
        }
        match &connector {
            Some(connector) => {
                let drive = stream::drive(client, connector.clone(), stopping.clone(), None);
                devices.spawn(async move {
                    drive.await;
                });
            }
            None => {
                let name = client.options().endpoint.clone();
                let line = Line::open(server.address, &name, security.as_ref()).await?;
                let drive = drive::drive(client, line, stopping.clone(), None);
                devices.spawn(async move {
                    drive.await;
                });
            }
        }
    }
    tracing::info!(devices = options.devices, server = %options.server, "the fleet runs");
    shutdown.await;
    // The devices hold receivers as long as they run.
    stop.send_replace(true);
    while devices.join_next().await.is_some() {}
    Ok(())
}

/// As [`run`], for devices that ask a bootstrap server where to register.
async fn run_bootstrapped<F>(options: FleetOptions, uri: String, shutdown: F) -> Result<(), FleetError>
where
    F: Future<Output = ()> + Send,
{
    let server = Server::resolve(&uri).await?;
    let connector = server.connector(&options.tls, &options.dtls)?;
    let security = match server.scheme {
        server::Scheme::Coaps => Some(Security::read(&options, &server)?),
        _ => None,
    };
    let clock = Clock {
        instant: Instant::now(),
        time: now_of_day(),
    };
    let (stop, stopping) = watch::channel(false);
    let mut devices = JoinSet::new();
    for index in options.numbers() {
        let device = Bootstrapped {
            options: options.clone(),
            index,
            server: server.clone(),
            uri: uri.clone(),
            security: security.clone(),
            connector: connector.clone(),
            clock,
            first_attempt: Instant::now() + STAGGER * index,
        };
        devices.spawn(device.live(stopping.clone()));
    }
    tracing::info!(devices = options.devices, bootstrap = %uri, "the fleet runs");
    shutdown.await;
    stop.send_replace(true);
    while devices.join_next().await.is_some() {}
    Ok(())
}

/// The time between the first attempts of one device and the next, so that a fleet is no storm.
const STAGGER: Duration = Duration::from_millis(5);

fn any_address(server: SocketAddr) -> SocketAddr {
    match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}

fn now_of_day() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn more_devices_than_sockets_are_refused() {
        let options = FleetOptions::new("coap://127.0.0.1", FleetOptions::MAX_DEVICES + 1);
        let refused = run(options, std::future::ready(())).await;
        assert!(matches!(refused, Err(FleetError::TooManyDevices { .. })));
    }
}
