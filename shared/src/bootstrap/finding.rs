//! What is wrong with a configuration, in words for the person who wrote it.

use crate::compact::Compact;
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Severity {
    /// It may work, and may not do what was meant.
    Warning,
    /// It is not sent to any device.
    Refusal,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    pub severity: Severity,
    /// A stable name, `"no_server_account"`.
    pub rule: String,
    /// Where in the configuration, `"servers[0].uri"`; empty for the whole.
    pub place: String,
    pub message: String,
    /// Whether the device would be locked out: it could not register with its server, or not be bootstrapped again.
    pub locks_out: bool,
}

/// The rules that keep a device from its server, or from its bootstrap server.
const LOCKS_OUT: [&str; 16] = [
    "bad_lifetime",
    "bad_security_mode",
    "bad_short_id",
    "bad_uri",
    "loopback_uri",
    "mismatched_short_id",
    "no_key",
    "no_lifetime",
    "no_server_account",
    "no_short_id",
    "other_credential",
    "overwrites_bootstrap_account",
    "replaces_bootstrap_account",
    "short_id_twice",
    "unreachable_uri",
    "uri_needs_security",
];

impl Finding {
    pub(super) fn refusal(rule: &str, place: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding::new(Severity::Refusal, rule, place, message)
    }

    pub(super) fn warning(rule: &str, place: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding::new(Severity::Warning, rule, place, message)
    }

    pub fn new(
        severity: Severity,
        rule: &str,
        place: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        Finding {
            severity,
            rule: rule.to_owned(),
            place: place.into(),
            message: message.into(),
            locks_out: LOCKS_OUT.contains(&rule),
        }
    }
}

/// Whether any of them says that the device would be locked out.
pub fn locks_out(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.locks_out)
}

/// Whether any of them forbids to send the configuration.
pub fn has_refusal(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.severity == Severity::Refusal)
}
