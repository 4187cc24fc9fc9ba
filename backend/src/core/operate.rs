//! Operations on somebody's behalf.

use super::{Core, OperateError};
use crate::lwm2m::observation::MAX_PER_DEVICE;
use crate::lwm2m::operation::book::Entry;
use crate::lwm2m::operation::{Operation, Outcome, Task, check};
use crate::registry::{self, DeviceNumber, Progress, Report, What};
use crate::shard::Command;
use shared::Timestamp;
use shared::api::{OperationRequest, OperationState, OperationView};
use std::sync::Arc;
use std::time::Duration;

/// How long an operation waits for its device unless it says until when: a day and a bit, for devices that report
/// once a day.
const WAITS: i64 = 26 * 3600;

/// An operation that was taken; drop it if nobody waits.
#[derive(Debug)]
pub struct Ticket {
    pub id: u64,
    entry: Arc<Entry>,
}

impl Ticket {
    /// The operation when it has ended, or as it stands when `patience` is over.
    pub async fn wait(self, patience: Duration) -> Option<OperationView> {
        // Whether it ended or the patience did, the view says how it stands.
        let _ = tokio::time::timeout(patience, self.entry.ended()).await;
        Some(self.entry.view())
    }

    /// The operation as it stands.
    pub fn view(&self) -> OperationView {
        self.entry.view()
    }
}

/// How long the device may take, within 1 s and an hour.
pub(super) fn timeout(request: &OperationRequest, usual: Duration) -> Duration {
    request.timeout.map_or(usual, |seconds| {
        Duration::from_secs(u64::from(seconds.clamp(1, 3600)))
    })
}

impl Core {
    /// Takes an operation, to be carried out when the device can be reached. For a device without a registration it
    /// is taken only if it says with `expires` how long it may wait.
    ///
    /// # Errors
    /// [`OperateError`] if it cannot be; nothing was sent then.
    pub async fn operate(
        &self,
        endpoint: &str,
        request: OperationRequest,
        by: &str,
    ) -> Result<Ticket, OperateError> {
        if self.is_stopping() {
            return Err(OperateError::Stopping);
        }
        let operation = self.checked(endpoint, request, by)?;
        let device = operation.device;
        let entry = Arc::new(Entry::new(operation));
        self.inner.book.add(entry.clone())?;
        self.report_progress(&entry, Progress::Queued).await;
        if let Some(place) = self.inner.directory.place(device) {
            self.inner
                .shards
                .send(place.shard, Command::Wake { device })
                .await;
        }
        Ok(Ticket {
            id: entry.operation.id,
            entry,
        })
    }

    fn checked(
        &self,
        endpoint: &str,
        request: OperationRequest,
        by: &str,
    ) -> Result<Operation, OperateError> {
        let now = registry::now();
        let (device, registration, state, observed) = self
            .with_device(endpoint, |number, device| {
                let observed = device.observations.len();
                (number, device.registration.clone(), device.state, observed)
            })
            .ok_or(OperateError::UnknownDevice)?;
        let registration = registration.ok_or(OperateError::NotRegistered(state))?;
        if !state.is_registered() && request.expires.is_none() {
            return Err(OperateError::NotRegistered(state));
        }
        if request
            .timeout
            .is_some_and(|timeout| !(1..=3600).contains(&timeout))
        {
            return Err(OperateError::BadRequest(
                "'timeout' is a number of seconds from 1 to 3600".into(),
            ));
        }
        if request.expires.is_some_and(|expires| expires <= now) {
            return Err(OperateError::BadRequest("'expires' is in the past".into()));
        }
        let task = check::task(&request, &registration, &self.models().get())?;
        if matches!(task, Task::Observe { .. }) && observed >= MAX_PER_DEVICE {
            return Err(OperateError::QueueFull(observed));
        }
        Ok(Operation {
            id: self.inner.book.next_id(),
            device,
            task,
            format: check::format(&request)?,
            timeout: timeout(&request, self.inner.config.operation_timeout),
            expires: request.expires.unwrap_or(now.plus_seconds(WAITS)),
            request,
            by: by.to_owned(),
            created_at: now,
        })
    }

    /// The operations that wait and the last ones that ended, newest first. `None` if there is no such device.
    pub fn operations(&self, endpoint: &str) -> Option<Vec<OperationView>> {
        let device = self.number(endpoint)?;
        Some(self.inner.book.list(device))
    }

    pub fn operation(&self, endpoint: &str, id: u64) -> Option<OperationView> {
        let device = self.number(endpoint)?;
        Some(self.inner.book.find(device, id)?.view())
    }

    /// Cancels an operation that has not ended and tells how it stands then. One that was sent may still have its
    /// effect. `None` if there is no such operation.
    pub async fn cancel_operation(&self, endpoint: &str, id: u64, by: &str) -> Option<OperationView> {
        let device = self.number(endpoint)?;
        let entry = self.inner.book.find(device, id)?;
        let message = match entry.state() {
            OperationState::Queued => format!("{by} cancelled it before it was sent."),
            OperationState::Sent => {
                format!("{by} cancelled it after it was sent. Whether the device did it is not known.")
            }
            _ => return Some(entry.view()),
        };
        let outcome = Outcome::ended(OperationState::Cancelled, message);
        self.inner.book.drop_waiting(&entry);
        self.report_progress(&entry, Progress::Ended(Box::new(outcome)))
            .await;
        if let Some(place) = self.inner.directory.place(device) {
            let command = Command::Cancel {
                device,
                operation: id,
            };
            self.inner.shards.send(place.shard, command).await;
        }
        // The registry ends it in a moment.
        let _ = tokio::time::timeout(Duration::from_secs(5), entry.ended()).await;
        Some(entry.view())
    }

    async fn report_progress(&self, entry: &Arc<Entry>, progress: Progress) {
        let device: DeviceNumber = entry.operation.device;
        let at: Timestamp = registry::now();
        let what = What::Operation {
            entry: entry.clone(),
            progress,
        };
        self.tell(Report {
            at,
            device: Some(device),
            what,
        })
        .await;
    }
}
