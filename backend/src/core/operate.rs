//! Operations on somebody's behalf.

use super::{Core, OperateError};
use crate::lwm2m::observation::MAX_PER_DEVICE;
use crate::lwm2m::operation::book::Entry;
use crate::lwm2m::operation::{Operation, Task, check, encode};
use crate::lwm2m::registration::Registration;
use crate::registry::{self, DeviceNumber, Progress, Report, What};
use crate::shard::Command;
use shared::api::{OperationPreview, OperationRequest, OperationView};
use shared::{ContentFormat, DeviceState, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// How long an operation waits for its device unless it says until when: a day and a bit, for devices that report
/// once a day; a bit longer than its lifetime for a device that sleeps longer.
const WAITS: i64 = 26 * 3600;

fn waits(registration: &Registration) -> i64 {
    const MOST: i64 = 400 * 24 * 3600;
    let lifetime = if registration.queue_mode {
        i64::from(registration.lifetime)
    } else {
        0
    };
    (lifetime + 2 * 3600).clamp(WAITS, MOST)
}

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
        self.take(endpoint, request, by, None).await
    }

    pub(super) async fn take(
        &self,
        endpoint: &str,
        request: OperationRequest,
        by: &str,
        retry_of: Option<u64>,
    ) -> Result<Ticket, OperateError> {
        if self.is_stopping() {
            return Err(OperateError::Stopping);
        }
        let operation = self.checked(endpoint, request, by, retry_of)?;
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

    /// What the first request for an operation would be on the wire. Nothing is sent.
    ///
    /// # Errors
    /// [`OperateError`] if it could not be sent.
    pub fn preview(
        &self,
        endpoint: &str,
        request: &OperationRequest,
    ) -> Result<OperationPreview, OperateError> {
        let (registration, state, expected, lead) = self
            .with_device(endpoint, |number, device| {
                let expected = device.next_contact(registry::now());
                let lead = device.behind().map_or(number, |behind| behind.gateway);
                (device.registration.clone(), device.state, expected, lead)
            })
            .ok_or(OperateError::UnknownDevice)?;
        let registration = registration.ok_or(OperateError::NotRegistered(state))?;
        let models = self.models().get();
        let task = check::task(request, &registration, &models)?;
        let format = check::format(request)?;
        let manner = self.manner(lead);
        // What one message carries; more goes out in blocks.
        let block = manner.parameters.max_block_size.bytes();
        let first = encode::Attempt::default();
        let encoded = encode::task(&task, format, &registration, &manner, &models, first)
            .map_err(OperateError::BadRequest)?
            .ok_or_else(|| OperateError::BadRequest("there is no format in which this can be sent".into()))?;
        let request = encoded.request;
        let format = request.options.content_format().map(ContentFormat);
        Ok(OperationPreview {
            method: request.code.name().unwrap_or("request").to_owned(),
            path: request.options.path(),
            format: format.map(|format| format.to_string()),
            bytes: request.payload.len() as u64,
            blocks: request.payload.len().div_ceil(block).max(1) as u32,
            expected_at: (state != DeviceState::Online).then_some(expected).flatten(),
        })
    }

    fn checked(
        &self,
        endpoint: &str,
        request: OperationRequest,
        by: &str,
        retry_of: Option<u64>,
    ) -> Result<Operation, OperateError> {
        let now = registry::now();
        let (device, registration, state, observed, lead) = self
            .with_device(endpoint, |number, device| {
                let observed = device.observations.len();
                let lead = device.behind().map_or(number, |behind| behind.gateway);
                (number, device.registration.clone(), device.state, observed, lead)
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
            timeout: timeout(
                &request,
                self.manner(lead).patience(self.inner.config.operation_timeout),
            ),
            expires: request
                .expires
                .unwrap_or_else(|| now.plus_seconds(waits(&registration))),
            request,
            by: by.to_owned(),
            created_at: now,
            retry_of,
        })
    }

    pub(super) async fn report_progress(&self, entry: &Arc<Entry>, progress: Progress) {
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
