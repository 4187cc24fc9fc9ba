//! The connection of a client whose messages go over a stream: when it is wanted, and what its beginning and end mean
//! for the registration. LwM2M Transport 1.2 §6.4.
//!
//! The client decides; who drives it connects and closes:
//!
//! ```text
//! connection() says ConnectAt(t): connect then; connected(now), or not_connected(now)
//! connection() says Stay: handle_stream(now, bytes); disconnected(now) when it broke
//! connection() says Close: close after what poll_transmit gives; disconnected(now)
//! ```

use super::registration::State;
use super::{Client, Transport};
use std::time::{Duration, Instant};

/// What is wanted of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// There is none; connect at this time. Never, without a time.
    ConnectAt(Option<Instant>),
    /// It stays, in queue mode until this time if nothing is sent before.
    Stay(Option<Instant>),
    /// It is to be closed.
    Close,
}

/// Where the connection stands.
#[derive(Debug)]
pub(super) struct Link {
    connected: bool,
    closing: bool,
    /// How many attempts failed in a row.
    failures: u32,
    /// The next attempt is not before this time.
    not_before: Instant,
}

impl Link {
    pub(super) fn new(first_attempt: Instant) -> Link {
        Link {
            connected: false,
            closing: false,
            failures: 0,
            not_before: first_attempt,
        }
    }

    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    /// Has the connection closed.
    pub(super) fn close(&mut self) {
        self.closing = true;
    }
}

impl Client {
    /// What is wanted of the connection, for a client over a stream.
    pub fn connection(&self, now: Instant) -> Connection {
        if !self.link.connected {
            let wanted = self.connect_at(now);
            return Connection::ConnectAt(wanted.map(|wanted| wanted.max(self.link.not_before)));
        }
        if self.link.closing {
            return Connection::Close;
        }
        match self.radio.sleeps_at() {
            Some(at) if at <= now && self.endpoint.is_idle(self.options.server) => Connection::Close,
            at => Connection::Stay(at.filter(|at| *at > now)),
        }
    }

    /// The connection stands. A device that is registered says so by an Update; the others register when it is time.
    pub fn connected(&mut self, now: Instant) {
        self.link.connected = self.endpoint.connected(now, self.options.server);
        self.link.closing = false;
        self.link.failures = 0;
        self.radio.sent(now);
        if matches!(self.registration.state, State::Registered(_)) && self.reboot.is_none() {
            self.update(now);
        }
        if self.registration_due().is_some_and(|due| due <= now) {
            self.continue_registration(now);
        }
        self.settle(now);
    }

    /// The connection did not come about: the next attempt is later each time.
    pub fn not_connected(&mut self, now: Instant) -> Duration {
        self.link.failures = self.link.failures.saturating_add(1);
        let wait = self.options.retry.after(self.link.failures);
        self.link.not_before = now + wait;
        wait
    }

    /// The connection is gone: the server's observations are gone with it, the registration is not.
    pub fn disconnected(&mut self, now: Instant) {
        self.link.connected = false;
        self.link.closing = false;
        self.link.not_before = now + RECONNECT;
        self.endpoint.disconnected(now, self.options.server);
        self.observers.clear();
        self.settle(now);
    }

    /// Takes bytes of the connection. A device that is down hears nothing.
    pub fn handle_stream(&mut self, now: Instant, bytes: &[u8]) {
        if self.link.connected && !self.link.closing {
            self.endpoint.handle_stream(now, self.options.server, bytes);
            self.settle(now);
        }
    }

    /// When the registration has something to do, if it can do it then.
    pub(super) fn registration_due(&self) -> Option<Instant> {
        self.registration
            .next_due()
            .filter(|_| self.reboot.is_none() && self.is_reachable())
    }

    /// When a connection is wanted: at once to be reached, in queue mode when there is something to say.
    fn connect_at(&self, now: Instant) -> Option<Instant> {
        match self.registration.state {
            State::Gone => None,
            State::Registered(_) if !self.options.queue_mode => Some(now),
            _ => self.registration_wants(),
        }
    }

    /// Whether anything can be sent to the server.
    pub(super) fn is_reachable(&self) -> bool {
        self.options.transport == Transport::Datagrams || self.link.connected
    }

    /// When the registration or a report has something to say, connected or not.
    fn registration_wants(&self) -> Option<Instant> {
        let reports = self.next_report.filter(|_| self.options.queue_mode);
        self.registration.next_due().into_iter().chain(reports).min()
    }
}

/// A connection that broke is not made anew at once.
const RECONNECT: Duration = Duration::from_secs(1);
