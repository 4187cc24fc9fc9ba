//! An event as the registry tells it: numbered, and written out only for those who read it.
//!
//! Most events have no reader. A registration written out is dozens of texts, and here it is a pointer.

use crate::lwm2m::registration::Registration;
use shared::Timestamp;
use shared::event::{Event, EventKind};
use std::net::SocketAddr;
use std::sync::Arc;

/// An event. [`Told::event`] writes it out.
#[derive(Debug)]
pub struct Told {
    /// Strictly increasing over all devices and restarts.
    pub sequence: u64,
    pub at: Timestamp,
    /// The device's endpoint name, or the address of a sender that is no device.
    pub endpoint: Arc<str>,
    pub(crate) what: Telling,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum Telling {
    Registered {
        registration: Arc<Registration>,
        peer: SocketAddr,
        replaced: bool,
    },
    Updated {
        changed: Option<(Arc<Registration>, SocketAddr)>,
        lifetime_ends: Timestamp,
    },
    /// Any other, and those two where they were written out already.
    Other(EventKind),
}

impl From<EventKind> for Telling {
    fn from(kind: EventKind) -> Telling {
        Telling::Other(kind)
    }
}

impl Told {
    /// An event that is written out already.
    pub fn new(event: Event) -> Told {
        Told {
            sequence: event.sequence,
            at: event.at,
            endpoint: event.endpoint.into(),
            what: Telling::Other(event.kind),
        }
    }

    /// The event as everybody else knows it.
    pub fn event(&self) -> Event {
        Event {
            sequence: self.sequence,
            at: self.at,
            endpoint: self.endpoint.to_string(),
            kind: self.kind(),
        }
    }

    pub(crate) fn kind(&self) -> EventKind {
        match &self.what {
            Telling::Registered {
                registration,
                peer,
                replaced,
            } => EventKind::Registered {
                registration: Box::new(registration.view(*peer, self.at)),
                replaced: *replaced,
            },
            Telling::Updated {
                changed,
                lifetime_ends,
            } => EventKind::Updated {
                registration: changed
                    .as_ref()
                    .map(|(registration, peer)| Box::new(registration.view(*peer, self.at))),
                lifetime_ends: *lifetime_ends,
            },
            Telling::Other(kind) => kind.clone(),
        }
    }

    /// As [`EventKind::name`].
    pub const fn name(&self) -> &'static str {
        match &self.what {
            Telling::Registered { .. } => "registered",
            Telling::Updated { .. } => "updated",
            Telling::Other(kind) => kind.name(),
        }
    }

    /// Whether a device came, went or changed its state.
    pub(crate) const fn changes_fleet(&self) -> bool {
        match &self.what {
            Telling::Registered { .. } => true,
            Telling::Updated { .. } => false,
            Telling::Other(kind) => matches!(
                kind,
                EventKind::Registered { .. }
                    | EventKind::Deregistered { .. }
                    | EventKind::Awake
                    | EventKind::Asleep
                    | EventKind::Late
                    | EventKind::Described { .. }
                    | EventKind::Decommissioned { .. }
                    | EventKind::Restored
                    | EventKind::Provisioned { .. }
                    | EventKind::Bootstrap { .. }
            ),
        }
    }
}
