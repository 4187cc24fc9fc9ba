//! One device.

use super::DeviceNumber;
use super::state::{Rhythm, Wakes};
use super::values::Values;
use crate::lwm2m::observation::Subject;
use crate::lwm2m::registration::{Behind, Registration};
use coap::Token;
use shared::api::TransmissionSettings;
use shared::sorted::SortedMap;
use shared::{DeviceState, Path, Timestamp};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

/// What is known of one device.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) endpoint: Arc<str>,
    pub(crate) described: Option<Box<Described>>,
    /// The current registration, or the last one.
    pub(crate) registration: Option<Arc<Registration>>,
    pub(crate) peer: Option<SocketAddr>,
    /// Where it was before its address changed.
    pub(crate) previous_peer: Option<SocketAddr>,
    /// Handshakes in its name that failed since the last that did not.
    pub(crate) failed_handshakes: u8,
    pub(crate) state: DeviceState,
    /// Any message.
    pub(crate) last_seen: Option<Timestamp>,
    /// The last Register or Update.
    pub(crate) updated_at: Timestamp,
    /// Until when the registration holds; moved after a restart, so that the outage does not end it.
    pub(crate) lifetime_ends: Timestamp,
    pub(crate) rhythm: Rhythm,
    /// When it wakes, in queue mode.
    pub(crate) wakes: Option<Box<Wakes>>,
    /// Since when an answer is overdue.
    pub(crate) unanswered: Option<Timestamp>,
    /// The timer that is set for it, so that none is set twice.
    pub(crate) timer: Option<Timestamp>,
    pub(crate) values: Values,
    pub(crate) observations: Vec<Observed>,
    pub(crate) pending: u32,
    /// The devices behind it, for a gateway.
    pub(crate) children: BTreeSet<DeviceNumber>,
    /// Its contact or values changed since they were last written to the store.
    pub(crate) dirty: bool,
}

/// What people say of a device.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Described {
    pub(crate) label: Option<Box<str>>,
    pub(crate) tags: SortedMap<String, String>,
    pub(crate) metadata: SortedMap<String, String>,
    /// In seconds, if it is not the usual one.
    pub(crate) awake_window: Option<u32>,
    /// How it is talked to, if not as usual.
    pub(crate) transmission: Option<Box<TransmissionSettings>>,
}

/// An observation.
#[derive(Debug, Clone)]
pub(crate) struct Observed {
    pub(crate) subject: Subject,
    pub(crate) token: Option<Token>,
    pub(crate) since: Timestamp,
    pub(crate) last_notification: Option<Timestamp>,
    pub(crate) notifications: u64,
}

const MANUFACTURER: Path = Path::resource(3, 0, 0);
const MODEL: Path = Path::resource(3, 0, 1);
const SERIAL: Path = Path::resource(3, 0, 2);
const FIRMWARE: Path = Path::resource(3, 0, 3);

impl Device {
    pub(crate) fn new(endpoint: Arc<str>) -> Device {
        Device {
            endpoint,
            described: None,
            registration: None,
            peer: None,
            previous_peer: None,
            failed_handshakes: 0,
            state: DeviceState::NeverSeen,
            last_seen: None,
            updated_at: Timestamp::default(),
            lifetime_ends: Timestamp::default(),
            rhythm: Rhythm::default(),
            wakes: None,
            unanswered: None,
            timer: None,
            values: Values::default(),
            observations: Vec::new(),
            pending: 0,
            children: BTreeSet::new(),
            dirty: false,
        }
    }

    pub(crate) fn label(&self) -> Option<&str> {
        self.described.as_ref()?.label.as_deref()
    }

    pub(crate) fn manufacturer(&self) -> Option<&str> {
        self.values.text(MANUFACTURER)
    }

    pub(crate) fn model(&self) -> Option<&str> {
        self.values.text(MODEL)
    }

    pub(crate) fn serial(&self) -> Option<&str> {
        self.values.text(SERIAL)
    }

    pub(crate) fn firmware(&self) -> Option<&str> {
        self.values.text(FIRMWARE)
    }

    pub(crate) fn queue_mode(&self) -> bool {
        self.registration
            .as_ref()
            .is_some_and(|registration| registration.queue_mode)
    }

    /// How it is reached, for a device behind a gateway.
    pub(crate) fn behind(&self) -> Option<&Behind> {
        self.registration.as_ref()?.behind.as_deref()
    }

    /// The awake window that a person set for it, in seconds.
    pub(crate) fn own_awake_window(&self) -> Option<u32> {
        self.described.as_ref()?.awake_window
    }

    /// How a person set that it is talked to.
    pub(crate) fn transmission(&self) -> Option<&TransmissionSettings> {
        self.described.as_ref()?.transmission.as_deref()
    }

    pub(crate) fn observation(&mut self, subject: &Subject) -> Option<&mut Observed> {
        self.observations
            .iter_mut()
            .find(|observed| observed.subject == *subject)
    }

    /// Something came from this address in the device's name, which the trace is to show with it.
    pub(crate) fn notice(&mut self, address: SocketAddr) {
        // A peer whose session is gone has no address.
        if self.peer != Some(address) && address.port() != 0 {
            self.previous_peer = Some(address);
        }
    }

    /// The addresses it had lately.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.peer.into_iter().chain(self.previous_peer).collect()
    }
}
