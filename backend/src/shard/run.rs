//! A shard's thread: datagrams, commands, timers, reports, in turns.

use super::exchange::Answered;
use super::outbox::Outbox;
use super::pacing::Pacing;
use super::registration::Answer;
use super::state::{Now, Record, Shard, Surroundings};
use super::statistics::{Counters, Statistics};
use super::{Command, Recorded, socket};
use crate::core::StartError;
use crate::lwm2m::registration::LinkCache;
use crate::lwm2m::{Refusal, quote, reporting};
use crate::registry::{RestoredRegistration, What};
use crate::trace::{Raw, Ring, Seen, Watcher};
use coap::{Code, Endpoint, Event, Observation, Request, Response};
use shared::api::Direction;
use shared::event::Origin;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How many datagrams are taken before commands and timers get their turn.
const BATCH: usize = 128;
/// How many commands are taken in one turn.
const COMMANDS: usize = 256;
/// The largest datagram.
const DATAGRAM: usize = 65_535;
/// When a command for a busy shard is tried again.
const HELD: Duration = Duration::from_millis(10);
/// How often the counters are published.
const PUBLISH: Duration = Duration::from_millis(500);

/// Binds the sockets and starts a thread for each. Returns the address they share, and the threads.
///
/// # Errors
/// [`StartError`] if an address cannot be bound or a thread cannot be started.
pub(crate) fn start(
    address: SocketAddr,
    surroundings: &Surroundings,
    commands: Vec<mpsc::Receiver<Command>>,
    counters: &[Arc<Counters>],
    restored: Vec<Vec<RestoredRegistration>>,
) -> Result<(SocketAddr, Vec<JoinHandle<()>>), StartError> {
    let bound = |source| StartError::Bind { address, source };
    let sockets = socket::bind(address, commands.len()).map_err(bound)?;
    let local = sockets
        .first()
        .ok_or_else(|| bound(std::io::ErrorKind::InvalidInput.into()))?
        .local_addr()
        .map_err(bound)?;
    let mut threads = Vec::new();
    let parts = sockets.into_iter().zip(commands).zip(restored).zip(counters);
    for (index, (((socket, commands), restored), counters)) in parts.enumerate() {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| StartError::Randomness(error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(StartError::Thread)?;
        let beginning = Beginning {
            index: index as u16,
            commands,
            surroundings: surroundings.clone(),
            counters: counters.clone(),
            seed,
        };
        let thread = std::thread::Builder::new()
            .name(format!("shard-{index}"))
            .spawn(move || {
                runtime.block_on(async move {
                    match tokio::net::UdpSocket::from_std(socket) {
                        Ok(socket) => beginning.shard(socket).run(restored).await,
                        Err(error) => tracing::error!(%error, "a shard's socket cannot be used"),
                    }
                });
            })
            .map_err(StartError::Thread)?;
        threads.push(thread);
    }
    Ok((local, threads))
}

struct Beginning {
    index: u16,
    commands: mpsc::Receiver<Command>,
    surroundings: Surroundings,
    counters: Arc<Counters>,
    seed: [u8; 32],
}

impl Beginning {
    fn shard(self, socket: tokio::net::UdpSocket) -> Shard {
        let surroundings = self.surroundings;
        Shard {
            index: self.index,
            socket,
            endpoint: Endpoint::new(coap::Config::default(), self.seed),
            records: HashMap::new(),
            by_peer: HashMap::new(),
            tokens: HashMap::new(),
            exchanges: HashMap::new(),
            links: LinkCache::default(),
            outbox: Outbox::new(surroundings.registry.clone()),
            pacing: Pacing::new(surroundings.automatic_reads_per_second, Instant::now()),
            ring: Ring::new(
                surroundings.trace_bytes,
                self.index,
                surroundings.shards.count() as u64,
            ),
            watchers: Vec::new(),
            held: Vec::new(),
            commands: self.commands,
            models: surroundings.models.get(),
            models_generation: surroundings.models.generation(),
            statistics: Statistics::default(),
            counters: self.counters,
            surroundings,
        }
    }
}

impl Shard {
    async fn run(mut self, restored: Vec<RestoredRegistration>) {
        let now = Now::read();
        for registration in restored {
            self.restore(now, registration);
        }
        let mut buffer = vec![0; DATAGRAM];
        let mut published = Instant::now();
        loop {
            let now = Now::read();
            self.refresh_models();
            self.send_held();
            let more = self.receive(now, &mut buffer);
            let Some(more_commands) = self.obey(now) else {
                break;
            };
            self.endpoint.handle_timeout(now.instant);
            self.settle(now);
            while let Some(device) = self.pacing.take(now.instant) {
                self.allow(now, device);
            }
            self.settle(now);
            self.outbox.flush(now.instant);
            if now.instant.duration_since(published) >= PUBLISH {
                published = now.instant;
                self.publish();
            }
            if more || more_commands {
                tokio::task::yield_now().await;
            } else {
                self.wait(published + PUBLISH).await;
            }
        }
        self.outbox.finish().await;
        self.publish();
    }

    /// Sleeps until there is something to do.
    async fn wait(&mut self, publish: Instant) {
        // Counters are brought up to date once after things went quiet, then there is nothing to wake up for.
        let publish = (self.statistics.coap != self.endpoint.statistics()).then_some(publish);
        let deadline = [
            self.endpoint.poll_timeout(),
            self.outbox.deadline(),
            self.pacing.deadline(),
            publish,
            (!self.held.is_empty()).then(|| Instant::now() + HELD),
        ]
        .into_iter()
        .flatten()
        .min();
        let sleep = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            ready = self.socket.readable() => if let Err(error) = ready {
                tracing::error!(%error, "a shard's socket is not readable");
            },
            command = self.commands.recv() => {
                let now = Now::read();
                self.refresh_models();
                match command {
                    Some(command) => self.execute(now, command),
                    None => self.commands.close(),
                }
                self.settle(now);
            },
            () = sleep => {}
        }
    }

    /// Takes datagrams, as many as a turn has; whether there may be more.
    fn receive(&mut self, now: Now, buffer: &mut [u8]) -> bool {
        for _ in 0..BATCH {
            match self.socket.try_recv_from(buffer) {
                Ok((length, peer)) => {
                    let datagram = &buffer[..length];
                    self.trace(now, peer, Direction::Up, datagram);
                    if !self.belongs_elsewhere(peer, datagram) {
                        self.handle(now, peer, datagram);
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                // An ICMP error of an earlier datagram; the socket goes on.
                Err(error) => tracing::debug!(%error, "receiving failed"),
            }
        }
        true
    }

    fn handle(&mut self, now: Now, peer: SocketAddr, datagram: &[u8]) {
        self.endpoint.handle_datagram(now.instant, peer, datagram);
        self.settle(now);
    }

    /// Deals with all events and sends what there is to send.
    pub(super) fn settle(&mut self, now: Now) {
        loop {
            while let Some(event) = self.endpoint.poll_event() {
                self.on_event(now, event);
            }
            let mut sent = false;
            while let Some(transmit) = self.endpoint.poll_transmit() {
                sent = true;
                self.trace(now, transmit.peer, Direction::Down, &transmit.datagram);
                if let Err(error) = self.socket.try_send_to(&transmit.datagram, transmit.peer) {
                    self.statistics.send_errors += 1;
                    tracing::debug!(%error, peer = %transmit.peer, "a datagram was not sent");
                }
            }
            if !sent {
                return;
            }
        }
    }

    fn on_event(&mut self, now: Now, event: Event<SocketAddr>) {
        match event {
            Event::Request {
                id, peer, request, ..
            } => {
                let (response, device) = self.on_request(now, peer, &request);
                *self
                    .statistics
                    .answered
                    .entry((request.code.0, response.code.0))
                    .or_default() += 1;
                self.endpoint.respond(now.instant, id, response);
                // Nothing is asked of a device before its request is answered.
                if let Some(device) = device {
                    self.pump(now, device);
                }
            }
            Event::Response {
                exchange,
                peer,
                response,
                round_trip,
                observation,
                ..
            } => self.answered(
                now,
                exchange,
                Answered {
                    peer,
                    response,
                    round_trip,
                    observation,
                },
            ),
            Event::Failed { exchange, reason, .. } => self.failed(now, exchange, reason),
            Event::Notification {
                peer,
                token,
                response,
                ..
            } => self.notified(now, peer, token, &response),
            Event::NotificationLost { peer, token, reason } => {
                self.notification_lost(now, peer, token, reason);
            }
            Event::ObservationEnded {
                peer,
                token,
                response,
            } => self.observation_ended_by_device(now, peer, token, &response),
            Event::Malformed { peer, reason } => {
                self.report_refused(now, None, peer, "datagram", None, reason.to_string());
            }
            Event::ResponseLost { peer, reason, .. } => {
                tracing::debug!(%peer, %reason, "a response was not acknowledged");
            }
            // Nothing here is observed, and nobody is pinged.
            Event::Pong { .. }
            | Event::NotificationAcknowledged { .. }
            | Event::NotificationRejected { .. } => {}
        }
    }

    /// The response to a request, and the device that may be asked something after it.
    fn on_request(
        &mut self,
        now: Now,
        peer: SocketAddr,
        request: &Request,
    ) -> (Response, Option<crate::registry::DeviceNumber>) {
        let mut segments = request.path_segments();
        let path = (segments.next(), segments.next(), segments.next());
        let (what, result) = match (path, request.code) {
            ((Some("rd"), None, _), Code::POST) => ("register", self.register(now, peer, request)),
            ((Some("rd"), Some(id), None), Code::POST) => ("update", self.update(now, peer, id, request)),
            ((Some("rd"), Some(id), None), Code::DELETE) => ("deregister", self.deregister(now, id)),
            ((Some("dp"), None, _), Code::POST) => ("send", self.send(now, peer, request)),
            ((Some("rd" | "dp"), ..), _) => (
                "request",
                Err(Refusal::new(
                    Code::METHOD_NOT_ALLOWED,
                    format!(
                        "{} is not for this resource",
                        request.code.name().unwrap_or("this method")
                    ),
                )),
            ),
            ((Some("bs"), None, _), Code::POST) => (
                "bootstrap request",
                Err(Refusal::not_found("this is no bootstrap server")),
            ),
            _ => (
                "request",
                Err(Refusal::not_found(format!(
                    "there is no resource {}",
                    quote(&request.path())
                ))),
            ),
        };
        match result {
            Ok(Answer { response, device }) => (response, device),
            Err(refusal) => {
                let response = refusal.response();
                self.report_refused(now, None, peer, what, Some(refusal.code), refusal.reason);
                (response, None)
            }
        }
    }

    /// Send. LwM2M Core 1.2 §6.4.6.
    fn send(&mut self, now: Now, peer: SocketAddr, request: &Request) -> Result<Answer, Refusal> {
        let device = *self
            .by_peer
            .get(&peer)
            .ok_or_else(|| Refusal::not_found("no device is registered at this address: register first"))?;
        let registration = self
            .records
            .get(&device)
            .map(|record| record.registration.clone())
            .ok_or_else(|| Refusal::not_found("no device is registered at this address: register first"))?;
        self.heard(now, device);
        let values = reporting::send(request, &registration, &self.models, now.at)?;
        self.statistics.sends += 1;
        let what = What::Values {
            origin: Origin::Send,
            values,
            observation: None,
        };
        self.report(now, device, what);
        Ok(Answer {
            response: Response::new(Code::CHANGED),
            device: Some(device),
        })
    }

    /// Takes commands, as many as a turn has; whether there may be more, or `None` to stop.
    fn obey(&mut self, now: Now) -> Option<bool> {
        for _ in 0..COMMANDS {
            match self.commands.try_recv() {
                Ok(Command::Stop) | Err(mpsc::error::TryRecvError::Disconnected) => return None,
                Ok(command) => self.execute(now, command),
                Err(mpsc::error::TryRecvError::Empty) => return Some(false),
            }
            self.settle(now);
        }
        Some(true)
    }

    fn execute(&mut self, now: Now, command: Command) {
        match command {
            Command::Wake { device } => {
                if let Some(record) = self.records.get_mut(&device) {
                    record.wanted = true;
                }
                self.pump(now, device);
            }
            Command::Cancel { device, operation } => self.cancel(now, device, operation),
            Command::Expire { device } => self.expire(now, device),
            Command::Forget { device } => self.forget(now, device),
            Command::Replaced { device, id } => {
                if self
                    .records
                    .get(&device)
                    .is_some_and(|record| record.registration.id == id)
                {
                    self.forget(now, device);
                }
            }
            Command::Claim {
                device,
                peer,
                datagram,
                by,
            } => {
                if let Some(datagram) = self.claimed(now, device, peer, datagram, by) {
                    self.handle(now, peer, &datagram);
                }
            }
            Command::Adopt(moving) => {
                let (peer, datagram) = self.adopt(now, *moving);
                self.handle(now, peer, &datagram);
            }
            Command::Deliver { peer, datagram } => self.handle(now, peer, &datagram),
            Command::Trace { addresses, reply } => {
                // Whoever asked may have gone.
                let _ = reply.send(self.recorded(&addresses));
            }
            Command::Watch(watcher) => self.watch(watcher),
            Command::Stop => self.commands.close(),
        }
    }

    fn forget(&mut self, now: Now, device: crate::registry::DeviceNumber) {
        if let Some(record) = self.drop_record(now, device) {
            self.endpoint.forget_peer(record.peer);
        }
    }

    fn cancel(&mut self, now: Now, device: crate::registry::DeviceNumber, operation: u64) {
        let under_way = self.records.get(&device).and_then(|record| record.exchange);
        let is_it = under_way.and_then(|exchange| self.exchanges.get(&exchange)).is_some_and(|exchange| {
            matches!(&exchange.job, super::state::Job::Operation { entry, .. } if entry.operation.id == operation)
        });
        if let Some(exchange) = under_way.filter(|_| is_it) {
            self.endpoint.cancel(now.instant, exchange);
        }
    }

    /// The device's turn has come for what the server asks of its own accord.
    fn allow(&mut self, now: Now, device: crate::registry::DeviceNumber) {
        if let Some(todo) = self
            .records
            .get_mut(&device)
            .and_then(|record| record.todo.as_mut())
        {
            todo.allowed = true;
        }
        self.pump(now, device);
    }

    /// Takes up a registration that the store gave back.
    fn restore(&mut self, now: Now, restored: RestoredRegistration) {
        let RestoredRegistration {
            device,
            registration,
            peer,
            lifetime_ends,
            observations,
        } = restored;
        let mut kept = Vec::new();
        for (wanted, token) in observations {
            let observation = Observation {
                token,
                request: Request::get(&registration.links.request_path(wanted.path)).observing(),
            };
            match self.endpoint.adopt_observation(now.instant, peer, observation) {
                Ok(()) => kept.push((wanted.path, token)),
                Err(error) => tracing::warn!(%peer, %error, "an observation could not be taken up again"),
            }
        }
        let record = Record {
            registration,
            peer,
            lifetime_ends,
            last_message: None,
            asleep: true,
            wanted: self.surroundings.book.waits(device),
            exchange: None,
            todo: None,
            observations: kept,
        };
        let awake = record.wanted && !record.registration.queue_mode;
        self.insert(device, record);
        if awake {
            self.pump(now, device);
        }
    }

    /// What is known of the datagrams of these addresses.
    fn recorded(&self, addresses: &[SocketAddr]) -> Recorded {
        let of_them = self
            .tokens
            .iter()
            .filter(|((peer, _), _)| addresses.contains(peer));
        Recorded {
            raw: self.ring.of(addresses),
            tokens: of_them.map(|((_, token), (_, path))| (*token, *path)).collect(),
        }
    }

    fn watch(&mut self, watcher: Watcher) {
        let Recorded { raw, tokens } = self.recorded(&watcher.addresses);
        if watcher.sender.try_send(Seen::Before(raw, tokens)).is_err() {
            self.statistics.trace_lost += 1;
        }
        self.watchers.retain(|watcher| !watcher.sender.is_closed());
        self.watchers.push(watcher);
    }

    fn trace(&mut self, now: Now, peer: SocketAddr, direction: Direction, datagram: &[u8]) {
        let id = self.ring.push(now.at, peer, direction, datagram);
        if self.watchers.is_empty() {
            return;
        }
        let device = self.by_peer.get(&peer);
        let concerns =
            |watcher: &Watcher| Some(&watcher.device) == device || watcher.addresses.contains(&peer);
        let mut lost = 0;
        self.watchers.retain(|watcher| {
            if !concerns(watcher) {
                return !watcher.sender.is_closed();
            }
            let raw = Raw {
                id,
                at: now.at,
                peer,
                direction,
                bytes: datagram[..datagram.len().min(crate::trace::KEPT)].into(),
            };
            match watcher.sender.try_send(Seen::Now(raw)) {
                Ok(()) => true,
                Err(mpsc::error::TrySendError::Full(_)) => {
                    lost += 1;
                    true
                }
                Err(mpsc::error::TrySendError::Closed(_)) => false,
            }
        });
        self.statistics.trace_lost += lost;
    }

    /// Tries again to hand over what other shards had no room for.
    fn send_held(&mut self) {
        for (shard, command) in std::mem::take(&mut self.held) {
            self.send_to(shard, command);
        }
    }

    /// Hands a command that must not be lost to another shard. There is one a registration at most.
    pub(super) fn send_to(&mut self, shard: u16, command: Command) {
        if let Err(command) = self.surroundings.shards.try_give(shard, command) {
            self.held.push((shard, command));
        }
    }

    fn refresh_models(&mut self) {
        let generation = self.surroundings.models.generation();
        if generation != self.models_generation {
            self.models_generation = generation;
            self.models = self.surroundings.models.get();
        }
    }

    fn publish(&mut self) {
        self.statistics.coap = self.endpoint.statistics();
        self.statistics.reports_merged = self.outbox.merged;
        self.statistics.reports_lost = self.outbox.lost;
        self.counters.publish(&self.statistics);
    }
}
