//! The endpoint: all exchanges with all peers.
//!
//! | file | what it does |
//! |---|---|
//! | `incoming`, `unanswered` | requests of peers, until the application answers |
//! | `reply`, `duplicates` | answers and refusals, and their repetition |
//! | `reassembly`, `serving` | their blocks: Block1 in, Block2 out |
//! | `outgoing` | our requests: queue, transmission, retransmission |
//! | `answer` | what comes back, with our blocks: Block1 out, Block2 in |
//! | `observer`, `observed` | the two roles of RFC 7641 |
//! | `due` | what the passing of time does |
//! | `stream` | peers on byte streams in place of datagrams |

mod answer;
mod due;
mod duplicates;
mod exchange;
mod incoming;
mod message_ids;
mod observed;
mod observer;
mod outgoing;
mod peers;
mod reassembly;
mod reply;
mod retransmission;
mod serving;
mod stream;
mod unanswered;

use std::collections::{HashMap, VecDeque};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clock::{Clock, Moment};
use crate::code::Code;
use crate::config::Config;
use crate::event::{Event, FailureReason, Refusal, Transmit};
use crate::layout;
use crate::message::{Kind, MalformedMessage, Message};
use crate::options::Options;
use crate::parameters::Parameters;
use crate::random::Random;
use crate::statistics::{Statistics, Usage};
use crate::stream::frame;
use crate::timers::Timers;
use crate::token::Token;
use crate::wire;
use duplicates::Remembered;
use exchange::Active;
pub use observer::Observation;
use peers::{Keyed, Peers};
use unanswered::Unanswered;

/// Whatever names a peer: a socket address, a DTLS session, a connection.
pub trait Peer: Copy + Eq + Hash + Debug {}

impl<P: Copy + Eq + Hash + Debug> Peer for P {}

/// All exchanges with all peers. See the [crate's documentation](crate) for how to drive it.
#[derive(Debug)]
pub struct Endpoint<P> {
    config: Config,
    clock: Clock,
    random: Random,
    keyed: Keyed,
    statistics: Statistics,
    events: VecDeque<Event<P>>,
    transmits: VecDeque<Transmit<P>>,
    peers: Peers<P>,
    parameters: HashMap<P, Parameters, Keyed>,
    timers: Timers,
    unanswered: Unanswered,
    /// EXCHANGE_LIFETIME and NON_LIFETIME of the default parameters.
    lifetimes: (Duration, Duration),
    /// The last number given to an exchange, an incoming request or a notification.
    serial: u64,
    /// The last Observe value given out.
    sequence: u32,
    /// How much is remembered of answered messages.
    remembered: Remembered,
    /// How many bytes of unfinished bodies are held.
    reassembling: usize,
    /// How many bytes of bodies are held to be served.
    serving: usize,
    /// How many bytes of messages that are not whole are held of streams.
    partial: usize,
}

impl<P: Peer> Endpoint<P> {
    /// An endpoint without peers. The seed makes tokens unguessable, so it must come from the system's randomness.
    pub fn new(config: Config, seed: [u8; 32]) -> Endpoint<P> {
        let mut random = Random::new(seed);
        let keyed = Keyed::new(random.u64(), random.u64());
        Endpoint {
            clock: Clock::default(),
            keyed,
            statistics: Statistics::default(),
            events: VecDeque::new(),
            transmits: VecDeque::new(),
            peers: Peers::new(keyed, config.max_peers),
            parameters: HashMap::with_hasher(keyed),
            timers: Timers::default(),
            unanswered: Unanswered::default(),
            lifetimes: (
                config.parameters.exchange_lifetime(),
                config.parameters.non_lifetime(),
            ),
            serial: 0,
            sequence: 0,
            remembered: Remembered::default(),
            reassembling: 0,
            serving: 0,
            partial: 0,
            random,
            config,
        }
    }

    /// Takes one datagram from a peer.
    ///
    /// What is not CoAP is reported as [`Event::Malformed`] and, if it was CON, answered with RST.
    pub fn handle_datagram(&mut self, now: Instant, peer: P, datagram: &[u8]) {
        let now = self.clock.read(now);
        self.statistics.datagrams_received += 1;
        if self.events.len().max(self.transmits.len()) >= self.config.max_pending {
            self.statistics.dropped_overload += 1;
            return;
        }
        let message = match Message::parse(datagram) {
            Ok(message) => message,
            Err(reason) => return self.refuse_malformed(peer, datagram, reason),
        };
        if message.code == Code::EMPTY {
            self.handle_empty(now, peer, message.kind, message.message_id);
        } else if message.code.is_request() {
            let fingerprint = self.keyed.fingerprint(datagram);
            self.handle_request(now, peer, message, fingerprint);
        } else {
            self.handle_response(now, peer, message, self.keyed.fingerprint(datagram));
        }
    }

    /// When `handle_timeout` wants to be called next. It may turn out that nothing is due then.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let next = [self.timers.next(), self.unanswered.next()]
            .into_iter()
            .flatten()
            .min()?;
        self.clock.instant(next)
    }

    /// The next datagram to send. To be asked until `None` after every other call.
    pub fn poll_transmit(&mut self) -> Option<Transmit<P>> {
        let transmit = self.transmits.pop_front()?;
        self.statistics.datagrams_sent += 1;
        Some(transmit)
    }

    /// The next event. To be asked until `None` after every other call.
    pub fn poll_event(&mut self) -> Option<Event<P>> {
        self.events.pop_front()
    }

    /// Sets the peer's own parameters, kept until the peer is forgotten. They hold for what begins from now on.
    /// Whether there was room for them: as many peers may have their own as may have state.
    pub fn set_parameters(&mut self, peer: P, parameters: Parameters) -> bool {
        let room = self.parameters.len() < self.config.max_peers || self.parameters.contains_key(&peer);
        if room {
            self.parameters.insert(peer, parameters);
        }
        room
    }

    /// Takes the parameters of a peer's own away: those of the configuration hold for it again.
    pub fn reset_parameters(&mut self, peer: P) {
        self.parameters.remove(&peer);
    }

    /// Drops all state of a peer; its exchanges fail with [`FailureReason::PeerForgotten`]. A connection stays.
    pub fn forget_peer(&mut self, peer: P) {
        self.parameters.remove(&peer);
        let Some(slot) = self.peers.find(peer) else { return };
        let stream = self.peers[slot].stream.take();
        self.drop_peer(slot, FailureReason::PeerForgotten);
        if let Some(stream) = stream
            && let Some(slot) = self.peers.find_or_insert(peer)
        {
            let due = stream.due(&self.config.stream);
            self.peers[slot].stream = Some(stream);
            self.arm(slot, due);
        }
    }

    /// Whether no exchange is in flight with the peer: nothing asked, nothing to be answered or acknowledged, no body
    /// half transferred. Such a peer can be moved to another endpoint.
    pub fn is_idle(&self, peer: P) -> bool {
        let Some(slot) = self.peers.find(peer) else {
            return true;
        };
        let state = &self.peers[slot];
        let idle = |active: &Active| {
            active.exchanges.is_empty() && active.unacknowledged.is_empty() && active.reassemblies.is_empty()
        };
        state.unanswered == 0 && state.active.as_deref().is_none_or(idle)
    }

    /// What is held at this time.
    pub fn usage(&self) -> Usage {
        Usage {
            peers: self.peers.len(),
            answered_messages: self.remembered.messages,
            answered_bytes: self.remembered.bytes,
            unanswered_requests: self.unanswered.len(),
            reassembly_bytes: self.reassembling,
            served_bytes: self.serving,
            stream_bytes: self.partial,
        }
    }

    /// Counters since the beginning.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    fn refuse_malformed(&mut self, peer: P, datagram: &[u8], reason: MalformedMessage) {
        self.statistics.malformed += 1;
        if let Some((Kind::Confirmable, message_id)) = layout::header(datagram) {
            self.send_empty(peer, Kind::Reset, message_id);
        }
        self.events.push_back(Event::Malformed {
            peer,
            reason: Refusal::Message(reason),
        });
    }

    fn handle_empty(&mut self, now: Moment, peer: P, kind: Kind, message_id: u16) {
        match kind {
            // A ping, RFC 7252 §4.3.
            Kind::Confirmable => self.send_empty(peer, Kind::Reset, message_id),
            Kind::Acknowledgement => self.handle_acknowledgement(now, peer, message_id),
            Kind::Reset => self.handle_reset(now, peer, message_id),
            Kind::NonConfirmable => {}
        }
    }

    fn send(&mut self, peer: P, datagram: Arc<[u8]>) {
        self.transmits.push_back(Transmit { peer, datagram });
    }

    /// Writes a message the way the peer is spoken to.
    fn encode(
        &self,
        slot: u32,
        (kind, message_id): (Kind, u16),
        (code, token): (Code, Token),
        options: &Options,
        payload: &[u8],
    ) -> Arc<[u8]> {
        if self.is_stream(slot) {
            frame::encode(code, token, options, payload).into()
        } else {
            wire::encode(kind, code, message_id, token, options, payload).into()
        }
    }

    fn send_empty(&mut self, peer: P, kind: Kind, message_id: u16) {
        self.send(peer, Arc::from(wire::empty(kind, message_id)));
    }

    fn parameters_of(&self, slot: u32) -> &Parameters {
        if self.parameters.is_empty() {
            return &self.config.parameters;
        }
        self.parameters
            .get(&self.peers[slot].key)
            .unwrap_or(&self.config.parameters)
    }

    /// EXCHANGE_LIFETIME and NON_LIFETIME towards a peer.
    fn lifetimes_of(&self, slot: u32) -> (Duration, Duration) {
        match self.parameters.get(&self.peers[slot].key) {
            Some(parameters) if !self.parameters.is_empty() => {
                (parameters.exchange_lifetime(), parameters.non_lifetime())
            }
            _ => self.lifetimes,
        }
    }

    /// The next message ID to the peer, or when there is one.
    fn issue_message_id(&mut self, now: Moment, slot: u32) -> Result<u16, Moment> {
        let (lifetime, _) = self.lifetimes_of(slot);
        let start = self.random.u16();
        if self.peers[slot].armed == Moment::NEVER {
            // So that the IDs of a peer with nothing else are forgotten one day.
            self.arm(slot, now.after(lifetime));
        }
        self.peers[slot].message_ids.issue(now, lifetime, start)
    }

    fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    fn active(&mut self, slot: u32) -> &mut Active {
        self.peers[slot].active.get_or_insert_default()
    }

    /// Has `handle_timeout` look at the peer at that time.
    fn arm(&mut self, slot: u32, at: Moment) {
        let state = &mut self.peers[slot];
        if at < state.armed {
            state.armed = at;
            self.timers.push(at, slot);
        }
    }

    /// Drops all state of a peer, and fails its exchanges.
    fn drop_peer(&mut self, slot: u32, reason: FailureReason) {
        while let Some(serial) = self.exchanges(slot).first().map(|exchange| exchange.serial) {
            self.fail(slot, serial, reason);
        }
        self.remove_peer(slot);
    }

    fn remove_peer(&mut self, slot: u32) {
        let Some(state) = self.peers.remove(slot) else {
            return;
        };
        let remembered = state.duplicates.remembered();
        self.remembered.messages -= remembered.messages;
        self.remembered.bytes -= remembered.bytes;
        self.partial -= state.stream.map_or(0, |stream| stream.held());
        if let Some(active) = state.active {
            self.serving -= active
                .served
                .iter()
                .map(|served| served.response.payload.len())
                .sum::<usize>();
            self.reassembling -= active.reassemblies.iter().map(|it| it.body.len()).sum::<usize>();
            self.reassembling -= active
                .exchanges
                .iter()
                .map(exchange::Exchange::held)
                .sum::<usize>();
        }
    }
}
