//! Why a device is in the state it is in: pure, from the facts that [`crate::core`] gathers.
//!
//! One file for each check. A check says what it found, what it looked at, and what a person can do; a check that has
//! nothing to go by says so instead of passing.

mod address;
mod battery;
mod credential;
mod facts;
mod handshake;
mod peers;
mod radio;
mod reachability;
mod registration;
#[cfg(test)]
mod tests;

pub(crate) use facts::{CredentialFacts, Facts, LastAnswer, Measured, PeerGroup, Refusal};

use shared::DeviceState;
use shared::Timestamp;
use shared::api::{Check, CheckKind, CheckVerdict, Diagnosis, Remedy};
use shared::span::span;

/// Carries out all checks, in the order in which a contact takes its steps.
pub(crate) fn diagnose(endpoint: &str, facts: &Facts) -> Diagnosis {
    let mut checks = vec![
        credential::check(facts),
        handshake::check(facts),
        registration::check(facts),
    ];
    if facts.state.is_some_and(|state| state != DeviceState::NeverSeen) {
        checks.extend([
            reachability::check(facts),
            address::check(facts),
            radio::check(facts),
            battery::check(facts),
            peers::check(facts),
        ]);
    }
    Diagnosis {
        endpoint: endpoint.to_owned(),
        state: facts.state,
        verdict: verdict(facts, &checks),
        expectation: facts.expectation.clone(),
        checks,
        at: facts.now,
    }
}

/// The likeliest reason: what fails first on the way of a contact; what many share before what one has.
fn verdict(facts: &Facts, checks: &[Check]) -> String {
    let of = |verdict| checks.iter().filter(move |check| check.verdict == verdict);
    let shared = checks
        .iter()
        .find(|check| check.kind == CheckKind::Peers && check.verdict == CheckVerdict::Fail);
    let silent = facts.state.is_some_and(is_silent);
    match (
        shared,
        of(CheckVerdict::Fail).next(),
        of(CheckVerdict::Warning).next(),
    ) {
        (Some(peers), ..) if silent => {
            format!(
                "It is not alone, which points to what they share. {}",
                peers.finding
            )
        }
        (_, Some(first), _) => first.finding.clone(),
        (_, None, Some(first)) => format!("It works, with a weakness. {}", first.finding),
        (_, None, None) => "Nothing is wrong, as far as the server can see.".into(),
    }
}

/// Whether the device should be heard and is not.
pub(crate) const fn is_silent(state: DeviceState) -> bool {
    matches!(
        state,
        DeviceState::Late | DeviceState::Offline | DeviceState::Refused
    )
}

/// A check under construction.
fn found(kind: CheckKind, verdict: CheckVerdict, finding: impl Into<String>, looked_at: &str) -> Check {
    Check {
        kind,
        verdict,
        finding: finding.into(),
        looked_at: looked_at.to_owned(),
        evidence_at: None,
        remedy: None,
    }
}

/// The rest of a check, in the order of reading.
trait More {
    fn at(self, at: Option<Timestamp>) -> Check;
    fn remedy(self, remedy: Remedy) -> Check;
}

impl More for Check {
    fn at(self, at: Option<Timestamp>) -> Check {
        Check {
            evidence_at: at,
            ..self
        }
    }

    fn remedy(self, remedy: Remedy) -> Check {
        Check {
            remedy: Some(remedy),
            ..self
        }
    }
}

impl Facts {
    /// `"3 h 12 min ago"`.
    fn ago(&self, at: Timestamp) -> String {
        format!("{} ago", span(self.now.since(at)))
    }

    /// `"in 12 min"`, or how long ago.
    fn when(&self, at: Timestamp) -> String {
        if at >= self.now {
            format!("in {}", span(at.since(self.now)))
        } else {
            self.ago(at)
        }
    }
}
