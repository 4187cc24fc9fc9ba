//! Operations and values.

use super::Applier;
use crate::lwm2m::observation::Subject;
use crate::lwm2m::operation::book::Entry;
use crate::lwm2m::operation::{Outcome, words, writes};
use crate::registry::history::Point;
use crate::registry::persist::Write;
use crate::registry::report::Progress;
use crate::registry::values::Known;
use crate::registry::{Device, DeviceNumber, Rows};
use shared::api::{OperationKind, OperationState};
use shared::event::{EventKind, Origin, TimedValue, belongs_to_the_past};
use shared::{Path, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many past values of one message are kept that are no numbers.
const PAST: usize = 256;

impl Applier {
    pub(super) fn operation(
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
            Progress::Sent | Progress::PutBack | Progress::Deferred { .. } => {
                match progress {
                    _ if entry.state().is_final() => {}
                    Progress::Sent => entry.set_state(OperationState::Sent),
                    Progress::Deferred { until, code } => {
                        entry.defer(until, words::deferred(code, at, until));
                    }
                    _ => entry.set_state(OperationState::Queued),
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
        if done
            && matches!(kind, OperationKind::Read | OperationKind::Write)
            && let Some(device) = rows.get_mut(number)
        {
            let path = entry.operation.task.path();
            for gone in device.values.gone_with(path, &outcome.values) {
                device.values.remove_below(gone);
                self.writes.push(Write::ValuesGone { number, path: gone });
            }
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

    pub(super) fn notified(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        observation: Option<&Subject>,
    ) {
        let Some(device) = rows.get_mut(number) else {
            return;
        };
        if let Some(observed) = observation.and_then(|subject| device.observation(subject)) {
            observed.last_notification = Some(at);
            observed.notifications += 1;
        }
        self.heard(number, device, at);
    }

    pub(super) fn values(
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
                    self.history.push(Point {
                        device: number.0,
                        path: value.path,
                        at: value.at.0,
                        value: point,
                    });
                }
            }
        }
        let Some(device) = rows.get_mut(number) else {
            return;
        };
        let mut full = None;
        // Of a history, the newest value is the one that is known; of what is no number the others are kept as an event.
        let mut by_time: Vec<&TimedValue> = values.iter().collect();
        by_time.sort_by_key(|value| value.at);
        let mut past = Vec::new();
        let mut newest: BTreeMap<Path, &TimedValue> = BTreeMap::new();
        for value in by_time {
            let stamped = (value.at, value.at != at);
            let known = device.values.known(value.path);
            if known.is_some_and(|known| belongs_to_the_past(stamped, (known.at, known.stamped), at)) {
                past.push(value);
            } else {
                past.extend(newest.insert(value.path, value));
            }
        }
        for value in newest.into_values() {
            let known = Known {
                path: value.path,
                origin,
                dirty: true,
                at: value.at,
                stamped: value.at != at,
                value: value.value.clone(),
            };
            if !device.values.set(known, self.max_values) {
                full = Some(value.path);
            }
        }
        past.retain(|value| value.value.as_number().is_none());
        past.truncate(PAST);
        let past: Vec<TimedValue> = past.into_iter().cloned().collect();
        if !past.is_empty() {
            self.journal(number, device, at, EventKind::Values { origin, values: past });
        }
        self.mark_dirty(number, device);
        self.events
            .add(at, &device.endpoint, EventKind::Values { origin, values });
        if let Some(path) = full {
            let reason = format!(
                "{path} is not kept: {} values of this device are known already",
                self.max_values
            );
            let kind = EventKind::Refused {
                what: "values".into(),
                code: None,
                reason,
            };
            self.refused(number, device, at, kind);
        }
    }
}
