//! A device that is told by a bootstrap server where to register, over and over as its life goes on.

use super::drive::{Farewell, drive, told, wait_until};
use super::line::Line;
use super::options::FleetOptions;
use super::server::Server;
use super::{any_address, cast};
use crate::bootstrap::{Account, BootstrapClient, BootstrapOptions, BootstrapState, Holdings};
use crate::client::{Client, Clock, RetryPolicy};
use crate::objects::server_resource;
use shared::{Value, Version};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::watch;

/// The largest datagram that is taken whole.
const BUFFER: usize = 2_048;
/// A device that was told a server that cannot be used asks again after so long.
const UNUSABLE: Duration = Duration::from_secs(60);

/// A device with its bootstrap server.
#[derive(Debug)]
pub(super) struct Bootstrapped {
    pub(super) options: FleetOptions,
    pub(super) index: u32,
    /// The bootstrap server, and as it is written.
    pub(super) server: SocketAddr,
    pub(super) uri: String,
    pub(super) clock: Clock,
    pub(super) first_attempt: Instant,
}

impl Bootstrapped {
    /// Lives until it is told to stop.
    pub(super) async fn live(self, stopping: watch::Receiver<bool>) {
        let mut holdings = Holdings::factory(0, &self.uri);
        let mut first = self.first_attempt;
        loop {
            let Some((account, held)) = self.bootstrap(holdings, first, stopping.clone()).await else {
                return;
            };
            holdings = held;
            if !self.register(&account, stopping.clone()).await {
                return;
            }
            first = Instant::now();
        }
    }

    /// Asks until it has an account. None if it is told to stop before.
    async fn bootstrap(
        &self,
        holdings: Holdings,
        first: Instant,
        mut stopping: watch::Receiver<bool>,
    ) -> Option<(Account, Holdings)> {
        let (client_options, _) = cast::device(&self.options, self.index, self.place(), self.clock);
        let options = BootstrapOptions {
            version: client_options.version,
            format: self
                .options
                .dialect
                .format
                .filter(|_| client_options.version > Version::V1_0),
            pack: client_options.version >= Version::V1_2,
            retry: RetryPolicy::default(),
            ..BootstrapOptions::new(client_options.endpoint, self.server, self.clock)
        };
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).ok()?;
        let mut client = BootstrapClient::new(options, holdings, first, secret);
        let socket = UdpSocket::bind(any_address(self.server)).await.ok()?;
        let mut buffer = vec![0; BUFFER];
        loop {
            while let Some(transmit) = client.poll_transmit() {
                if let Err(error) = socket.send_to(&transmit.datagram, transmit.peer).await {
                    // As lost on the way: it is sent again if it matters.
                    tracing::debug!(%error, "not sent");
                }
            }
            if client.state() == BootstrapState::Done
                && let Some(account) = client.account()
            {
                return Some((account, client.holdings().clone()));
            }
            tokio::select! {
                received = socket.recv_from(&mut buffer) => match received {
                    Ok((length, from)) => client.handle_datagram(Instant::now(), from, &buffer[..length]),
                    Err(error) => tracing::debug!(%error, "nothing received"),
                },
                () = wait_until(client.poll_timeout()) => client.handle_timeout(Instant::now()),
                () = told(&mut stopping) => return None,
            }
        }
    }

    /// Registers and lives until it is to be bootstrapped again. False if it is told to stop.
    async fn register(&self, account: &Account, mut stopping: watch::Receiver<bool>) -> bool {
        let server = match Server::resolve(&account.uri).await {
            Ok(server) if server.scheme == super::server::Scheme::Coap => server,
            Ok(_) | Err(_) => {
                tracing::warn!(uri = account.uri, "the device cannot use the server it was told");
                let wait = Some(Instant::now() + UNUSABLE);
                return tokio::select! {
                    () = wait_until(wait) => true,
                    () = told(&mut stopping) => false,
                };
            }
        };
        let place = (server.address, server.transport());
        let (mut options, behaviours) = cast::device(&self.options, self.index, place, self.clock);
        options.lifetime = account.lifetime;
        let now = Instant::now();
        let mut secret = [0; 32];
        if getrandom::fill(&mut secret).is_err() {
            return false;
        }
        let Ok(line) = Line::open(server.address, &options.endpoint, None).await else {
            return false;
        };
        let mut client = Client::new(options, behaviours, now, secret);
        client.change(now, |tree| {
            let id = Value::Integer(i64::from(account.short_server_id));
            tree.set(server_resource::SHORT_SERVER_ID, id);
            tree.set(
                server_resource::LIFETIME,
                Value::Integer(i64::from(account.lifetime)),
            );
        });
        drive(client, line, stopping, Farewell::default()).await
    }

    fn place(&self) -> (SocketAddr, crate::client::Transport) {
        (self.server, crate::client::Transport::Datagrams)
    }
}
