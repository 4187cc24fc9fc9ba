//! What comes back: answers, and their absence.

use super::Peer;
use super::gateway::{whole, whole_of};
use super::state::{Exchange, Job, Now, Shard, Todo};
use crate::lwm2m::gateway::GATEWAY_OBJECT;
use crate::lwm2m::observation::{Subject, Wanted};
use crate::lwm2m::operation::book::Entry;
use crate::lwm2m::operation::encode::Attempt;
use crate::lwm2m::operation::{Outcome, Task, decode, words};
use crate::lwm2m::registration::Registration;
use crate::registry::{DeviceNumber, Progress, What};
use coap::{Code, ExchangeId, FailureReason, Response, Token};
use shared::Path;
use shared::api::{OperationKind, OperationState};
use shared::event::Origin;
use std::sync::Arc;
use std::time::Duration;

/// An answer of a device.
pub(super) struct Answered {
    pub(super) peer: Peer,
    pub(super) response: Response,
    pub(super) round_trip: Duration,
    /// The observation that it began.
    pub(super) observation: Option<Token>,
}

/// What is read one by one if the Device object cannot be read as a whole: manufacturer, model, serial, firmware.
const DEVICE_RESOURCES: [u16; 4] = [0, 1, 2, 3];

impl Shard {
    pub(super) fn answered(&mut self, now: Now, exchange: ExchangeId, answered: &Answered) {
        let Some(Exchange { device, job }) = self.exchanges.remove(&exchange) else {
            return;
        };
        self.heard(now, device);
        let registration = self.free(device, exchange);
        match (job, registration) {
            (Job::Operation { entry, attempt }, Some(registration)) => {
                self.operation_answered(now, &entry, attempt, &registration, answered);
            }
            (Job::Operation { entry, .. } | Job::CancelObservation { entry, .. }, None) => {
                let outcome = Outcome::failed("The registration ended before the device answered.");
                self.end(now, &entry, outcome);
            }
            (
                Job::CancelObservation {
                    entry,
                    subject,
                    token,
                },
                Some(registration),
            ) => {
                self.observation_cancelled(now, device, &subject, token, &entry.operation.by);
                // The answer to the cancellation is the present value. RFC 7641 §3.6.
                if answered.response.code == Code::CONTENT && !answered.response.payload.is_empty() {
                    self.take_values(
                        now,
                        device,
                        &subject,
                        &answered.response,
                        &registration,
                        Origin::Read,
                    );
                }
                let refused = !answered.response.code.is_success();
                let done = Outcome {
                    state: OperationState::Done,
                    code: Some(answered.response.code.to_string()),
                    message: refused.then(|| {
                        format!(
                            "{} Its next notification is answered with a reset, which ends the observation there.",
                            words::refusal(OperationKind::CancelObserve, &answered.response)
                        )
                    }),
                    values: Vec::new(),
                    links: None,
                    location: None,
                    round_trip: Some(answered.round_trip),
                };
                self.end(now, &entry, done);
            }
            (Job::Observe { wanted, attempt }, Some(registration)) => {
                self.observe_answered(now, device, wanted, attempt, &registration, answered);
            }
            (Job::ReadDevice { path, attempt }, Some(registration)) => {
                self.read_answered(now, device, path, attempt, &registration, &answered.response);
            }
            (Job::Observe { .. } | Job::ReadDevice { .. }, None) => {}
        }
        self.pump(now, device);
    }

    /// Notes that no request is on its way to the device any more.
    fn free(&mut self, device: DeviceNumber, exchange: ExchangeId) -> Option<Arc<Registration>> {
        let lead = self.lead(device);
        if let Some(record) = self.records.get_mut(&lead)
            && record.exchange == Some(exchange)
        {
            record.exchange = None;
        }
        Some(self.records.get(&device)?.registration.clone())
    }

    fn operation_answered(
        &mut self,
        now: Now,
        entry: &Arc<Entry>,
        attempt: Attempt,
        registration: &Registration,
        answered: &Answered,
    ) {
        let operation = &entry.operation;
        let again = decode::retry(&operation.task, operation.format, &answered.response, attempt);
        if let Some(again) = again
            && self.send_operation(now, operation.device, entry, again).is_ok()
        {
            return;
        }
        if let Some(wait) = decode::busy_for(&answered.response)
            && self.defer(now, entry, wait, answered.response.code)
        {
            return;
        }
        let mut outcome = decode::outcome(
            operation.request.op,
            (&operation.task, attempt),
            &answered.response,
            answered.round_trip,
            registration,
            &self.models,
            now.at,
        );
        if let Task::Observe { subject, attributes } = &operation.task
            && answered.response.code.is_success()
        {
            let wanted = Wanted {
                subject: subject.clone(),
                format: operation.format,
                attributes: attributes.clone().into(),
            };
            match answered.observation {
                Some(token) => self.established(now, operation.device, answered.peer, wanted, token),
                None => {
                    outcome.state = OperationState::Failed;
                    outcome.message = Some(
                        "The device sent the value, but does not notify its changes (no Observe option in its answer)."
                            .into(),
                    );
                }
            }
        }
        if let Some(whole) = whole_of(&operation.task).filter(|_| outcome.state == OperationState::Done) {
            self.learn_children(now, operation.device, &whole, &outcome.values);
        }
        self.end(now, entry, outcome);
    }

    fn observe_answered(
        &mut self,
        now: Now,
        device: DeviceNumber,
        wanted: Wanted,
        attempt: Attempt,
        registration: &Registration,
        answered: &Answered,
    ) {
        let response = &answered.response;
        let again = decode::retry(&wanted.task(), wanted.format, response, attempt);
        if let Some(again) = again
            && self.begin_observe(now, device, wanted.clone(), again)
        {
            return;
        }
        if let Some(wait) = decode::busy_for(response)
            && let Some(todo) = self.hold(now, device, wait)
        {
            todo.observe.push_front(wanted);
            return self.report(now, device, What::Seen);
        }
        match answered.observation {
            Some(token) => {
                let subject = wanted.subject.clone();
                self.established(now, device, answered.peer, wanted, token);
                self.take_values(now, device, &subject, response, registration, Origin::Notify);
            }
            None => {
                self.surroundings.wishes.remove(device, &wanted.subject);
                if self.read_gateway_object(now, device, &wanted.subject, response, registration) {
                    return;
                }
                let why = if response.code.is_success() {
                    "the device does not notify its changes any more".to_owned()
                } else {
                    words::refusal(OperationKind::Observe, response)
                };
                let reason = format!("After the new registration it could not be observed again: {why}");
                self.observation_ended(now, device, wanted.subject, reason);
                self.report(now, device, What::Seen);
            }
        }
    }

    /// Takes the object that lists the devices behind a gateway as it is, from a gateway that does not notify of it.
    /// Whether this was about that.
    fn read_gateway_object(
        &mut self,
        now: Now,
        device: DeviceNumber,
        subject: &Subject,
        response: &Response,
        registration: &Registration,
    ) -> bool {
        if *subject != Subject::One(GATEWAY_OBJECT) {
            return false;
        }
        if response.code.is_success() {
            self.take_values(now, device, subject, response, registration, Origin::Read);
        } else if response.code == Code::NOT_FOUND {
            // It has no instance at the moment.
            self.learn_children(now, device, &[GATEWAY_OBJECT], &[]);
        }
        true
    }

    fn read_answered(
        &mut self,
        now: Now,
        device: DeviceNumber,
        path: Path,
        attempt: Attempt,
        registration: &Registration,
        response: &Response,
    ) {
        let again = decode::retry(&Task::Read { path }, None, response, attempt);
        if let Some(again) = again
            && self.begin_read(now, device, path, again)
        {
            return;
        }
        if let Some(wait) = decode::busy_for(response)
            && let Some(todo) = self.hold(now, device, wait)
        {
            todo.read.push_front(path);
            return self.report(now, device, What::Seen);
        }
        if response.code.is_success() {
            let subject = Subject::One(path);
            self.take_values(now, device, &subject, response, registration, Origin::Read);
            return;
        }
        if path.depth() == 2
            && let Some(todo) = self
                .records
                .get_mut(&device)
                .and_then(|record| record.todo.as_mut())
        {
            todo.read
                .extend(DEVICE_RESOURCES.into_iter().filter_map(|id| path.child(id)));
        }
        self.report(now, device, What::Seen);
    }

    /// Reports the values of an answer, or that they cannot be read.
    fn take_values(
        &mut self,
        now: Now,
        device: DeviceNumber,
        subject: &Subject,
        response: &Response,
        registration: &Registration,
        origin: Origin,
    ) {
        match decode::values(subject.base(), response, registration, &self.models, now.at) {
            Ok(values) => {
                self.learn_children(now, device, &whole(subject), &values);
                let observation = (origin == Origin::Notify).then(|| subject.clone());
                self.report(
                    now,
                    device,
                    What::Values {
                        origin,
                        values,
                        observation,
                    },
                );
            }
            Err(reason) => {
                self.report(now, device, What::Seen);
                if let Some(peer) = self.records.get(&device).map(|record| record.peer) {
                    let reason = format!("the answer about {subject} cannot be read: {reason}");
                    self.report_refused(now, Some(device), peer, "answer", None, reason);
                }
            }
        }
    }

    pub(super) fn failed(&mut self, now: Now, exchange: ExchangeId, reason: FailureReason) {
        let Some(Exchange { device, job }) = self.exchanges.remove(&exchange) else {
            return;
        };
        self.free(device, exchange);
        let unanswered = matches!(reason, FailureReason::Timeout | FailureReason::DeadlineExceeded);
        if unanswered {
            // It is the gateway that did not answer for a device behind it.
            let lead = self.lead(device);
            if let Some(record) = self.records.get_mut(&lead) {
                record.asleep = record.registration.queue_mode;
            }
            self.report(now, lead, What::Unanswered);
        }
        match job {
            Job::Operation { entry, .. } => self.operation_failed(now, device, &entry, reason),
            Job::CancelObservation {
                entry,
                subject,
                token,
            } => {
                // Whatever the device thinks: its next notification is answered with a reset, which ends it there.
                self.observation_cancelled(now, device, &subject, token, &entry.operation.by);
                self.operation_failed(now, device, &entry, reason);
            }
            Job::Observe { wanted, .. } => {
                // Asked again with the next message of the device.
                if let Some(todo) = self
                    .records
                    .get_mut(&device)
                    .and_then(|record| record.todo.as_mut())
                {
                    todo.observe.push_back(wanted);
                }
            }
            Job::ReadDevice { .. } => {}
        }
        // A device that fell asleep is not asked the next thing before it was heard again.
        self.pump(now, device);
    }

    fn operation_failed(
        &mut self,
        now: Now,
        device: DeviceNumber,
        entry: &Arc<Entry>,
        reason: FailureReason,
    ) {
        let timeout = entry.operation.timeout.as_secs();
        let lead = self.lead(device);
        let sleeps = self.records.get(&lead).is_some_and(|record| record.asleep);
        let sleeps = if sleeps {
            " It is in queue mode and taken to be asleep: what waits behind is sent after its next message."
        } else {
            ""
        };
        let outcome = match reason {
            FailureReason::Timeout | FailureReason::DeadlineExceeded => Outcome::ended(
                OperationState::Expired,
                format!(
                    "The device did not answer within {timeout} s. Whether it did it is not known.{sleeps}"
                ),
            ),
            FailureReason::Disconnected => {
                if self.put_back(now, entry) {
                    return;
                }
                Outcome::failed(
                    "The connection ended while the device was asked. Whether the device did it is not known.",
                )
            }
            FailureReason::Cancelled | FailureReason::PeerForgotten => {
                if self.put_back(now, entry) {
                    return;
                }
                Outcome::failed(
                    "The device registered anew, moved, signed off or lost its session while it was asked. Whether it did it is not known.",
                )
            }
            FailureReason::Reset => Outcome::failed("The device rejected the message (RST)."),
            other => Outcome::failed(format!("The exchange failed: {other}.")),
        };
        self.end(now, entry, outcome);
    }

    /// Asks nothing of the device for so long, as it said, and gives what the server wants of its own accord then.
    fn hold(&mut self, now: Now, device: DeviceNumber, wait: Duration) -> Option<&mut Todo> {
        let lead = self.lead(device);
        self.deferred.add(lead, now.instant, wait);
        self.records.get_mut(&device)?.todo.as_deref_mut()
    }

    /// Puts an operation that the device refused for the moment back at the head of the queue, and asks nothing of it
    /// for so long. False if that goes on for too long already, or would.
    fn defer(&mut self, now: Now, entry: &Arc<Entry>, wait: Duration, code: Code) -> bool {
        let device = entry.operation.device;
        let until = now
            .at
            .plus_seconds(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
        if entry.state().is_final() || until >= entry.operation.expires || !entry.may_be_deferred() {
            return false;
        }
        self.surroundings.book.put_back(entry);
        let lead = self.lead(device);
        self.deferred.add(lead, now.instant, wait);
        if let Some(record) = self.records.get_mut(&device) {
            record.wanted = true;
        }
        let progress = Progress::Deferred { until, code };
        self.report(
            now,
            device,
            What::Operation {
                entry: entry.clone(),
                progress,
            },
        );
        true
    }

    /// Puts what can safely be asked twice back in the queue.
    fn put_back(&mut self, now: Now, entry: &Arc<Entry>) -> bool {
        if !entry.operation.task.is_repeatable() || entry.state().is_final() {
            return false;
        }
        let device = entry.operation.device;
        self.surroundings.book.put_back(entry);
        if let Some(record) = self.records.get_mut(&device) {
            record.wanted = true;
        }
        let progress = Progress::PutBack;
        self.report(
            now,
            device,
            What::Operation {
                entry: entry.clone(),
                progress,
            },
        );
        true
    }
}
