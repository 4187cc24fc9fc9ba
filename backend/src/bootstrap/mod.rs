//! The bootstrap server: who gets which configuration, and the sessions in which devices get them. LwM2M Core 1.2 §6.1.
//!
//! [`Bootstrap`] is all that the rest of the server knows of it. What the specification has to say is in
//! [`crate::lwm2m::bootstrap`] and in `shared::bootstrap`; here are the socket, the store and the choices of people.

mod configurations;
mod connections;
mod desk;
mod error;
mod keys;
mod listener;
mod lockout;
mod records;
mod schema;
mod secure;
mod sender;
mod variables;

pub use error::BootstrapError;
pub(crate) use keys::Keys;
pub use schema::BOOTSTRAP;
pub(crate) use variables::GROUP;

use crate::core::{Models, StartError, TlsCredentials};
use crate::credential::Credentials;
use crate::registry::{self, Registry};
use crate::shard::{ConnectionLimits, Directory};
use crate::store::{Store, StoreError};
use crate::tls::Tls;
use connections::Connections;
use desk::Desk;
use listener::{Command, Listener, Ways};
use secure::Secure;
use serde::{Deserialize, Serialize};
use shared::DeviceState;
use shared::api::{Approval, ApprovalRules, DeviceBootstrap, SessionQuery, WaitingDevice};
use shared::bootstrap::SessionView;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot, watch};

/// What is done about a device that asks for its bootstrap and is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownDevices {
    /// It is refused.
    Refuse,
    /// It is refused, and waits in a list for a person to let it in.
    Wait,
    /// It is let in. Without security that is anybody.
    Accept,
}

/// How bootstrap is served.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to serve `coap://`; `None` for nowhere.
    pub coap: Option<SocketAddr>,
    /// Where to serve `coaps://`; `None` for nowhere.
    pub coaps: Option<SocketAddr>,
    /// Where to serve `coap+tcp://`; `None` for nowhere.
    pub coap_tcp: Option<SocketAddr>,
    /// Where to serve `coaps+tcp://`; `None` for nowhere.
    pub coaps_tcp: Option<SocketAddr>,
    pub unknown_devices: UnknownDevices,
    /// The URIs that devices are told; `None`: the address by which they see this machine.
    pub coap_uri: Option<String>,
    pub coaps_uri: Option<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            coap: None,
            coaps: None,
            coap_tcp: None,
            coaps_tcp: None,
            unknown_devices: UnknownDevices::Wait,
            coap_uri: None,
            coaps_uri: None,
        }
    }
}

/// Where devices are to register.
#[derive(Debug, Clone, Default)]
pub(crate) struct Uris {
    pub(crate) coap_uri: Option<String>,
    pub(crate) coaps_uri: Option<String>,
    pub(crate) coap: Option<SocketAddr>,
    pub(crate) coaps: Option<SocketAddr>,
    pub(crate) coap_tcp: Option<SocketAddr>,
    pub(crate) coaps_tcp: Option<SocketAddr>,
}

/// What the bootstrap server works with.
pub(crate) struct Surroundings {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) directory: Arc<Directory>,
    pub(crate) models: Models,
    pub(crate) uris: Uris,
    pub(crate) keys: Keys,
    /// How DTLS is done.
    pub(crate) dtls: dtls::Config,
    /// What TLS shows.
    pub(crate) tls: TlsCredentials,
    /// How many connections may stand, together with those of the other listeners.
    pub(crate) connections: ConnectionLimits,
}

/// The bootstrap server; clones are handles to the same one.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    desk: Arc<Desk>,
    commands: mpsc::Sender<Command>,
    local: Vec<(&'static str, SocketAddr)>,
}

impl Bootstrap {
    /// Reads what is kept, binds the socket and starts the thread.
    ///
    /// # Errors
    /// [`StartError`].
    pub(crate) fn start(
        settings: &Settings,
        surroundings: Surroundings,
    ) -> Result<(Bootstrap, Option<JoinHandle<()>>), StartError> {
        let keys = surroundings.keys;
        let desk = Arc::new(Desk::new(
            surroundings.store,
            surroundings.registry,
            surroundings.directory,
            surroundings.models,
            settings.clone(),
            surroundings.uris,
            keys.clone(),
        )?);
        let (commands, receiver) = mpsc::channel(listener::QUEUE);
        let mut bootstrap = Bootstrap {
            desk,
            commands,
            local: Vec::new(),
        };
        let mut bind = |scheme, address: Option<SocketAddr>| -> Result<_, StartError> {
            let Some(address) = address else { return Ok(None) };
            let bound = |source| StartError::Bind { address, source };
            let socket = std::net::UdpSocket::bind(address).map_err(bound)?;
            socket.set_nonblocking(true).map_err(bound)?;
            bootstrap
                .local
                .push((scheme, socket.local_addr().map_err(bound)?));
            Ok(Some(socket))
        };
        let plain = bind("bootstrap_coap", settings.coap)?;
        let secured = bind("bootstrap_coaps", settings.coaps)?;
        let mut connections = Connections::new(surroundings.connections);
        let mut listen = |scheme, address: Option<SocketAddr>, tls: Option<Tls>| {
            let Some(address) = address else { return Ok(()) };
            let bound = connections.bind(address, tls);
            let bound = bound.map_err(|source| StartError::BindTcp { address, source })?;
            bootstrap.local.push((scheme, bound));
            Ok::<(), StartError>(())
        };
        listen("bootstrap_coap+tcp", settings.coap_tcp, None)?;
        if settings.coaps_tcp.is_some() {
            // Who is let in is what DTLS says, too.
            let known = keys.clone();
            let judge = move |identity: &_| known.whose(identity, registry::now()).map(|_| ());
            let tls = surroundings.tls.acceptor(Arc::new(judge));
            let tls = tls.map_err(StartError::Tls)?;
            listen("bootstrap_coaps+tcp", settings.coaps_tcp, Some(tls))?;
        }
        if bootstrap.local.is_empty() {
            return Ok((bootstrap, None));
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| StartError::Randomness(error.to_string()))?;
        let security = secured
            .map(|socket| {
                Ok((
                    socket,
                    dtls::Endpoint::new(Instant::now(), Arc::new(surroundings.dtls))?,
                ))
            })
            .transpose()
            .map_err(|error: dtls::NoRandomness| StartError::Randomness(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(StartError::Thread)?;
        let desk = bootstrap.desk.clone();
        let serve = async move {
            let plain = plain.map(UdpSocket::from_std).transpose()?;
            let secure = security.map(|(socket, endpoint)| {
                UdpSocket::from_std(socket).map(|socket| Secure::new(socket, endpoint, keys.clone()))
            });
            let ways = Ways {
                plain,
                secure: secure.transpose()?,
                connections,
            };
            let listener = Listener::new(ways, seed, keys, desk, receiver);
            Box::pin(listener.run()).await;
            Ok::<(), std::io::Error>(())
        };
        let thread = std::thread::Builder::new()
            .name("bootstrap".into())
            .spawn(move || {
                if let Err(error) = runtime.block_on(serve) {
                    tracing::error!(%error, "the bootstrap sockets cannot be used");
                }
            })
            .map_err(StartError::Thread)?;
        Ok((bootstrap, Some(thread)))
    }

    /// The addresses it listens at, as (scheme, address).
    pub fn local_addresses(&self) -> Vec<(&'static str, SocketAddr)> {
        self.local.clone()
    }

    /// The credentials that serve for bootstrap alone.
    pub fn credentials(&self) -> &Credentials {
        &self.desk.keys.bootstrap
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.desk.keys
    }

    /// Ends the thread. Sessions under way end with it.
    pub(crate) async fn stop(&self) {
        // It is gone already if nobody listens.
        let _ = self.commands.send(Command::Stop).await;
    }

    /// Begins to write to a registered device that did not ask for it.
    ///
    /// # Errors
    /// [`BootstrapError`] in words.
    pub async fn begin(&self, endpoint: &str) -> Result<u64, BootstrapError> {
        let (_, peer, state) = self.desk.address_of(endpoint).ok_or(BootstrapError::NoAddress)?;
        if state == DeviceState::Decommissioned {
            return Err(BootstrapError::NoAddress);
        }
        if self.local.iter().all(|(scheme, _)| *scheme != "bootstrap_coap") {
            return Err(BootstrapError::NotServed);
        }
        let (reply, begun) = oneshot::channel();
        let command = Command::Begin {
            endpoint: endpoint.to_owned(),
            peer,
            reply,
        };
        self.commands
            .send(command)
            .await
            .map_err(|_| BootstrapError::Stopping)?;
        begun
            .await
            .map_err(|_| BootstrapError::Stopping)?
            .map_err(BootstrapError::Refused)
    }

    /// A page of the sessions, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sessions(&self, query: SessionQuery, limit: u32) -> Result<Vec<SessionView>, StoreError> {
        let limit = limit as usize;
        // Those of late are in memory, also what is not written yet; the others are in the store.
        let (mut found, oldest): (Vec<SessionView>, Option<u64>) = {
            let records = self.desk.read();
            let fits = |view: &&SessionView| {
                query.before.is_none_or(|before| view.id < before)
                    && query.state.is_none_or(|state| view.state == state)
                    && query.endpoint.as_ref().is_none_or(|name| *name == view.endpoint)
            };
            let newest = records.sessions.values().rev().map(|recent| &recent.view);
            let found = newest.filter(fits).take(limit).cloned().collect();
            (found, records.sessions.keys().next().copied())
        };
        if let Some(missing) = limit.checked_sub(found.len()).filter(|missing| *missing > 0) {
            let before = query.before.into_iter().chain(oldest).min();
            let missing = u32::try_from(missing).unwrap_or(u32::MAX);
            let older = self
                .desk
                .keeper
                .sessions(query.endpoint, query.state, before, missing);
            found.extend(older.await?);
        }
        Ok(found)
    }

    pub async fn session(&self, id: u64) -> Result<Option<SessionView>, StoreError> {
        if let Some((view, _)) = self.recent_session(id) {
            return Ok(Some(view));
        }
        let before = Some(id.saturating_add(1));
        let found = self.desk.keeper.sessions(None, None, before, 1).await?;
        Ok(found.into_iter().find(|view| view.id == id))
    }

    /// A session of late as it is now, from memory, and the number of its last change.
    pub(crate) fn recent_session(&self, id: u64) -> Option<(SessionView, u64)> {
        let records = self.desk.read();
        let recent = records.sessions.get(&id)?;
        Some((recent.view.clone(), recent.change))
    }

    /// The number of the last change of any session, whenever there is one.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.desk.changes()
    }

    /// Told whenever the waiting list changes.
    pub(crate) fn waiting_changes(&self) -> watch::Receiver<()> {
        self.desk.waiting_changes.subscribe()
    }

    /// The sessions that changed after this number, oldest first and at most so many of the newest, with their last step
    /// only; and the number of the last change.
    pub(crate) fn changed_sessions(&self, after: u64, most: usize) -> (Vec<SessionView>, u64) {
        let records = self.desk.read();
        let recent = records.sessions.values();
        let changed = || recent.clone().filter(|recent| recent.change > after);
        let last = changed().map(|recent| recent.change).max().unwrap_or(after);
        let mut views: Vec<SessionView> = changed()
            .rev()
            .take(most)
            .map(|recent| {
                let mut view = recent.view.without_steps();
                view.steps.extend(recent.view.steps.last().cloned());
                view
            })
            .collect();
        views.reverse();
        (views, last)
    }

    /// How a device comes by its configuration.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_device(&self, endpoint: &str) -> Result<Option<DeviceBootstrap>, StoreError> {
        let (configuration, because) = {
            let rows = self.desk.registry.rows();
            let Some((_, device)) = rows.find(endpoint) else {
                return Ok(None);
            };
            let (found, because) = self.desk.configuration_of(endpoint, Some(device));
            (found.map(|(name, _)| name), because)
        };
        let chosen = self.desk.read().choices.get(endpoint).map(ToString::to_string);
        let query = SessionQuery {
            endpoint: Some(endpoint.to_owned()),
            ..SessionQuery::default()
        };
        Ok(Some(DeviceBootstrap {
            configuration,
            because,
            chosen,
            sessions: self.sessions(query, 20).await?,
        }))
    }

    /// Chooses a configuration for a device, or leaves it to the rules again.
    ///
    /// # Errors
    /// [`BootstrapError::UnknownConfiguration`] or one of the store.
    pub async fn choose(&self, endpoint: &str, name: Option<&str>) -> Result<(), BootstrapError> {
        self.desk.choose(endpoint, name).await
    }

    /// Whether there is a configuration of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.desk.read().configurations.contains_key(name)
    }

    /// Chooses configurations for many devices at once.
    pub(crate) async fn choose_all(&self, choices: Vec<(String, String)>) -> Result<(), StoreError> {
        self.desk.keeper.choices(choices.clone()).await?;
        let mut records = self.desk.write();
        for (endpoint, name) in choices {
            records.choices.insert(endpoint, name.into());
        }
        Ok(())
    }

    /// Forgets what was chosen for a device that left, and returns the short server ids by which it knows this server.
    pub(crate) async fn leave(&self, endpoint: &str) -> Result<Vec<u16>, StoreError> {
        let ids = {
            let rows = self.desk.registry.rows();
            let device = rows.find(endpoint).map(|(_, device)| device);
            let (found, _) = self.desk.configuration_of(endpoint, device);
            let accounts = found.map(|(_, stored)| stored.body.configuration.servers.clone());
            let own = accounts
                .into_iter()
                .flatten()
                .filter(|account| account.uri.contains("_uri}"));
            own.map(|account| account.short_server_id).collect()
        };
        self.desk.keeper.choice(endpoint, None).await?;
        self.desk.write().choices.remove(endpoint);
        Ok(ids)
    }

    /// Notes that the account of a device that left is to be deleted on the device when it asks, or need not be.
    pub(crate) fn set_retiring(&self, endpoint: &str, ids: Vec<u16>) {
        let mut records = self.desk.write();
        if ids.is_empty() {
            records.retiring.remove(endpoint);
        } else {
            records.retiring.insert(endpoint.to_owned(), ids);
        }
    }

    /// Unknown devices that asked, the last one first.
    pub fn waiting(&self) -> Vec<WaitingDevice> {
        let mut waiting: Vec<WaitingDevice> = self.desk.read().waiting.values().cloned().collect();
        waiting.sort_by_key(|waiting| std::cmp::Reverse(waiting.last_asked));
        waiting
    }

    /// Lets a device in that waits. False if it does not wait.
    ///
    /// # Errors
    /// [`BootstrapError`].
    pub async fn approve(
        &self,
        endpoint: &str,
        approval: Approval,
        by: &str,
    ) -> Result<bool, BootstrapError> {
        if !self.desk.read().waiting.contains_key(endpoint) {
            return Ok(false);
        }
        self.desk.let_in(endpoint, approval, by).await?;
        Ok(true)
    }

    /// Strikes a device off the waiting list. False if it does not wait. It comes back when it asks again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn dismiss(&self, endpoint: &str) -> Result<bool, StoreError> {
        let was = self.desk.write().waiting.remove(endpoint).is_some();
        if was {
            self.desk.waiting_changes.send_replace(());
            self.desk.keeper.waiting_gone(endpoint).await?;
        }
        Ok(was)
    }

    pub fn rules(&self) -> ApprovalRules {
        self.desk.read().rules.clone()
    }

    /// Replaces the rules.
    ///
    /// # Errors
    /// [`BootstrapError`] if one names a configuration that does not exist.
    pub async fn set_rules(&self, rules: ApprovalRules) -> Result<(), BootstrapError> {
        {
            let records = self.desk.read();
            let named = rules
                .items
                .iter()
                .filter_map(|rule| rule.approval.configuration.as_ref());
            for name in named {
                if !records.configurations.contains_key(name) {
                    return Err(BootstrapError::UnknownConfiguration(name.clone()));
                }
            }
        }
        self.desk.keeper.rules(&rules).await?;
        self.desk.write().rules = rules;
        Ok(())
    }
}
