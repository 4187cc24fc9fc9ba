//! The endpoint: all exchanges with all peers.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::hash::Hash;
use std::time::Instant;

use crate::config::Config;
use crate::event::{Event, ExchangeId, IncomingId, NotificationId, RequestError, Transmit};
use crate::parameters::Parameters;
use crate::request::{Request, RequestOptions};
use crate::response::Response;
use crate::statistics::Statistics;
use crate::token::Token;

/// Whatever names a peer: a socket address, a DTLS session, a connection.
pub trait Peer: Copy + Eq + Hash + Debug {}

impl<P: Copy + Eq + Hash + Debug> Peer for P {}

/// An observation of ours: what has to be kept to take its notifications after a restart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observation {
    /// The token, which the peer repeats in every notification.
    pub token: Token,
    /// The request that registered it, with its Observe option.
    pub request: Request,
}

/// All exchanges with all peers.
#[derive(Debug)]
pub struct Endpoint<P> {
    config: Config,
    statistics: Statistics,
    events: VecDeque<Event<P>>,
    transmits: VecDeque<Transmit<P>>,
}

impl<P: Peer> Endpoint<P> {
    /// An endpoint without peers. The seed makes tokens unguessable, so it must come from the system's randomness.
    pub fn new(config: Config, _seed: [u8; 32]) -> Endpoint<P> {
        Endpoint {
            config,
            statistics: Statistics::default(),
            events: VecDeque::new(),
            transmits: VecDeque::new(),
        }
    }

    /// Takes one datagram from a peer.
    pub fn handle_datagram(&mut self, _now: Instant, _peer: P, _datagram: &[u8]) {}

    /// Does what is due. To be called at or after the time that [`poll_timeout`](Self::poll_timeout) says.
    pub fn handle_timeout(&mut self, _now: Instant) {}

    /// When `handle_timeout` wants to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// The next datagram to send. To be asked until `None` after every other call.
    pub fn poll_transmit(&mut self) -> Option<Transmit<P>> {
        self.transmits.pop_front()
    }

    /// The next event. To be asked until `None` after every other call.
    pub fn poll_event(&mut self) -> Option<Event<P>> {
        self.events.pop_front()
    }

    /// Asks a peer. The request waits behind those in flight (NSTART); one final event tells its end.
    ///
    /// # Errors
    /// [`RequestError`] if it cannot be taken; no event follows then.
    pub fn request(
        &mut self,
        _now: Instant,
        _peer: P,
        _request: Request,
        _options: RequestOptions,
    ) -> Result<ExchangeId, RequestError> {
        Err(RequestError::NotARequest)
    }

    /// Gives a request or ping up; its event is `Failed` with `Cancelled`. Does nothing if it has ended.
    pub fn cancel(&mut self, _now: Instant, _exchange: ExchangeId) {}

    /// Answers a peer's request. Does nothing if it is answered or forgotten.
    pub fn respond(&mut self, _now: Instant, _id: IncomingId, _response: Response) {}

    /// Asks a peer for a sign of life. RFC 7252 §4.3.
    ///
    /// # Errors
    /// As for [`request`](Self::request).
    pub fn ping(
        &mut self,
        _now: Instant,
        _peer: P,
        _options: RequestOptions,
    ) -> Result<ExchangeId, RequestError> {
        Err(RequestError::NotARequest)
    }

    /// Sets the peer's own parameters, kept until the peer is forgotten.
    pub fn set_parameters(&mut self, _peer: P, _parameters: Parameters) {}

    /// Drops all state of a peer; its exchanges fail with `PeerForgotten`.
    pub fn forget_peer(&mut self, _peer: P) {}

    /// Whether no exchange is in flight with the peer: nothing asked, nothing to be answered or acknowledged.
    pub fn is_idle(&self, _peer: P) -> bool {
        true
    }

    /// Our observations at the peer.
    pub fn observations(&self, _peer: P) -> impl Iterator<Item = &Observation> {
        std::iter::empty()
    }

    /// Takes an observation up again after a restart, so that its next notification is accepted.
    ///
    /// # Errors
    /// [`RequestError`] if a limit is reached.
    pub fn adopt_observation(
        &mut self,
        _now: Instant,
        _peer: P,
        _observation: Observation,
    ) -> Result<(), RequestError> {
        Ok(())
    }

    /// Forgets an observation of ours; the peer's next notification is reset, which ends it there. RFC 7641 §3.6.
    pub fn forget_observation(&mut self, _peer: P, _token: Token) -> bool {
        false
    }

    /// Ends an observation of ours by a request with Observe 1 and the same token and options. RFC 7641 §3.6.
    ///
    /// # Errors
    /// [`RequestError::UnknownObservation`] and as for [`request`](Self::request).
    pub fn cancel_observation(
        &mut self,
        _now: Instant,
        _peer: P,
        _token: Token,
        _options: RequestOptions,
    ) -> Result<ExchangeId, RequestError> {
        Err(RequestError::UnknownObservation)
    }

    /// Notifies an observer of ours. The endpoint numbers the notifications.
    pub fn notify(
        &mut self,
        _now: Instant,
        _peer: P,
        _token: Token,
        _response: Response,
        _confirmable: bool,
    ) -> NotificationId {
        NotificationId(0)
    }

    /// Forgets an observer of ours.
    pub fn forget_observer(&mut self, _peer: P, _token: Token) {}

    /// Counters.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }
}
