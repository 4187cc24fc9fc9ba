//! Whether its last handshake succeeded.

use super::{Facts, More, found};
use shared::api::{Check, CheckKind, CheckVerdict, Remedy};

const LOOKED_AT: &str = "its session, and the sessions and refused handshakes on record";

pub(super) fn check(facts: &Facts) -> Check {
    let say = |verdict, finding: String| found(CheckKind::Handshake, verdict, finding, LOOKED_AT);
    if let Some(refused) = &facts.refused_handshake
        && facts.session_started.is_none_or(|started| started < refused.at)
    {
        let finding = format!(
            "The last handshake was refused {}: {}.",
            facts.ago(refused.at),
            sentence(&refused.reason)
        );
        return say(CheckVerdict::Fail, finding)
            .at(Some(refused.at))
            .remedy(Remedy::Credential);
    }
    if let Some(session) = &facts.session {
        let how = if session.resumed { "resumed" } else { "full" };
        let id = match session.connection_id {
            _ if facts.over_stream => "over a connection",
            true => "with a connection id",
            false => "without a connection id",
        };
        let finding = format!(
            "{}, {how} handshake {}, {id}, as {}.",
            session.suite,
            facts.ago(session.since),
            session.identity
        );
        return say(CheckVerdict::Pass, finding)
            .at(Some(session.since))
            .remedy(Remedy::ForgetSession);
    }
    if let Some((at, reason)) = &facts.session_ended {
        let finding = format!(
            "It has no session: the last one ended {} ({}).",
            facts.ago(*at),
            sentence(reason)
        );
        return say(CheckVerdict::Unknown, finding).at(Some(*at));
    }
    if facts.unsecured {
        return say(
            CheckVerdict::Unknown,
            "None: it speaks without DTLS or TLS.".into(),
        );
    }
    say(CheckVerdict::Unknown, "No handshake of it is on record.".into()).remedy(Remedy::Messages)
}

/// A reason without the full stop that it may end with.
pub(super) fn sentence(reason: &str) -> &str {
    reason.trim_end_matches('.')
}
