//! Times as ticking ages, with the exact local time and UTC on hover and focus.

use crate::clock::{Clock, exact};
use crate::dom::prelude::*;
use crate::words;
use shared::Timestamp;

/// How long ago something happened; a dash for never.
#[component]
pub(crate) fn Ago(
    #[prop(into)] at: Signal<Option<Timestamp>>,
    /// Reachable by Tab, so that the exact time can be read without a mouse. Not in a list, where the row tells it.
    #[prop(optional)]
    focusable: bool,
) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let text = move || at.get().map_or("–".into(), |at| words::age(clock.since(at)));
    stamp(at, Signal::derive(text), focusable)
}

/// When something is due, or was.
#[component]
pub(crate) fn Due(
    #[prop(into)] at: Signal<Option<Timestamp>>,
    #[prop(optional)] focusable: bool,
) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let text = move || at.get().map_or("–".into(), |at| words::due(-clock.since(at)));
    stamp(at, Signal::derive(text), focusable)
}

fn stamp(at: Signal<Option<Timestamp>>, text: Signal<String>, focusable: bool) -> View {
    view! {
        <time
            datetime=move || at.get().map(|at| at.to_string())
            data-tip=move || at.get().map(exact)
            tabindex=focusable.then_some("0")
        >
            {move || text.get()}
        </time>
    }
}
