//! Devices that are made known before they come, and how they come to their configuration.

use super::Applier;
use crate::registry::persist::Write;
use crate::registry::{Device, DeviceNumber, Rows};
use shared::api::DevicePatch;
use shared::bootstrap::{SessionState, SessionStep};
use shared::event::EventKind;
use shared::{DeviceState, Timestamp};
use std::sync::Arc;

impl Applier {
    pub(super) fn provision(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        endpoint: &Arc<str>,
        at: Timestamp,
        patch: DevicePatch,
        by: String,
    ) {
        let (device, is_new) = rows.get_or_insert(number, endpoint);
        if is_new {
            self.writes.push(Write::Device {
                number,
                endpoint: endpoint.clone(),
                created: at,
            });
            self.journal(number, device, at, EventKind::Provisioned { by: by.clone() });
        }
        if patch != DevicePatch::default() {
            self.describe(rows, number, at, patch, by);
        }
    }

    pub(super) fn bootstrap(
        &mut self,
        number: DeviceNumber,
        device: &mut Device,
        at: Timestamp,
        session: u64,
        state: SessionState,
        step: Box<SessionStep>,
    ) {
        // A device that is registered stays what it is; what it shows of itself comes when it registers again.
        let waits = !device.state.is_registered();
        match state {
            SessionState::Running if waits => {
                device.state = DeviceState::Bootstrapping;
                device.last_seen = device.last_seen.max(Some(at));
            }
            SessionState::Failed if device.state == DeviceState::Bootstrapping => {
                device.state = DeviceState::Offline;
            }
            SessionState::Finished if waits => device.last_seen = device.last_seen.max(Some(at)),
            _ => {}
        }
        self.journal(number, device, at, EventKind::Bootstrap { session, state, step });
    }
}
