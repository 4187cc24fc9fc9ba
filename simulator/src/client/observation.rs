//! What the server observes, and when it is notified. LwM2M Core 1.2 §6.4, §7.3.2; RFC 7641.

use super::operation::{Subscription, snapshot};
use super::resources::Resources;
use crate::attributes::Attributes;
use coap::{Code, Response, Token};
use shared::{Path, Value};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A notification at least this often is confirmable, so that a server that is gone is found out. RFC 7641 §4.5.
const CONFIRM_EVERY: Duration = Duration::from_secs(24 * 3600);
/// So many notifications are sent before one is confirmable.
const CONFIRM_EVERY_NTH: u32 = 10;

/// Something to be sent to an observer.
#[derive(Debug)]
pub(super) struct Notification {
    pub(super) token: Token,
    pub(super) response: Response,
    pub(super) confirmable: bool,
}

/// One observation.
#[derive(Debug)]
struct Observer {
    token: Token,
    subscription: Subscription,
    reported_at: Instant,
    evaluated_at: Instant,
    confirmed_at: Instant,
    unconfirmed: u32,
    /// Something changed since the last evaluation.
    changed: bool,
}

/// All observations.
#[derive(Debug, Default)]
pub(super) struct Observers(Vec<Observer>);

impl Observers {
    /// Begins an observation, in place of one with the same token.
    pub(super) fn add(&mut self, now: Instant, token: Token, subscription: Subscription) {
        self.remove(token);
        self.0.push(Observer {
            token,
            subscription,
            reported_at: now,
            evaluated_at: now,
            confirmed_at: now,
            unconfirmed: 0,
            changed: false,
        });
    }

    /// Ends an observation. False if there is none with the token.
    pub(super) fn remove(&mut self, token: Token) -> bool {
        let before = self.0.len();
        self.0.retain(|observer| observer.token != token);
        self.0.len() < before
    }

    /// Ends all observations.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes note of what changed.
    pub(super) fn note(&mut self, changed: &BTreeSet<Path>) {
        for observer in &mut self.0 {
            let paths = &observer.subscription.paths;
            observer.changed |= changed.iter().any(|change| {
                paths
                    .iter()
                    .any(|path| path.contains(change) || change.contains(path))
            });
        }
    }

    /// When an observation has to be looked at next.
    pub(super) fn next_due(&self, resources: &Resources) -> Option<Instant> {
        self.0
            .iter()
            .filter_map(|observer| observer.next_due(&observer.attributes(resources)))
            .min()
    }

    /// What is to be sent now. An observation whose paths are gone ends with an error.
    pub(super) fn evaluate(&mut self, now: Instant, resources: &Resources) -> Vec<Notification> {
        let mut notifications = Vec::new();
        self.0.retain_mut(|observer| {
            let Some(notification) = observer.evaluate(now, resources) else {
                return true;
            };
            let goes_on = notification.response.code.is_success();
            notifications.push(notification);
            goes_on
        });
        notifications
    }
}

impl Observer {
    /// The request's own, then what is attached. A composite observation takes the shortest periods of its paths.
    fn attributes(&self, resources: &Resources) -> Attributes {
        let mut all = self.subscription.paths.iter();
        let first = all.next().map(|path| resources.effective_attributes(*path));
        let attached = all.fold(first.unwrap_or_default(), |gathered, path| {
            let other = resources.effective_attributes(*path);
            Attributes {
                pmin: gathered.pmin.max(other.pmin),
                pmax: gathered.pmax.into_iter().chain(other.pmax).min(),
                con: gathered.con.max(other.con),
                ..Attributes::default()
            }
        });
        self.subscription.own.inherit(attached)
    }

    /// Not before pmin after the last notification, nor before epmin after the last evaluation.
    fn earliest(&self, attributes: &Attributes) -> Instant {
        let pmin = Duration::from_secs(u64::from(attributes.pmin.unwrap_or(0)));
        let epmin = Duration::from_secs(u64::from(attributes.epmin.unwrap_or(0)));
        (self.reported_at + pmin).max(self.evaluated_at + epmin)
    }

    /// pmax after the last notification; none if pmax is 0 or below pmin, which are ignored.
    fn latest(&self, attributes: &Attributes) -> Option<Instant> {
        let pmax = attributes
            .pmax
            .filter(|pmax| *pmax > 0 && *pmax >= attributes.pmin.unwrap_or(0))?;
        Some(self.reported_at + Duration::from_secs(u64::from(pmax)))
    }

    fn next_due(&self, attributes: &Attributes) -> Option<Instant> {
        let changed = self.changed.then(|| self.earliest(attributes));
        changed.into_iter().chain(self.latest(attributes)).min()
    }

    fn evaluate(&mut self, now: Instant, resources: &Resources) -> Option<Notification> {
        let attributes = self.attributes(resources);
        let overdue = self.latest(&attributes).is_some_and(|latest| latest <= now);
        let ready = self.changed && self.earliest(&attributes) <= now;
        if !overdue && !ready {
            return None;
        }
        self.changed = false;
        self.evaluated_at = now;
        let subscription = &self.subscription;
        let single = subscription.base;
        if !single.is_root() && resources.require(single).is_err() {
            return Some(Notification {
                token: self.token,
                response: Response::diagnostic(Code::NOT_FOUND, format!("{single} is gone")),
                confirmable: true,
            });
        }
        let (response, current) = match snapshot(
            resources,
            subscription.base,
            &subscription.paths,
            subscription.format,
        ) {
            Ok(answer) => answer,
            Err(refusal) => {
                return Some(Notification {
                    token: self.token,
                    response: refusal.into(),
                    confirmable: true,
                });
            }
        };
        if !overdue && !is_news(&subscription.reported, &current, &attributes) {
            return None;
        }
        let confirmable = attributes.con == Some(true)
            || self.unconfirmed + 1 >= CONFIRM_EVERY_NTH
            || now.duration_since(self.confirmed_at) >= CONFIRM_EVERY;
        if confirmable {
            self.confirmed_at = now;
            self.unconfirmed = 0;
        } else {
            self.unconfirmed += 1;
        }
        self.subscription.reported = current;
        self.reported_at = now;
        Some(Notification {
            token: self.token,
            response: response.observed(),
            confirmable,
        })
    }
}

/// Whether the values differ enough from those last reported. With several conditions one is enough.
pub(super) fn is_news(
    reported: &[(Path, Value)],
    current: &[(Path, Value)],
    attributes: &Attributes,
) -> bool {
    let same_places = reported.len() == current.len()
        && reported
            .iter()
            .zip(current)
            .all(|((before, _), (now, _))| before == now);
    if !same_places {
        return true;
    }
    let mut pairs = reported
        .iter()
        .zip(current)
        .map(|((_, before), (_, now))| (before, now));
    pairs.any(|(before, now)| has_moved(before, now, attributes))
}

fn has_moved(before: &Value, now: &Value, attributes: &Attributes) -> bool {
    if let (Value::Boolean(before), Value::Boolean(now), Some(rising)) = (before, now, attributes.edge) {
        return before != now && *now == rising;
    }
    let conditional = attributes.gt.is_some() || attributes.lt.is_some() || attributes.st.is_some();
    let (Some(from), Some(to)) = (before.as_number(), now.as_number()) else {
        return before != now;
    };
    if !conditional {
        return before != now;
    }
    let over_gt = attributes.gt.is_some_and(|gt| (from > gt) != (to > gt));
    let under_lt = attributes.lt.is_some_and(|lt| (from < lt) != (to < lt));
    let by_step = attributes
        .st
        .is_some_and(|st| from != to && (to - from).abs() >= st);
    over_gt || under_lt || by_step
}
