//! The client's registration: when it registers, updates, tries again, goes. LwM2M Core 1.2 §6.2.
//!
//! Decides what is due; [`super::Client`] sends it.

use super::options::{ClientOptions, RetryPolicy};
use crate::motion::Random;
use coap::{ExchangeId, Request};
use shared::{ContentFormat, Version};
use std::time::{Duration, Instant};

/// An Update comes this long before the lifetime ends, if the lifetime is long enough: MAX_TRANSMIT_WAIT.
const MARGIN: Duration = Duration::from_secs(93);

/// What the server was told last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) lifetime: u32,
    pub(super) binding: String,
    pub(super) links: String,
}

/// Where the registration stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum State {
    /// Not registered; the next attempt is at this time.
    Waiting { until: Instant },
    /// A Register is on its way.
    Registering { exchange: ExchangeId, told: Told },
    /// Registered.
    Registered(Registered),
    /// A De-register is on its way; afterwards the device stays away, for good if there is no time.
    Leaving {
        exchange: ExchangeId,
        away: Option<Duration>,
    },
    /// Gone for good.
    Gone,
}

/// A registration that the server confirmed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Registered {
    /// The path that the server gave.
    pub(super) location: String,
    pub(super) told: Told,
    /// When the next Update is due; none for a lifetime without end.
    pub(super) update_at: Option<Instant>,
    /// The Update on its way, and what it tells.
    pub(super) updating: Option<(ExchangeId, Told)>,
}

/// The registration with what it needs to decide.
#[derive(Debug)]
pub(super) struct Registration {
    pub(super) state: State,
    pub(super) failures: u32,
    /// The server did not say yet that it does not know the Profile ID.
    pub(super) profile_alone: bool,
    retry: RetryPolicy,
    random: Random,
}

impl Registration {
    pub(super) fn new(first_attempt: Instant, options: &ClientOptions) -> Registration {
        Registration {
            state: State::Waiting { until: first_attempt },
            failures: 0,
            profile_alone: true,
            retry: options.retry,
            random: Random::new(options.seed ^ 0x7265_6769_7374_6572),
        }
    }

    /// When something is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        match &self.state {
            State::Waiting { until } => Some(*until),
            State::Registered(registered) if registered.updating.is_none() => registered.update_at,
            _ => None,
        }
    }

    /// An attempt failed; the next one is later each time. `told_to_wait` is the server's own word.
    pub(super) fn failed(&mut self, now: Instant, told_to_wait: Option<Duration>) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let backed_off = self.retry.after(self.failures);
        let wait = told_to_wait
            .unwrap_or(backed_off)
            .mul_f64(self.random.between(1.0, 1.3));
        self.state = State::Waiting { until: now + wait };
        wait
    }

    /// The server confirmed a Register.
    pub(super) fn registered(&mut self, now: Instant, location: String, told: Told) {
        self.failures = 0;
        self.state = State::Registered(Registered {
            location,
            update_at: self.update_due(now, told.lifetime),
            told,
            updating: None,
        });
    }

    /// The server confirmed an Update.
    pub(super) fn updated(&mut self, now: Instant, told: Told) {
        let update_at = self.update_due(now, told.lifetime);
        if let State::Registered(registered) = &mut self.state {
            registered.told = told;
            registered.updating = None;
            registered.update_at = update_at;
        }
    }

    /// Some time before the lifetime ends, not for all devices at once.
    fn update_due(&mut self, now: Instant, lifetime: u32) -> Option<Instant> {
        if lifetime == 0 {
            return None;
        }
        let lifetime = Duration::from_secs(u64::from(lifetime));
        let latest = lifetime - MARGIN.min(lifetime / 2);
        Some(now + latest.mul_f64(self.random.between(0.8, 1.0)))
    }
}

/// The Register request. With a Profile ID and `alone` the identifier stands for the object list.
pub(super) fn register(options: &ClientOptions, told: &Told, alone: bool) -> Request {
    let mut request = Request::post("/rd")
        .with_query(&format!("ep={}", options.endpoint))
        .with_query(&format!("lt={}", told.lifetime))
        .with_query(&format!("lwm2m={}", options.version));
    if !options.quirks.no_binding {
        request = request.with_query(&format!("b={}", told.binding));
    }
    if options.queue_mode && !options.binding().contains('Q') {
        request = request.with_query("Q");
    }
    match &options.dialect.profile_id {
        Some(profile) if options.version >= Version::V1_2 => {
            request = request.with_query(&format!("pid={profile}"));
            if alone {
                return request;
            }
        }
        _ => {}
    }
    request.with_payload(ContentFormat::LINK.0, told.links.clone())
}

/// The Update request: only what changed since the server was told last.
pub(super) fn update(location: &str, before: &Told, told: &Told) -> Request {
    let mut request = Request::post(location);
    if told.lifetime != before.lifetime {
        request = request.with_query(&format!("lt={}", told.lifetime));
    }
    if told.binding != before.binding {
        request = request.with_query(&format!("b={}", told.binding));
    }
    if told.links != before.links {
        request = request.with_payload(ContentFormat::LINK.0, told.links.clone());
    }
    request
}
