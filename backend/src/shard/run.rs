//! A shard's thread: datagrams, commands, timers, reports, in turns.

use super::admission::Admission;
use super::deferred::Deferred;
use super::outbox::Outbox;
use super::pacing::Pacing;
use super::state::{Now, Shard, Surroundings};
use super::statistics::{Counters, Statistics};
use super::transport::{self, Accept, Secure, Streams, Transports};
use super::{Command, Peer};
use crate::core::StartError;
use crate::lwm2m::registration::LinkCache;
use crate::registry::RestoredRegistration;
use crate::tls::Tls;
use crate::trace::Ring;
use coap::Endpoint;
use shared::api::Direction;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How many datagrams are taken before commands and timers get their turn.
const BATCH: usize = 128;
/// The largest datagram.
const DATAGRAM: usize = 65_535;
/// When a command for a busy shard is tried again.
const HELD: Duration = Duration::from_millis(10);
/// How often the counters are published.
const PUBLISH: Duration = Duration::from_millis(500);

/// Where to listen.
#[derive(Default)]
pub(crate) struct Listeners {
    pub(crate) coap: Option<SocketAddr>,
    pub(crate) coaps: Option<SocketAddr>,
    pub(crate) coap_tcp: Option<SocketAddr>,
    pub(crate) coaps_tcp: Option<(SocketAddr, Tls)>,
}

/// Where it listens: by scheme, the addresses that the shards share.
pub(crate) type Local = Vec<(&'static str, SocketAddr)>;

/// The sockets of one shard.
#[derive(Default)]
struct Sockets {
    udp: Option<std::net::UdpSocket>,
    secure: Option<std::net::UdpSocket>,
    tcp: Option<std::net::TcpListener>,
    tls: Option<(std::net::TcpListener, Tls)>,
}

impl Listeners {
    /// Binds the sockets of so many shards.
    fn bind(&self, count: usize) -> Result<(Local, Vec<Sockets>), StartError> {
        let mut local = Vec::new();
        let mut all: Vec<Sockets> = (0..count).map(|_| Sockets::default()).collect();
        let bind = |scheme, address: SocketAddr, local: &mut Local| {
            let bound = |source| StartError::Bind { address, source };
            let sockets = transport::bind(address, count).map_err(bound)?;
            if let Some(first) = sockets.first() {
                local.push((scheme, first.local_addr().map_err(bound)?));
            }
            Ok::<_, StartError>(sockets)
        };
        if let Some(address) = self.coap {
            for (place, socket) in all.iter_mut().zip(bind("coap", address, &mut local)?) {
                place.udp = Some(socket);
            }
        }
        if let Some(address) = self.coaps {
            for (place, socket) in all.iter_mut().zip(bind("coaps", address, &mut local)?) {
                place.secure = Some(socket);
            }
        }
        let listen = |scheme, address: SocketAddr, local: &mut Local| {
            let bound = |source| StartError::BindTcp { address, source };
            let listeners = transport::listen(address, count).map_err(bound)?;
            if let Some(first) = listeners.first() {
                local.push((scheme, first.local_addr().map_err(bound)?));
            }
            Ok::<_, StartError>(listeners)
        };
        if let Some(address) = self.coap_tcp {
            for (place, listener) in all.iter_mut().zip(listen("coap+tcp", address, &mut local)?) {
                place.tcp = Some(listener);
            }
        }
        if let Some((address, acceptor)) = &self.coaps_tcp {
            for (place, listener) in all.iter_mut().zip(listen("coaps+tcp", *address, &mut local)?) {
                place.tls = Some((listener, acceptor.clone()));
            }
        }
        Ok((local, all))
    }
}

/// Binds the sockets and starts a thread for each shard. Returns where they listen, and the threads.
///
/// # Errors
/// [`StartError`] if a thread cannot be started.
pub(crate) fn start(
    listeners: &Listeners,
    surroundings: &Surroundings,
    commands: Vec<mpsc::Receiver<Command>>,
    counters: &[Arc<Counters>],
    restored: Vec<Vec<RestoredRegistration>>,
) -> Result<(Local, Vec<JoinHandle<()>>), StartError> {
    let (local, sockets) = listeners.bind(commands.len())?;
    let mut threads = Vec::new();
    let parts = sockets.into_iter().zip(commands).zip(restored).zip(counters);
    for (index, (((sockets, commands), restored), counters)) in parts.enumerate() {
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
                    match beginning.shard(sockets) {
                        Ok(shard) => shard.run(restored).await,
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
    fn secure(&self, socket: std::net::UdpSocket) -> std::io::Result<Secure> {
        // The first byte of a connection id says whose it is; with more shards than a byte has values none is given out.
        let config = dtls::Config {
            connection_id_prefix: u8::try_from(self.index).ok(),
            connection_id_length: u8::try_from(self.index)
                .ok()
                .and(self.surroundings.dtls.connection_id_length),
            ..(*self.surroundings.dtls).clone()
        };
        let endpoint =
            dtls::Endpoint::new(Instant::now(), Arc::new(config)).map_err(std::io::Error::other)?;
        Ok(Secure::new(
            self.index,
            u16::try_from(self.surroundings.shards.count()).unwrap_or(u16::MAX),
            tokio::net::UdpSocket::from_std(socket)?,
            endpoint,
            self.surroundings.strays.clone(),
        ))
    }

    fn shard(self, sockets: Sockets) -> std::io::Result<Shard> {
        let secure = sockets.secure.map(|socket| self.secure(socket)).transpose()?;
        let surroundings = self.surroundings;
        let udp = sockets.udp.map(tokio::net::UdpSocket::from_std).transpose()?;
        let (mut streams, arrivals) = Streams::new();
        let accept = Accept {
            arrivals,
            limits: surroundings.connections.clone(),
            idle: surroundings.idle,
            last: Arc::default(),
        };
        if let Some(listener) = sockets.tcp {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            streams.listen(tokio::spawn(accept.clone().run(listener, None)));
        }
        if let Some((listener, acceptor)) = sockets.tls {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            streams.listen(tokio::spawn(accept.run(listener, Some(acceptor))));
        }
        let config = coap::Config {
            stream: coap::StreamConfig {
                keep_alive: surroundings.keep_alive,
                ..coap::StreamConfig::default()
            },
            ..coap::Config::default()
        };
        Ok(Shard {
            index: self.index,
            transports: Transports::new(udp, secure),
            streams,
            ending: Vec::new(),
            claims: Vec::new(),
            endpoint: Endpoint::new(config, self.seed),
            records: HashMap::new(),
            by_peer: HashMap::new(),
            tokens: HashMap::new(),
            exchanges: HashMap::new(),
            links: LinkCache::default(),
            outbox: Outbox::new(surroundings.registry.clone()),
            deferred: Deferred::default(),
            admission: Admission::new(surroundings.registrations_per_second, Instant::now()),
            pacing: Pacing::new(surroundings.automatic_reads_per_second, Instant::now()),
            ring: Ring::new(
                surroundings.trace_bytes,
                self.index,
                surroundings.shards.count() as u64,
            ),
            watchers: Vec::new(),
            save_at: None,
            swept_at: Instant::now(),
            held: Vec::new(),
            commands: self.commands,
            models: surroundings.models.get(),
            models_generation: surroundings.models.generation(),
            statistics: Statistics::default(),
            counters: self.counters,
            surroundings,
        })
    }
}

impl Shard {
    async fn run(mut self, restored: Vec<RestoredRegistration>) {
        if let Err(error) = self.transports.writable().await {
            tracing::error!(%error, "a shard's socket is not writable");
        }
        let now = Now::read();
        for registration in restored {
            self.restore(now, registration);
        }
        let mut buffer = vec![0; DATAGRAM];
        let (mut published, mut handshakes) = (Instant::now(), 0);
        loop {
            let now = Now::read();
            self.refresh_models();
            self.send_held();
            let more = self.receive(now, &mut buffer)
                | self.receive_secured(now, &mut buffer, BATCH)
                | self.receive_streams(now);
            let Some(more_commands) = self.obey(now) else {
                break;
            };
            self.endpoint.handle_timeout(now.instant);
            self.settle(now);
            self.secured_timeout(now);
            self.sweep_sessions(now);
            self.save_due(now.instant);
            while let Some(device) = self.pacing.take(now.instant) {
                self.allow(now, device);
            }
            while let Some(device) = self.deferred.take(now.instant) {
                self.pump(now, device);
            }
            self.settle(now);
            self.outbox.flush(now.instant);
            if now.instant.duration_since(published) >= PUBLISH {
                (published, handshakes) = (now.instant, self.statistics.all_handshakes());
                self.publish();
            }
            if more || more_commands {
                tokio::task::yield_now().await;
            } else {
                self.wait(published + PUBLISH, handshakes).await;
            }
        }
        self.save_all().await;
        self.release_all(Now::read());
        self.publish();
        self.outbox.finish().await;
        self.streams.finish().await;
    }

    /// Sleeps until there is something to do.
    async fn wait(&mut self, publish: Instant, handshakes: u64) {
        // Counters are brought up to date once after things went quiet, then there is nothing to wake up for.
        let is_behind = self.statistics.coap != self.endpoint.statistics()
            || self.statistics.all_handshakes() != handshakes;
        let publish = is_behind.then_some(publish);
        let deadline = [
            self.endpoint.poll_timeout(),
            self.transports
                .secure
                .as_ref()
                .and_then(|secure| secure.endpoint.poll_timeout()),
            self.save_at,
            self.has_sessions()
                .then(|| self.swept_at + self.surroundings.session_sweep),
            self.outbox.deadline(),
            self.pacing.deadline(),
            self.deferred.deadline(),
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
            ready = self.transports.readable() => if let Err(error) = ready {
                tracing::error!(%error, "a shard's socket is not readable");
            },
            arrival = self.streams.next() => {
                let now = Now::read();
                self.refresh_models();
                self.arrived(now, arrival);
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
            match self.transports.receive(buffer) {
                Ok((length, address)) => {
                    let (peer, datagram) = (Peer::Udp(address), &buffer[..length]);
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

    pub(super) fn handle(&mut self, now: Now, peer: Peer, datagram: &[u8]) {
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
                let written = match transmit.peer {
                    Peer::Stream(stream) => self.streams.send(stream, transmit.datagram),
                    peer => self.transports.send(peer, &transmit.datagram),
                };
                if let Err(error) = written {
                    self.statistics.send_errors += 1;
                    tracing::debug!(%error, peer = %transmit.peer, "a datagram was not sent");
                }
            }
            if !sent {
                return self.end_connections();
            }
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
        self.statistics.connections = self.streams.count() as u64;
        self.statistics.reports_merged = self.outbox.merged;
        self.statistics.reports_lost = self.outbox.lost;
        self.counters.publish(&self.statistics);
    }
}
