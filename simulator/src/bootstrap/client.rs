//! When a device asks for its bootstrap, waits, begins anew. LwM2M Core 1.2 §6.1.3, §6.1.7.

use super::holdings::{Account, Holdings};
use super::serve::{Served, serve, unpack};
use crate::client::{Clock, RetryPolicy, Transport};
use coap::{
    Code, Config, Endpoint, Event, ExchangeId, FailureReason, Request, RequestOptions, Response, Transmit,
};
use shared::{ContentFormat, Version};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A session in which the server is silent for so long has failed: EXCHANGE_LIFETIME.
const SILENCE: Duration = Duration::from_secs(247);

/// How a device is bootstrapped.
#[derive(Debug, Clone, PartialEq)]
pub struct BootstrapOptions {
    /// The endpoint name.
    pub endpoint: String,
    /// The bootstrap server.
    pub server: SocketAddr,
    /// By what messages go to it and come from it.
    pub transport: Transport,
    /// The version of the enabler.
    pub version: Version,
    /// The format it asks for with `pct`; none is asked for if there is none.
    pub format: Option<ContentFormat>,
    /// Whether it tries a Bootstrap-Pack first. LwM2M 1.2.
    pub pack: bool,
    /// How long to wait after a failure.
    pub retry: RetryPolicy,
    /// The device's true time at an instant.
    pub clock: Clock,
    /// The objects it has.
    pub objects: Vec<u16>,
}

impl BootstrapOptions {
    /// A device of LwM2M 1.1 with the usual objects.
    pub fn new(endpoint: impl Into<String>, server: SocketAddr, clock: Clock) -> BootstrapOptions {
        BootstrapOptions {
            endpoint: endpoint.into(),
            server,
            transport: Transport::Datagrams,
            version: Version::V1_1,
            format: None,
            pack: false,
            retry: RetryPolicy::default(),
            clock,
            objects: vec![0, 1, 2, 3, 4, 5, 6, 21, 3303],
        }
    }
}

/// What the outside sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootstrapState {
    /// It will ask, or ask again.
    Waiting,
    /// It asked and has no answer yet.
    Asking,
    /// The server commands.
    InSession,
    /// It has what it needs to register.
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Waiting { until: Instant },
    AskingForPack(ExchangeId),
    Asking(ExchangeId),
    InSession { heard: Instant },
    Done,
}

/// The bootstrap side of a device.
#[derive(Debug)]
pub struct BootstrapClient {
    options: BootstrapOptions,
    endpoint: Endpoint<SocketAddr>,
    /// What the device holds and goes by.
    holdings: Holdings,
    /// What the session under way made of it; in force once it is finished.
    staged: Holdings,
    state: State,
    failures: u32,
}

impl BootstrapClient {
    /// A device that holds this, and asks at `first_attempt`. The secret makes its tokens unguessable.
    pub fn new(
        options: BootstrapOptions,
        holdings: Holdings,
        first_attempt: Instant,
        secret: [u8; 32],
    ) -> BootstrapClient {
        let config = Config {
            max_peers: 2,
            max_body_size: 1 << 20,
            ..Config::default()
        };
        BootstrapClient {
            options,
            endpoint: Endpoint::new(config, secret),
            staged: holdings.clone(),
            holdings,
            state: State::Waiting { until: first_attempt },
            failures: 0,
        }
    }

    /// Takes one datagram. Only the bootstrap server is listened to.
    pub fn handle_datagram(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        if from == self.options.server {
            self.endpoint.handle_datagram(now, from, datagram);
            self.settle(now);
        }
    }

    /// Whether a connection is wanted now, for a device over a stream.
    pub fn wants_connection(&self, now: Instant) -> bool {
        self.is_stream()
            && !self.is_connected()
            && matches!(self.state, State::Waiting { until } if until <= now)
    }

    /// The connection stands: it asks.
    pub fn connected(&mut self, now: Instant) {
        self.endpoint.connected(now, self.options.server);
        self.handle_timeout(now);
    }

    /// The connection did not come about: the next attempt is later each time.
    pub fn not_connected(&mut self, now: Instant) {
        self.fail(now, "no connection");
    }

    /// The connection is gone; a session that was under way has failed.
    pub fn disconnected(&mut self, now: Instant) {
        self.endpoint.disconnected(now, self.options.server);
        self.settle(now);
        if matches!(self.state, State::InSession { .. }) {
            self.fail(now, "the connection broke");
        }
    }

    /// Takes bytes of the connection.
    pub fn handle_stream(&mut self, now: Instant, bytes: &[u8]) {
        self.endpoint.handle_stream(now, self.options.server, bytes);
        self.settle(now);
    }

    fn is_stream(&self) -> bool {
        self.options.transport == Transport::Stream
    }

    fn is_connected(&self) -> bool {
        self.endpoint.is_connected(self.options.server)
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
        self.settle(now);
        match self.state {
            State::Waiting { until } if until <= now && (!self.is_stream() || self.is_connected()) => {
                self.ask(now, self.options.pack);
            }
            State::InSession { heard } if heard + SILENCE <= now => {
                self.fail(now, "the server is silent");
            }
            _ => {}
        }
        self.settle(now);
    }

    /// When [`BootstrapClient::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let own = match self.state {
            State::Waiting { until } => Some(until),
            State::InSession { heard } => Some(heard + SILENCE),
            _ => None,
        };
        [self.endpoint.poll_timeout(), own].into_iter().flatten().min()
    }

    /// The next datagram to send. To be asked until `None` after every other call.
    pub fn poll_transmit(&mut self) -> Option<Transmit<SocketAddr>> {
        self.endpoint.poll_transmit()
    }

    pub fn state(&self) -> BootstrapState {
        match self.state {
            State::Waiting { .. } => BootstrapState::Waiting,
            State::AskingForPack(_) | State::Asking(_) => BootstrapState::Asking,
            State::InSession { .. } => BootstrapState::InSession,
            State::Done => BootstrapState::Done,
        }
    }

    /// The account to register with, once it is done.
    pub fn account(&self) -> Option<Account> {
        let done = self.state == State::Done;
        done.then(|| self.holdings.accounts().ok()?.into_iter().next())
            .flatten()
    }

    /// What the device holds and goes by.
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// The device's endpoint name.
    pub fn endpoint_name(&self) -> &str {
        &self.options.endpoint
    }

    /// The bootstrap server.
    pub fn server(&self) -> SocketAddr {
        self.options.server
    }

    /// Begins anew, as after `/1/x/9`.
    pub fn restart(&mut self, now: Instant) {
        self.state = State::Waiting { until: now };
    }

    fn settle(&mut self, now: Instant) {
        while let Some(event) = self.endpoint.poll_event() {
            match event {
                Event::Request { id, request, .. } => {
                    let response = self.commanded(now, &request);
                    self.endpoint.respond(now, id, response);
                }
                Event::Response {
                    exchange, response, ..
                } => self.answered(now, exchange, Ok(&response)),
                Event::Failed { exchange, reason, .. } => self.answered(now, exchange, Err(reason)),
                _ => {}
            }
        }
    }

    fn ask(&mut self, now: Instant, for_pack: bool) {
        self.staged = self.holdings.clone();
        let name = format!("ep={}", self.options.endpoint);
        let request = if for_pack {
            let format = self.options.format.unwrap_or(ContentFormat::SENML_CBOR);
            Request::get("/bspack").with_query(&name).with_accept(format.0)
        } else {
            let request = Request::post("/bs").with_query(&name);
            match self.options.format {
                Some(format) => request.with_query(&format!("pct={}", format.0)),
                None => request,
            }
        };
        let asked = self
            .endpoint
            .request(now, self.options.server, request, RequestOptions::default());
        match asked {
            Ok(exchange) if for_pack => self.state = State::AskingForPack(exchange),
            Ok(exchange) => self.state = State::Asking(exchange),
            Err(error) => self.fail(now, &error.to_string()),
        }
    }

    fn answered(&mut self, now: Instant, exchange: ExchangeId, answer: Result<&Response, FailureReason>) {
        match (self.state, answer) {
            (State::AskingForPack(asked), Ok(response)) if asked == exchange => {
                self.packed(now, response);
            }
            (State::AskingForPack(asked), Err(_)) if asked == exchange => self.ask(now, false),
            (State::Asking(asked), Ok(response)) if asked == exchange => {
                if response.code == Code::CHANGED {
                    self.state = State::InSession { heard: now };
                } else {
                    let words = response.diagnostic_text().unwrap_or_default().to_owned();
                    self.fail(now, &format!("{}: {words}", response.code));
                }
            }
            (State::Asking(asked), Err(reason)) if asked == exchange => {
                self.fail(now, &reason.to_string());
            }
            _ => {}
        }
    }

    /// A pack is taken as a whole; whatever is wrong with it, the device asks the long way.
    fn packed(&mut self, now: Instant, response: &Response) {
        let unpacked = if response.code == Code::CONTENT {
            unpack(&self.holdings, response, self.options.clock.at(now))
        } else {
            Err(response.code.to_string())
        };
        match unpacked {
            Ok(holdings) => {
                self.holdings = holdings;
                self.done();
            }
            Err(reason) => {
                tracing::info!(endpoint = %self.options.endpoint, reason, "no bootstrap pack");
                self.ask(now, false);
            }
        }
    }

    /// A command of the server. One that comes unasked begins a session, as LwM2M 1.0 has it.
    fn commanded(&mut self, now: Instant, request: &Request) -> Response {
        if !matches!(self.state, State::InSession { .. }) {
            self.staged = self.holdings.clone();
        }
        self.state = State::InSession { heard: now };
        let served = serve(
            &mut self.staged,
            &self.options.objects,
            self.options.version,
            request,
            self.options.clock.at(now),
        );
        tracing::debug!(endpoint = %self.options.endpoint, path = %request.path(), ?served, "commanded");
        match served {
            Served::Answered(response) => response,
            Served::Finished(response) => {
                self.holdings = self.staged.clone();
                self.done();
                response
            }
        }
    }

    fn done(&mut self) {
        self.failures = 0;
        self.state = State::Done;
        tracing::info!(endpoint = %self.options.endpoint, "bootstrapped");
    }

    fn fail(&mut self, now: Instant, reason: &str) {
        self.failures = self.failures.saturating_add(1);
        let wait = self.options.retry.after(self.failures);
        tracing::info!(endpoint = %self.options.endpoint, reason, ?wait, "no bootstrap");
        self.state = State::Waiting { until: now + wait };
    }
}
