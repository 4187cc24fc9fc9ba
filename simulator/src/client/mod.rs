//! An LwM2M client without sockets and without a clock.
//!
//! Drive it as the `coap` endpoint inside is driven: give it datagrams and times, ask it for datagrams and for the time
//! it wants to be called next.
//!
//! ```text
//! handle_datagram(now, from, bytes)   handle_timeout(now)   deregister(now)
//! poll_transmit(now) until None       poll_timeout()
//! ```
//!
//! Over a stream ([`Transport::Stream`]) whoever drives it also keeps the connection, as [`Client::connection`] says.

mod connection;
mod gateway;
mod links;
mod observation;
mod operation;
mod options;
mod package;
mod payload;
mod radio;
mod registration;
mod reporting;
mod requests;
mod resources;
mod rights;

pub use connection::Connection;
pub use gateway::DeviceBehind;
pub use options::{ClientOptions, Clock, Dialect, Quirks, Reports, RetryPolicy, Transport};

use crate::objects::{Action, Behaviour};
use crate::tree::ObjectTree;
use coap::{Config, Endpoint, Event, ExchangeId, Transmit};
use connection::Link;
use observation::Observers;
use radio::Radio;
use registration::{Registration, State};
use reporting::History;
use resources::Resources;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long after answering Execute Reboot the device goes down.
const REBOOT_AFTER: Duration = Duration::from_secs(1);
/// How long it is down.
const DOWN_FOR: Duration = Duration::from_secs(3);
/// A package larger than this does not fit the device's flash.
const MAX_BODY: usize = 4 << 20;

/// What the outside sees of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientState {
    /// Not registered; it tries again.
    Unregistered,
    /// A Register is on its way.
    Registering,
    /// The server knows it.
    Registered,
    /// A De-register is on its way.
    Leaving,
    /// It de-registered and will not come back.
    Gone,
}

/// One LwM2M client.
#[derive(Debug)]
pub struct Client {
    options: ClientOptions,
    endpoint: Endpoint<SocketAddr>,
    resources: Resources,
    registration: Registration,
    observers: Observers,
    /// The devices behind it, if it is a gateway.
    children: Vec<gateway::Child>,
    radio: Radio,
    /// The server had it ask for its bootstrap.
    wants_bootstrap: bool,
    /// Actions of objects that are still to be done.
    actions: VecDeque<Action>,
    reboot: Option<Reboot>,
    /// The package on its way, and where it comes from.
    fetching: Option<(ExchangeId, SocketAddr)>,
    next_tick: Option<Instant>,
    next_report: Option<Instant>,
    history: History,
    link: Link,
}

/// The two moments of a reboot.
#[derive(Debug, Clone, Copy)]
enum Reboot {
    /// The device still answers.
    Due(Instant),
    /// The device is down until then.
    Down(Instant),
}

impl Client {
    /// A client that registers at `first_attempt`. The secret makes its tokens unguessable.
    pub fn new(
        options: ClientOptions,
        behaviours: Vec<Box<dyn Behaviour>>,
        first_attempt: Instant,
        secret: [u8; 32],
    ) -> Client {
        let config = Config {
            max_body_size: MAX_BODY,
            max_peers: 4,
            max_reassembly_bytes: 2 * MAX_BODY,
            max_duplicates: 64,
            max_pending: 256,
            max_unanswered: 16,
            max_observers_per_peer: 64,
            ..Config::default()
        };
        let time = options.clock.at(first_attempt);
        Client {
            endpoint: Endpoint::new(config, secret),
            resources: Resources::new(options.version, options.dialect.clone(), behaviours, time),
            registration: Registration::new(first_attempt, &options),
            observers: Observers::default(),
            children: Vec::new(),
            radio: Radio::new(&options),
            link: Link::new(first_attempt),
            wants_bootstrap: false,
            actions: VecDeque::new(),
            reboot: None,
            fetching: None,
            next_tick: None,
            next_report: None,
            history: History::default(),
            options,
        }
    }

    /// Takes one datagram. A device that sleeps or is down hears nothing, and strangers are not answered.
    pub fn handle_datagram(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        let down = matches!(self.reboot, Some(Reboot::Down(_)));
        let known = from == self.options.server || self.fetching.is_some_and(|(_, source)| source == from);
        if down || !known || !self.radio.listens(now) {
            return;
        }
        self.endpoint.handle_datagram(now, from, datagram);
        self.settle(now);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
        self.reboot_if_due(now);
        if self.next_tick.is_some_and(|tick| tick <= now) {
            self.next_tick = None;
            self.advance(now);
        }
        self.sample_if_due(now);
        self.report_if_due(now);
        if self.registration_due().is_some_and(|due| due <= now) {
            self.continue_registration(now);
        }
        self.settle(now);
    }

    /// When [`Client::handle_timeout`] wants to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let reboot = self.reboot.map(|reboot| match reboot {
            Reboot::Due(at) | Reboot::Down(at) => at,
        });
        let registration = self.registration_due();
        [
            self.endpoint.poll_timeout(),
            reboot,
            registration,
            self.next_tick,
            self.next_report,
            self.history.next,
            self.observers.next_due(&self.resources),
        ]
        .into_iter()
        .chain(
            self.children
                .iter()
                .map(|child| child.observers.next_due(&child.resources)),
        )
        .flatten()
        .min()
    }

    /// The next datagram to send. To be asked until `None` after every other call.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Transmit<SocketAddr>> {
        let transmit = self.endpoint.poll_transmit()?;
        self.radio.sent(now);
        Some(transmit)
    }

    /// Takes leave of the server, for good.
    pub fn deregister(&mut self, now: Instant) {
        self.leave(now, None);
        self.settle(now);
    }

    /// A new security session took the place of the one before: the server is told where the device is now.
    pub fn session_renewed(&mut self, now: Instant) {
        if self.reboot.is_none() {
            self.update(now);
            self.settle(now);
        }
    }

    /// Where the registration stands.
    pub fn state(&self) -> ClientState {
        match self.registration.state {
            State::Waiting { .. } => ClientState::Unregistered,
            State::Registering { .. } => ClientState::Registering,
            State::Registered(_) => ClientState::Registered,
            State::Leaving { .. } => ClientState::Leaving,
            State::Gone => ClientState::Gone,
        }
    }

    /// Whether the server had it ask for its bootstrap, which whoever drives it has to do in its place.
    pub fn wants_bootstrap(&self) -> bool {
        self.wants_bootstrap
    }

    /// How many times in a row it could not register, or not connect.
    pub fn failures(&self) -> u32 {
        self.registration.failures.max(self.link.failures())
    }

    /// How many observations the server has.
    pub fn observations(&self) -> usize {
        let behind = self.children.iter().map(|child| child.observers.len());
        self.observers.len() + behind.sum::<usize>()
    }

    /// What the device holds.
    pub fn tree(&self) -> &ObjectTree {
        &self.resources.tree
    }

    /// Sets values from the device's side, as a sensor does; observers learn of it.
    pub fn change(&mut self, now: Instant, change: impl FnOnce(&mut ObjectTree)) {
        change(&mut self.resources.tree);
        self.settle(now);
    }

    /// The client's options.
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// Brings everything that follows from what just happened to its end.
    fn settle(&mut self, now: Instant) {
        while let Some(event) = self.endpoint.poll_event() {
            self.handle_event(now, event);
        }
        while let Some(action) = self.actions.pop_front() {
            self.act(now, action);
        }
        let changes = self.resources.tree.take_changes();
        if !changes.is_empty() {
            self.observers.note(&changes);
        }
        let mut notifications = self.observers.evaluate(now, &self.resources);
        for child in &mut self.children {
            let changes = child.resources.tree.take_changes();
            if !changes.is_empty() {
                child.observers.note(&changes);
            }
            notifications.extend(child.observers.evaluate(now, &child.resources));
        }
        for notification in notifications {
            self.endpoint.notify(
                now,
                self.options.server,
                notification.token,
                notification.response,
                notification.confirmable,
            );
        }
        if self.resources.tree.take_instances_changed() {
            self.update(now);
        }
        let watched = self.observations() > 0 || self.resources.is_busy();
        if watched && self.next_tick.is_none() {
            self.next_tick = Some(now + self.options.tick);
        }
    }

    fn handle_event(&mut self, now: Instant, event: Event<SocketAddr>) {
        match event {
            Event::Request {
                id, token, request, ..
            } => self.handle_request(now, id, token, &request),
            Event::Response {
                exchange, response, ..
            } => self.handle_response(now, exchange, Ok(response)),
            Event::Failed { exchange, reason, .. } => self.handle_response(now, exchange, Err(reason)),
            Event::NotificationRejected { token, .. } => {
                self.remove_observer(token);
            }
            Event::Closing { peer, reason } if peer == self.options.server => {
                tracing::info!(endpoint = %self.options.endpoint, %reason, "the connection ends");
                self.link.close();
            }
            Event::Malformed { reason, .. } => {
                tracing::debug!(endpoint = %self.options.endpoint, %reason, "a datagram was refused");
            }
            _ => {}
        }
    }

    fn advance(&mut self, now: Instant) {
        let actions = self.resources.advance(self.options.clock.at(now));
        self.actions.extend(actions);
        self.advance_children(now);
    }

    fn act(&mut self, now: Instant, action: Action) {
        match action {
            Action::Reboot => self.reboot = self.reboot.or(Some(Reboot::Due(now + REBOOT_AFTER))),
            Action::Update => self.update(now),
            Action::Disable(seconds) => self.leave(now, Some(Duration::from_secs(u64::from(seconds)))),
            Action::Fetch(uri) => self.fetch(now, &uri),
            Action::Send(paths) => self.send(now, &paths),
            Action::Bootstrap => self.wants_bootstrap = true,
        }
    }

    fn reboot_if_due(&mut self, now: Instant) {
        match self.reboot {
            Some(Reboot::Due(at)) if at <= now => {
                tracing::info!(endpoint = %self.options.endpoint, "the device restarts");
                self.reboot = Some(Reboot::Down(now + DOWN_FOR));
                self.endpoint.forget_peer(self.options.server);
                self.link.close();
                while self.endpoint.poll_event().is_some() {}
                while self.endpoint.poll_transmit().is_some() {}
                self.fetching = None;
                self.actions.clear();
                self.clear_observers();
                self.resources.attributes = Default::default();
                self.registration.state = State::Waiting {
                    until: now + DOWN_FOR,
                };
            }
            Some(Reboot::Down(until)) if until <= now => {
                self.reboot = None;
                let time = self.options.clock.at(now);
                for behaviour in self.resources.behaviours.values_mut() {
                    behaviour.restarted(time, &mut self.resources.tree);
                }
            }
            _ => {}
        }
    }
}
