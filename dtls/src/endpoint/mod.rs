//! The endpoint: all sessions and handshakes of one port.

mod address;
mod cookie;
mod event;
mod output;
mod pending;
mod progress;
mod receive;
mod saved;
mod secured;
mod sessions;
mod timers;

pub use address::PeerAddress;
pub use event::{
    Connected, Direction, Event, HandshakeFailed, HandshakeId, KeysMayDiffer, SendError, SessionId, Transmit,
};
pub use progress::NEW_SESSION;
pub use saved::ImportError;

use crate::alert::AlertDescription;
use crate::config::Config;
use crate::crypto::p256::CryptoError;
use crate::handshake::{Answer, ClientHandshake, Part, Reassembly};
use crate::identity::PeerIdentity;
use crate::record::{ConnectionId, ContentType, MAX_CONNECTION_ID};
use crate::resumption::{Resumption, SessionCache, TicketKey};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use cookie::CookieJar;
use output::Packer;
use pending::{Machine, Pending};
use secured::MAX_CONTENT;
use sessions::Sessions;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use timers::{Timer, Timers};

/// Datagrams that wait to be sent; more are dropped, as a network would.
const MAX_TRANSMITS: usize = 16_384;

fn random(out: &mut [u8]) -> Result<(), CryptoError> {
    SystemRandom::new().fill(out).map_err(|_| CryptoError)
}

/// The system gives no random numbers, without which nothing is secure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

/// Why a client's handshake did not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// [`Config::max_handshakes`] or [`Config::max_sessions`] is reached.
    #[error("too many handshakes or sessions at the same time")]
    TooMany,
    /// Neither a pre-shared key nor an ECDHE suite is configured for any of the suites.
    #[error("no cipher suite fits the credentials")]
    NoCredential,
    /// See [`NoRandomness`].
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The last flight of a handshake, kept until the peer shows that it arrived. RFC 6347 §4.2.4.
#[derive(Debug)]
struct LastFlight {
    parts: Vec<Part>,
    sequence: u64,
    until: Instant,
    sent: Instant,
}

/// All DTLS sessions and handshakes of one port, in both roles. It does no I/O and has no clock: the owner hands in
/// datagrams and the time, and takes out datagrams and events.
///
/// After every call that can change something, take everything from [`Endpoint::poll_transmit`] and
/// [`Endpoint::poll_event`], and let the timer run until [`Endpoint::poll_timeout`].
pub struct Endpoint<P> {
    config: Arc<Config>,
    began: Instant,
    /// The length of the connection ids in records to us.
    id_length: usize,
    cookies: CookieJar,
    tickets: TicketKey,
    cache: SessionCache,
    sessions: Sessions<P>,
    handshakes: HashMap<HandshakeId, Box<Pending<P>>>,
    handshake_of: HashMap<P, HandshakeId>,
    next_handshake: u64,
    last_flights: HashMap<SessionId, LastFlight>,
    timers: Timers,
    /// Where the search for idle sessions goes on.
    sweep: usize,
    events: VecDeque<Event<P>>,
    transmits: VecDeque<Transmit<P>>,
}

impl<P> std::fmt::Debug for Endpoint<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("handshakes", &self.handshakes.len())
            .finish_non_exhaustive()
    }
}

impl<P: PeerAddress> Endpoint<P> {
    /// An endpoint without sessions.
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub fn new(now: Instant, config: Arc<Config>) -> Result<Endpoint<P>, NoRandomness> {
        let mut secret = zeroize::Zeroizing::new([0; 32]);
        random(secret.as_mut()).map_err(|_| NoRandomness)?;
        let mut timers = Timers::default();
        if config.idle_timeout.is_some() {
            timers.set(now, Timer::Sweep);
        }
        Ok(Endpoint {
            id_length: config.connection_id_length.unwrap_or(0).min(MAX_CONNECTION_ID),
            config,
            began: now,
            cookies: CookieJar::new(now).map_err(|_| NoRandomness)?,
            tickets: TicketKey::new(&secret).ok_or(NoRandomness)?,
            cache: SessionCache::default(),
            sessions: Sessions::new(),
            handshakes: HashMap::new(),
            handshake_of: HashMap::new(),
            next_handshake: 0,
            last_flights: HashMap::new(),
            timers,
            sweep: 0,
            events: VecDeque::new(),
            transmits: VecDeque::new(),
        })
    }

    /// From now on new handshakes follow this configuration. The length of connection ids stays what it was.
    pub fn set_config(&mut self, config: Arc<Config>) {
        if self.config.idle_timeout.is_none() && config.idle_timeout.is_some() {
            self.timers.set(self.began, Timer::Sweep);
        }
        self.config = config;
    }

    /// Begins a handshake with a server, with the credentials of the endpoint's configuration.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub fn connect(
        &mut self,
        now: Instant,
        peer: P,
        resumption: Option<Resumption>,
    ) -> Result<HandshakeId, ConnectError> {
        self.connect_with(now, peer, self.config.clone(), resumption)
    }

    /// Begins a handshake with a server, with the credentials of another configuration. A handshake under way with the
    /// same address is given up; a session with it lives until the new one stands.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub fn connect_with(
        &mut self,
        now: Instant,
        peer: P,
        config: Arc<Config>,
        resumption: Option<Resumption>,
    ) -> Result<HandshakeId, ConnectError> {
        if self.is_full() {
            return Err(ConnectError::TooMany);
        }
        let mut client_random = [0; 32];
        random(&mut client_random).map_err(|_| NoRandomness)?;
        let local_id = self.new_connection_id().map_err(|_| NoRandomness)?;
        let (machine, step) = ClientHandshake::start(&config, client_random, local_id, resumption)
            .ok_or(ConnectError::NoCredential)?;
        self.replace_handshake(&peer);
        let id = self.new_handshake_id();
        let machine = Machine::Client(machine);
        let mut pending = Box::new(Pending::new(
            now,
            id,
            peer,
            config,
            machine,
            Reassembly::default(),
        ));
        self.handshake_of.insert(pending.peer.clone(), id);
        self.apply(now, &mut pending, Ok(step));
        self.keep(pending);
        Ok(id)
    }

    /// Answers a question. An answer to a handshake that is over, or did not ask, changes nothing.
    pub fn answer(&mut self, now: Instant, handshake: HandshakeId, answer: Answer) {
        if let Some(mut pending) = self.handshakes.remove(&handshake) {
            if !pending.machine.is_asking() {
                self.keep(pending);
                return;
            }
            let step = self.answer_machine(now, &mut pending, answer);
            if !self.apply(now, &mut pending, step) {
                self.advance(now, pending);
            }
        }
    }

    /// Sends application data in one record.
    ///
    /// # Errors
    /// If the session has ended or the data are longer than 16384 bytes.
    pub fn send(&mut self, session: SessionId, data: &[u8]) -> Result<(), SendError> {
        if data.len() > MAX_CONTENT {
            return Err(SendError::TooLong);
        }
        let found = self.sessions.get_mut(session).ok_or(SendError::NoSession)?;
        let mut bytes = Vec::new();
        found
            .secured
            .seal(ContentType::ApplicationData, data, &mut bytes)
            .map_err(|_| SendError::NotSealed)?;
        let peer = found.peer.clone();
        self.transmit(peer, bytes);
        Ok(())
    }

    /// Ends a session and tells the peer. No event follows.
    pub fn close(&mut self, session: SessionId) {
        self.send_session_alert(session, AlertDescription::CloseNotify, false);
        self.forget_session(session);
    }

    /// Ends all sessions of an identity, as when its credential was withdrawn, and forgets what could be resumed. Of a
    /// certificate chain only the first counts. [`Event::Closed`] follows for each. Tickets cannot be called back:
    /// refuse them when [`Question::Resume`](crate::Question::Resume) asks.
    pub fn end_identity(&mut self, identity: &PeerIdentity) {
        let fingerprint = identity.fingerprint();
        self.cache.retain(|other| other.fingerprint() != fingerprint);
        let ended: Vec<SessionId> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.fingerprint == fingerprint)
            .map(|(id, _)| id)
            .collect();
        for id in ended {
            self.send_session_alert(id, AlertDescription::AccessDenied, true);
            self.end_session(id, "its credential was withdrawn");
        }
    }

    /// Where the records of a session go.
    pub fn peer(&self, session: SessionId) -> Option<&P> {
        self.sessions.get(session).map(|session| &session.peer)
    }

    /// All sessions.
    pub fn sessions(&self) -> impl Iterator<Item = SessionId> {
        self.sessions.iter().map(|(id, _)| id)
    }

    /// How many sessions there are.
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    /// How many handshakes are under way.
    pub fn handshake_count(&self) -> usize {
        self.handshakes.len()
    }

    /// The next event, the oldest first.
    pub fn poll_event(&mut self) -> Option<Event<P>> {
        self.events.pop_front()
    }

    /// The next datagram to be sent.
    pub fn poll_transmit(&mut self) -> Option<Transmit<P>> {
        self.transmits.pop_front()
    }

    /// When [`Endpoint::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    fn is_full(&self) -> bool {
        self.handshakes.len() >= self.config.max_handshakes
            || self.sessions.len() + self.handshakes.len() >= self.config.max_sessions
    }

    fn new_handshake_id(&mut self) -> HandshakeId {
        self.next_handshake += 1;
        HandshakeId(self.next_handshake)
    }

    /// An id that no session has; if chance finds none, none.
    fn new_connection_id(&self) -> Result<ConnectionId, CryptoError> {
        let mut bytes = [0; MAX_CONNECTION_ID];
        for _ in 0..8 {
            random(&mut bytes[..self.id_length])?;
            if let (Some(prefix), true) = (self.config.connection_id_prefix, self.id_length > 0) {
                bytes[0] = prefix;
            }
            let id = ConnectionId::new(&bytes[..self.id_length]).unwrap_or_default();
            if self.sessions.by_connection_id(id).is_none() {
                return Ok(id);
            }
        }
        Ok(ConnectionId::default())
    }

    fn transmit(&mut self, peer: P, bytes: Vec<u8>) {
        if self.transmits.len() < MAX_TRANSMITS {
            self.transmits.push_back(Transmit { peer, bytes });
        }
    }

    fn transmit_all(&mut self, peer: &P, datagrams: Vec<Vec<u8>>) {
        datagrams
            .into_iter()
            .for_each(|bytes| self.transmit(peer.clone(), bytes));
    }

    /// Milliseconds since the endpoint began.
    fn millis(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.began).as_millis() as u64
    }

    fn trace(&mut self, config: &Config, peer: &P, (direction, message): (Direction, &'static str)) {
        if config.trace {
            self.events.push_back(Event::Step {
                peer: peer.clone(),
                direction,
                message,
            });
        }
    }

    fn send_session_alert(&mut self, id: SessionId, alert: AlertDescription, fatal: bool) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let peer = session.peer.clone();
        // Nothing is sent in epoch 0.
        let mut sequence = 0;
        let packer = Packer::new(
            &mut sequence,
            Some(&mut session.secured),
            self.config.max_datagram,
        );
        let datagrams = packer.alert(alert, fatal, true);
        self.transmit_all(&peer, datagrams);
    }

    fn forget_session(&mut self, id: SessionId) -> Option<P> {
        if let Some(last) = self.last_flights.remove(&id) {
            self.timers.clear(last.until, Timer::LastFlight(id));
        }
        self.sessions.remove(id).map(|session| session.peer)
    }

    fn end_session(&mut self, id: SessionId, reason: &'static str) {
        if let Some(peer) = self.forget_session(id) {
            self.events.push_back(Event::Closed {
                session: id,
                peer,
                reason,
            });
        }
    }
}
