//! Whether it is registered, and if not, how that ended.

use super::handshake::sentence;
use super::{Facts, More, found};
use shared::DeviceState;
use shared::api::{Check, CheckKind, CheckVerdict, Remedy};
use shared::span::span;

const LOOKED_AT: &str = "its registration, and the refusals on record";

pub(super) fn check(facts: &Facts) -> Check {
    let say = |verdict, finding: String| found(CheckKind::Registration, verdict, finding, LOOKED_AT);
    let newest = facts.updated_at.or(facts.registered_at);
    if let Some(refused) = &facts.refused
        && newest.is_none_or(|newest| newest < refused.at)
    {
        let code = refused
            .code
            .as_deref()
            .map(|code| format!(" with {code}"))
            .unwrap_or_default();
        let finding = format!(
            "The last thing it sent was refused{code} {} ({}): {}.",
            facts.ago(refused.at),
            refused.what,
            sentence(&refused.reason)
        );
        return say(CheckVerdict::Fail, finding)
            .at(Some(refused.at))
            .remedy(Remedy::Messages);
    }
    match facts.state {
        None | Some(DeviceState::NeverSeen) => say(
            CheckVerdict::Fail,
            "It has never registered, and nothing of it was refused: nothing has arrived under this name. Its server \
             address, its network or a firewall may be in the way, or it has another name."
                .into(),
        )
        .remedy(Remedy::Credential),
        Some(DeviceState::SignedOff) => say(
            CheckVerdict::Fail,
            format!("It de-registered{}: it was switched off or told to.", since(facts.last_seen, facts)),
        )
        .at(facts.last_seen),
        Some(DeviceState::Offline) => say(
            CheckVerdict::Fail,
            format!(
                "Its registration ended{}, because no Update came within its lifetime{}.",
                since(facts.lifetime_ends, facts),
                facts
                    .lifetime
                    .map(|seconds| format!(" of {}", span(i64::from(seconds) * 1000)))
                    .unwrap_or_default()
            ),
        )
        .at(facts.lifetime_ends),
        Some(_) => registered(facts),
    }
}

fn registered(facts: &Facts) -> Check {
    let mut finding = format!(
        "Registered{}, last Update{}",
        since(facts.registered_at, facts),
        since(facts.updated_at, facts)
    );
    finding += &match (facts.lifetime, facts.lifetime_ends) {
        (Some(0), _) => ", without end.".to_owned(),
        (_, Some(ends)) => format!(", ends {}.", facts.when(ends)),
        _ => ".".into(),
    };
    let verdict = match facts.lints {
        0 => CheckVerdict::Pass,
        count => {
            finding = format!(
                "{finding} {count} {} of it the specification does not allow; they are listed above.",
                if count == 1 { "thing" } else { "things" }
            );
            CheckVerdict::Warning
        }
    };
    found(CheckKind::Registration, verdict, finding, LOOKED_AT).at(facts.updated_at)
}

fn since(at: Option<shared::Timestamp>, facts: &Facts) -> String {
    at.map(|at| format!(" {}", facts.ago(at))).unwrap_or_default()
}
