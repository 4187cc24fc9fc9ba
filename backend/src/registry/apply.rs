//! What a report changes, and the events that tell it.

use super::device::{Described, Observed};
use super::persist::{Write, Writes};
use super::report::{Progress, Report, What};
use super::state::{Passed, Windows};
use super::values::{Kept, Known};
use super::{Device, DeviceNumber, Events, Rows};
use crate::lwm2m::operation::book::Entry;
use crate::lwm2m::operation::{Outcome, writes};
use crate::lwm2m::registration::Registration;
use shared::api::{DevicePatch, OperationKind, OperationState};
use shared::event::{DeregistrationReason, EventKind, Origin, TimedValue};
use shared::{DeviceState, Path, Timestamp};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::sync::Arc;

/// How many refusals of unknown senders are journalled in a minute; all are counted and shown live.
const STRANGERS_PER_MINUTE: u32 = 120;

/// Applies reports, one batch at a time.
#[derive(Debug)]
pub(crate) struct Applier {
    pub(crate) events: Events,
    pub(crate) writes: Writes,
    pub(crate) timers: BinaryHeap<Reverse<(Timestamp, DeviceNumber)>>,
    /// Devices with something that is not yet in the store.
    pub(crate) dirty: Vec<DeviceNumber>,
    windows: Windows,
    max_values: usize,
    strangers: (Timestamp, u32),
}

/// What the caller has to do beside the registry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    None,
    Removed(DeviceNumber),
}

impl Applier {
    pub(crate) fn new(events: Events, windows: Windows, max_values: usize) -> Applier {
        Applier {
            events,
            writes: Writes::default(),
            timers: BinaryHeap::new(),
            dirty: Vec::new(),
            windows,
            max_values,
            strangers: (Timestamp::default(), 0),
        }
    }

    pub(crate) fn apply(&mut self, rows: &mut Rows, report: Report) -> Consequence {
        let Report { at, device, what } = report;
        let Some(number) = device else {
            if let What::Refused {
                peer,
                what,
                code,
                reason,
            } = what
            {
                self.refuse_stranger(at, peer, what, code, reason);
            }
            return Consequence::None;
        };
        match what {
            What::Registered {
                registration,
                peer,
                replaced,
            } => {
                self.registered(rows, number, at, &registration, peer, replaced);
            }
            What::Operation { entry, progress } => self.operation(rows, number, at, &entry, progress),
            What::Values {
                origin,
                values,
                observation,
            } => {
                self.notified(rows, number, at, observation);
                self.values(rows, number, at, origin, values);
            }
            What::Describe { patch, by, done } => {
                self.describe(rows, number, at, patch, by);
                // The caller may have gone; the change stands.
                let _ = done.send(());
            }
            What::Remove { by, done } => {
                self.remove(rows, number, at, by);
                let _ = done.send(());
                return Consequence::Removed(number);
            }
            What::Flush { done } => {
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
            What::ObservationStarted { path, format, token } => {
                device.observations.retain(|observed| observed.path != path);
                device.observations.push(Observed {
                    path,
                    token: Some(token),
                    since: at,
                    last_notification: None,
                    notifications: 0,
                });
                self.writes.push(Write::Observation {
                    number,
                    path,
                    format,
                    token,
                    since: at,
                });
                self.journal(number, device, at, EventKind::ObservationStarted { path });
            }
            What::ObservationEnded { path, reason } => {
                device.observations.retain(|observed| observed.path != path);
                self.writes.push(Write::ObservationGone { number, path });
                self.journal(number, device, at, EventKind::ObservationEnded { path, reason });
            }
            What::Unanswered => {
                if let Some(passed) = device.left_unanswered(at) {
                    self.tell_passed(number, device, at, passed);
                }
            }
            What::Refused {
                what, code, reason, ..
            } => {
                self.journal(number, device, at, EventKind::Refused { what, code, reason });
            }
            // The others are dealt with before.
            _ => {}
        }
        self.set_timer(number, device);
    }

    fn registered(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        registration: &Arc<Registration>,
        peer: SocketAddr,
        replaced: bool,
    ) {
        let (device, is_new) = rows.get_or_insert(number, &registration.endpoint);
        if is_new {
            self.writes.push(Write::Device {
                number,
                endpoint: registration.endpoint.clone(),
                created: at,
            });
        }
        if device.peer.is_some_and(|known| known != peer) {
            device.previous_peer = device.peer;
        }
        device.peer = Some(peer);
        if replaced && device.state.is_registered() {
            device.rhythm.learn(at.since(device.updated_at));
        }
        device.state = DeviceState::Online;
        device.heard(at);
        device.registration = Some(registration.clone());
        device.renewed(at);
        for observed in &mut device.observations {
            observed.token = None;
        }
        self.writes.push(Write::Registration {
            number,
            registration: registration.clone(),
            peer,
            last_seen: at,
            updated: at,
        });
        let view = Box::new(registration.view(peer, at));
        self.journal(
            number,
            device,
            at,
            EventKind::Registered {
                registration: view,
                replaced,
            },
        );
        self.set_timer(number, device);
    }

    fn updated(
        &mut self,
        number: DeviceNumber,
        device: &mut Device,
        at: Timestamp,
        changed: Option<(Arc<Registration>, SocketAddr)>,
    ) {
        device.rhythm.learn(at.since(device.updated_at));
        let view = changed.map(|(registration, peer)| {
            if device.peer.is_some_and(|known| known != peer) {
                device.previous_peer = device.peer;
            }
            device.peer = Some(peer);
            let view = Box::new(registration.view(peer, at));
            self.writes.push(Write::Registration {
                number,
                registration: registration.clone(),
                peer,
                last_seen: at,
                updated: at,
            });
            device.registration = Some(registration);
            view
        });
        device.renewed(at);
        self.heard(number, device, at);
        let lifetime_ends = device.lifetime_ends;
        let kind = EventKind::Updated {
            registration: view,
            lifetime_ends,
        };
        if matches!(
            &kind,
            EventKind::Updated {
                registration: Some(_),
                ..
            }
        ) {
            self.journal(number, device, at, kind);
        } else {
            // A keep-alive is shown live and not journalled.
            self.events.add(at, &device.endpoint, kind);
        }
    }

    fn heard(&mut self, number: DeviceNumber, device: &mut Device, at: Timestamp) {
        let (woke, _) = device.heard(at);
        self.mark_dirty(number, device);
        if woke {
            self.events.add(at, &device.endpoint, EventKind::Awake);
        }
        self.set_timer(number, device);
    }

    fn deregistered(
        &mut self,
        number: DeviceNumber,
        device: &mut Device,
        at: Timestamp,
        reason: DeregistrationReason,
    ) {
        device.state = match reason {
            DeregistrationReason::Deregistered => {
                device.heard(at);
                DeviceState::SignedOff
            }
            DeregistrationReason::Expired
            | DeregistrationReason::Replaced
            | DeregistrationReason::Removed => DeviceState::Offline,
        };
        for observed in &mut device.observations {
            observed.token = None;
        }
        self.writes.push(Write::Contact {
            number,
            last_seen: device.last_seen.unwrap_or(at),
            updated: device.updated_at,
            state: device.state,
        });
        self.journal(number, device, at, EventKind::Deregistered { reason });
    }

    fn notified(&mut self, rows: &mut Rows, number: DeviceNumber, at: Timestamp, observation: Option<Path>) {
        let Some(device) = rows.get_mut(number) else {
            return;
        };
        if let Some(observed) = observation.and_then(|path| device.observation(path)) {
            observed.last_notification = Some(at);
            observed.notifications += 1;
        }
        self.heard(number, device, at);
    }

    fn values(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        origin: Origin,
        values: Vec<TimedValue>,
    ) {
        if values.is_empty() {
            return;
        }
        if origin != Origin::Written {
            for value in &values {
                if let Some(point) = value.value.as_number() {
                    rows.samples.add(number, value.path, value.at, point);
                }
            }
        }
        let Some(device) = rows.get_mut(number) else {
            return;
        };
        let mut full = None;
        for value in &values {
            let kept = device.values.set(
                Known {
                    path: value.path,
                    origin,
                    dirty: true,
                    at: value.at,
                    value: value.value.clone(),
                },
                self.max_values,
            );
            if kept == Kept::Full {
                full = Some(value.path);
            }
        }
        self.mark_dirty(number, device);
        self.events
            .add(at, &device.endpoint, EventKind::Values { origin, values });
        if let Some(path) = full {
            let reason = format!(
                "{path} is not kept: {} values of this device are known already",
                self.max_values
            );
            self.journal(
                number,
                device,
                at,
                EventKind::Refused {
                    what: "values".into(),
                    code: None,
                    reason,
                },
            );
        }
    }

    fn operation(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        entry: &Arc<Entry>,
        progress: Progress,
    ) {
        let outcome = match progress {
            Progress::Queued => {
                if let Some(device) = rows.get_mut(number) {
                    device.pending += 1;
                    self.tell_operation(number, device, at, entry);
                    self.writes.push(Write::Operation(entry.clone()));
                }
                return;
            }
            Progress::Sent | Progress::PutBack => {
                if !entry.state().is_final() {
                    entry.set_state(match progress {
                        Progress::Sent => OperationState::Sent,
                        _ => OperationState::Queued,
                    });
                }
                if let Some(device) = rows.get_mut(number) {
                    self.tell_operation(number, device, at, entry);
                    // After a restart it must be known whether the device may have done it already.
                    self.writes.push(Write::Operation(entry.clone()));
                }
                return;
            }
            Progress::Ended(outcome) => outcome,
        };
        self.operation_ended(rows, number, at, entry, &outcome);
    }

    fn operation_ended(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        entry: &Arc<Entry>,
        outcome: &Outcome,
    ) {
        let kind = entry.operation.request.op;
        let origin = if writes(kind) {
            Origin::Written
        } else {
            Origin::Read
        };
        let done = outcome.state == OperationState::Done;
        if done
            && kind == OperationKind::Delete
            && let Some(device) = rows.get_mut(number)
        {
            let path = entry.operation.task.path();
            device.values.remove_below(path);
            self.writes.push(Write::ValuesGone { number, path });
        }
        self.values(rows, number, at, origin, outcome.values.clone());
        if let Some(device) = rows.get_mut(number) {
            // A code is an answer, and an answer a sign of life.
            if outcome.code.is_some() {
                self.heard(number, device, at);
            }
            if entry.end(outcome, origin, at) {
                device.pending = device.pending.saturating_sub(1);
                self.tell_operation(number, device, at, entry);
                self.writes.push(Write::Operation(entry.clone()));
            }
        } else {
            entry.end(outcome, origin, at);
        }
    }

    fn tell_operation(&mut self, number: DeviceNumber, device: &Device, at: Timestamp, entry: &Entry) {
        let view = entry.view();
        let kind = EventKind::Operation {
            id: view.id,
            op: view.op,
            path: view.path,
            state: view.state,
            code: view.code,
            message: view.message,
            by: view.by,
        };
        self.journal(number, device, at, kind);
    }

    fn describe(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        patch: DevicePatch,
        by: String,
    ) {
        let Some(device) = rows.get_mut(number) else {
            return;
        };
        let mut described = device
            .described
            .take()
            .map(|described| *described)
            .unwrap_or_default();
        if let Some(label) = patch.label {
            described.label = (!label.is_empty()).then(|| label.into());
        }
        described.tags = patch.tags.unwrap_or(described.tags);
        described.metadata = patch.metadata.unwrap_or(described.metadata);
        self.writes.push(Write::Describe {
            number,
            described: described.clone(),
        });
        device.described = (described != Described::default()).then(|| Box::new(described));
        self.journal(number, device, at, EventKind::Described { by });
    }

    fn remove(&mut self, rows: &mut Rows, number: DeviceNumber, at: Timestamp, by: String) {
        if let Some(device) = rows.remove(number) {
            self.events
                .add(at, &device.endpoint, EventKind::Decommissioned { by });
            self.writes.push(Write::Remove { number });
        }
    }

    fn refuse_stranger(
        &mut self,
        at: Timestamp,
        peer: SocketAddr,
        what: String,
        code: Option<String>,
        reason: String,
    ) {
        let source = peer.to_string();
        let event = self
            .events
            .add(at, &source, EventKind::Refused { what, code, reason });
        let (minute, count) = &mut self.strangers;
        if at.since(*minute) > 60_000 {
            (*minute, *count) = (at, 0);
        }
        *count += 1;
        if *count <= STRANGERS_PER_MINUTE {
            self.writes.push(Write::Journal {
                number: DeviceNumber(0),
                source: Some(source),
                event,
            });
        }
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
        }
        expired
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
    pub(crate) fn journal(&mut self, number: DeviceNumber, device: &Device, at: Timestamp, kind: EventKind) {
        let event = self.events.add(at, &device.endpoint, kind);
        self.writes.push(Write::Journal {
            number,
            source: None,
            event,
        });
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
