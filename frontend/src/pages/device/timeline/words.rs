//! What happened to a device, in words.

use crate::ui::Tone;
use shared::api::{OperationKind, OperationState};
use shared::bootstrap::{SessionState, SessionStep};
use shared::event::{DeregistrationReason, Event, EventKind, Origin};
use shared::{Path, Value};
use std::borrow::Cow;

/// Words that are always the same, or that tell what the event says.
type Words = Cow<'static, str>;

/// An event as the timeline shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) headline: Words,
    pub(crate) more: Option<Words>,
    pub(crate) tone: Tone,
}

/// The groups by which the timeline is filtered, with the API's names of the events in each.
pub(crate) const GROUPS: [(&str, &str, &[&str]); 8] = [
    (
        "registration",
        "Registration",
        &["registered", "updated", "deregistered", "restored"],
    ),
    ("bootstrap", "Bootstrap", &["provisioned", "bootstrap"]),
    ("values", "Values", &["values"]),
    ("operations", "Operations", &["operation"]),
    (
        "observations",
        "Observations",
        &["observation_started", "observation_ended"],
    ),
    (
        "security",
        "Security",
        &["session_started", "session_ended", "address_changed"],
    ),
    ("reachability", "Reachability", &["awake", "asleep", "late"]),
    (
        "other",
        "Refused and changed",
        &["refused", "described", "decommissioned"],
    ),
];

/// The group of an event.
pub(crate) fn group_of(kind: &EventKind) -> &'static str {
    GROUPS
        .iter()
        .find(|(_, _, names)| names.contains(&kind.name()))
        .map_or("other", |(group, ..)| group)
}

/// The API's names of the events in these groups, with commas between them.
pub(super) fn kinds_of(wanted: &dyn Fn(&str) -> bool) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for (group, _, names) in &GROUPS {
        if wanted(group) {
            kinds.extend_from_slice(names);
        }
    }
    kinds.join(",")
}

/// An operation as a person says it: `"Read"`, `"Write"`.
pub(crate) const fn operation_word(op: OperationKind) -> &'static str {
    match op {
        OperationKind::Read => "Read",
        OperationKind::Write => "Write",
        OperationKind::Update => "Update",
        OperationKind::Execute => "Execute",
        OperationKind::Create => "Create",
        OperationKind::Delete => "Delete",
        OperationKind::Discover => "Discover",
        OperationKind::WriteAttributes => "Set attributes of",
        OperationKind::Observe => "Observe",
        OperationKind::CancelObserve => "Stop observing",
        OperationKind::ReadComposite => "Read together",
        OperationKind::WriteComposite => "Write together",
        OperationKind::ObserveComposite => "Observe together",
    }
}

/// The CoAP response codes in words. RFC 7252 §12.1.2, RFC 7959, RFC 8132.
const CODES: [(&str, &str); 25] = [
    ("2.01", "Created"),
    ("2.02", "Deleted"),
    ("2.03", "Valid"),
    ("2.04", "Changed"),
    ("2.05", "Content"),
    ("2.31", "Continue"),
    ("4.00", "Bad Request"),
    ("4.01", "Unauthorized"),
    ("4.02", "Bad Option"),
    ("4.03", "Forbidden"),
    ("4.04", "Not Found"),
    ("4.05", "Method Not Allowed"),
    ("4.06", "Not Acceptable"),
    ("4.08", "Request Entity Incomplete"),
    ("4.09", "Conflict"),
    ("4.10", "Gone"),
    ("4.12", "Precondition Failed"),
    ("4.13", "Request Entity Too Large"),
    ("4.15", "Unsupported Content-Format"),
    ("5.00", "Internal Server Error"),
    ("5.01", "Not Implemented"),
    ("5.02", "Bad Gateway"),
    ("5.03", "Service Unavailable"),
    ("5.04", "Gateway Timeout"),
    ("5.05", "Proxying Not Supported"),
];

/// A CoAP response code in words: `"2.05"` → `"Content"`.
pub(crate) fn code_word(code: &str) -> Option<&'static str> {
    let (_, word) = CODES.iter().find(|(known, _)| *known == code)?;
    Some(word)
}

/// `"2.05 Content"`, or the code alone when it has no name.
pub(crate) fn code_and_word(code: &str) -> String {
    match code_word(code) {
        Some(word) => [code, " ", word].concat(),
        None => code.into(),
    }
}

/// Tells an event. `name` gives the name of a path (`"Manufacturer"`), `show` writes a value.
pub(crate) fn tell(
    event: &Event,
    name: &dyn Fn(Path) -> Option<String>,
    show: &dyn Fn(Path, &Value) -> String,
) -> Told {
    let (headline, more, tone) = match &event.kind {
        EventKind::Registered {
            registration,
            replaced,
        } => {
            let again = if *replaced {
                "Registered again"
            } else {
                "Registered"
            };
            let more = format!(
                "LwM2M {}, lifetime {}, {} object instances",
                registration.version,
                duration(i64::from(registration.lifetime)),
                registration
                    .objects
                    .iter()
                    .filter(|path| path.depth() == 2)
                    .count(),
            )
            .into();
            let tone = if registration.lint.is_empty() {
                Tone::Good
            } else {
                Tone::Warning
            };
            (
                format!("{again} from {}", registration.address).into(),
                Some(more),
                tone,
            )
        }
        EventKind::Updated { registration, .. } => {
            let more = registration.as_ref().map(|now| {
                format!(
                    "Changed: address {}, lifetime {}",
                    now.address,
                    duration(i64::from(now.lifetime))
                )
                .into()
            });
            ("Renewed its registration".into(), more, Tone::Plain)
        }
        EventKind::Deregistered { reason } => match reason {
            DeregistrationReason::Deregistered => ("Signed off".into(), None, Tone::Warning),
            DeregistrationReason::Expired => (
                "Lifetime over".into(),
                Some("It did not renew its registration in time.".into()),
                Tone::Bad,
            ),
            DeregistrationReason::Replaced => {
                ("Registration replaced by a new one".into(), None, Tone::Plain)
            }
            DeregistrationReason::Removed => ("Registration removed by a person".into(), None, Tone::Warning),
        },
        EventKind::Values { origin, values } => {
            let verb = match origin {
                Origin::Read => "Was read",
                Origin::Notify => "Notified",
                Origin::Send => "Sent",
                Origin::Written => "Accepted",
            };
            match values.as_slice() {
                [one] => {
                    let value = show(one.path, &one.value);
                    (
                        format!("{verb} {} = {value}", titled(one.path, name)).into(),
                        None,
                        Tone::Plain,
                    )
                }
                many => (
                    format!("{verb} {} values", many.len()).into(),
                    Some(listed(many, name, show).into()),
                    Tone::Plain,
                ),
            }
        }
        EventKind::ObservationStarted { path } => (
            format!("Observation of {} started", titled(*path, name)).into(),
            None,
            Tone::Good,
        ),
        EventKind::CompositeObservationStarted { paths } => (
            format!("Observation of {} values together started", paths.len()).into(),
            Some(together(paths).into()),
            Tone::Good,
        ),
        EventKind::CompositeObservationEnded { paths, reason } => (
            format!("Observation of {} values together ended", paths.len()).into(),
            Some(format!("{}: {reason}", together(paths)).into()),
            Tone::Plain,
        ),
        EventKind::ObservationEnded { path, reason } => (
            format!("Observation of {} ended", titled(*path, name)).into(),
            (!reason.is_empty()).then(|| reason.clone().into()),
            Tone::Plain,
        ),
        EventKind::Operation {
            op,
            path,
            state,
            code,
            message,
            by,
            ..
        } => {
            let (ending, tone) = outcome(*state);
            let code = code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
            let more = match message {
                Some(message) => format!("{message} Asked for by {by}.").into(),
                None => format!("Asked for by {by}.").into(),
            };
            (
                format!("{} {}: {ending}{code}", operation_word(*op), titled(*path, name)).into(),
                Some(more),
                tone,
            )
        }
        EventKind::Refused { what, code, reason } => {
            let code = code
                .as_deref()
                .map(|code| format!(" with {}", code_and_word(code)))
                .unwrap_or_default();
            (
                format!("Refused{code}: {what}").into(),
                Some(reason.clone().into()),
                Tone::Bad,
            )
        }
        EventKind::Awake => ("Awake: it can be reached".into(), None, Tone::Good),
        EventKind::Asleep => (
            "Asleep".into(),
            Some("Operations wait until it makes contact.".into()),
            Tone::Plain,
        ),
        EventKind::Late => (
            "Late: the expected contact did not come".into(),
            None,
            Tone::Warning,
        ),
        EventKind::Described { by } => (
            format!("Label, tags or notes changed by {by}").into(),
            None,
            Tone::Plain,
        ),
        EventKind::Decommissioned { by } => (format!("Decommissioned by {by}").into(), None, Tone::Bad),
        EventKind::Restored => (
            "Server restarted; registration restored".into(),
            None,
            Tone::Plain,
        ),
        EventKind::SessionStarted { security, address } => (
            format!(
                "{} by {} as {}",
                if security.resumed {
                    "Session resumed"
                } else {
                    "Proved who it is"
                },
                security.mode.to_ascii_uppercase(),
                security.identity
            )
            .into(),
            Some(format!("{}, from {address}", security.suite).into()),
            Tone::Plain,
        ),
        EventKind::SessionEnded { reason } => {
            ("Session ended".into(), Some(reason.clone().into()), Tone::Plain)
        }
        EventKind::AddressChanged { from, to } => (
            "Address changed; the session goes on".into(),
            Some(format!("{from} → {to}").into()),
            Tone::Plain,
        ),
        EventKind::Provisioned { by } => (format!("Provisioned by {by}").into(), None, Tone::Plain),
        EventKind::Bootstrap { state, step, .. } => bootstrap(*state, step),
    };
    Told { headline, more, tone }
}

/// A step of a bootstrap: the message with its answer, or what the server made of it.
fn bootstrap(state: SessionState, step: &SessionStep) -> (Words, Option<Words>, Tone) {
    let tone = match state {
        SessionState::Failed => Tone::Bad,
        SessionState::Finished => Tone::Good,
        SessionState::Superseded => Tone::Warning,
        SessionState::Running => Tone::Plain,
    };
    if step.message.is_empty() {
        return (format!("Bootstrap: {}", step.words).into(), None, tone);
    }
    let code = step.code.as_deref().unwrap_or("no answer");
    let more = (!step.words.is_empty()).then(|| step.words.clone().into());
    (format!("Bootstrap: {} → {code}", step.message).into(), more, tone)
}

/// The state of an operation in words.
pub(crate) const fn outcome(state: OperationState) -> (&'static str, Tone) {
    match state {
        OperationState::Queued => ("waiting for the device", Tone::Plain),
        OperationState::Sent => ("sent", Tone::Plain),
        OperationState::Done => ("done", Tone::Good),
        OperationState::Failed => ("failed", Tone::Bad),
        OperationState::Expired => ("no answer in time", Tone::Bad),
        OperationState::Cancelled => ("cancelled", Tone::Warning),
    }
}

fn together(paths: &[Path]) -> String {
    let words: Vec<String> = paths.iter().map(Path::to_string).collect();
    words.join(", ")
}

pub(crate) fn titled(path: Path, name: &dyn Fn(Path) -> Option<String>) -> String {
    path.to_string() + &name(path).map(|name| " ".to_owned() + &name).unwrap_or_default()
}

/// The first few values of many.
fn listed(
    values: &[shared::event::TimedValue],
    name: &dyn Fn(Path) -> Option<String>,
    show: &dyn Fn(Path, &Value) -> String,
) -> String {
    const SHOWN: usize = 6;
    let mut parts: Vec<String> = values
        .iter()
        .take(SHOWN)
        .map(|one| {
            let called = name(one.path).unwrap_or_else(|| one.path.to_string());
            format!("{called} {}", show(one.path, &one.value))
        })
        .collect();
    if values.len() > SHOWN {
        parts.push(format!("and {} more", values.len() - SHOWN));
    }
    parts.join(" · ")
}

/// Seconds in the largest units that tell it: `"1 h 30 min"`. Zero is a lifetime without end.
pub(crate) fn duration(seconds: i64) -> String {
    if seconds == 0 {
        return "without end".into();
    }
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds.abs();
    let mut parts = Vec::new();
    for (size, unit) in units {
        if rest >= size && parts.len() < 2 {
            parts.push(format!("{} {unit}", rest / size));
            rest %= size;
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;
    use shared::event::TimedValue;

    fn told(kind: EventKind) -> Told {
        let event = Event {
            sequence: 1,
            at: Timestamp(0),
            endpoint: "ep".into(),
            kind,
        };
        let name = |path: Path| (path == Path::resource(3, 0, 0)).then(|| "Manufacturer".to_owned());
        tell(&event, &name, &|_, value| value.to_string())
    }

    #[test]
    fn an_operation_says_what_where_and_how_it_ended() {
        let done = told(EventKind::Operation {
            id: 4,
            op: OperationKind::Read,
            path: Path::resource(3, 0, 0),
            state: OperationState::Done,
            code: Some("2.05".into()),
            message: None,
            by: "admin".into(),
        });
        assert_eq!(done.headline, "Read /3/0/0 Manufacturer: done 2.05");
        assert_eq!(done.more.as_deref(), Some("Asked for by admin."));
        assert_eq!(done.tone, Tone::Good);
    }

    #[test]
    fn what_was_refused_is_bad_and_says_why() {
        let refused = told(EventKind::Refused {
            what: "Register".into(),
            code: Some("4.00".into()),
            reason: "There is no ep.".into(),
        });
        assert_eq!(refused.headline, "Refused with 4.00 Bad Request: Register");
        assert_eq!(
            (refused.more.as_deref(), refused.tone),
            (Some("There is no ep."), Tone::Bad)
        );
    }

    #[test]
    fn values_are_named_and_many_are_cut() {
        let value = |resource| TimedValue {
            path: Path::resource(3, 0, resource),
            value: Value::Integer(i64::from(resource)),
            at: Timestamp(0),
        };
        let one = told(EventKind::Values {
            origin: Origin::Notify,
            values: vec![value(0)],
        });
        assert_eq!(one.headline, "Notified /3/0/0 Manufacturer = 0");
        let many = told(EventKind::Values {
            origin: Origin::Read,
            values: (0..8).map(value).collect(),
        });
        assert_eq!(many.headline, "Was read 8 values");
        assert!(many.more.unwrap().ends_with("/3/0/5 5 · and 2 more"));
    }

    #[test]
    fn every_event_has_a_group() {
        for (_, _, names) in GROUPS {
            assert!(!names.is_empty());
        }
        assert_eq!(group_of(&EventKind::Awake), "reachability");
        assert_eq!(group_of(&EventKind::Restored), "registration");
        assert_eq!(
            group_of(&EventKind::Decommissioned { by: String::new() }),
            "other"
        );
    }

    #[test]
    fn durations() {
        for (seconds, text) in [
            (0, "without end"),
            (59, "59 s"),
            (90, "1 min 30 s"),
            (86_400, "1 d"),
            (90_061, "1 d 1 h"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }
}
