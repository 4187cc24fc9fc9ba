//! Registrations, and what people say of a device.

use super::Applier;
use crate::lwm2m::registration::Registration;
use crate::registry::device::Described;
use crate::registry::journal::Entry;
use crate::registry::persist::Write;
use crate::registry::told::Telling;
use crate::registry::{Device, DeviceNumber, Rows};
use shared::api::{DevicePatch, TransmissionSettings};
use shared::event::{DeregistrationReason, EventKind};
use shared::{DeviceState, Timestamp};
use std::net::SocketAddr;
use std::sync::Arc;

impl Applier {
    pub(super) fn registered(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        registration: &Arc<Registration>,
        peer: SocketAddr,
        replaced: bool,
    ) {
        let before = rows
            .get(number)
            .and_then(Device::behind)
            .map(|behind| behind.gateway);
        rows.set_gateway(
            number,
            before,
            registration.behind.as_ref().map(|behind| behind.gateway),
        );
        let (device, _) = rows.get_or_insert(number, &registration.endpoint);
        if device.peer.is_some_and(|known| known != peer) {
            device.previous_peer = device.peer;
        }
        device.peer = Some(peer);
        if replaced && device.state.is_registered() {
            device.rhythm.learn(at.since(device.updated_at));
        }
        let slept = device.state != DeviceState::Online;
        device.state = DeviceState::Online;
        device.heard(at);
        device.registration = Some(registration.clone());
        if slept {
            device.woke(at);
        }
        device.renewed(at);
        for observed in &mut device.observations {
            observed.token = None;
        }
        self.keep(number, registration, peer, at);
        if before.is_some() || registration.behind.is_some() {
            self.writes.push(Write::Behind {
                number,
                behind: registration.behind.clone(),
            });
        }
        let what = Telling::Registered {
            registration: registration.clone(),
            peer,
            replaced,
        };
        self.journal(number, device, at, what);
        self.set_timer(number, device);
    }

    pub(super) fn updated(
        &mut self,
        number: DeviceNumber,
        device: &mut Device,
        at: Timestamp,
        changed: Option<(Arc<Registration>, SocketAddr)>,
    ) {
        device.rhythm.learn(at.since(device.updated_at));
        if let Some((registration, peer)) = &changed {
            if device.peer.is_some_and(|known| known != *peer) {
                device.previous_peer = device.peer;
            }
            device.peer = Some(*peer);
            self.keep(number, registration, *peer, at);
            device.registration = Some(registration.clone());
        }
        device.renewed(at);
        self.heard(number, device, at);
        let is_changed = changed.is_some();
        let what = Telling::Updated {
            changed,
            lifetime_ends: device.lifetime_ends,
        };
        if is_changed {
            self.journal(number, device, at, what);
        } else {
            // A keep-alive is shown live and not journalled.
            self.events.add(at, &device.endpoint, what);
        }
    }

    /// Has a registration written, and its object list if it is new.
    fn keep(
        &mut self,
        number: DeviceNumber,
        registration: &Arc<Registration>,
        peer: SocketAddr,
        at: Timestamp,
    ) {
        let (set, is_new) = self.links.number(&registration.links);
        if is_new {
            let links = registration.links.clone();
            self.writes.push(Write::Links { set, links });
        }
        self.writes.push(Write::Registration {
            number,
            registration: registration.clone(),
            set,
            peer,
            at,
        });
    }

    pub(super) fn heard(&mut self, number: DeviceNumber, device: &mut Device, at: Timestamp) {
        let (woke, _) = device.heard(at);
        self.mark_dirty(number, device);
        if woke {
            self.events.add(at, &device.endpoint, EventKind::Awake);
        }
        self.set_timer(number, device);
    }

    pub(super) fn deregistered(
        &mut self,
        number: DeviceNumber,
        device: &mut Device,
        at: Timestamp,
        reason: DeregistrationReason,
    ) {
        device.state = match reason {
            DeregistrationReason::Deregistered => {
                device.heard(at);
                DeviceState::SignedOff
            }
            DeregistrationReason::Expired
            | DeregistrationReason::Replaced
            | DeregistrationReason::Removed => DeviceState::Offline,
        };
        for observed in &mut device.observations {
            observed.token = None;
        }
        self.writes.push(Write::Contact {
            number,
            last_seen: device.last_seen.unwrap_or(at),
            updated: device.updated_at,
            state: device.state,
        });
        self.journal(number, device, at, EventKind::Deregistered { reason });
    }

    pub(super) fn describe(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        patch: DevicePatch,
        by: String,
    ) {
        let Some(device) = rows.get_mut(number) else {
            return;
        };
        let mut described = device
            .described
            .take()
            .map(|described| *described)
            .unwrap_or_default();
        if let Some(label) = patch.label {
            described.label = (!label.is_empty()).then(|| label.into());
        }
        described.tags = patch.tags.unwrap_or(described.tags);
        described.metadata = patch.metadata.unwrap_or(described.metadata);
        described.awake_window = patch.awake_window.unwrap_or(described.awake_window);
        self.writes.push(Write::Describe {
            number,
            described: described.clone(),
        });
        device.described = (described != Described::default()).then(|| Box::new(described));
        self.journal(number, device, at, EventKind::Described { by });
        // A shorter awake window ends earlier.
        self.set_timer(number, device);
    }

    pub(super) fn tune(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        settings: Option<Box<TransmissionSettings>>,
        by: String,
    ) {
        let Some(device) = rows.get_mut(number) else {
            return;
        };
        let mut described = device
            .described
            .take()
            .map(|described| *described)
            .unwrap_or_default();
        described.transmission = settings;
        self.writes.push(Write::Describe {
            number,
            described: described.clone(),
        });
        device.described = (described != Described::default()).then(|| Box::new(described));
        self.journal(number, device, at, EventKind::Described { by });
    }

    /// Removes a device, and those behind it, which nothing else leads to. Returns all that are to be forgotten.
    pub(super) fn remove(
        &mut self,
        rows: &mut Rows,
        number: DeviceNumber,
        at: Timestamp,
        by: &str,
    ) -> Vec<DeviceNumber> {
        let mut removed = vec![number];
        if let Some(device) = rows.get(number) {
            removed.extend(&device.children);
        }
        for number in removed.iter().copied() {
            if let Some(device) = rows.remove(number) {
                let by = by.to_owned();
                self.events
                    .add(at, &device.endpoint, EventKind::Decommissioned { by });
                self.writes.push(Write::Remove { number });
            }
        }
        removed
    }

    pub(super) fn refuse_stranger(
        &mut self,
        at: Timestamp,
        peer: SocketAddr,
        what: String,
        code: Option<String>,
        reason: String,
    ) {
        let source: Arc<str> = peer.to_string().into();
        let event = self
            .events
            .add(at, &source, EventKind::Refused { what, code, reason });
        if self.strangers.take(at) {
            let number = DeviceNumber(0);
            self.writes.push(Write::Journal(Entry { number, event }));
        }
    }

    /// Something a known device sent was refused.
    pub(super) fn refused(&mut self, number: DeviceNumber, device: &Device, at: Timestamp, kind: EventKind) {
        if self.refusals.take(at) {
            self.journal(number, device, at, kind);
        } else {
            self.events.add(at, &device.endpoint, kind);
        }
    }
}
