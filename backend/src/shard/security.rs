//! DTLS: datagrams to sessions, questions to credentials, and what sessions mean for registrations.
//!
//! A session stays with the shard it began at. Its connection id names that shard, so that a datagram from a new address
//! is handed to it. A registration follows its device from session to session ([`Shard::take_over`]).

use super::state::{Now, Shard};
use super::transport::{Secure, prefix};
use super::{Command, Peer, Session};
use crate::credential::Secured;
use crate::registry::{DeviceNumber, What};
use dtls::{Answer, Connected, Event, HandshakeFailed, HandshakeId, PeerIdentity, Question, SessionId};
use shared::api::{CredentialMode, Direction};
use std::net::SocketAddr;
use std::sync::Arc;

impl Shard {
    /// A datagram for the security layer. One of another shard's session is handed over, unless it was already.
    pub(super) fn secured_datagram(
        &mut self,
        now: Now,
        address: SocketAddr,
        datagram: &mut [u8],
        handed_over: bool,
    ) {
        if !handed_over && let Some(shard) = self.session_elsewhere(&address, datagram) {
            let command = Command::Secured {
                address,
                datagram: (&*datagram).into(),
            };
            if !self.surroundings.shards.try_send(shard, command) {
                // As lost on the way.
                self.statistics.commands_refused += 1;
            }
            return;
        }
        if let Some(secure) = &mut self.transports.secure {
            secure.endpoint.handle_datagram(now.instant, &address, datagram);
        }
        self.settle_security(now);
    }

    /// The shard that has the session of a datagram, if it is another one.
    fn session_elsewhere(&self, address: &SocketAddr, datagram: &[u8]) -> Option<u16> {
        let count = self.surroundings.shards.count();
        let shard = match prefix(datagram) {
            Some(prefix) => usize::from(prefix) % count,
            None => {
                let secure = self.transports.secure.as_ref()?;
                if count == 1
                    || self.surroundings.restored_addresses.is_empty()
                    || !secure.is_strange(address)
                {
                    return None;
                }
                usize::from(*self.surroundings.restored_addresses.get(address)?)
            }
        };
        (shard != usize::from(self.index)).then_some(shard as u16)
    }

    /// Lets time pass for handshakes and sessions.
    pub(super) fn let_security_pass(&mut self, now: Now) {
        if let Some(secure) = &mut self.transports.secure {
            secure.endpoint.handle_timeout(now.instant);
            self.settle_security(now);
        }
    }

    /// Deals with everything that the security layer tells, and sends what it has to send.
    pub(super) fn settle_security(&mut self, now: Now) {
        while let Some(event) = self.transports.secure.as_mut().and_then(Secure::poll_event) {
            self.on_security(now, event);
        }
        if let Some(secure) = &mut self.transports.secure
            && let Err(error) = secure.flush()
        {
            self.statistics.send_errors += 1;
            tracing::debug!(%error, "a DTLS record was not sent");
        }
    }

    fn on_security(&mut self, now: Now, event: Event<SocketAddr>) {
        match event {
            Event::Question {
                handshake, question, ..
            } => self.on_question(now, handshake, &question),
            Event::Connected(connected) => self.session_began(now, *connected),
            Event::Data { session, bytes } => self.session_data(now, session, &bytes),
            Event::AddressChanged { session, from, to } => {
                let peer = self.session_peer(session);
                if let Some(device) = self.by_peer.get(&peer).copied() {
                    self.report(now, device, What::AddressChanged { from, to });
                }
            }
            Event::Closed { session, reason } => self.session_ended(now, session, reason),
            Event::HandshakeFailed(failed) => self.handshake_failed(now, *failed),
            Event::Step { .. } => {}
        }
    }

    /// What a peer proved.
    pub(super) fn proven(&self, peer: Peer) -> Option<Arc<Secured>> {
        match peer {
            Peer::Stream(stream) => self.streams.proven(stream).cloned(),
            peer => self.transports.proven(peer).cloned(),
        }
    }

    /// What a connection over TLS proved: the authority of its certificate was trusted when it was made.
    pub(super) fn proven_by(&self, now: Now, identity: &PeerIdentity) -> Option<Arc<Secured>> {
        let PeerIdentity::Certificate(chain) = identity else {
            return None;
        };
        let claimed = self.surroundings.security.trust.claimed(chain);
        // A certificate without a name is nobody's.
        let (endpoint, identity) = claimed.unwrap_or_default();
        Some(Arc::new(Secured {
            mode: CredentialMode::X509,
            endpoint: endpoint.into(),
            identity: identity.into(),
            suite: "TLS".into(),
            since: now.at,
            connection_id: false,
            resumed: false,
        }))
    }

    pub(super) fn session_peer(&self, id: SessionId) -> Peer {
        Peer::Dtls(Session {
            shard: self.index,
            id,
        })
    }

    fn on_question(&mut self, now: Now, handshake: HandshakeId, question: &Question) {
        let security = &self.surroundings.security;
        let answer = match question {
            Question::Psk { identity } => security.psk(identity, now.at).map(Answer::Psk),
            Question::Trust { identity } => security.whose(identity, now.at).map(|_| Answer::Accept),
            Question::Resume { identity } => security.may_resume(identity, now.at).map(|()| Answer::Accept),
        };
        let Some(secure) = &mut self.transports.secure else {
            return;
        };
        let answer = answer.unwrap_or_else(|refused| {
            if !matches!(question, Question::Resume { .. }) {
                secure.refused.insert(handshake, refused.words);
            }
            Answer::Reject(refused.alert)
        });
        secure.endpoint.answer(now.instant, handshake, answer);
    }

    fn session_began(&mut self, now: Now, connected: Connected<SocketAddr>) {
        self.statistics.handshakes += 1;
        let whose = self.surroundings.security.whose(&connected.identity, now.at);
        let Some(secure) = &mut self.transports.secure else {
            return;
        };
        secure.refused.remove(&connected.handshake);
        let whose = match whose {
            Ok(whose) => whose,
            Err(refused) => {
                // The credential went while the handshake was under way.
                secure.endpoint.close(connected.session);
                tracing::info!(reason = refused.words, "a session was closed at once");
                return;
            }
        };
        let secured = Arc::new(Secured {
            mode: whose.mode,
            endpoint: whose.endpoint,
            identity: whose.identity,
            suite: connected.suite.name().into(),
            since: now.at,
            connection_id: !connected.connection_id.is_empty(),
            resumed: connected.resumed,
        });
        secure.began(connected.session, secured.clone());
        if let Some((device, _)) = self.surroundings.directory.of_endpoint(&secured.endpoint) {
            let what = What::SessionStarted {
                secured,
                address: connected.peer,
            };
            self.report(now, device, what);
        }
    }

    fn session_data(&mut self, now: Now, session: SessionId, datagram: &[u8]) {
        let peer = self.session_peer(session);
        self.trace(now, peer, Direction::Up, datagram);
        if !self.by_peer.contains_key(&peer) && self.take_over(now, peer, datagram) {
            return;
        }
        self.handle(now, peer, datagram);
    }

    /// The first message in a new session of a device: its registration goes on in this session. True if another
    /// shard has it, and the datagram comes back with it.
    fn take_over(&mut self, now: Now, peer: Peer, datagram: &[u8]) -> bool {
        let Some(secured) = self.proven(peer) else {
            return false;
        };
        let Some((device, Some(place))) = self.surroundings.directory.of_endpoint(&secured.endpoint) else {
            return false;
        };
        // Whether one that was made without security goes on here is for its Update to say.
        if !place.peer.is_session() {
            return false;
        }
        if place.shard == self.index {
            self.move_to_session(now, device, peer);
            return false;
        }
        let command = Command::Claim {
            device,
            peer,
            datagram: datagram.into(),
            by: self.index,
        };
        if !self.surroundings.shards.try_send(place.shard, command) {
            // The device sends it again.
            self.statistics.commands_refused += 1;
        }
        true
    }

    /// Lets a registration go on in a session of the same identity.
    pub(super) fn move_to_session(&mut self, now: Now, device: DeviceNumber, peer: Peer) {
        let Some(secured) = self.proven(peer) else {
            return;
        };
        if !self.follow(now, device, peer) {
            return;
        }
        let address = self.address(peer);
        let Some(record) = self.records.get_mut(&device) else {
            return;
        };
        let mut registration = (*record.registration).clone();
        registration.secured = Some(secured);
        record.registration = Arc::new(registration);
        let registration = record.registration.clone();
        self.report(
            now,
            device,
            What::Moved {
                registration,
                address,
            },
        );
        self.save_session(now, device);
    }

    /// A session is over. The registration stays, and waits for the next one.
    fn session_ended(&mut self, now: Now, session: SessionId, reason: &str) {
        let secured = self
            .transports
            .secure
            .as_mut()
            .and_then(|secure| secure.ended(session));
        let peer = self.session_peer(session);
        match self.by_peer.get(&peer).copied() {
            Some(device) => {
                self.follow(now, device, Peer::Away(device));
            }
            None => self.endpoint.forget_peer(peer),
        }
        self.settle(now);
        let device = secured.and_then(|secured| self.surroundings.directory.of_endpoint(&secured.endpoint));
        if let Some((device, place)) = device {
            let was_its_own = place.is_none_or(|place| matches!(place.peer, Peer::Away(_)));
            let reason = format!("The session ended: {reason}.");
            self.report(now, device, What::SessionEnded { reason, was_its_own });
        }
    }

    /// Ends the sessions of an endpoint for a reason that a person gave; how many there were.
    pub(super) fn end_sessions(
        &mut self,
        now: Now,
        endpoint: &str,
        identity: Option<&PeerIdentity>,
        reason: &str,
    ) -> usize {
        let Some(secure) = &mut self.transports.secure else {
            return 0;
        };
        let sessions = secure.of_endpoint(endpoint);
        for session in &sessions {
            if let Some(secure) = &mut self.transports.secure {
                secure.endpoint.close(*session);
            }
            self.session_ended(now, *session, reason);
        }
        if let (Some(secure), Some(identity)) = (&mut self.transports.secure, identity) {
            secure.endpoint.end_identity(identity);
        }
        self.settle_security(now);
        sessions.len()
    }

    /// Ends a session that its device has left for another one.
    pub(super) fn leave_session(&mut self, peer: Peer) {
        if let Peer::Dtls(session) = peer
            && session.shard == self.index
            && let Some(secure) = &mut self.transports.secure
        {
            secure.ended(session.id);
            secure.endpoint.close(session.id);
        }
    }

    fn handshake_failed(&mut self, now: Now, failed: HandshakeFailed<SocketAddr>) {
        self.statistics.handshakes_failed += 1;
        let ours = self
            .transports
            .secure
            .as_mut()
            .and_then(|secure| secure.refused.remove(&failed.handshake));
        let reason = match (ours, failed.by_peer) {
            (Some(words), _) => words,
            (None, true) => format!("the device gave up: {}", failed.reason),
            (None, false) => failed.reason,
        };
        let security = &self.surroundings.security;
        let claimed = failed.claimed.as_ref();
        let endpoint = claimed.and_then(|identity| security.claimed_endpoint(identity));
        let device = endpoint.and_then(|endpoint| self.surroundings.directory.of_endpoint(&endpoint));
        let what = What::HandshakeFailed {
            address: failed.peer,
            identity: claimed.map(|identity| crate::credential::shown(identity)),
            reason,
        };
        self.report_about(now, device.map(|(device, _)| device), what);
    }
}
