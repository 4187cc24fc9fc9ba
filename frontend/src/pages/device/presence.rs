//! Who else looks at this device, and what they just changed, told quietly.

use super::store::Device;
use crate::dom::prelude::*;
use crate::live::Subscription;
use crate::ui::Icon;
use crate::words;
use shared::Timestamp;
use shared::api::{OperationKind, OperationState};
use shared::event::{Event, EventKind};
use shared::live::{ServerFrame, Topic};

/// For how long a change of somebody else is told, in milliseconds.
const FRESH_MS: i64 = 60_000;

/// What somebody else changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Changed {
    at: Timestamp,
    /// `"ann wrote /3/0/14"`
    words: String,
}

#[component]
pub(super) fn Presence() -> impl IntoView {
    let device = expect_context::<Device>();
    if device.is_shown_by_link() {
        return View::Empty;
    }
    let names = RwSignal::new(Vec::<String>::new());
    let topic = Topic::Presence {
        endpoint: device.endpoint(),
    };
    let subscription = device.feed().subscribe(topic, move |frame| match frame {
        ServerFrame::Presence { names: told, .. } => names.set(told),
        // After a lost connection the server begins with nobody.
        ServerFrame::Resync { .. } => names.set(Vec::new()),
        _ => {}
    });
    let _kept: StoredValue<Subscription> = StoredValue::new(subscription);
    let own = device.account_name();
    let changed = Memo::new(move |_| {
        device.events().with(|events| {
            events
                .iter()
                .rev()
                .find_map(|event| change_of_another(event, &own))
        })
    });
    let fresh = move || {
        changed.with(|change| {
            let change = change.as_ref()?;
            let age = device.clock().since(change.at);
            if age >= FRESH_MS {
                return None;
            }
            let when = if age < 5000 {
                "just now".to_owned()
            } else {
                words::due(-age)
            };
            Some(format!("{} {when}", change.words))
        })
    };
    let here = move || names.with(|names| crowd(names));
    view! {
        <div class="presence">
            <span role="status" class="presence-names">
                {move || here().map(|text| view! { <Icon name="eye" /><span>{text}</span> })}
            </span>
            <span class="presence-change">{move || fresh().map(|text| view! { <Icon name="edit" /><span>{text}</span> })}</span>
        </div>
    }
}

/// `"ann and bob look at it too"`; nothing for nobody.
fn crowd(names: &[String]) -> Option<String> {
    Some(match names {
        [] => return None,
        [one] => format!("{one} looks at it too"),
        [one, two] => format!("{one} and {two} look at it too"),
        [one, two, rest @ ..] => {
            let others = words::counted(rest.len() as u64, "other", "others");
            format!("{one}, {two} and {others} look at it too")
        }
    })
}

/// What an event says of a change that somebody else made.
fn change_of_another(event: &Event, own: &str) -> Option<Changed> {
    let EventKind::Operation {
        op,
        path,
        state: OperationState::Done,
        by,
        ..
    } = &event.kind
    else {
        return None;
    };
    let verb = match op {
        OperationKind::Write | OperationKind::Update | OperationKind::WriteComposite => "wrote",
        OperationKind::Execute => "executed",
        OperationKind::Create => "created an instance of",
        OperationKind::Delete => "deleted",
        OperationKind::WriteAttributes => "set attributes of",
        _ => return None,
    };
    (by != own).then(|| Changed {
        at: event.at,
        words: format!("{by} {verb} {path}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_told_in_a_sentence() {
        let names: Vec<String> = ["ann", "bob", "cid", "dee"].map(String::from).to_vec();
        for (count, wanted) in [
            (0, None),
            (1, Some("ann looks at it too")),
            (2, Some("ann and bob look at it too")),
            (3, Some("ann, bob and 1 other look at it too")),
            (4, Some("ann, bob and 2 others look at it too")),
        ] {
            assert_eq!(crowd(&names[..count]).as_deref(), wanted);
        }
    }

    #[test]
    fn only_a_change_of_another_that_succeeded_is_told() {
        let event = |op, state, by: &str| Event {
            sequence: 1,
            at: Timestamp(5),
            endpoint: "pump".into(),
            kind: EventKind::Operation {
                id: 1,
                op,
                path: "/3/0/14".parse().unwrap_or(shared::Path::ROOT),
                state,
                code: None,
                message: None,
                by: by.into(),
            },
        };
        let told = |event: &Event| change_of_another(event, "ann").map(|change| change.words);
        let written = event(OperationKind::Write, OperationState::Done, "bob");
        assert_eq!(told(&written).as_deref(), Some("bob wrote /3/0/14"));
        for silent in [
            event(OperationKind::Write, OperationState::Done, "ann"),
            event(OperationKind::Write, OperationState::Failed, "bob"),
            event(OperationKind::Read, OperationState::Done, "bob"),
        ] {
            assert_eq!(told(&silent), None);
        }
    }
}
