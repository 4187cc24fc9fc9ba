//! Where a datagram's records go: to a session, to a handshake, to the stateless front, or nowhere.
//!
//! Nothing that is not authentic ends or moves a session. What does not belong anywhere is dropped without an answer.

use super::cookie::HelloStart;
use super::event::{Direction, Event, HandshakeId, SessionId};
use super::output::hello_verify_request;
use super::pending::{Machine, Pending, read_alert};
use super::secured::{Dropped, Opened};
use super::timers::Timer;
use super::{Endpoint, PeerAddress};
use crate::alert::AlertDescription;
use crate::handshake::{Fragment, HandshakeError, Message, Reassembly};
use crate::message::{HandshakeType, HelloVerifyRequest};
use crate::record::{ContentType, Header, next_record};
use std::time::Instant;

impl<P: PeerAddress> Endpoint<P> {
    /// Takes a datagram that came from `peer`. It is decrypted in place.
    pub fn handle_datagram(&mut self, now: Instant, peer: &P, datagram: &mut [u8]) {
        let mut rest = datagram;
        while let Ok((header, content, after)) = next_record(rest, self.id_length) {
            rest = after;
            match header.epoch {
                0 => self.plain_record(now, peer, &header, content),
                1 => self.protected_record(now, peer, &header, content),
                _ => {}
            }
        }
    }

    fn plain_record(&mut self, now: Instant, peer: &P, header: &Header, content: &[u8]) {
        match header.content_type {
            ContentType::Handshake => {
                let mut rest = content;
                while let Ok((fragment, after)) = Fragment::read(rest) {
                    rest = after;
                    self.plain_fragment(now, peer, header, &fragment);
                }
            }
            ContentType::Alert => {
                if let Some(mut pending) = self.take_handshake(peer) {
                    pending.note(now, content);
                    self.keep(pending);
                }
            }
            // That epoch 1 begins is seen from the epochs in the headers.
            ContentType::ChangeCipherSpec | ContentType::ApplicationData | ContentType::ConnectionId => {}
        }
    }

    fn take_handshake(&mut self, peer: &P) -> Option<Box<Pending<P>>> {
        self.handshake_of
            .get(peer)
            .and_then(|id| self.handshakes.remove(id))
    }

    fn plain_fragment(&mut self, now: Instant, peer: &P, header: &Header, fragment: &Fragment<'_>) {
        let is_hello = fragment.kind == HandshakeType::ClientHello;
        let Some(mut pending) = self.take_handshake(peer) else {
            if is_hello {
                self.client_hello(now, peer, header, fragment);
            }
            return;
        };
        if is_hello && begins_anew(&pending, fragment) {
            self.keep(pending);
            return self.client_hello(now, peer, header, fragment);
        }
        // Only a Finished that is protected proves anything.
        if fragment.kind == HandshakeType::Finished {
            return self.keep(pending);
        }
        if pending.reassembly.is_old(fragment) {
            if pending.reassembly.ends_last_flight(fragment) {
                self.resend(now, &mut pending);
            }
            return self.keep(pending);
        }
        pending.reassembly.insert(fragment);
        self.advance(now, pending);
    }

    /// A ClientHello that belongs to no handshake. Until it carries the right cookie nothing is kept of it.
    fn client_hello(&mut self, now: Instant, peer: &P, header: &Header, fragment: &Fragment<'_>) {
        if !self.config.accept_clients || fragment.offset != 0 {
            return;
        }
        let Ok(hello) = HelloStart::read(fragment.bytes) else {
            return;
        };
        if !self.cookies.verifies(now, peer, hello) {
            let Ok(cookie) = self.cookies.cookie(now, peer, hello) else {
                return;
            };
            let mut body = Vec::with_capacity(32);
            HelloVerifyRequest { cookie: &cookie }.encode(&mut body);
            let kind = HandshakeType::HelloVerifyRequest;
            let answer = Message {
                kind,
                message_seq: fragment.message_seq,
                body,
            };
            let bytes = hello_verify_request(header, &answer);
            return self.transmit(peer.clone(), bytes);
        }
        if self.is_full() {
            return;
        }
        self.replace_handshake(peer);
        let id = self.new_handshake_id();
        let reassembly = Reassembly::starting_at(fragment.message_seq);
        let machine = Machine::Opening;
        let mut pending = Box::new(Pending::new(
            now,
            id,
            peer.clone(),
            self.config.clone(),
            machine,
            reassembly,
        ));
        // Our records are numbered on from the ClientHello's, as RFC 6347 §4.2.1 wants it.
        pending.sequence = header.sequence;
        pending.client_random.copy_from_slice(hello.random);
        self.handshake_of.insert(peer.clone(), id);
        let config = self.config.clone();
        // What happened before anything was kept, now that it is worth telling.
        self.trace(
            &config,
            peer,
            (Direction::Received, HandshakeType::ClientHello.name()),
        );
        self.trace(
            &config,
            peer,
            (Direction::Sent, HandshakeType::HelloVerifyRequest.name()),
        );
        pending.reassembly.insert(fragment);
        self.advance(now, pending);
    }

    fn protected_record(&mut self, now: Instant, peer: &P, header: &Header, content: &mut [u8]) {
        if header.content_type == ContentType::ConnectionId {
            match self.sessions.by_connection_id(header.connection_id) {
                Some(id) => {
                    self.session_record(now, id, peer, header, content, true);
                }
                None => self.handshake_record(now, peer, header, content),
            }
            return;
        }
        // A handshake does not evict the session of its address before it ends, so a record may belong to either.
        match (self.sessions.by_peer(peer), self.handshake_of.get(peer).copied()) {
            (Some(session), None) => {
                self.session_record(now, session, peer, header, content, true);
            }
            (Some(session), Some(_)) => {
                let mut copy = content.to_vec();
                if !self.session_record(now, session, peer, header, &mut copy, false) {
                    self.handshake_record(now, peer, header, content);
                }
            }
            (None, _) => self.handshake_record(now, peer, header, content),
        }
    }

    fn handshake_record(&mut self, now: Instant, peer: &P, header: &Header, content: &mut [u8]) {
        let Some(mut pending) = self.take_handshake(peer) else {
            return;
        };
        match pending.protected(header, content) {
            Ok(()) => self.advance(now, pending),
            Err(alert) => self.fail(&mut pending, HandshakeError::new(alert, alert.words()), true),
        }
    }

    /// Gives a record to a session; whether it was authentic. With `suspect`, one that is not counts as forged.
    fn session_record(
        &mut self,
        now: Instant,
        id: SessionId,
        peer: &P,
        header: &Header,
        content: &mut [u8],
        suspect: bool,
    ) -> bool {
        let heard = (self.millis(now) / 1000) as u32;
        let Some(session) = self.sessions.get_mut(id) else {
            return false;
        };
        let Opened {
            content_type,
            content,
            newest,
        } = match session.secured.open(header, content) {
            Ok(opened) => opened,
            Err(Dropped::Forged) if suspect => {
                session.forgeries = session.forgeries.saturating_add(1);
                if session.forgeries > self.config.max_forgeries {
                    self.end_session(id, "too many forged records came");
                }
                return false;
            }
            Err(Dropped::Forged | Dropped::Stale) => return false,
        };
        session.heard = heard;
        if newest && session.peer != *peer {
            let from = session.peer.clone();
            self.sessions.move_to(id, peer.clone());
            self.events.push_back(Event::AddressChanged {
                session: id,
                from,
                to: peer.clone(),
            });
        }
        match content_type {
            ContentType::ApplicationData => {
                if !self.last_flights.is_empty()
                    && let Some(last) = self.last_flights.remove(&id)
                {
                    self.timers.clear(last.until, Timer::LastFlight(id));
                }
                self.events.push_back(Event::Data {
                    session: id,
                    bytes: content.to_vec(),
                });
            }
            ContentType::Alert => self.session_alert(id, content),
            ContentType::Handshake => self.session_handshake(now, id, content),
            ContentType::ChangeCipherSpec | ContentType::ConnectionId => {}
        }
        true
    }

    fn session_alert(&mut self, id: SessionId, content: &[u8]) {
        match read_alert(content) {
            Some((_, AlertDescription::CloseNotify)) => {
                self.send_session_alert(id, AlertDescription::CloseNotify, false);
                self.end_session(id, "the peer closed it");
            }
            Some((true, alert)) => self.end_session(id, alert.words()),
            Some((false, _)) | None => {}
        }
    }

    /// A handshake message in a session: the peer missed our last flight, or wants to renegotiate, which is refused.
    fn session_handshake(&mut self, now: Instant, id: SessionId, content: &[u8]) {
        match Fragment::read(content) {
            Ok((
                Fragment {
                    kind: HandshakeType::Finished,
                    ..
                },
                _,
            )) => self.resend_last_flight(now, id),
            Ok((
                Fragment {
                    kind: HandshakeType::ClientHello | HandshakeType::HelloRequest,
                    ..
                },
                _,
            )) => {
                self.send_session_alert(id, AlertDescription::NoRenegotiation, false);
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// The handshake under way with an address.
    pub fn handshake(&self, peer: &P) -> Option<HandshakeId> {
        self.handshake_of.get(peer).copied()
    }
}

/// Whether a ClientHello is not a repetition of the one that the handshake began with. A client is never asked for one.
fn begins_anew<P>(pending: &Pending<P>, fragment: &Fragment<'_>) -> bool {
    !pending.machine.is_client()
        && fragment.offset == 0
        && HelloStart::read(fragment.bytes).is_ok_and(|hello| hello.random != pending.client_random)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, PskCredential};
    use crate::endpoint::{Event, SessionId};
    use crate::handshake::Answer;
    use std::net::SocketAddr;
    use std::sync::Arc;

    type Side = (Endpoint<SocketAddr>, SocketAddr, Option<SessionId>);

    fn deliver(now: Instant, from: &mut Side, to: &mut Side) -> bool {
        let mut any = false;
        while let Some(mut transmit) = from.0.poll_transmit() {
            to.0.handle_datagram(now, &from.1, &mut transmit.bytes);
            any = true;
        }
        while let Some(event) = to.0.poll_event() {
            match event {
                Event::Question { handshake, .. } => {
                    to.0.answer(now, handshake, Answer::Psk(b"key".to_vec().into()));
                }
                Event::Connected(connected) => to.2 = Some(connected.session),
                _ => {}
            }
        }
        any
    }

    /// A server and a client with a session.
    fn pair(now: Instant) -> (Side, Side) {
        let psk = PskCredential {
            identity: b"device".to_vec(),
            key: b"key".to_vec().into(),
        };
        let config = Config {
            psk: Some(psk),
            ..Config::default()
        };
        let endpoint = |config| Endpoint::new(now, Arc::new(config)).unwrap();
        let mut server = (
            endpoint(Config::default()),
            SocketAddr::from(([192, 0, 2, 1], 5684)),
            None,
        );
        let mut client = (endpoint(config), SocketAddr::from(([192, 0, 2, 2], 5684)), None);
        client.0.connect(now, server.1, None).unwrap();
        while deliver(now, &mut client, &mut server) | deliver(now, &mut server, &mut client) {}
        (server, client)
    }

    #[test]
    fn renegotiation_is_refused_and_the_session_goes_on() {
        let now = Instant::now();
        for (kind, from_client) in [
            (HandshakeType::ClientHello, true),
            (HandshakeType::HelloRequest, false),
        ] {
            let (server, client) = pair(now);
            let (mut from, mut to) = if from_client {
                (client, server)
            } else {
                (server, client)
            };
            let (sender, receiver) = (from.2.unwrap(), to.2.unwrap());
            let mut content = Vec::new();
            Message {
                kind,
                message_seq: 7,
                body: Vec::new(),
            }
            .write_fragment(0, 0, &mut content);
            let mut record = Vec::new();
            let session = from.0.sessions.get_mut(sender).unwrap();
            session
                .secured
                .seal(ContentType::Handshake, &content, &mut record)
                .unwrap();
            to.0.handle_datagram(now, &from.1, &mut record);
            let mut answer = to.0.poll_transmit().unwrap().bytes;
            let (header, sealed, _) = next_record(&mut answer, from.0.id_length).unwrap();
            let opened = from
                .0
                .sessions
                .get_mut(sender)
                .unwrap()
                .secured
                .open(&header, sealed)
                .unwrap();
            assert_eq!(
                (opened.content_type, opened.content),
                (ContentType::Alert, &[1, 100][..])
            );
            assert!(to.0.peer(receiver).is_some() && to.0.poll_event().is_none());
        }
    }

    /// The server's last flight is lost again and again: the client repeats its own, and gets it again.
    #[test]
    fn the_last_flight_is_kept_until_data_come() {
        let now = Instant::now();
        let (mut server, mut client) = pair(now);
        let id = server.2.unwrap();
        assert_eq!(server.0.last_flights.len(), 1);
        let later = now + std::time::Duration::from_secs(1);
        let mut content = Vec::new();
        Message {
            kind: HandshakeType::Finished,
            message_seq: 3,
            body: vec![0; 12],
        }
        .write_fragment(0, 12, &mut content);
        let mut record = Vec::new();
        let session = client.0.sessions.get_mut(client.2.unwrap()).unwrap();
        session
            .secured
            .seal(ContentType::Handshake, &content, &mut record)
            .unwrap();
        server.0.handle_datagram(later, &client.1, &mut record);
        assert!(server.0.poll_transmit().is_some());
        client.0.send(client.2.unwrap(), b"data").unwrap();
        deliver(later, &mut client, &mut server);
        assert!(server.0.last_flights.is_empty() && server.0.peer(id).is_some());
        assert_eq!(server.0.timers.next(), client.0.timers.next());
    }
}
