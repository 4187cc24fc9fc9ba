//! Whether it is heard when it should be, and answers when it is asked.

use super::{Facts, More, found};
use shared::api::{Check, CheckKind, CheckVerdict, Remedy};
use shared::span::span;
use shared::{DeviceState, Path};

const LOOKED_AT: &str = "its last message, the rhythm learnt from its Updates, and the last operations";
/// Error Code: mandatory in object 3, so that every device answers something.
const ASKED: Path = Path::resource(3, 0, 11);

pub(super) fn check(facts: &Facts) -> Check {
    let heard = match facts.last_seen {
        Some(at) => format!("Heard {}", facts.ago(at)),
        None => "Never heard".into(),
    };
    let rhythm = facts.expectation.as_ref().map(|expectation| {
        format!(
            "expected every {} (learnt from {} contacts)",
            span(i64::try_from(expectation.interval).unwrap_or(i64::MAX / 1000) * 1000),
            expectation.learnt_from
        )
    });
    let answer = facts.last_answer.map(|answer| {
        format!(
            " The last answer took {} ms, {}.",
            answer.round_trip_ms,
            facts.ago(answer.at)
        )
    });
    let (verdict, what) = match facts.state {
        Some(DeviceState::Online) => match facts.last_timeout {
            Some(at) if facts.last_answer.is_none_or(|answer| answer.at < at) => (
                CheckVerdict::Warning,
                format!(
                    "It left the last request unanswered, {}, though it is heard.",
                    facts.ago(at)
                ),
            ),
            _ => (CheckVerdict::Pass, String::new()),
        },
        Some(DeviceState::Asleep) => (
            CheckVerdict::Pass,
            match facts.next_contact {
                Some(at) => format!(
                    "It sleeps and can be reached at its next contact, expected {}.",
                    facts.when(at)
                ),
                None => "It sleeps and can be reached at its next contact.".into(),
            },
        ),
        Some(DeviceState::Late) => (CheckVerdict::Fail, overdue(facts)),
        Some(DeviceState::SignedOff) => (
            CheckVerdict::Unknown,
            "It signed off, so it is not expected and cannot be asked.".into(),
        ),
        _ => (
            CheckVerdict::Fail,
            "It is not registered, so it cannot be asked; it has to come back by itself.".into(),
        ),
    };
    let mut finding = heard;
    if let Some(rhythm) = rhythm {
        finding = format!("{finding}; {rhythm}");
    }
    finding += ".";
    if !what.is_empty() {
        finding = format!("{finding} {what}");
    }
    if let Some(answer) = answer {
        finding += &answer;
    }
    let check = found(CheckKind::Reachability, verdict, finding, LOOKED_AT).at(facts.last_seen);
    if facts.state.is_some_and(DeviceState::is_registered) {
        check.remedy(Remedy::RoundTrip { path: ASKED })
    } else {
        check
    }
}

fn overdue(facts: &Facts) -> String {
    if let Some(since) = facts.unanswered {
        return format!(
            "It left a request unanswered {}, after all retransmissions: it is switched off, out of reach, or its address \
             has changed.",
            facts.ago(since)
        );
    }
    match facts.next_due {
        Some(due) => format!("Its next Update is overdue since {}.", span(facts.now.since(due))),
        None => "Its next Update is overdue.".into(),
    }
}
