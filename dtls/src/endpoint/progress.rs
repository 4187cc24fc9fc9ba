//! How handshakes go on: messages and answers in, flights, questions, sessions and failures out.

use super::event::{Connected, Direction, Event, HandshakeFailed, KeysMayDiffer, SessionId};
use super::output::Packer;
use super::pending::{Machine, Pending, part_name};
use super::sessions::Session;
use super::timers::Timer;
use super::{Endpoint, LastFlight, PeerAddress, random};
use crate::alert::AlertDescription;
use crate::config::Config;
use crate::handshake::{
    Accepted, Answer, Established, HandshakeError, Message, Part, Retransmission, ServerHandshake, Step,
};
use crate::message::{ClientHello, HandshakeType};
use crate::resumption::{ResumableSession, Resumption};
use std::time::Instant;

/// Why a session ends that its peer replaced: the reason of its [`Event::Closed`].
pub const NEW_SESSION: &str = "a new session began at the same address";

impl<P: PeerAddress> Endpoint<P> {
    /// Takes what the peer sent in order, as far as it came, and keeps the handshake unless that ends it.
    pub(super) fn advance(&mut self, now: Instant, mut pending: Box<Pending<P>>) {
        loop {
            if let Err(alert) = pending.secure() {
                return self.fail(&mut pending, HandshakeError::new(alert, alert.words()), true);
            }
            if pending.machine.is_asking() {
                return self.keep(pending);
            }
            let Some(message) = pending.reassembly.pop() else {
                return self.keep(pending);
            };
            // Whoever goes on did not mean to stop: the alert was another's.
            pending.noted = None;
            let config = pending.config.clone();
            self.trace(&config, &pending.peer, (Direction::Received, message.kind.name()));
            let step = self.message(now, &mut pending, message);
            if self.apply(now, &mut pending, step) {
                return;
            }
        }
    }

    fn message(
        &mut self,
        now: Instant,
        pending: &mut Pending<P>,
        message: Message,
    ) -> Result<Step, HandshakeError> {
        let expires = self.expiry(now, &pending.config);
        match &mut pending.machine {
            Machine::Opening => {
                let (machine, step) = self.accept(now, &pending.config, message)?;
                pending.machine = Machine::Server(machine);
                Ok(step)
            }
            Machine::Server(machine) => {
                let mut seal = |established: &Established| self.seal_ticket(established, expires);
                machine.handle(&pending.config, &message, &mut seal)
            }
            Machine::Client(machine) => machine.handle(&pending.config, &message),
        }
    }

    /// The first message of a client whose address is verified.
    fn accept(
        &self,
        now: Instant,
        config: &Config,
        message: Message,
    ) -> Result<(ServerHandshake, Step), HandshakeError> {
        if message.kind != HandshakeType::ClientHello {
            return Err(HandshakeError::new(
                AlertDescription::UnexpectedMessage,
                "a handshake begins with ClientHello",
            ));
        }
        let hello = ClientHello::decode(&message.body)?;
        let millis = self.millis(now);
        let resumable = config
            .resumption
            .and_then(|_| match hello.extensions.session_ticket.as_deref() {
                Some(ticket) if !ticket.is_empty() => self.tickets.open(ticket, millis),
                _ => self.cache.get(&hello.session_id, millis),
            });
        let mut server_random = [0; 32];
        random(&mut server_random)?;
        let mut session_id = Vec::new();
        // Whoever takes a ticket gets no id. RFC 5077 §3.4.
        if config.resumption.is_some() && hello.extensions.session_ticket.is_none() {
            session_id.resize(32, 0);
            random(&mut session_id)?;
        }
        let local_id = self.new_connection_id()?;
        ServerHandshake::start(
            config,
            Accepted {
                hello,
                message,
                server_random,
                resumable,
                session_id,
                local_id,
            },
        )
    }

    pub(super) fn answer_machine(
        &mut self,
        now: Instant,
        pending: &mut Pending<P>,
        answer: Answer,
    ) -> Result<Step, HandshakeError> {
        let expires = self.expiry(now, &pending.config);
        match &mut pending.machine {
            Machine::Opening => Ok(Step::Wait),
            Machine::Server(machine) => {
                let mut seal = |established: &Established| self.seal_ticket(established, expires);
                machine.answer(&pending.config, answer, &mut seal)
            }
            Machine::Client(machine) => machine.answer(&pending.config, &answer),
        }
    }

    /// When a session of now can no longer be resumed.
    fn expiry(&self, now: Instant, config: &Config) -> u64 {
        self.millis(now)
            .saturating_add(config.resumption.unwrap_or_default().as_millis() as u64)
    }

    fn resumable(established: &Established, expires: u64) -> ResumableSession {
        ResumableSession {
            suite: established.suite,
            identity: established.identity.without_issuers(),
            master: established.master.clone(),
            extended_master_secret: established.extended_master_secret,
            expires,
        }
    }

    /// A ticket; empty, which clients ignore, if none can be made.
    fn seal_ticket(&self, established: &Established, expires: u64) -> Vec<u8> {
        let mut nonce = [0; 12];
        match random(&mut nonce) {
            Ok(()) => self.tickets.seal(nonce, &Self::resumable(established, expires)),
            Err(_) => Vec::new(),
        }
    }

    /// Does what the state machine wants; whether that ended the handshake.
    pub(super) fn apply(
        &mut self,
        now: Instant,
        pending: &mut Box<Pending<P>>,
        step: Result<Step, HandshakeError>,
    ) -> bool {
        // Finished messages are protected by keys that the same step brought about.
        if let Err(alert) = pending.secure() {
            self.fail(pending, HandshakeError::new(alert, alert.words()), true);
            return true;
        }
        match step {
            Ok(Step::Wait) => false,
            Ok(Step::Send(flight)) => {
                pending.flight = flight;
                let config = &pending.config;
                pending.retransmission = Some(Retransmission::start(
                    now,
                    config.retransmit_after,
                    config.max_retransmissions,
                ));
                self.send_flight(now, pending);
                false
            }
            Ok(Step::Ask(question)) => {
                pending.retransmission = None;
                self.events.push_back(Event::Question {
                    handshake: pending.id,
                    peer: pending.peer.clone(),
                    question,
                });
                false
            }
            Ok(Step::Finish(flight, established)) => {
                self.establish(now, pending, flight, *established);
                true
            }
            Err(error) => {
                self.fail(pending, error, false);
                true
            }
        }
    }

    pub(super) fn send_flight(&mut self, now: Instant, pending: &mut Pending<P>) {
        pending.sent = now;
        let packer = Packer::new(
            &mut pending.sequence,
            pending.secured.as_mut(),
            pending.config.max_datagram,
        );
        let datagrams = packer.flight(&pending.flight);
        self.transmit_all(&pending.peer, datagrams);
        let config = pending.config.clone();
        pending
            .flight
            .iter()
            .for_each(|part| self.trace(&config, &pending.peer, part_name(part)));
    }

    /// Repeats the flight because the peer repeated its own, not more often than makes sense.
    pub(super) fn resend(&mut self, now: Instant, pending: &mut Pending<P>) {
        let pause = pending.config.retransmit_after / 4;
        if !pending.flight.is_empty() && now.saturating_duration_since(pending.sent) >= pause {
            self.send_flight(now, pending);
        }
    }

    fn establish(
        &mut self,
        now: Instant,
        pending: &mut Pending<P>,
        flight: Vec<Part>,
        established: Established,
    ) {
        let peer = pending.peer.clone();
        let has_last_word = !flight.is_empty();
        if has_last_word {
            pending.flight = flight;
            self.send_flight(now, pending);
        }
        let is_client = pending.machine.is_client();
        let Some(secured) = pending.secured.take() else {
            return;
        };
        self.handshake_of.remove(&peer);
        self.clear_timer(pending);
        let fingerprint = established.identity.fingerprint();
        self.make_way(&peer, fingerprint);
        let local_id = secured.local_id;
        if let Some(other) = self.sessions.by_connection_id(local_id) {
            // Of two with the same id only one can be found. Ids are random: it takes very short ones to get here.
            self.end_session(other, "its connection id was given out a second time");
        }
        let heard = (self.millis(now) / 1000) as u32;
        let session = self.sessions.insert(Session {
            peer: peer.clone(),
            secured,
            fingerprint,
            forgeries: 0,
            heard,
        });
        if has_last_word {
            let until = now + pending.config.handshake_timeout;
            let last = LastFlight {
                parts: std::mem::take(&mut pending.flight),
                sequence: pending.sequence,
                until,
                sent: now,
            };
            self.last_flights.insert(session, last);
            self.timers.set(until, Timer::LastFlight(session));
        }
        if !is_client
            && pending.config.resumption.is_some()
            && let Ok(id) = <[u8; 32]>::try_from(established.session_id.as_slice())
        {
            self.cache.insert(
                id,
                Self::resumable(&established, self.expiry(now, &pending.config)),
            );
        }
        let resumption = (is_client && pending.config.resumption.is_some())
            .then(|| Resumption::of(&established))
            .flatten();
        self.events.push_back(Event::Connected(Box::new(Connected {
            session,
            handshake: pending.id,
            peer,
            identity: established.identity,
            suite: established.suite,
            resumed: established.resumed,
            extended_master_secret: established.extended_master_secret,
            connection_id: local_id,
            server_name: established.server_name,
            resumption,
        })));
        for ((), bytes) in pending.early.take() {
            self.events.push_back(Event::Data { session, bytes });
        }
    }

    /// The address belongs to a new session now. RFC 6347 §4.2.8. An older one of another peer that has a connection id
    /// lives on: it may only have had this address from a NAT.
    fn make_way(&mut self, peer: &P, fingerprint: [u8; 16]) {
        let Some((id, other)) = self
            .sessions
            .by_peer(peer)
            .and_then(|id| Some((id, self.sessions.get(id)?)))
        else {
            return;
        };
        if other.secured.local_id.is_empty() || other.fingerprint == fingerprint {
            self.end_session(id, NEW_SESSION);
        } else {
            self.sessions.unlink(id);
        }
    }

    /// Gives a handshake up, and tells the peer if it was not the one who did.
    pub(super) fn fail(&mut self, pending: &mut Pending<P>, error: HandshakeError, by_peer: bool) {
        self.handshake_of.remove(&pending.peer);
        self.clear_timer(pending);
        if !by_peer {
            let protected = pending.secured.is_some() && pending.flight.contains(&Part::ChangeCipherSpec);
            let packer = Packer::new(
                &mut pending.sequence,
                pending.secured.as_mut(),
                pending.config.max_datagram,
            );
            let datagrams = packer.alert(error.alert, true, protected);
            self.transmit_all(&pending.peer, datagrams);
            let config = pending.config.clone();
            self.trace(&config, &pending.peer, (Direction::Sent, "Alert"));
        }
        self.events
            .push_back(Event::HandshakeFailed(Box::new(HandshakeFailed {
                handshake: pending.id,
                peer: pending.peer.clone(),
                claimed: pending.machine.claimed(),
                alert: error.alert,
                by_peer,
                reason: error.reason,
                keys_may_differ: pending.forgery_told,
            })));
    }

    fn clear_timer(&mut self, pending: &Pending<P>) {
        if let Some(at) = pending.timer {
            self.timers.clear(at, Timer::Handshake(pending.id));
        }
    }

    /// Keeps a handshake, with a timer for what it needs next.
    pub(super) fn keep(&mut self, mut pending: Box<Pending<P>>) {
        if pending.forged && !pending.forgery_told {
            pending.forgery_told = true;
            let told = KeysMayDiffer {
                handshake: pending.id,
                peer: pending.peer.clone(),
                claimed: pending.machine.claimed(),
            };
            self.events.push_back(Event::KeysMayDiffer(Box::new(told)));
        }
        let next = pending.next_timer();
        if pending.timer != Some(next) {
            self.clear_timer(&pending);
            pending.timer = Some(next);
            self.timers.set(next, Timer::Handshake(pending.id));
        }
        self.handshakes.insert(pending.id, pending);
    }

    /// Ends the handshake under way with this address, because another begins.
    pub(super) fn replace_handshake(&mut self, peer: &P) {
        if let Some(id) = self.handshake_of.get(peer)
            && let Some(mut pending) = self.handshakes.remove(id)
        {
            let error = HandshakeError::new(
                AlertDescription::UserCanceled,
                "another handshake began at the same address",
            );
            self.fail(&mut pending, error, true);
        }
    }

    /// Repeats the last flight of the handshake that led to this session.
    pub(super) fn resend_last_flight(&mut self, now: Instant, id: SessionId) {
        let (Some(session), Some(last)) = (self.sessions.get_mut(id), self.last_flights.get_mut(&id)) else {
            return;
        };
        if now.saturating_duration_since(last.sent) < self.config.retransmit_after / 4 {
            return;
        }
        last.sent = now;
        let peer = session.peer.clone();
        let packer = Packer::new(
            &mut last.sequence,
            Some(&mut session.secured),
            self.config.max_datagram,
        );
        let datagrams = packer.flight(&last.parts);
        self.transmit_all(&peer, datagrams);
    }
}
