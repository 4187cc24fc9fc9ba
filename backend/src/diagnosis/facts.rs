//! What the checks go by.

use shared::api::{CredentialMode, Expectation, SecurityView};
use shared::{DeviceState, Timestamp};

/// Everything that is known of one endpoint and bears on why it is silent or not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) now: Timestamp,
    /// Absent for an endpoint that is no device.
    pub(crate) state: Option<DeviceState>,
    pub(crate) queue_mode: bool,
    pub(crate) last_seen: Option<Timestamp>,
    pub(crate) next_due: Option<Timestamp>,
    /// When the next contact is expected, by its rhythm.
    pub(crate) next_contact: Option<Timestamp>,
    /// Since when an answer is overdue.
    pub(crate) unanswered: Option<Timestamp>,
    pub(crate) expectation: Option<Expectation>,

    pub(crate) credential: Option<CredentialFacts>,
    /// Whether a device without security may register that has no credential.
    pub(crate) insecure_allowed: bool,
    pub(crate) session: Option<SecurityView>,
    /// Whether it is over TCP or TLS that it registered.
    pub(crate) over_stream: bool,
    /// Whether the registration came without security.
    pub(crate) unsecured: bool,

    pub(crate) registered_at: Option<Timestamp>,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) lifetime: Option<u32>,
    pub(crate) lifetime_ends: Option<Timestamp>,
    pub(crate) lints: usize,

    /// The newest refusal of a handshake, and of anything else.
    pub(crate) refused_handshake: Option<Refusal>,
    pub(crate) refused: Option<Refusal>,
    /// When a session last began, and when and why one last ended.
    pub(crate) session_started: Option<Timestamp>,
    pub(crate) session_ended: Option<(Timestamp, String)>,
    /// Changes of its address in the last 24 hours, the newest first.
    pub(crate) address_changes: Vec<Timestamp>,

    pub(crate) last_answer: Option<LastAnswer>,
    /// When an operation last ran out of time after it was sent.
    pub(crate) last_timeout: Option<Timestamp>,

    /// The objects it registered, of those that the checks read.
    pub(crate) has_connectivity: bool,
    pub(crate) has_device: bool,
    /// `/4/0/0`, `/4/0/2`, `/4/0/8`; `/3/0/9`, `/3/0/20`, `/3/0/11`.
    pub(crate) bearer: Option<i64>,
    pub(crate) signal: Option<Measured>,
    pub(crate) cell: Option<i64>,
    pub(crate) battery: Option<Measured>,
    pub(crate) battery_status: Option<i64>,
    pub(crate) error_codes: Vec<i64>,

    pub(crate) peers: Vec<PeerGroup>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CredentialFacts {
    pub(crate) mode: CredentialMode,
    /// What its certificate is known by, if not by the endpoint name.
    pub(crate) certificate_name: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) expires: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) at: Timestamp,
    pub(crate) what: String,
    pub(crate) code: Option<String>,
    pub(crate) reason: String,
}

/// An answer of the device to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastAnswer {
    pub(crate) at: Timestamp,
    pub(crate) round_trip_ms: u32,
}

/// A number with its past, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Measured {
    pub(crate) value: f64,
    pub(crate) at: Timestamp,
    pub(crate) history: Vec<(Timestamp, f64)>,
}

/// The other devices that have something in common with this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PeerGroup {
    /// `"model WM-110"`.
    pub(crate) what: String,
    /// What finds them in the list of devices.
    pub(crate) query: String,
    pub(crate) others: u32,
    pub(crate) silent: u32,
}

impl Measured {
    /// By how much it changed a day, of late; from at least an hour's numbers, and at least four.
    pub(super) fn per_day(&self) -> Option<f64> {
        const HOUR: i64 = 3_600_000;
        let (first, last) = (self.history.first()?, self.history.last()?);
        let passed = last.0.since(first.0);
        if self.history.len() < 4 || passed < HOUR {
            return None;
        }
        // A line through all of them by least squares, so that one outlier does not make a trend.
        let count = self.history.len() as f64;
        let x = |at: Timestamp| at.since(first.0) as f64 / 86_400_000.0;
        let mean_x = self.history.iter().map(|(at, _)| x(*at)).sum::<f64>() / count;
        let mean_y = self.history.iter().map(|(_, value)| value).sum::<f64>() / count;
        let (mut above, mut below) = (0.0, 0.0);
        for (at, value) in &self.history {
            above += (x(*at) - mean_x) * (value - mean_y);
            below += (x(*at) - mean_x).powi(2);
        }
        (below > 0.0).then(|| above / below)
    }
}
