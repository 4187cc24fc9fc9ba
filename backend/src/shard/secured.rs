//! What the DTLS endpoint tells and asks, each to where it belongs.

use super::state::{Now, Shard};
use super::{Command, Peer};
use crate::credential::{self, Secured, SecurityMode};
use crate::lwm2m::Refusal;
use crate::registry::{DeviceNumber, Report, What};
use crate::trace::Step;
use coap::Code;
use dtls::{
    AlertDescription, Answer, Connected, Event, HandshakeFailed, KeysMayDiffer, PeerIdentity, Question,
    SessionId, Untrusted,
};
use shared::api::{Direction, Transport};
use std::net::SocketAddr;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why a session ends of which the device has the next one already: what waits need not wait long.
const NEW_SESSION: &str = dtls::NEW_SESSION;

impl Shard {
    /// Takes DTLS datagrams, as many as a turn has; whether there may be more.
    pub(super) fn receive_secured(&mut self, now: Now, buffer: &mut [u8], most: usize) -> bool {
        for _ in 0..most {
            let Some(secure) = &self.transports.secure else {
                return false;
            };
            match secure.receive(buffer) {
                Ok((length, address)) => {
                    let datagram = &mut buffer[..length];
                    match secure.elsewhere(address, datagram) {
                        None => self.take_record(now, address, datagram),
                        Some(shard) => self.hand_over_record(shard, address, datagram),
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                Err(error) => tracing::debug!(%error, "receiving failed"),
            }
        }
        true
    }

    pub(super) fn secured_timeout(&mut self, now: Now) {
        let Some(secure) = &mut self.transports.secure else {
            return;
        };
        if secure
            .endpoint
            .poll_timeout()
            .is_some_and(|due| due <= now.instant)
        {
            secure.endpoint.handle_timeout(now.instant);
            self.settle_secured(now);
        }
    }

    /// A record that came to this shard belongs to a session of another one.
    fn hand_over_record(&mut self, shard: u16, address: SocketAddr, datagram: &[u8]) {
        let command = Command::Record {
            address,
            datagram: datagram.into(),
        };
        if !self.surroundings.shards.try_send(shard, command) {
            // The device sends it again.
            self.statistics.commands_refused += 1;
        }
    }

    pub(super) fn take_record(&mut self, now: Now, address: SocketAddr, datagram: &mut [u8]) {
        if let Some(secure) = &mut self.transports.secure {
            secure.endpoint.handle_datagram(now.instant, &address, datagram);
        }
        self.settle_secured(now);
    }

    /// Deals with all events of the DTLS endpoint and sends what it has to send.
    pub(super) fn settle_secured(&mut self, now: Now) {
        while let Some(event) = self
            .transports
            .secure
            .as_mut()
            .and_then(|secure| secure.endpoint.poll_event())
        {
            self.on_secured(now, event);
        }
        if let Some(secure) = &mut self.transports.secure
            && let Err(error) = secure.transmit()
        {
            self.statistics.send_errors += 1;
            tracing::debug!(%error, "a DTLS datagram was not sent");
        }
    }

    fn on_secured(&mut self, now: Now, event: Event<SocketAddr>) {
        match event {
            Event::Question {
                handshake, question, ..
            } => {
                let (answer, reason) = self.answer(now, question);
                if let Some(secure) = &mut self.transports.secure {
                    secure.rejected = reason.map(|reason| (handshake, reason));
                    secure.endpoint.answer(now.instant, handshake, answer);
                }
            }
            Event::Connected(connected) => self.connected(now, &connected),
            Event::Data { session, bytes } => {
                let peer = self.session(session);
                self.trace(now, peer, Direction::Up, &bytes);
                if !self.belongs_elsewhere(peer, &bytes) {
                    self.handle(now, peer, &bytes);
                }
            }
            Event::AddressChanged { session, from, to } => self.address_changed(now, session, from, to),
            Event::Closed {
                session,
                peer,
                reason,
            } => self.session_closed(now, session, peer, reason),
            Event::KeysMayDiffer(told) => self.keys_may_differ(now, &told),
            Event::HandshakeFailed(failed) => self.handshake_failed(now, &failed),
            Event::Step {
                peer,
                direction,
                message,
            } => {
                let direction = match direction {
                    dtls::Direction::Received => Direction::Up,
                    dtls::Direction::Sent => Direction::Down,
                };
                self.trace_step(now, None, peer, direction, Step::Message(message));
            }
        }
    }

    const fn session(&self, session: SessionId) -> Peer {
        Peer::Dtls {
            shard: self.index,
            session,
        }
    }

    /// Which key an identity has, and whether a credential is let in; if not, why.
    fn answer(&self, now: Now, question: Question) -> (Answer, Option<String>) {
        match question {
            Question::Psk { identity } => match self.surroundings.credentials.psk(&identity, now.at) {
                Some(key) => (Answer::Psk(Zeroizing::new(key.to_vec())), None),
                None => (Answer::Reject(AlertDescription::UnknownPskIdentity), None),
            },
            Question::Trust { identity } => match self.owner_of(now, &identity) {
                Ok(_) => (Answer::Accept, None),
                Err(untrusted) => (Answer::Reject(untrusted.alert), Some(untrusted.words)),
            },
            // Without its issuers a certificate may not be verified here; a full handshake shows them.
            Question::Resume { identity } => match self.owner_of(now, &identity) {
                Ok(_) => (Answer::Accept, None),
                Err(_) => (Answer::Reject(AlertDescription::AccessDenied), None),
            },
        }
    }

    fn owner_of(&self, now: Now, identity: &PeerIdentity) -> Result<(SecurityMode, Arc<str>), Untrusted> {
        credential::owner(
            &self.surroundings.credentials,
            &self.surroundings.trust,
            identity,
            now.at,
        )
    }

    /// What a session is, once it is known whose.
    ///
    /// # Errors
    /// [`Untrusted`]: nobody's, or not any more.
    pub(super) fn secured_by(
        &self,
        now: Now,
        identity: &PeerIdentity,
        suite: String,
        connection_id: bool,
        resumed: bool,
    ) -> Result<Arc<Secured>, Untrusted> {
        let (mode, endpoint) = self.owner_of(now, identity)?;
        let identity = match mode {
            SecurityMode::X509 => self.surroundings.credentials.certificate_of(&endpoint),
            SecurityMode::Psk | SecurityMode::Rpk => credential::shown(identity),
        };
        Ok(Arc::new(Secured {
            mode,
            endpoint: (&*endpoint).into(),
            identity: identity.into(),
            suite: suite.into(),
            since: now.at,
            connection_id,
            resumed,
        }))
    }

    /// Tells that a session began.
    pub(super) fn session_began(&mut self, now: Now, secured: &Arc<Secured>, way: (Transport, SocketAddr)) {
        let (transport, address) = way;
        let device = self.surroundings.directory.number(&secured.endpoint);
        if let Some(device) = device {
            self.recognise(device, address);
        }
        let words = secured.sentence(transport);
        self.trace_step_over(now, device, way, Direction::Up, Step::Session(&words));
        if let Some(device) = device {
            let secured = secured.clone();
            self.report(now, device, What::SessionStarted { secured, address });
        }
    }

    fn connected(&mut self, now: Now, connected: &Connected<SocketAddr>) {
        let (session, address) = (connected.session, connected.peer);
        let with_id = !connected.connection_id.is_empty();
        let suite = connected.suite.name().to_owned();
        let secured = match self.secured_by(now, &connected.identity, suite, with_id, connected.resumed) {
            Ok(secured) => secured,
            // Its credential was taken away in the middle of the handshake.
            Err(Untrusted { words, .. }) => {
                if let Some(secure) = &mut self.transports.secure {
                    secure.endpoint.close(session);
                }
                self.refused_handshake(now, None, address, words);
                return;
            }
        };
        self.statistics.handshakes += 1;
        self.session_began(now, &secured, (Transport::Dtls, address));
        if let Some(secure) = &mut self.transports.secure {
            secure.begin(session, address, secured);
        }
    }

    fn address_changed(&mut self, now: Now, session: SessionId, from: SocketAddr, to: SocketAddr) {
        let peer = self.session(session);
        self.save_soon(peer, now.instant);
        let device = self.by_peer.get(&peer).copied();
        if let Some(device) = device {
            self.recognise(device, to);
        }
        let words = format!("The session goes on from this address; it was {from} before");
        self.trace_step(now, device, to, Direction::Up, Step::Session(&words));
        if let Some(device) = device {
            self.report(now, device, What::AddressChanged { from, to });
        }
    }

    fn session_closed(&mut self, now: Now, session: SessionId, address: SocketAddr, reason: &'static str) {
        let device = self.by_peer.get(&self.session(session)).copied();
        if let Some(secure) = &mut self.transports.secure {
            secure.end(session);
        }
        let words = format!("The session ended: {reason}");
        self.trace_step(now, device, address, Direction::Down, Step::Session(&words));
        if let Some(device) = device {
            if reason != NEW_SESSION {
                self.fail_out_of_reach(now, device, Some(reason));
            }
            // Its answer cannot come any more: what may be asked twice waits for the next session, the rest fails now.
            if let Some(exchange) = self.records.get(&device).and_then(|record| record.exchange) {
                self.endpoint.cancel(now.instant, exchange);
            }
            let reason = reason.to_owned();
            self.report(now, device, What::SessionEnded { reason });
        }
    }

    /// Told before the handshake ends, which may take the device a minute and a half.
    fn keys_may_differ(&mut self, now: Now, told: &KeysMayDiffer<SocketAddr>) {
        let reason = credential::keys_may_differ(told.claimed.as_ref());
        let device = self.claimed_by(now, told.claimed.as_ref());
        if let Some(device) = device {
            self.recognise(device, told.peer);
        }
        self.trace_step(now, device, told.peer, Direction::Up, Step::Doubt(&reason));
        self.statistics.keys_differ += 1;
        self.refused_handshake(now, device, told.peer, reason);
    }

    /// The device that a peer claims to be, which proves nothing.
    pub(super) fn claimed_by(&self, now: Now, claimed: Option<&PeerIdentity>) -> Option<DeviceNumber> {
        let (credentials, trust) = (&self.surroundings.credentials, &self.surroundings.trust);
        let endpoint = credential::claimed(credentials, trust, claimed?, now.at)?;
        self.surroundings.directory.number(&endpoint)
    }

    /// Who a peer claims to be, as part of a sentence.
    pub(super) fn whose(&self, claimed: Option<&PeerIdentity>) -> String {
        claimed.map_or_else(String::new, |claimed| {
            format!(" of '{}'", credential::shown(claimed))
        })
    }

    fn handshake_failed(&mut self, now: Now, failed: &HandshakeFailed<SocketAddr>) {
        let by = if failed.by_peer {
            "the device"
        } else {
            "the server"
        };
        let whose = self.whose(failed.claimed.as_ref());
        let rejected = self.transports.secure.as_mut().and_then(|secure| {
            secure
                .rejected
                .take_if(|(handshake, _)| *handshake == failed.handshake)
        });
        let why = rejected.map_or_else(|| failed.reason.clone(), |(_, reason)| reason);
        let reason = format!("the handshake{whose} failed at {by}: {why}");
        let device = self.claimed_by(now, failed.claimed.as_ref());
        if let Some(device) = device {
            self.recognise(device, failed.peer);
        }
        let direction = if failed.by_peer {
            Direction::Up
        } else {
            Direction::Down
        };
        self.trace_step(now, device, failed.peer, direction, Step::Failure(&reason));
        self.statistics.handshakes_failed += 1;
        // What was seen of it before is the better reason, and one line is enough.
        if !failed.keys_may_differ {
            self.refused_handshake(now, device, failed.peer, reason);
        }
    }

    pub(super) fn refused_handshake(
        &mut self,
        now: Now,
        device: Option<DeviceNumber>,
        address: SocketAddr,
        reason: String,
    ) {
        let what = What::Refused {
            address,
            what: "handshake".into(),
            code: None,
            reason,
        };
        let report = Report {
            at: now.at,
            device,
            what,
        };
        self.outbox.add(now.instant, report);
    }

    /// Ends the session of a device; it has to make a new one.
    pub(super) fn end_session(&mut self, now: Now, device: DeviceNumber, reason: &'static str) {
        match self.records.get(&device).map(|record| record.peer) {
            Some(Peer::Dtls { session, .. }) => {
                if let Some(secure) = &mut self.transports.secure
                    && let Some(address) = secure.endpoint.peer(session).copied()
                {
                    secure.endpoint.close(session);
                    self.session_closed(now, session, address, reason);
                }
                self.settle_secured(now);
            }
            Some(Peer::Stream(stream)) if stream.tls => self.end_connection(now, stream, reason),
            _ => {}
        }
    }

    /// Ends the session that a device has left for another one or another transport, so that it has one at a time. Who has not
    /// proven to be the device cannot make it leave.
    pub(super) fn end_left(&mut self, now: Now, device: DeviceNumber, left: Peer) {
        let Peer::Dtls { shard, session } = left else {
            return;
        };
        let Some(secure) = self.transports.secure.as_mut().filter(|_| shard == self.index) else {
            return;
        };
        let Some(address) = secure.endpoint.peer(session).copied() else {
            return;
        };
        secure.endpoint.close(session);
        secure.end(session);
        let reason = "the device went on without it";
        let words = format!("The session ended: {reason}");
        self.trace_step(now, Some(device), address, Direction::Down, Step::Session(&words));
        let reason = reason.to_owned();
        self.report(now, device, What::SessionEnded { reason });
    }

    /// Ends all sessions of an identity, whose credential was withdrawn.
    pub(super) fn end_identity(&mut self, now: Now, identity: &PeerIdentity) {
        if let Some(secure) = &mut self.transports.secure {
            secure.endpoint.end_identity(identity);
        }
        self.settle_secured(now);
        for stream in self.streams.of_identity(identity) {
            self.end_connection(now, stream, "its credential was withdrawn");
        }
    }

    /// What the peer proved, over whatever transport; nothing for a peer that proved nothing, or whose session is gone.
    pub(super) fn secured(&self, peer: Peer) -> Option<&Arc<Secured>> {
        match peer {
            Peer::Dtls { session, .. } => self.transports.secure.as_ref()?.secured(session),
            Peer::Stream(stream) => self.streams.secured(stream),
            Peer::Udp(_) | Peer::Away(_) => None,
        }
    }

    /// Whether a session's proof is one that the endpoint may still be proven by. Those of a registration are ended when
    /// that changes; one that was never used to register is noticed here.
    fn still_holds(&self, now: Now, secured: &Secured) -> Result<(), Refusal> {
        let credentials = &self.surroundings.credentials;
        if secured.mode == SecurityMode::X509
            && let Some(other) = credentials.of_certificate_name(&secured.identity)
            && *other.endpoint != *secured.endpoint
        {
            return Err(Refusal::bad_request(format!(
                "the certificate '{}' is that of '{}' now",
                secured.identity, other.endpoint
            )));
        }
        match credentials.get(&secured.endpoint) {
            Some(credential) if credential.security() != Some(secured.mode) => {
                Err(Refusal::bad_request(format!(
                    "this endpoint has to prove itself by {} now, and the session began by {}",
                    credential.proof.mode(),
                    secured.mode.name()
                )))
            }
            Some(credential) if !credential.is_valid(now.at) => {
                Err(Refusal::bad_request("the session's credential has expired"))
            }
            _ if secured.mode == SecurityMode::X509
                && credentials.certificate_of(&secured.endpoint) != *secured.identity =>
            {
                Err(Refusal::bad_request(
                    "this endpoint is known by another certificate now",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Whether a peer may speak for an endpoint. LwM2M Core 1.2 §6.2.1: the identity of the security layer counts.
    ///
    /// # Errors
    /// 4.00 if it proved to be another, or proved nothing where it has to; 4.03 if devices without security are not let in.
    pub(super) fn authorise(&self, now: Now, peer: Peer, endpoint: &str) -> Result<(), Refusal> {
        if let Some(secured) = self.secured(peer) {
            if &*secured.endpoint == endpoint {
                return self.still_holds(now, secured);
            }
            return Err(Refusal::bad_request(format!(
                "the session's credential belongs to '{}', not to {}",
                secured.endpoint,
                crate::lwm2m::quote(endpoint)
            )));
        }
        if peer.is_secured() {
            return Err(Refusal::bad_request("the session has ended"));
        }
        match self.surroundings.credentials.demands(endpoint) {
            Some("none") => Ok(()),
            Some(mode) => Err(Refusal::bad_request(format!(
                "this endpoint has to prove itself by {mode} over coaps, and came without security"
            ))),
            None if self.surroundings.allow_unsecured => Ok(()),
            None => Err(Refusal::new(
                Code::FORBIDDEN,
                "devices without security are not let in here (dtls.allow_unsecured)",
            )),
        }
    }
}
