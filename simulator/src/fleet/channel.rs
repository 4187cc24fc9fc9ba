//! A DTLS session with the server, made when there is something to say and made anew when it is lost.

use super::security::{Security, Trust};
use dtls::{Endpoint, Event, Resumption, SessionId};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Messages that wait for a handshake; what is more is lost, as on a bad network.
const WAITING: usize = 8;
/// After a handshake that failed the next one waits so long, and twice as long each time after that.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// One device's session.
#[derive(Debug)]
pub(super) struct Channel {
    name: String,
    server: SocketAddr,
    endpoint: Endpoint<SocketAddr>,
    trust: Arc<Trust>,
    session: Option<SessionId>,
    resumption: Option<Resumption>,
    waiting: VecDeque<Arc<[u8]>>,
    /// Handshakes that failed in a row, and before when there is no other.
    failures: u32,
    not_before: Option<Instant>,
    had_session: bool,
    renewed: bool,
}

impl Channel {
    /// A device's way to the server; there is no session yet. Nothing if the system has no randomness.
    pub(super) fn new(now: Instant, name: &str, server: SocketAddr, security: &Security) -> Option<Channel> {
        Some(Channel {
            name: name.to_owned(),
            server,
            endpoint: Endpoint::new(now, Arc::new(security.config(name))).ok()?,
            trust: security.trust(),
            session: None,
            resumption: None,
            waiting: VecDeque::new(),
            failures: 0,
            not_before: None,
            had_session: false,
            renewed: false,
        })
    }

    /// Seals a message, after a handshake if there is no session.
    pub(super) fn send(&mut self, now: Instant, message: Arc<[u8]>) {
        if let Some(session) = self.session {
            match self.endpoint.send(session, &message) {
                Ok(()) => return,
                Err(error) => tracing::debug!(endpoint = self.name, %error, "not sealed"),
            }
        }
        if self.waiting.len() < WAITING {
            self.waiting.push_back(message);
        }
        self.connect(now);
    }

    /// Begins a handshake unless one is under way or the last one failed a moment ago.
    fn connect(&mut self, now: Instant) {
        if self.endpoint.handshake_count() > 0 {
            return;
        }
        if self.not_before.is_some_and(|at| at > now) {
            self.waiting.clear();
            return;
        }
        if let Err(error) = self.endpoint.connect(now, self.server, self.resumption.take()) {
            tracing::warn!(endpoint = self.name, %error, "no handshake began");
            self.failed(now);
        }
    }

    /// The session does not lead anywhere any more: the next message makes another.
    pub(super) fn give_up(&mut self) {
        if let Some(session) = self.session.take() {
            tracing::info!(endpoint = self.name, "the session is given up");
            self.endpoint.close(session);
        }
    }

    /// Takes a datagram of the server; gives the messages in it.
    pub(super) fn receive(&mut self, now: Instant, datagram: &mut [u8]) -> Vec<Vec<u8>> {
        let server = self.server;
        self.endpoint.handle_datagram(now, &server, datagram);
        self.settle(now)
    }

    /// When [`Channel::handle_timeout`] wants to be called.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.endpoint.poll_timeout()
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_some_and(|due| due <= now) {
            self.endpoint.handle_timeout(now);
            // Time brings no message.
            self.settle(now);
        }
    }

    /// The next datagram for the server.
    pub(super) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.endpoint.poll_transmit().map(|transmit| transmit.bytes)
    }

    /// Whether a new session took the place of an earlier one since it was last asked.
    pub(super) fn take_renewed(&mut self) -> bool {
        std::mem::take(&mut self.renewed)
    }

    fn settle(&mut self, now: Instant) -> Vec<Vec<u8>> {
        let mut messages = Vec::new();
        while let Some(event) = self.endpoint.poll_event() {
            match event {
                Event::Question {
                    handshake, question, ..
                } => {
                    let answer = self.trust.answer(&question);
                    self.endpoint.answer(now, handshake, answer);
                }
                Event::Connected(connected) => {
                    tracing::debug!(
                        endpoint = self.name,
                        suite = connected.suite.name(),
                        resumed = connected.resumed,
                        "a session began"
                    );
                    self.session = Some(connected.session);
                    self.resumption = connected.resumption;
                    (self.failures, self.not_before) = (0, None);
                    self.renewed |= std::mem::replace(&mut self.had_session, true);
                    for message in std::mem::take(&mut self.waiting) {
                        // It fits a record: it came from the CoAP endpoint.
                        let _ = self.endpoint.send(connected.session, &message);
                    }
                }
                Event::Data { session, bytes } if self.session == Some(session) => messages.push(bytes),
                Event::Closed { session, reason, .. } if self.session == Some(session) => {
                    tracing::info!(endpoint = self.name, reason, "the session ended");
                    self.session = None;
                    // To be reached again.
                    self.connect(now);
                }
                Event::HandshakeFailed(failed) => {
                    tracing::warn!(
                        endpoint = self.name,
                        reason = failed.reason,
                        "the handshake failed"
                    );
                    self.failed(now);
                }
                Event::Data { .. }
                | Event::Closed { .. }
                | Event::AddressChanged { .. }
                | Event::KeysMayDiffer(_)
                | Event::Step { .. } => {}
            }
        }
        messages
    }

    fn failed(&mut self, now: Instant) {
        let pause = FIRST_PAUSE
            .saturating_mul(1 << self.failures.min(10))
            .min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(now + pause);
        self.waiting.clear();
    }
}
