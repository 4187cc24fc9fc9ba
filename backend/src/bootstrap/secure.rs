//! The bootstrap server's DTLS: one socket, its sessions, and whose they are.

use super::keys::Keys;
use super::sender::Sender;
use crate::credential;
use dtls::{Answer, Endpoint, Event, HandshakeId, Question, SessionId};
use shared::Timestamp;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::net::UdpSocket;

/// What came of datagrams and of time.
#[derive(Debug)]
pub(super) enum Arrived {
    Data(SessionId, Vec<u8>),
    Ended(SessionId),
    /// A handshake failed.
    Refused {
        address: SocketAddr,
        reason: String,
    },
}

#[derive(Debug)]
pub(super) struct Secure {
    socket: UdpSocket,
    endpoint: Endpoint<SocketAddr>,
    keys: Keys,
    proven: HashMap<SessionId, Sender>,
    /// Why we refused a handshake, in words, until it is told to have failed.
    refused: HashMap<HandshakeId, String>,
}

impl Secure {
    pub(super) fn new(socket: UdpSocket, endpoint: Endpoint<SocketAddr>, keys: Keys) -> Secure {
        Secure {
            socket,
            endpoint,
            keys,
            proven: HashMap::new(),
            refused: HashMap::new(),
        }
    }

    /// Waits for a datagram.
    ///
    /// # Errors
    /// What the system says of an earlier one.
    pub(super) async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.recv_from(buffer).await
    }

    pub(super) fn handle_datagram(&mut self, now: Instant, address: SocketAddr, datagram: &mut [u8]) {
        self.endpoint.handle_datagram(now, &address, datagram);
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.endpoint.poll_timeout()
    }

    /// Who speaks in a session.
    pub(super) fn sender(&self, session: SessionId) -> Option<Sender> {
        let mut sender = self.proven.get(&session)?.clone();
        if let Some(address) = self.endpoint.peer(session) {
            sender.address = *address;
        }
        Some(sender)
    }

    pub(super) fn send(&mut self, session: SessionId, message: &[u8]) {
        if let Err(error) = self.endpoint.send(session, message) {
            tracing::debug!(%error, "a message was not sent");
        }
    }

    /// The next thing that arrived; to be asked until `None` after every other call.
    pub(super) fn poll(&mut self, now: Instant, at: Timestamp) -> Option<Arrived> {
        while let Some(event) = self.endpoint.poll_event() {
            match event {
                Event::Question {
                    handshake, question, ..
                } => self.answer(now, at, handshake, &question),
                Event::Connected(connected) => {
                    self.refused.remove(&connected.handshake);
                    match self.keys.whose(&connected.identity, at) {
                        Ok(whose) => {
                            let sender = Keys::sender(connected.peer, whose, &connected.identity);
                            self.proven.insert(connected.session, sender);
                        }
                        // The credential went while the handshake was under way.
                        Err(_) => self.endpoint.close(connected.session),
                    }
                }
                Event::Data { session, bytes } => return Some(Arrived::Data(session, bytes)),
                Event::Closed { session, .. } => {
                    self.proven.remove(&session);
                    return Some(Arrived::Ended(session));
                }
                Event::KeysMayDiffer(told) => {
                    return Some(Arrived::Refused {
                        address: told.peer,
                        reason: credential::keys_may_differ(told.claimed.as_ref()),
                    });
                }
                // It was told when its keys were seen to differ.
                Event::HandshakeFailed(failed) if failed.keys_may_differ && !failed.by_peer => {}
                Event::HandshakeFailed(failed) => {
                    let ours = self.refused.remove(&failed.handshake);
                    let reason = ours.unwrap_or(failed.reason);
                    return Some(Arrived::Refused {
                        address: failed.peer,
                        reason,
                    });
                }
                Event::AddressChanged { .. } | Event::Step { .. } => {}
            }
        }
        None
    }

    fn answer(&mut self, now: Instant, at: Timestamp, handshake: HandshakeId, question: &Question) {
        let answer = match question {
            Question::Psk { identity } => self.keys.psk(identity, at).map(Answer::Psk),
            Question::Trust { identity } | Question::Resume { identity } => {
                self.keys.whose(identity, at).map(|_| Answer::Accept)
            }
        };
        let answer = answer.unwrap_or_else(|refused| {
            if !matches!(question, Question::Resume { .. }) {
                self.refused.insert(handshake, refused.words);
            }
            Answer::Reject(refused.alert)
        });
        self.endpoint.answer(now, handshake, answer);
    }

    /// Sends what there is to send; whether there was something.
    pub(super) async fn flush(&mut self) -> bool {
        let mut sent = false;
        while let Some(transmit) = self.endpoint.poll_transmit() {
            sent = true;
            if let Err(error) = self.socket.send_to(&transmit.bytes, transmit.peer).await {
                // As lost on the way.
                tracing::debug!(%error, "a DTLS record was not sent");
            }
        }
        sent
    }
}
