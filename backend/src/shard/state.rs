//! What a shard owns.

use super::admission::Admission;
use super::adopt::Claim;
use super::deferred::Deferred;
use super::gateway::Gateway;
use super::outbox::Outbox;
use super::pacing::Pacing;
use super::peer::Stream;
use super::statistics::{Counters, Statistics};
use super::transport::{Strays, Streams, Transports};
use super::{Command, ConnectionLimits, Directory, Peer, Shards};
use crate::core::Models;
use crate::credential::{Credentials, Trust};
use crate::lwm2m::observation::{Subject, Wanted, Wishes};
use crate::lwm2m::operation::book::{Book, Entry};
use crate::lwm2m::operation::encode::Attempt;
use crate::lwm2m::queue_mode::AwakeWindows;
use crate::lwm2m::registration::profile::Profiles;
use crate::lwm2m::registration::{LinkCache, Registration};
use crate::lwm2m::transmission::Manners;
use crate::registry::{DeviceNumber, Input, Report, What};
use crate::store::Store;
use crate::trace::{Ring, Watcher};
use coap::{Endpoint, ExchangeId, Token};
use shared::{Path, Timestamp, model};
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// What a shard shares with the rest of the server.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    pub(crate) directory: Arc<Directory>,
    pub(crate) book: Arc<Book>,
    pub(crate) wishes: Arc<Wishes>,
    pub(crate) profiles: Arc<Profiles>,
    pub(crate) models: Models,
    pub(crate) shards: Shards,
    pub(crate) registry: Input,
    pub(crate) awake_windows: Arc<AwakeWindows>,
    pub(crate) manners: Arc<Manners>,
    pub(crate) grace: Duration,
    pub(crate) read_device_object: bool,
    pub(crate) automatic_reads_per_second: u32,
    /// How many registrations each shard takes in a second; 0 for as many as come.
    pub(crate) registrations_per_second: u32,
    pub(crate) trace_bytes: usize,
    pub(crate) connections: ConnectionLimits,
    /// After how long a silence a connection ends.
    pub(crate) idle: Duration,
    /// After how long a silence the device is asked for a sign of life.
    pub(crate) keep_alive: Option<Duration>,
    pub(crate) credentials: Credentials,
    pub(crate) trust: Arc<Trust>,
    /// Whether devices without a credential are let in without security.
    pub(crate) allow_unsecured: bool,
    pub(crate) dtls: Arc<dtls::Config>,
    /// How often sessions are looked through.
    pub(crate) session_sweep: Duration,
    pub(crate) strays: Arc<Strays>,
    pub(crate) store: Store,
}

/// The moment at which something is handled: for intervals, and for people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) instant: Instant,
    pub(super) at: Timestamp,
}

impl Now {
    pub(super) fn read() -> Now {
        Now {
            instant: Instant::now(),
            at: crate::registry::now(),
        }
    }
}

/// One shard.
#[derive(Debug)]
pub(super) struct Shard {
    pub(super) index: u16,
    pub(super) transports: Transports,
    pub(super) streams: Streams,
    /// Connections to be closed once what the endpoint has for them is written.
    pub(super) ending: Vec<Stream>,
    /// Requests over connections whose registrations other shards have.
    pub(super) claims: Vec<Claim>,
    pub(super) endpoint: Endpoint<Peer>,
    pub(super) records: HashMap<DeviceNumber, Record>,
    pub(super) by_peer: HashMap<Peer, DeviceNumber>,
    /// Established observations.
    pub(super) tokens: HashMap<(Peer, Token), (DeviceNumber, Subject)>,
    pub(super) exchanges: HashMap<ExchangeId, Exchange>,
    pub(super) links: LinkCache,
    pub(super) outbox: Outbox,
    pub(super) pacing: Pacing,
    pub(super) deferred: Deferred,
    pub(super) admission: Admission,
    pub(super) ring: Ring,
    pub(super) watchers: Vec<Watcher>,
    /// When sessions that wait for it are saved.
    pub(super) save_at: Option<Instant>,
    /// When all sessions were looked through last.
    pub(super) swept_at: Instant,
    /// Commands for other shards that had no room for them.
    pub(super) held: Vec<(u16, Command)>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) surroundings: Surroundings,
    pub(super) models: Arc<model::Registry>,
    pub(super) models_generation: u64,
    pub(super) statistics: Statistics,
    pub(super) counters: Arc<Counters>,
}

/// A registration that this shard serves.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) registration: Arc<Registration>,
    pub(super) peer: Peer,
    pub(super) lifetime_ends: Timestamp,
    pub(super) last_message: Option<Instant>,
    /// It left a request unanswered in queue mode.
    pub(super) asleep: bool,
    /// Something may wait for it in the book.
    pub(super) wanted: bool,
    /// The request that is on its way; there is never a second one. Of a device behind a gateway its gateway has it.
    pub(super) exchange: Option<ExchangeId>,
    pub(super) todo: Option<Box<Todo>>,
    pub(super) observations: Vec<(Subject, Token)>,
    /// The gateway that it is behind.
    pub(super) behind: Option<DeviceNumber>,
    /// What it has as a gateway.
    pub(super) gateway: Option<Box<Gateway>>,
}

/// What the server asks of its own accord after a Register.
#[derive(Debug, Default)]
pub(super) struct Todo {
    /// Its turn has come.
    pub(super) allowed: bool,
    pub(super) observe: VecDeque<Wanted>,
    pub(super) read: VecDeque<Path>,
}

/// A request of ours that is on its way.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) device: DeviceNumber,
    pub(super) job: Job,
}

#[derive(Debug)]
pub(super) enum Job {
    Operation {
        entry: Arc<Entry>,
        attempt: Attempt,
    },
    CancelObservation {
        entry: Arc<Entry>,
        subject: Subject,
        token: Token,
    },
    Observe {
        wanted: Wanted,
        attempt: Attempt,
    },
    ReadDevice {
        path: Path,
        attempt: Attempt,
    },
}

impl Shard {
    /// The address that a peer has at the moment; of a session that is gone, none in particular.
    pub(super) fn address(&self, peer: Peer) -> SocketAddr {
        const NONE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        self.transports.address(peer).unwrap_or(NONE)
    }

    pub(super) fn report(&mut self, now: Now, device: DeviceNumber, what: What) {
        let report = Report {
            at: now.at,
            device: Some(device),
            what,
        };
        self.outbox.add(now.instant, report);
    }

    /// Tells that something a peer sent was refused, as an event of its device if it is known.
    pub(super) fn report_refused(
        &mut self,
        now: Now,
        device: Option<DeviceNumber>,
        peer: Peer,
        what: &str,
        code: Option<coap::Code>,
        reason: String,
    ) {
        self.statistics.refused += 1;
        let what = What::Refused {
            address: self.address(peer),
            what: what.to_owned(),
            code: code.map(|code| code.to_string()),
            reason,
        };
        let report = Report {
            at: now.at,
            device: device.or_else(|| self.by_peer.get(&peer).copied()),
            what,
        };
        self.outbox.add(now.instant, report);
    }

    /// Notes a message of the device, which shows that it can be reached.
    pub(super) fn heard(&mut self, now: Now, device: DeviceNumber) {
        let device = self.lead(device);
        if let Some(record) = self.records.get_mut(&device) {
            record.last_message = Some(now.instant);
            record.asleep = false;
        }
    }

    /// Has the endpoint speak with the peer as it was set for its device.
    pub(super) fn tune(&mut self, device: DeviceNumber, peer: Peer) {
        match self.surroundings.manners.own(device) {
            Some(manner) => {
                if !self.endpoint.set_parameters(peer, manner.parameters) {
                    tracing::warn!(%peer, "as many peers have parameters of their own as may have");
                }
            }
            None => self.endpoint.reset_parameters(peer),
        }
    }

    /// Takes a registration up that another shard had, or the store, with those of the devices behind it.
    pub(super) fn insert(&mut self, device: DeviceNumber, mut record: Record) {
        let peer = record.peer;
        let gateway = record.gateway.as_mut();
        let children = gateway.map(|gateway| std::mem::take(&mut gateway.travelling));
        for (subject, token) in &record.observations {
            self.tokens
                .insert((record.peer, *token), (device, subject.clone()));
        }
        if record.behind.is_none() {
            self.by_peer.insert(peer, device);
            self.tune(device, peer);
        }
        self.records.insert(device, record);
        for (child, mut record) in children.unwrap_or_default() {
            record.peer = peer;
            self.insert(child, record);
        }
    }

    /// Takes a registration out, and in it those of the devices behind it. Its exchanges and the peer's state in the
    /// endpoint stay.
    pub(super) fn take_out(&mut self, device: DeviceNumber) -> Option<Record> {
        let mut record = self.records.remove(&device)?;
        if self.by_peer.get(&record.peer) == Some(&device) {
            self.by_peer.remove(&record.peer);
            self.endpoint.reset_parameters(record.peer);
        }
        for (_, token) in &record.observations {
            self.tokens.remove(&(record.peer, *token));
        }
        if let Some(gateway) = &mut record.gateway {
            for child in gateway.children() {
                let taken = self.take_out(child);
                gateway.travelling.extend(taken.map(|record| (child, record)));
            }
        }
        Some(record)
    }

    /// Ends a registration here: its observations are forgotten and its exchange is given up.
    pub(super) fn drop_record(&mut self, now: Now, device: DeviceNumber) -> Option<Record> {
        let mut record = self.take_out(device)?;
        self.deferred.remove(device);
        let peer = record.peer;
        let endpoint = &mut self.endpoint;
        record.each(|record| {
            for (_, token) in &record.observations {
                endpoint.forget_observation(now.instant, peer, *token);
            }
        });
        if let Some(exchange) = record.exchange {
            self.endpoint.cancel(now.instant, exchange);
        }
        if let Some(gateway) = record.behind {
            self.leave_gateway(now, gateway, device);
        }
        Some(record)
    }
}
