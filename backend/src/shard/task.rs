//! What is sent to a device, and when: one request at a time, and to a sleeping device none.

use super::state::{Exchange, Job, Now, Shard};
use crate::lwm2m::observation::{Subject, Wanted};
use crate::lwm2m::operation::book::Entry;
use crate::lwm2m::operation::encode::{self, Attempt};
use crate::lwm2m::operation::{Outcome, Task};
use crate::lwm2m::queue_mode;
use crate::lwm2m::transmission::Manner;
use crate::registry::{DeviceNumber, Progress, What};
use coap::{RequestError, RequestOptions};
use shared::api::OperationState;
use std::sync::Arc;
use std::time::Duration;

/// How long a device may take to answer what the server asks of its own accord: MAX_TRANSMIT_WAIT.
const PATIENCE: Duration = Duration::from_secs(93);
/// How many requests that cannot even be written are passed over in one go.
const PASSED_OVER: usize = 64;

impl Shard {
    /// Sends the next request to the device, if there is one and the device can be reached.
    pub(super) fn pump(&mut self, now: Now, device: DeviceNumber) {
        let lead = self.lead(device);
        for _ in 0..PASSED_OVER {
            if !self.may_be_asked(now, lead) {
                return;
            }
            let Some(next) = self.next_in_turn(lead) else {
                return;
            };
            self.ask_next(now, next);
        }
    }

    /// Whether the device can be reached and nothing is on its way to it.
    fn may_be_asked(&self, now: Now, device: DeviceNumber) -> bool {
        let Some(record) = self.records.get(&device) else {
            return false;
        };
        if record.exchange.is_some() || self.deferred.holds(device) || !self.is_reachable(record.peer) {
            return false;
        }
        let window = || self.surroundings.awake_windows.of(device);
        !record.registration.queue_mode
            || queue_mode::reachable(record.last_message, record.asleep, window(), now.instant)
    }

    /// Begins the next thing that waits for the device: first what people ask, then what the server asks of its own accord.
    fn ask_next(&mut self, now: Now, device: DeviceNumber) {
        let Some(record) = self.records.get_mut(&device) else {
            return;
        };
        if record.wanted {
            match self.surroundings.book.take(device) {
                Some(entry) => return self.begin(now, device, entry),
                None => record.wanted = false,
            }
        }
        let Some(todo) = record.todo.as_mut().filter(|todo| todo.allowed) else {
            return;
        };
        if let Some(wanted) = todo.observe.pop_front() {
            self.begin_observe(now, device, wanted, Attempt::default());
        } else if let Some(path) = todo.read.pop_front() {
            self.begin_read(now, device, path, Attempt::default());
        } else {
            record.todo = None;
        }
    }

    fn begin(&mut self, now: Now, device: DeviceNumber, entry: Arc<Entry>) {
        match &entry.operation.task {
            Task::CancelObserve { subject, silently } => {
                let (subject, silently) = (subject.clone(), *silently);
                self.begin_cancel(now, device, entry, subject, silently);
            }
            _ => {
                if let Err(failure) = self.send_operation(now, device, &entry, Attempt::default()) {
                    self.end(now, &entry, Outcome::failed(failure));
                }
            }
        }
    }

    /// Sends an operation in the first of its forms, from `attempt` on, that can carry it.
    ///
    /// # Errors
    /// A sentence that says why it cannot be sent.
    pub(super) fn send_operation(
        &mut self,
        now: Now,
        device: DeviceNumber,
        entry: &Arc<Entry>,
        attempt: Attempt,
    ) -> Result<(), String> {
        let record = self
            .records
            .get(&device)
            .ok_or("The registration ended before the operation was sent.")?;
        let manner = self.manner(device);
        let (registration, models) = (&record.registration, &self.models);
        let encoded = encode::operation(&entry.operation, registration, &manner, models, attempt)?
            .ok_or("There is no format in which this can be sent.")?;
        let options = RequestOptions {
            deadline: Some(entry.operation.timeout),
            ..RequestOptions::default()
        };
        let exchange = self
            .endpoint
            .request(now.instant, record.peer, encoded.request, options)
            .map_err(|error| in_words(&error))?;
        let job = Job::Operation {
            entry: entry.clone(),
            attempt: encoded.attempt,
        };
        self.under_way(device, exchange, job);
        if attempt == Attempt::default() {
            let progress = Progress::Sent;
            self.report(
                now,
                device,
                What::Operation {
                    entry: entry.clone(),
                    progress,
                },
            );
        }
        Ok(())
    }

    /// Ends what is asked of a device whose session or connection is gone, at once: it might never come back. What says with
    /// `expires` how long it may wait does so, and for a device in queue mode everything does.
    pub(super) fn fail_out_of_reach(&mut self, now: Now, device: DeviceNumber, ended: Option<&str>) {
        let lead = self.lead(device);
        let Some(record) = self.records.get_mut(&lead) else {
            return;
        };
        let (peer, under_way) = (record.peer, record.exchange);
        let Some(needed) = peer.needs() else {
            return;
        };
        if record.registration.queue_mode || self.is_reachable(peer) {
            return;
        }
        let message = &out_of_reach(needed, ended);
        let cannot_wait = |entry: &Entry| entry.operation.request.expires.is_none();
        if let Some(exchange) = under_way
            && let Some(Exchange {
                job: Job::Operation { entry, .. },
                ..
            }) = self.exchanges.get(&exchange)
            && cannot_wait(entry)
        {
            let entry = entry.clone();
            self.exchanges.remove(&exchange);
            if let Some(record) = self.records.get_mut(&lead) {
                record.exchange = None;
            }
            self.endpoint.cancel(now.instant, exchange);
            let message = format!("{message} Whether the device did it is not known.");
            self.end(now, &entry, Outcome::failed(message));
        }
        let children = self.records.get(&lead).and_then(|record| record.gateway.as_ref());
        let children = children.map(|gateway| gateway.children()).unwrap_or_default();
        for device in std::iter::once(lead).chain(children) {
            for entry in self.surroundings.book.waiting(device) {
                if cannot_wait(&entry) && !entry.state().is_final() {
                    self.surroundings.book.drop_waiting(&entry);
                    self.end(now, &entry, Outcome::failed(message));
                }
            }
        }
    }

    fn begin_cancel(
        &mut self,
        now: Now,
        device: DeviceNumber,
        entry: Arc<Entry>,
        subject: Subject,
        silently: bool,
    ) {
        let Some(record) = self.records.get(&device) else {
            return;
        };
        let known = record
            .observations
            .iter()
            .find(|(observed, _)| *observed == subject);
        let Some(token) = known.map(|(_, token)| *token) else {
            // Nothing runs there, but it may be wished for and not be established yet.
            self.surroundings.wishes.remove(device, &subject);
            self.observation_ended(now, device, subject, format!("{} ended it.", entry.operation.by));
            let message = "The device was not asked: the observation was not established.";
            self.end(now, &entry, Outcome::ended(OperationState::Done, message));
            return;
        };
        if silently {
            self.observation_cancelled(now, device, &subject, token, &entry.operation.by);
            let message = "The device was not asked: its next notification is answered with a reset, which ends it there.";
            self.end(now, &entry, Outcome::ended(OperationState::Done, message));
            return;
        }
        let options = RequestOptions {
            deadline: Some(entry.operation.timeout),
            ..RequestOptions::default()
        };
        match self
            .endpoint
            .cancel_observation(now.instant, record.peer, token, options)
        {
            Ok(exchange) => {
                let job = Job::CancelObservation {
                    entry: entry.clone(),
                    subject,
                    token,
                };
                self.under_way(device, exchange, job);
                let progress = Progress::Sent;
                self.report(now, device, What::Operation { entry, progress });
            }
            Err(error) => self.end(now, &entry, Outcome::failed(in_words(&error))),
        }
    }

    /// Observes again what was observed under the registration before.
    pub(super) fn begin_observe(
        &mut self,
        now: Now,
        device: DeviceNumber,
        wanted: Wanted,
        attempt: Attempt,
    ) -> bool {
        let (task, format) = (wanted.task(), wanted.format);
        let job = |attempt| Job::Observe { wanted, attempt };
        self.begin_own(now, device, &task, format, attempt, job)
    }

    /// Reads a part of the Device object.
    pub(super) fn begin_read(
        &mut self,
        now: Now,
        device: DeviceNumber,
        path: shared::Path,
        attempt: Attempt,
    ) -> bool {
        let job = |attempt| Job::ReadDevice { path, attempt };
        self.begin_own(now, device, &Task::Read { path }, None, attempt, job)
    }

    /// Sends a request of the server's own. False if there is no way to.
    fn begin_own(
        &mut self,
        now: Now,
        device: DeviceNumber,
        task: &Task,
        format: Option<shared::ContentFormat>,
        attempt: Attempt,
        job: impl FnOnce(Attempt) -> Job,
    ) -> bool {
        let Some(record) = self.records.get(&device) else {
            return false;
        };
        let manner = self.manner(device);
        let (registration, models) = (&record.registration, &self.models);
        let Ok(Some(encoded)) = encode::task(task, format, registration, &manner, models, attempt) else {
            return false;
        };
        let options = RequestOptions {
            deadline: Some(manner.patience(PATIENCE)),
            ..RequestOptions::default()
        };
        match self
            .endpoint
            .request(now.instant, record.peer, encoded.request, options)
        {
            Ok(exchange) => {
                self.under_way(device, exchange, job(encoded.attempt));
                true
            }
            Err(error) => {
                tracing::debug!(%error, peer = %record.peer, "a request of the server's own could not be sent");
                false
            }
        }
    }

    /// How the device is talked to; one behind a gateway as the gateway is.
    fn manner(&self, device: DeviceNumber) -> Arc<Manner> {
        self.surroundings.manners.of(self.lead(device))
    }

    fn under_way(&mut self, device: DeviceNumber, exchange: coap::ExchangeId, job: Job) {
        self.exchanges.insert(exchange, Exchange { device, job });
        let lead = self.lead(device);
        if let Some(record) = self.records.get_mut(&lead) {
            record.exchange = Some(exchange);
        }
    }

    /// Ends an operation and frees the way for the next one.
    pub(super) fn end(&mut self, now: Now, entry: &Arc<Entry>, outcome: Outcome) {
        self.surroundings.book.answered(entry);
        let what = What::Operation {
            entry: entry.clone(),
            progress: Progress::Ended(Box::new(outcome)),
        };
        self.report(now, entry.operation.device, what);
    }
}

/// Why a device cannot be asked, and what can be done.
fn out_of_reach(needed: &str, ended: Option<&str>) -> String {
    let lacks = match ended {
        Some(reason) => format!("The {needed} ended: {reason}."),
        None => format!("The device has no {needed} (any more)."),
    };
    let begins = if needed == "session" { "a handshake" } else { "one" };
    format!(
        "{lacks} Without one it cannot be asked, and only the device can begin {begins}. An operation with a time in \
         'expires' waits for that."
    )
}

fn in_words(error: &RequestError) -> String {
    format!("The request could not be sent: {error}.")
}
