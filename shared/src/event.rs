//! Everything that can happen to a device, as one type.
//!
//! The registry applies an event, the journal stores it with its sequence number, the live hub pushes it; neither the
//! page nor the database learns anything by another way. Variants are only ever appended: the compact encoding
//! numbers them.

use crate::api::{OperationKind, OperationState, RegistrationView, SecurityView};
use crate::bootstrap::{SessionState, SessionStep};
use crate::compact::Compact;
use crate::timestamp::Timestamp;
use crate::{Path, Value};
use serde::{Deserialize, Serialize};

/// Something that happened to one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
pub struct Event {
    /// Strictly increasing over all devices and restarts.
    pub sequence: u64,
    pub at: Timestamp,
    pub endpoint: String,
    pub kind: EventKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The device registered; `replaced` if it held a registration already. The registration carries its lint.
    Registered {
        registration: Box<RegistrationView>,
        replaced: bool,
    },
    /// The device renewed its registration; `registration` is there when anything but the time changed.
    Updated {
        registration: Option<Box<RegistrationView>>,
        lifetime_ends: Timestamp,
    },
    /// The registration ended.
    Deregistered {
        reason: DeregistrationReason,
    },
    /// Values arrived, or were written.
    Values {
        origin: Origin,
        values: Vec<TimedValue>,
    },
    ObservationStarted {
        path: Path,
    },
    ObservationEnded {
        path: Path,
        reason: String,
    },
    /// An operation changed its state. `message` explains a state that is not `Done`.
    Operation {
        id: u64,
        op: OperationKind,
        path: Path,
        state: OperationState,
        /// The CoAP response code, `"2.05"`.
        code: Option<String>,
        message: Option<String>,
        /// Who asked for it.
        by: String,
    },
    /// The server refused or could not read something the device sent.
    Refused {
        what: String,
        code: Option<String>,
        reason: String,
    },
    /// In queue mode: the device can be reached until its awake window closes.
    Awake,
    /// In queue mode: the awake window closed.
    Asleep,
    /// The expected contact did not come; the lifetime is not over.
    Late,
    /// The device was changed by a person: label, tags or metadata.
    Described {
        by: String,
    },
    /// The device and what is known of it were removed by a person.
    Decommissioned {
        by: String,
    },
    /// The server started again with this device's registration restored.
    Restored,
    /// As `ObservationStarted`, of several paths at once (Observe-Composite).
    CompositeObservationStarted {
        paths: Vec<Path>,
    },
    CompositeObservationEnded {
        paths: Vec<Path>,
        reason: String,
    },
    /// The device proved who it is; a registration may follow.
    SessionStarted {
        security: Box<SecurityView>,
        address: String,
    },
    SessionEnded {
        reason: String,
    },
    /// Its session goes on from another address, as behind a NAT.
    AddressChanged {
        from: String,
        to: String,
    },
    /// The device was made known by a person, an import or a rule.
    Provisioned {
        by: String,
    },
    /// A step of a bootstrap session.
    Bootstrap {
        session: u64,
        state: SessionState,
        step: Box<SessionStep>,
    },
}

impl EventKind {
    /// The name by which events are filtered in the API, `"registered"`.
    pub const fn name(&self) -> &'static str {
        match self {
            EventKind::Registered { .. } => "registered",
            EventKind::Updated { .. } => "updated",
            EventKind::Deregistered { .. } => "deregistered",
            EventKind::Values { .. } => "values",
            EventKind::ObservationStarted { .. } | EventKind::CompositeObservationStarted { .. } => {
                "observation_started"
            }
            EventKind::ObservationEnded { .. } | EventKind::CompositeObservationEnded { .. } => {
                "observation_ended"
            }
            EventKind::Operation { .. } => "operation",
            EventKind::Refused { .. } => "refused",
            EventKind::Awake => "awake",
            EventKind::Asleep => "asleep",
            EventKind::Late => "late",
            EventKind::Described { .. } => "described",
            EventKind::Decommissioned { .. } => "decommissioned",
            EventKind::Restored => "restored",
            EventKind::SessionStarted { .. } => "session_started",
            EventKind::SessionEnded { .. } => "session_ended",
            EventKind::AddressChanged { .. } => "address_changed",
            EventKind::Provisioned { .. } => "provisioned",
            EventKind::Bootstrap { .. } => "bootstrap",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DeregistrationReason {
    /// The device asked for it.
    Deregistered,
    /// The lifetime ended without an Update.
    Expired,
    /// A new registration of the same endpoint took its place.
    Replaced,
    /// A person removed the device.
    Removed,
}

/// How the server came to know a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Origin {
    Read,
    Notify,
    Send,
    /// Written by the server and accepted by the device, not read back since.
    Written,
}

impl Origin {
    pub const fn name(self) -> &'static str {
        match self {
            Origin::Read => "read",
            Origin::Notify => "notify",
            Origin::Send => "send",
            Origin::Written => "written",
        }
    }
}

/// A value with its place and time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
pub struct TimedValue {
    pub path: Path,
    pub value: Value,
    /// The device's own time stamp if the payload had one, else the time of arrival.
    pub at: Timestamp,
}

/// Whether a value with a time of its own belongs to the past of one that is known, and does not take its place: stored
/// while the device was out of reach, it arrives after a newer one.
///
/// `stamped` says whether the device gave the time itself. A device's clock may be wrong, though the order of its messages
/// is not: what is known from the future, or what has the time of a clock that was never set, says nothing; and against
/// the time at which a message arrived here a clock may be a minute slow.
pub fn belongs_to_the_past(
    (at, stamped): (Timestamp, bool),
    (known_at, known_stamped): (Timestamp, bool),
    arrived: Timestamp,
) -> bool {
    /// 1 January 2020.
    const SET: Timestamp = Timestamp::from_seconds(1_577_836_800);
    const SLOW: i64 = 60;
    let slack = if known_stamped { 0 } else { SLOW };
    stamped && at >= SET && known_at <= arrived && at.plus_seconds(slack) < known_at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_value_that_arrives_late_is_not_the_newest() {
        let at = |seconds: i64| Timestamp::from_seconds(1_800_000_000 + seconds);
        let unset = Timestamp::from_seconds(86_400);
        for (value, known, expect) in [
            ((at(-600), true), (at(-300), true), true),
            ((at(-301), true), (at(-300), true), true),
            ((at(-300), true), (at(-600), true), false),
            // Read five minutes ago, and reported by a device whose clock is right.
            ((at(-600), true), (at(-300), false), true),
            // By one whose clock is half a minute slow.
            ((at(-30), true), (at(-1), false), false),
            // What has no time of its own is of now.
            ((at(0), false), (at(-1), true), false),
            // The clock was ahead, or was never set.
            ((at(-5), true), (at(3600), true), false),
            ((unset, true), (at(-300), false), false),
        ] {
            assert_eq!(
                belongs_to_the_past(value, known, at(0)),
                expect,
                "{value:?} {known:?}"
            );
        }
    }
}
