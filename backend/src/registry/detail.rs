//! A device as the API shows it.

use super::{Device, Windows};
use shared::api::{DeviceDetail, DeviceRow, DeviceSecurity, ObservationView, QueueView, ValueView};
use shared::{DeviceState, Path, Timestamp};

impl Device {
    pub(crate) fn row(&self) -> DeviceRow {
        let registration = self.registration.as_deref();
        DeviceRow {
            endpoint: self.endpoint.to_string(),
            label: self.label().map(Into::into),
            state: self.state,
            manufacturer: self.manufacturer().map(Into::into),
            model: self.model().map(Into::into),
            firmware: self.firmware().map(Into::into),
            last_seen: self.last_seen,
            next_due: self.next_due(),
            lifetime_ends: self.finite_lifetime(),
            lifetime: registration.map(|registration| registration.lifetime),
            version: registration.map(|registration| registration.version),
            queue_mode: self.queue_mode(),
            security: registration.map(|registration| registration.security().to_owned()),
            pending: self.pending,
            tags: self
                .described
                .as_ref()
                .map(|described| described.tags.clone())
                .unwrap_or_default(),
        }
    }

    pub(crate) fn detail(&self, sequence: u64, windows: Windows, now: Timestamp) -> DeviceDetail {
        let row = self.row();
        DeviceDetail {
            evidence: row.contact().evidence(in_utc),
            registration: self
                .registration
                .as_ref()
                .zip(self.peer)
                .map(|(registration, peer)| registration.view(peer, self.updated_at)),
            serial: self.serial().map(Into::into),
            metadata: self
                .described
                .as_ref()
                .map(|described| described.metadata.clone())
                .unwrap_or_default(),
            queue: (self.state.is_registered() && self.queue_mode()).then(|| QueueView {
                awake_window: u32::try_from(self.awake_window(windows).as_secs()).unwrap_or(u32::MAX),
                overridden: self.own_awake_window().is_some(),
                awake_until: self.awake_until(windows),
                expected_at: self
                    .next_contact(now)
                    .filter(|_| self.state != DeviceState::Online),
                waiting: self.pending,
            }),
            protection: DeviceSecurity {
                session: self
                    .registration
                    .as_ref()
                    .and_then(|registration| registration.secured.as_ref())
                    .map(|secured| secured.view()),
                address_changes: self
                    .security
                    .as_ref()
                    .map_or(0, |security| security.address_changes),
                last_failure: self
                    .security
                    .as_ref()
                    .and_then(|security| security.last_failure.clone()),
                credential: None,
            },
            sequence,
            row,
        }
    }

    pub(crate) fn value_views(&self, path: Path) -> Vec<ValueView> {
        self.values
            .below(path)
            .iter()
            .map(|known| ValueView::new(known.path, &known.value, known.at, known.origin))
            .collect()
    }

    pub(crate) fn observation_views(&self) -> Vec<ObservationView> {
        let mut views: Vec<ObservationView> = self
            .observations
            .iter()
            .map(|observed| ObservationView {
                path: observed.subject.base(),
                paths: observed.subject.together().to_vec(),
                since: observed.since,
                last_notification: observed.last_notification,
                notifications: observed.notifications,
                established: observed.token.is_some(),
            })
            .collect();
        views.sort_by(|a, b| (a.path, &a.paths).cmp(&(b.path, &b.paths)));
        views
    }
}

/// To the second: `"2026-11-23 13:02:00 UTC"`.
fn in_utc(at: Timestamp) -> String {
    let text = Timestamp::from_seconds(at.seconds()).to_string();
    format!("{} UTC", text.trim_end_matches('Z').replace('T', " "))
}
