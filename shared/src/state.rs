//! The state of a device, as a word with its evidence.

use crate::compact::Compact;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// What the server can say about a device's reachability. Always shown with [`Contact::evidence`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DeviceState {
    /// Provisioned, no contact yet.
    NeverSeen,
    Bootstrapping,
    Online,
    /// In queue mode and within its expectation.
    Asleep,
    /// Past its expected contact while its lifetime is not over.
    Late,
    /// Its lifetime is over.
    Offline,
    /// It de-registered.
    SignedOff,
    /// It keeps failing to authenticate.
    Refused,
    Decommissioned,
}

impl DeviceState {
    pub const ALL: [DeviceState; 9] = [
        DeviceState::NeverSeen,
        DeviceState::Bootstrapping,
        DeviceState::Online,
        DeviceState::Asleep,
        DeviceState::Late,
        DeviceState::Offline,
        DeviceState::SignedOff,
        DeviceState::Refused,
        DeviceState::Decommissioned,
    ];

    /// The name in queries and in the API, `"signed_off"`.
    pub const fn name(self) -> &'static str {
        match self {
            DeviceState::NeverSeen => "never_seen",
            DeviceState::Bootstrapping => "bootstrapping",
            DeviceState::Online => "online",
            DeviceState::Asleep => "asleep",
            DeviceState::Late => "late",
            DeviceState::Offline => "offline",
            DeviceState::SignedOff => "signed_off",
            DeviceState::Refused => "refused",
            DeviceState::Decommissioned => "decommissioned",
        }
    }

    /// The word for people, `"Signed off"`.
    pub const fn word(self) -> &'static str {
        match self {
            DeviceState::NeverSeen => "Never seen",
            DeviceState::Bootstrapping => "Bootstrapping",
            DeviceState::Online => "Online",
            DeviceState::Asleep => "Asleep",
            DeviceState::Late => "Late",
            DeviceState::Offline => "Offline",
            DeviceState::SignedOff => "Signed off",
            DeviceState::Refused => "Refused",
            DeviceState::Decommissioned => "Decommissioned",
        }
    }

    /// Whether the device holds a registration in this state.
    pub const fn is_registered(self) -> bool {
        matches!(
            self,
            DeviceState::Online | DeviceState::Asleep | DeviceState::Late
        )
    }
}

/// The facts of a device's last and next contact, from which its evidence is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Compact)]
pub struct Contact {
    pub state: DeviceState,
    /// The last message of any kind from the device.
    pub last_seen: Option<Timestamp>,
    /// When the next message is expected at the latest; from the lifetime, or learnt.
    pub next_due: Option<Timestamp>,
    /// When the registration's lifetime ends, or ended.
    pub lifetime_ends: Option<Timestamp>,
}

impl Contact {
    /// The state and what it rests on, as a sentence or two. `clock` writes a time the way the reader wants it
    /// (the page: local time; the API: UTC).
    pub fn evidence(&self, clock: impl Fn(Timestamp) -> String) -> String {
        let word = self.state.word();
        let seen = self.last_seen.map(|at| format!(" Last message {}", clock(at)));
        let due = self.next_due.map(&clock);
        let ends = self.lifetime_ends.map(&clock);
        match (self.state, seen, due, ends) {
            (DeviceState::NeverSeen, ..) => format!("{word}. Provisioned, no contact yet."),
            (DeviceState::Online | DeviceState::Asleep, Some(seen), Some(due), Some(ends)) => {
                format!("{word}.{seen}, next due by {due}, lifetime ends {ends}.")
            }
            (DeviceState::Late, Some(seen), Some(due), Some(ends)) => {
                format!("{word}.{seen}, was due by {due}. Its registration holds until {ends}.")
            }
            (DeviceState::Offline, Some(seen), _, Some(ends)) => {
                format!("{word}.{seen}, lifetime ended {ends}.")
            }
            (DeviceState::SignedOff, Some(seen), ..) => format!("{word}. It de-registered.{seen}."),
            (DeviceState::Refused, seen, ..) => {
                let seen = seen.map(|seen| seen + ".").unwrap_or_default();
                format!("{word}. Its handshakes fail one after the other; the diagnosis says why.{seen}")
            }
            (_, Some(seen), ..) => format!("{word}.{seen}."),
            (_, None, ..) => format!("{word}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_evidence_of_a_sleeping_device_says_when_to_expect_it() {
        let contact = Contact {
            state: DeviceState::Asleep,
            last_seen: Some(Timestamp(0)),
            next_due: Some(Timestamp(60_000)),
            lifetime_ends: Some(Timestamp(120_000)),
        };
        assert_eq!(
            contact.evidence(|at| at.seconds().to_string()),
            "Asleep. Last message 0, next due by 60, lifetime ends 120."
        );
    }
}
