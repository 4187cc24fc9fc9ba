//! What one page watches.

use super::device::Device;
use super::fleet::Fleet;
use super::list::List;
use super::source::Source;
use super::trace::Trace;
use crate::core::Batch;
use shared::event::EventKind;
use shared::live::ServerFrame;
use std::collections::BTreeMap;
use std::task::{Context, Poll};
use std::time::Instant;

/// Subscriptions by the number the page gave them.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    by_id: BTreeMap<u32, Subscription>,
}

#[derive(Debug)]
pub(super) enum Subscription {
    List(List),
    Device(Device),
    Trace(Trace),
    Fleet(Fleet),
}

/// Whether devices came, went or changed their state.
pub(super) const fn changes_fleet(kind: &EventKind) -> bool {
    match kind {
        EventKind::Registered { .. }
        | EventKind::Deregistered { .. }
        | EventKind::Awake
        | EventKind::Asleep
        | EventKind::Late
        | EventKind::Described { .. }
        | EventKind::Decommissioned { .. }
        | EventKind::Restored => true,
        EventKind::Updated { .. }
        | EventKind::Values { .. }
        | EventKind::ObservationStarted { .. }
        | EventKind::ObservationEnded { .. }
        | EventKind::Operation { .. }
        | EventKind::Refused { .. } => false,
    }
}

impl Subscriptions {
    /// A second subscription of the same number takes the place of the first.
    pub(super) fn insert(&mut self, id: u32, subscription: Subscription) {
        self.by_id.insert(id, subscription);
    }

    pub(super) fn remove(&mut self, id: u32) {
        self.by_id.remove(&id);
    }

    pub(super) fn has_room(&self, id: u32, most: usize) -> bool {
        self.by_id.len() < most || self.by_id.contains_key(&id)
    }

    pub(super) fn apply(&mut self, batch: &Batch) {
        for event in &batch.events {
            for subscription in self.by_id.values_mut() {
                match subscription {
                    Subscription::List(list) => list.apply(event),
                    Subscription::Device(device) => device.apply(event),
                    Subscription::Fleet(fleet) => fleet.apply(event),
                    Subscription::Trace(_) => {}
                }
            }
        }
    }

    /// Events were missed: each subscription makes up for it, or will tell its page.
    pub(super) fn lagged(&mut self, source: &impl Source) {
        for subscription in self.by_id.values_mut() {
            match subscription {
                Subscription::List(list) => list.lagged(),
                Subscription::Device(device) => device.lagged(source),
                Subscription::Fleet(fleet) => fleet.lagged(),
                Subscription::Trace(_) => {}
            }
        }
    }

    /// Ready when datagrams have come for a trace.
    pub(super) fn poll_traces(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut came = Poll::Pending;
        for subscription in self.by_id.values_mut() {
            if let Subscription::Trace(trace) = subscription
                && !trace.is_broken()
                && trace.poll(context).is_ready()
            {
                came = Poll::Ready(());
            }
        }
        came
    }

    /// What there is to send. A subscription that cannot go on says so with its last frame.
    pub(super) fn flush(&mut self, source: &impl Source, now: Instant) -> Vec<ServerFrame> {
        let mut frames = Vec::new();
        for (id, subscription) in &mut self.by_id {
            match subscription {
                Subscription::List(list) => frames.extend(list.flush(*id, source, now)),
                Subscription::Device(device) => frames.extend(device.flush(*id, source)),
                Subscription::Trace(trace) => frames.extend(trace.flush(*id, source.sequence())),
                Subscription::Fleet(fleet) => frames.extend(fleet.flush(*id, source, now)),
            }
        }
        self.by_id.retain(|_, subscription| match subscription {
            Subscription::Device(device) => !device.is_broken(),
            Subscription::Trace(trace) => !trace.is_broken(),
            Subscription::List(_) | Subscription::Fleet(_) => true,
        });
        frames
    }

    /// When there is something to flush.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let due = |subscription: &Subscription| match subscription {
            Subscription::List(list) => list.due(now),
            Subscription::Device(device) => device.is_due().then_some(now),
            Subscription::Trace(trace) => trace.is_due().then_some(now),
            Subscription::Fleet(fleet) => fleet.due(now),
        };
        self.by_id.values().filter_map(due).min()
    }
}
