//! A device that is told by a bootstrap server where to register, over and over as its life goes on.

use super::drive::{End, WayBack, told, wait_until};
use super::line::Line;
use super::options::FleetOptions;
use super::security::Security;
use super::server::{Scheme, Server};
use super::stream::{self, Connector};
use super::{FleetError, asking, cast, drive, pinned, tls};
use crate::bootstrap::{Account, BootstrapClient, BootstrapOptions, Holdings};
use crate::client::{Client, Clock, RetryPolicy};
use crate::objects::{access_control, server_resource};
use shared::{Value, Version};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A device that was told a server that cannot be used asks again after so long.
const UNUSABLE: Duration = Duration::from_secs(60);

/// A device with its bootstrap server.
#[derive(Clone)]
pub(super) struct Bootstrapped {
    pub(super) options: FleetOptions,
    pub(super) index: u32,
    /// The bootstrap server, and as it is written.
    pub(super) server: Server,
    pub(super) uri: String,
    /// What it has for that server: over DTLS, and over streams.
    pub(super) security: Option<Security>,
    pub(super) connector: Option<Connector>,
    pub(super) clock: Clock,
    pub(super) first_attempt: Instant,
}

impl Bootstrapped {
    /// Lives until it is told to stop.
    pub(super) async fn live(self, stopping: watch::Receiver<bool>) {
        let Some(mut bootstrap) = self.bootstrap_client() else {
            return;
        };
        let mut has_account = false;
        loop {
            if !has_account && !self.ask(&mut bootstrap, stopping.clone()).await {
                return;
            }
            match Box::pin(self.register(&mut bootstrap, stopping.clone())).await {
                End::Stopped => return,
                End::WantsBootstrap => {
                    bootstrap.restart(Instant::now());
                    has_account = false;
                }
                End::Configured => has_account = true,
            }
        }
    }

    fn bootstrap_client(&self) -> Option<BootstrapClient> {
        let place = (self.server.address, self.server.transport());
        let (client_options, _) = cast::device(&self.options, self.index, place, self.clock);
        let options = BootstrapOptions {
            transport: place.1,
            version: client_options.version,
            format: self
                .options
                .dialect
                .format
                .filter(|_| client_options.version > Version::V1_0),
            pack: client_options.version >= Version::V1_2,
            retry: RetryPolicy::default(),
            ..BootstrapOptions::new(client_options.endpoint, place.0, self.clock)
        };
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).ok()?;
        let holdings = Holdings::factory(0, &self.uri);
        Some(BootstrapClient::new(
            options,
            holdings,
            self.first_attempt,
            secret,
        ))
    }

    /// Asks until it has an account. False if it is told to stop before.
    async fn ask(&self, bootstrap: &mut BootstrapClient, stopping: watch::Receiver<bool>) -> bool {
        if let Some(connector) = &self.connector {
            return asking::by_stream(bootstrap, connector, stopping).await;
        }
        let name = bootstrap.endpoint_name().to_owned();
        match Line::open(self.server.address, &name, self.security.as_ref()).await {
            Ok(line) => asking::by_datagrams(bootstrap, line, stopping).await,
            Err(error) => {
                tracing::error!(endpoint = name, %error, "the device cannot ask for its bootstrap");
                false
            }
        }
    }

    /// Registers with the server it was told and lives until something else is to be done.
    async fn register(&self, bootstrap: &mut BootstrapClient, mut stopping: watch::Receiver<bool>) -> End {
        let account = bootstrap.account();
        let prepared = match &account {
            Some(account) => Prepared::of(account).await,
            None => Err(FleetError::ServerUri("nowhere".into())),
        };
        let (Some(account), Ok(prepared)) = (account, prepared.as_ref()) else {
            let reason = prepared.err().map(|error| error.to_string());
            tracing::warn!(?reason, "the device cannot use the server it was told");
            let wait = Some(Instant::now() + UNUSABLE);
            return tokio::select! {
                () = wait_until(wait) => End::WantsBootstrap,
                () = told(&mut stopping) => End::Stopped,
            };
        };
        let Some(client) = self.client(&account, &prepared.server) else {
            return End::Stopped;
        };
        let way_back = Some(WayBack {
            bootstrap,
            tries: self.options.registration_tries.max(1),
        });
        if let Some(connector) = &prepared.connector {
            return stream::drive(client, connector.clone(), stopping, way_back).await;
        }
        let name = &client.options().endpoint;
        match Line::open(prepared.server.address, name, prepared.security.as_ref()).await {
            Ok(line) => drive::drive(client, line, stopping, way_back).await,
            Err(error) => {
                tracing::error!(endpoint = name, %error, "the device cannot register");
                End::Stopped
            }
        }
    }

    /// The client that registers with this account.
    fn client(&self, account: &Account, server: &Server) -> Option<Client> {
        let place = (server.address, server.transport());
        let (mut options, behaviours) = cast::device(&self.options, self.index, place, self.clock);
        options.lifetime = account.lifetime;
        let now = Instant::now();
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).ok()?;
        let mut client = Client::new(options, behaviours, now, secret);
        client.change(now, |tree| {
            access_control::renumber(tree, account.short_server_id);
            let lifetime = Value::Integer(i64::from(account.lifetime));
            tree.set(server_resource::LIFETIME, lifetime);
        });
        Some(client)
    }
}

/// The server of an account, and what the account gives for it.
struct Prepared {
    server: Server,
    security: Option<Security>,
    connector: Option<Connector>,
}

impl Prepared {
    async fn of(account: &Account) -> Result<Prepared, FleetError> {
        let server = Server::resolve(&account.uri).await?;
        let (security, connector) = match server.scheme {
            Scheme::Coap => (None, None),
            Scheme::Coaps => (Some(Security::of_account(account, &server.host)?), None),
            Scheme::CoapTcp => (None, Some(Connector::tcp(server.address))),
            Scheme::CoapsTcp => {
                let (config, name) = (Arc::new(pinned::client(account)?), tls::name(&server.host)?);
                (None, Some(Connector::tls(server.address, config, name)))
            }
        };
        Ok(Prepared {
            server,
            security,
            connector,
        })
    }
}
