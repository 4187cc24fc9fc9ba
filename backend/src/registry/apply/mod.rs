//! What a report changes, and the events that tell it.

mod operation;
mod provision;
mod registration;

use super::device::Observed;
use super::history::Point;
use super::journal::Entry;
use super::link_sets::LinkSets;
use super::persist::{Write, Writes};
use super::report::{Report, What};
use super::state::{Passed, Windows};
use super::told::Telling;
use super::{Device, DeviceNumber, Events, Refusal, Refusals, Rows};
use crate::lwm2m::observation::Subject;
use shared::event::EventKind;
use shared::{DeviceState, Timestamp};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Applies reports, one batch at a time.
#[derive(Debug)]
pub(crate) struct Applier {
    pub(crate) events: Events,
    pub(crate) writes: Writes,
    pub(crate) timers: BinaryHeap<Reverse<(Timestamp, DeviceNumber)>>,
    /// Devices with something that is not yet in the store.
    pub(crate) dirty: Vec<DeviceNumber>,
    pub(crate) links: LinkSets,
    /// Numbers that are not yet in the store.
    pub(crate) history: Vec<Point>,
    windows: Windows,
    max_values: usize,
    /// How many refusals may still be journalled: of unknown senders, and of devices.
    strangers: Budget,
    refusals: Budget,
    refused_lately: Arc<Refusals>,
}

/// How many refusals are journalled in a minute; all are counted and shown live.
const STRANGERS_PER_MINUTE: u32 = 120;
const REFUSALS_PER_MINUTE: u32 = 1200;

/// So many a minute.
#[derive(Debug)]
struct Budget {
    minute: Timestamp,
    left: u32,
    each: u32,
}

impl Budget {
    const fn new(each: u32) -> Budget {
        Budget {
            minute: Timestamp(0),
            left: each,
            each,
        }
    }

    fn take(&mut self, at: Timestamp) -> bool {
        if at.since(self.minute) >= 60_000 {
            (self.minute, self.left) = (at, self.each);
        }
        let is_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_left
    }
}

/// What the caller has to do beside the registry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    None,
    Removed(Vec<DeviceNumber>),
}

/// The state of a device that has others behind it.
fn gateway_state(rows: &Rows, number: DeviceNumber) -> Option<DeviceState> {
    let device = rows.get(number)?;
    (!device.children.is_empty()).then_some(device.state)
}

impl Applier {
    pub(crate) fn new(
        events: Events,
        refused_lately: Arc<Refusals>,
        links: LinkSets,
        windows: Windows,
        max_values: usize,
    ) -> Applier {
        Applier {
            events,
            writes: Writes::default(),
            timers: BinaryHeap::new(),
            dirty: Vec::new(),
            links,
            history: Vec::new(),
            windows,
            max_values,
            strangers: Budget::new(STRANGERS_PER_MINUTE),
            refusals: Budget::new(REFUSALS_PER_MINUTE),
            refused_lately,
        }
    }

    pub(crate) fn apply(&mut self, rows: &mut Rows, report: Report) -> Consequence {
        let Report { at, device, what } = report;
        if let What::Refused {
            address,
            what,
            code,
            reason,
        } = &what
        {
            let known = device.and_then(|number| rows.get(number));
            let refusal = Refusal {
                address: *address,
                endpoint: known.map(|device| &*device.endpoint),
                what,
                code: code.as_deref(),
                reason,
            };
            self.refused_lately.add(at, &refusal);
        }
        let state = device.and_then(|number| gateway_state(rows, number));
        let consequence = self.apply_one(rows, Report { at, device, what });
        if let Some(number) = device {
            self.lead_children(rows, number, at, state);
        }
        consequence
    }

    fn apply_one(&mut self, rows: &mut Rows, report: Report) -> Consequence {
        let Report { at, device, what } = report;
        let Some(number) = device else {
            if let What::Refused {
                address,
                what,
                code,
                reason,
            } = what
            {
                self.refuse_stranger(at, address, what, code, reason);
            }
            return Consequence::None;
        };
        match what {
            What::Registered {
                registration,
                address,
                replaced,
            } => {
                self.registered(rows, number, at, &registration, address, replaced);
            }
            What::Operation { entry, progress } => self.operation(rows, number, at, &entry, progress),
            What::Values {
                origin,
                values,
                observation,
            } => {
                self.notified(rows, number, at, observation.as_ref());
                self.values(rows, number, at, origin, values);
                // What is heard of a device behind a gateway was said by the gateway.
                let gateway = rows
                    .get(number)
                    .and_then(Device::behind)
                    .map(|behind| behind.gateway);
                if let Some(number) = gateway
                    && let Some(device) = rows.get_mut(number)
                {
                    self.heard(number, device, at);
                }
            }
            What::Tune { settings, by, done } => {
                self.tune(rows, number, at, settings, by);
                // The caller may have gone; the change stands.
                let _ = done.send(());
            }
            What::Describe { patch, by, done } => {
                self.describe(rows, number, at, patch, by);
                // The caller may have gone; the change stands.
                let _ = done.send(());
            }
            What::Provision {
                endpoint,
                patch,
                by,
                done,
            } => {
                self.provision(rows, number, &endpoint, at, patch, by);
                if let Some(done) = done {
                    let _ = done.send(());
                }
            }
            What::Remove { by, done } => {
                let removed = self.remove(rows, number, at, &by);
                let _ = done.send(());
                return Consequence::Removed(removed);
            }
            What::ProfileLearnt { id, profile } => {
                self.writes.push(Write::Profile { id, profile, at });
            }
            // For the caller, who has them done once the store was given everything.
            What::Flush { done } | What::HandOver { done } => {
                let _ = done.send(());
            }
            what => {
                if let Some(device) = rows.get_mut(number) {
                    self.change(number, device, at, what);
                }
            }
        }
        Consequence::None
    }

    /// The reports that concern nothing but one known device.
    fn change(&mut self, number: DeviceNumber, device: &mut Device, at: Timestamp, what: What) {
        match what {
            What::Updated { changed } => self.updated(number, device, at, changed),
            What::Seen => self.heard(number, device, at),
            What::Deregistered { reason } => self.deregistered(number, device, at, reason),
            What::ObservationStarted {
                wanted,
                token,
                request,
            } => {
                let subject = wanted.subject.clone();
                device.observations.retain(|observed| observed.subject != subject);
                device.observations.push(Observed {
                    subject: subject.clone(),
                    token: Some(token),
                    since: at,
                    last_notification: None,
                    notifications: 0,
                });
                self.writes.push(Write::Observation {
                    number,
                    wanted,
                    token,
                    request,
                    since: at,
                });
                let kind = match subject {
                    Subject::One(path) => EventKind::ObservationStarted { path },
                    Subject::Several(paths) => EventKind::CompositeObservationStarted {
                        paths: paths.to_vec(),
                    },
                };
                self.journal(number, device, at, kind);
            }
            What::ObservationEnded { subject, reason } => {
                device.observations.retain(|observed| observed.subject != subject);
                self.writes.push(Write::ObservationGone {
                    number,
                    subject: subject.clone(),
                });
                let kind = match subject {
                    Subject::One(path) => EventKind::ObservationEnded { path, reason },
                    Subject::Several(paths) => EventKind::CompositeObservationEnded {
                        paths: paths.to_vec(),
                        reason,
                    },
                };
                self.journal(number, device, at, kind);
            }
            What::SessionStarted { secured, address } => {
                device.notice(address);
                device.proved();
                let kind = EventKind::SessionStarted {
                    security: Box::new(secured.view()),
                    address: address.to_string(),
                };
                self.journal(number, device, at, kind);
            }
            What::SessionEnded { reason } => {
                self.journal(number, device, at, EventKind::SessionEnded { reason });
            }
            What::AddressChanged { from, to } => {
                device.previous_peer = Some(from);
                device.peer = Some(to);
                let kind = EventKind::AddressChanged {
                    from: from.to_string(),
                    to: to.to_string(),
                };
                self.journal(number, device, at, kind);
            }
            What::Unanswered => {
                if let Some(passed) = device.left_unanswered(at) {
                    self.tell_passed(number, device, at, passed);
                }
            }
            What::Refused {
                address,
                what,
                code,
                reason,
            } => {
                device.notice(address);
                if what == "handshake" {
                    device.failed_handshake();
                }
                self.refused(number, device, at, EventKind::Refused { what, code, reason });
            }
            What::Bootstrap { session, state, step } => {
                self.bootstrap(number, device, at, session, state, step);
            }
            // The others are dealt with before.
            _ => {}
        }
        self.set_timer(number, device);
    }

    /// Lets time pass; returns the devices whose registration is over.
    pub(crate) fn pass(&mut self, rows: &mut Rows, now: Timestamp) -> Vec<DeviceNumber> {
        let mut expired = Vec::new();
        while let Some(Reverse((due, number))) = self.timers.peek().copied() {
            if due > now {
                break;
            }
            self.timers.pop();
            let Some(device) = rows.get_mut(number) else {
                continue;
            };
            if device.timer != Some(due) {
                continue;
            }
            device.timer = None;
            let state = (!device.children.is_empty()).then_some(device.state);
            match device.pass(now, self.windows) {
                Some(Passed::Expired) => {
                    expired.push(number);
                    // Asked again, should the shard not come to it.
                    self.timers.push(Reverse((now.plus_seconds(1), number)));
                    device.timer = Some(now.plus_seconds(1));
                }
                Some(passed) => {
                    self.tell_passed(number, device, now, passed);
                    self.set_timer(number, device);
                }
                None => self.set_timer(number, device),
            }
            self.lead_children(rows, number, now, state);
        }
        expired
    }

    /// Has the devices behind a gateway follow its state, if it changed from this one.
    fn lead_children(
        &mut self,
        rows: &mut Rows,
        gateway: DeviceNumber,
        at: Timestamp,
        before: Option<DeviceState>,
    ) {
        let Some(device) = rows.get(gateway) else { return };
        let state = device.state;
        if before.is_none_or(|before| before == state) || !state.is_registered() {
            return;
        }
        for number in device.children.clone() {
            let Some(child) = rows.get_mut(number) else {
                continue;
            };
            if !child.state.is_registered() || child.state == state {
                continue;
            }
            child.state = state;
            match state {
                DeviceState::Asleep => {
                    self.events.add(at, &child.endpoint, EventKind::Asleep);
                }
                DeviceState::Late => {
                    self.journal(number, child, at, EventKind::Late);
                }
                _ => {
                    self.events.add(at, &child.endpoint, EventKind::Awake);
                }
            }
        }
    }

    fn tell_passed(&mut self, number: DeviceNumber, device: &Device, at: Timestamp, passed: Passed) {
        match passed {
            Passed::FellAsleep => {
                self.events.add(at, &device.endpoint, EventKind::Asleep);
            }
            Passed::BecameLate => self.journal(number, device, at, EventKind::Late),
            Passed::Expired => {}
        }
    }

    /// Tells an event and keeps it.
    pub(crate) fn journal(
        &mut self,
        number: DeviceNumber,
        device: &Device,
        at: Timestamp,
        what: impl Into<Telling>,
    ) {
        let event = self.events.add(at, &device.endpoint, what);
        self.writes.push(Write::Journal(Entry { number, event }));
    }

    fn mark_dirty(&mut self, number: DeviceNumber, device: &mut Device) {
        if !device.dirty {
            device.dirty = true;
            self.dirty.push(number);
        }
    }

    /// Sets the timer for the device's next deadline, if none is set that is early enough.
    pub(crate) fn set_timer(&mut self, number: DeviceNumber, device: &mut Device) {
        let Some(due) = device.next_deadline(self.windows) else {
            return;
        };
        if device.timer.is_none_or(|set| due < set) {
            device.timer = Some(due);
            self.timers.push(Reverse((due, number)));
        }
    }
}
