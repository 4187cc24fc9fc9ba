//! A device as the API shows it.

use super::{Device, Rows, Windows};
use shared::api::{ChildView, DeviceDetail, DeviceRow, GatewayView, ObservationView, QueueView, ValueView};
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
            parent: self.behind().map(|behind| behind.endpoint.to_string()),
            battery: self.battery(),
            signal: self.signal(),
        }
    }

    /// Percent, `/3/0/9`.
    pub(crate) fn battery(&self) -> Option<i32> {
        self.whole_number(Path::resource(3, 0, 9))
    }

    /// Radio signal strength in dBm, `/4/0/2`.
    pub(crate) fn signal(&self) -> Option<i32> {
        self.whole_number(Path::resource(4, 0, 2))
    }

    fn whole_number(&self, path: Path) -> Option<i32> {
        let number = self.values.get(path)?.as_number()?;
        // Whatever a device says: a cast ends at the bounds of the type.
        number.is_finite().then_some(number.round() as i32)
    }

    pub(crate) fn detail(
        &self,
        rows: &Rows,
        sequence: u64,
        windows: Windows,
        now: Timestamp,
    ) -> DeviceDetail {
        let row = self.row();
        // Whether a device behind a gateway can be reached is up to the gateway.
        let lead = rows.lead(self);
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
                awake_window: u32::try_from(lead.awake_window(windows).as_secs()).unwrap_or(u32::MAX),
                overridden: lead.own_awake_window().is_some(),
                awake_until: lead.awake_until(windows),
                expected_at: lead
                    .next_contact(now)
                    .filter(|_| lead.state != DeviceState::Online),
                waiting: self.pending,
            }),
            gateway: self.behind().map(|behind| GatewayView {
                endpoint: behind.endpoint.to_string(),
                device_id: behind.device_id.to_string(),
                prefix: behind.prefix.to_string(),
            }),
            children: self.child_views(rows),
            sequence,
            row,
        }
    }

    fn child_views(&self, rows: &Rows) -> Vec<ChildView> {
        let children = self.children.iter().filter_map(|child| rows.get(*child));
        let mut views: Vec<ChildView> = children
            .filter_map(|child| {
                let behind = child.behind()?;
                Some(ChildView {
                    endpoint: child.endpoint.to_string(),
                    device_id: behind.device_id.to_string(),
                    prefix: behind.prefix.to_string(),
                    state: child.state,
                })
            })
            .collect();
        views.sort_by(|a, b| a.device_id.cmp(&b.device_id));
        views
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
