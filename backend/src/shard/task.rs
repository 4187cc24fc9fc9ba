//! What is sent to a device, and when: one request at a time, and to a sleeping device none.

use super::state::{Exchange, Job, Now, Shard};
use crate::lwm2m::observation::Wanted;
use crate::lwm2m::operation::book::Entry;
use crate::lwm2m::operation::{Outcome, Task, encode};
use crate::lwm2m::queue_mode;
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
        for _ in 0..PASSED_OVER {
            let Some(record) = self.records.get_mut(&device) else {
                return;
            };
            let reachable = queue_mode::reachable(
                record.registration.queue_mode,
                record.last_message,
                record.asleep,
                self.surroundings.awake_window,
                now.instant,
            );
            if record.exchange.is_some() || !reachable {
                return;
            }
            if record.wanted {
                match self.surroundings.book.take(device) {
                    Some(entry) => {
                        self.begin(now, device, entry);
                        continue;
                    }
                    None => record.wanted = false,
                }
            }
            let Some(todo) = record.todo.as_mut().filter(|todo| todo.allowed) else {
                return;
            };
            if let Some(wanted) = todo.observe.pop_front() {
                self.begin_observe(now, device, wanted, 0);
            } else if let Some(path) = todo.read.pop_front() {
                self.begin_read(now, device, path, 0);
            } else {
                record.todo = None;
                return;
            }
        }
    }

    fn begin(&mut self, now: Now, device: DeviceNumber, entry: Arc<Entry>) {
        match &entry.operation.task {
            Task::CancelObserve { path } => {
                let path = *path;
                self.begin_cancel(now, device, entry, path);
            }
            _ => {
                if let Err(failure) = self.send_operation(now, device, &entry, 0) {
                    self.end(now, &entry, Outcome::failed(failure));
                }
            }
        }
    }

    /// Sends an operation in the first of its formats, from `skip` on, that can carry it.
    ///
    /// # Errors
    /// A sentence that says why it cannot be sent.
    pub(super) fn send_operation(
        &mut self,
        now: Now,
        device: DeviceNumber,
        entry: &Arc<Entry>,
        skip: usize,
    ) -> Result<(), String> {
        let record = self
            .records
            .get(&device)
            .ok_or("The registration ended before the operation was sent.")?;
        let encoded = encode::operation(&entry.operation, &record.registration, &self.models, skip)?
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
            tried: encoded.tried,
        };
        self.under_way(device, exchange, job);
        if skip == 0 {
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

    fn begin_cancel(&mut self, now: Now, device: DeviceNumber, entry: Arc<Entry>, path: shared::Path) {
        let Some(record) = self.records.get(&device) else {
            return;
        };
        let known = record.observations.iter().find(|(observed, _)| *observed == path);
        let Some((_, token)) = known.copied() else {
            // Nothing runs there, but it may be wished for and not be established yet.
            self.surroundings.wishes.remove(device, path);
            self.observation_ended(now, device, path, format!("{} ended it.", entry.operation.by));
            let outcome = Outcome {
                message: Some("The device was not asked: the observation was not established.".into()),
                ..Outcome::ended(OperationState::Done, "")
            };
            self.end(now, &entry, outcome);
            return;
        };
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
                    path,
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
        skip: usize,
    ) -> bool {
        let task = Task::Observe { path: wanted.path };
        let job = |tried| Job::Observe { wanted, tried };
        self.begin_own(now, device, &task, wanted.format, skip, job)
    }

    /// Reads a part of the Device object.
    pub(super) fn begin_read(
        &mut self,
        now: Now,
        device: DeviceNumber,
        path: shared::Path,
        skip: usize,
    ) -> bool {
        let job = |tried| Job::ReadDevice { path, tried };
        self.begin_own(now, device, &Task::Read { path }, None, skip, job)
    }

    /// Sends a request of the server's own. False if there is no way to.
    fn begin_own(
        &mut self,
        now: Now,
        device: DeviceNumber,
        task: &Task,
        format: Option<shared::ContentFormat>,
        skip: usize,
        job: impl FnOnce(usize) -> Job,
    ) -> bool {
        let Some(record) = self.records.get(&device) else {
            return false;
        };
        let Ok(Some(encoded)) = encode::task(task, format, &record.registration, &self.models, skip) else {
            return false;
        };
        let options = RequestOptions {
            deadline: Some(PATIENCE),
            ..RequestOptions::default()
        };
        match self
            .endpoint
            .request(now.instant, record.peer, encoded.request, options)
        {
            Ok(exchange) => {
                self.under_way(device, exchange, job(encoded.tried));
                true
            }
            Err(error) => {
                tracing::debug!(%error, peer = %record.peer, "a request of the server's own could not be sent");
                false
            }
        }
    }

    fn under_way(&mut self, device: DeviceNumber, exchange: coap::ExchangeId, job: Job) {
        self.exchanges.insert(exchange, Exchange { device, job });
        if let Some(record) = self.records.get_mut(&device) {
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

fn in_words(error: &RequestError) -> String {
    format!("The request could not be sent: {error}.")
}
