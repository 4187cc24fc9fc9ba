//! Bootstrap sessions, live and past: their list ([`list`]), and one step by step ([`one`]).

mod list;
mod one;

use crate::dom::prelude::*;
use crate::ui::{Tone, badge};
use crate::words::span;
use shared::bootstrap::{SessionState, SessionView};

#[component]
pub(super) fn Sessions(item: Option<String>) -> impl IntoView {
    match item.map(|id| id.parse::<u64>()) {
        None => view! { <list::List /> },
        Some(Ok(id)) => view! { <one::One id=id /> },
        Some(Err(_)) => view! { <one::Unknown /> },
    }
}

/// How long a session took, so far as it ended: one with a device nearby takes milliseconds.
fn took(session: &SessionView) -> Option<String> {
    let milliseconds = session.ended_at?.since(session.started_at).max(0);
    Some(if milliseconds < 1_000 {
        format!("{milliseconds} ms")
    } else {
        span(milliseconds)
    })
}

/// The state as a word.
const fn state_word(state: SessionState) -> (Tone, &'static str, &'static str) {
    match state {
        SessionState::Running => (Tone::Accent, "play", "Running"),
        SessionState::Finished => (Tone::Good, "check", "Finished"),
        SessionState::Failed => (Tone::Bad, "cross", "Failed"),
        SessionState::Superseded => (Tone::Plain, "minus", "Begun anew"),
    }
}

fn state_badge(state: SessionState) -> View {
    let (tone, icon, word) = state_word(state);
    badge(word, tone, icon)
}
