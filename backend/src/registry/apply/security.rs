//! Credentials and security sessions.

use super::Applier;
use crate::credential::Secured;
use crate::lwm2m::registration::Registration;
use crate::registry::device::SecurityHistory;
use crate::registry::persist::Write;
use crate::registry::{Device, DeviceNumber, Rows};
use shared::Timestamp;
use shared::api::{CredentialMode, HandshakeFailure};
use shared::event::EventKind;
use std::net::SocketAddr;
use std::sync::Arc;

impl Applier {
    pub(super) fn credential_set(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        endpoint: &Arc<str>,
        mode: CredentialMode,
        by: String,
    ) {
        let (device, is_new) = rows.get_or_insert(number, endpoint);
        if is_new {
            self.writes.push(Write::Device {
                number,
                endpoint: endpoint.clone(),
                created: at,
            });
        }
        let mode = mode.name().to_owned();
        self.journal(number, device, at, EventKind::CredentialSet { mode, by });
    }

    pub(super) fn session_started(
        &mut self,
        number: DeviceNumber,
        device: &mut Device,
        at: Timestamp,
        secured: &Secured,
        address: SocketAddr,
    ) {
        if let Some(security) = &mut device.security {
            security.address_changes = 0;
        }
        let kind = EventKind::SessionStarted {
            session: secured.view(),
            address: address.to_string(),
        };
        self.journal(number, device, at, kind);
    }

    pub(super) fn session_ended(
        &mut self,
        number: DeviceNumber,
        device: &Device,
        at: Timestamp,
        reason: String,
        was_its_own: bool,
    ) {
        if was_its_own {
            self.writes.push(Write::SessionGone { number });
        }
        self.journal(number, device, at, EventKind::SessionEnded { reason });
    }

    pub(super) fn address_changed(
        &mut self,
        number: DeviceNumber,
        device: &mut Device,
        at: Timestamp,
        from: SocketAddr,
        to: SocketAddr,
    ) {
        device.moved_to(to);
        history(device).address_changes += 1;
        if let Some(registration) = device.registration.clone() {
            // The lifetime goes on as before.
            self.keep(number, &registration, to, device.updated_at);
        }
        let kind = EventKind::AddressChanged {
            from: from.to_string(),
            to: to.to_string(),
        };
        self.journal(number, device, at, kind);
    }

    /// The registration goes on in another session, of which was told before.
    pub(super) fn moved(
        &mut self,
        number: DeviceNumber,
        device: &mut Device,
        registration: Arc<Registration>,
        address: SocketAddr,
    ) {
        device.moved_to(address);
        self.keep(number, &registration, address, device.updated_at);
        device.registration = Some(registration);
    }

    pub(super) fn handshake_failed(
        &mut self,
        number: DeviceNumber,
        device: &mut Device,
        at: Timestamp,
        address: SocketAddr,
        identity: Option<String>,
        reason: String,
    ) {
        let address = address.to_string();
        history(device).last_failure = Some(HandshakeFailure {
            at,
            address: address.clone(),
            identity: identity.clone(),
            reason: reason.clone(),
        });
        let kind = EventKind::HandshakeFailed {
            address,
            identity,
            reason,
        };
        self.refused(number, device, at, kind);
    }
}

fn history(device: &mut Device) -> &mut SecurityHistory {
    device.security.get_or_insert_default()
}
