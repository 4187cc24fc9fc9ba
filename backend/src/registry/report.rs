//! What a shard, or a person, tells the registry.

use super::DeviceNumber;
use crate::credential::Secured;
use crate::lwm2m::observation::{Subject, Wanted};
use crate::lwm2m::operation::Outcome;
use crate::lwm2m::operation::book::Entry;
use crate::lwm2m::registration::Registration;
use crate::lwm2m::registration::profile::Profile;
use coap::{Code, Request, Token};
use shared::Timestamp;
use shared::api::{DevicePatch, TransmissionSettings};
use shared::bootstrap::{SessionState, SessionStep};
use shared::event::{DeregistrationReason, Origin, TimedValue};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::oneshot;

/// One thing that happened, at the time `at` of the message or of the moment.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) at: Timestamp,
    pub(crate) device: Option<DeviceNumber>,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    Registered {
        registration: Arc<Registration>,
        address: SocketAddr,
        replaced: bool,
    },
    /// A registration Update; with the registration and address if they changed.
    Updated {
        changed: Option<(Arc<Registration>, SocketAddr)>,
    },
    /// Any other message of the device.
    Seen,
    Deregistered {
        reason: DeregistrationReason,
    },
    Values {
        origin: Origin,
        values: Vec<TimedValue>,
        /// The observation that brought them.
        observation: Option<Subject>,
    },
    ObservationStarted {
        wanted: Box<Wanted>,
        token: Token,
        /// The request that began it, which its cancellation repeats.
        request: Option<Request>,
    },
    ObservationEnded {
        subject: Subject,
        reason: String,
    },
    Operation {
        entry: Arc<Entry>,
        progress: Progress,
    },
    /// A registration told what a Profile ID stands for.
    ProfileLearnt {
        id: String,
        profile: Profile,
    },
    /// The device proved who it is in a new session.
    SessionStarted {
        secured: Arc<Secured>,
        address: SocketAddr,
    },
    SessionEnded {
        reason: String,
    },
    /// Its session goes on from another address.
    AddressChanged {
        from: SocketAddr,
        to: SocketAddr,
    },
    /// The device left a request unanswered.
    Unanswered,
    /// From a device that is known, or else from an address.
    Refused {
        address: SocketAddr,
        what: String,
        code: Option<String>,
        reason: String,
    },
    /// A person set how it is talked to; `None` for as usual.
    Tune {
        settings: Option<Box<TransmissionSettings>>,
        by: String,
        done: oneshot::Sender<()>,
    },
    Describe {
        patch: DevicePatch,
        by: String,
        done: oneshot::Sender<()>,
    },
    /// A device is made known before it comes, or described anew.
    Provision {
        endpoint: Arc<str>,
        patch: DevicePatch,
        by: String,
        /// Told when it is applied.
        done: Option<oneshot::Sender<()>>,
    },
    /// A step of a bootstrap.
    Bootstrap {
        session: u64,
        state: SessionState,
        step: Box<SessionStep>,
    },
    Remove {
        by: String,
        done: oneshot::Sender<()>,
    },
    /// Everything reported before this has been applied and handed to the store, last contacts and values too.
    Flush {
        done: oneshot::Sender<()>,
    },
    /// As [`What::Flush`], without what is written every few seconds.
    HandOver {
        done: oneshot::Sender<()>,
    },
}

#[derive(Debug)]
pub(crate) enum Progress {
    Queued,
    Sent,
    /// It could not be sent yet after all.
    PutBack,
    /// The device cannot do it now, and said when it is to be asked again.
    Deferred {
        until: Timestamp,
        code: Code,
    },
    Ended(Box<Outcome>),
}

impl Report {
    /// Asks for everything to be written.
    pub(crate) const fn flush(done: oneshot::Sender<()>) -> Report {
        Report {
            at: Timestamp(0),
            device: None,
            what: What::Flush { done },
        }
    }

    /// Whether somebody may be waiting for it.
    pub(crate) const fn is_urgent(&self) -> bool {
        matches!(self.what, What::Operation { .. } | What::Registered { .. })
    }
}
