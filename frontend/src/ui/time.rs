//! Times as ticking ages, with the exact local time and UTC on hover and focus.

use super::{Badge, Tone};
use crate::clock::{Clock, exact};
use crate::dom::prelude::*;
use crate::words;
use shared::Timestamp;

/// How long ago something happened: `"29 s ago"`, and `"29 s"` in a list, where the head of the column tells it; a dash for
/// never.
#[component]
pub(crate) fn Ago(
    #[prop(into)] at: Signal<Option<Timestamp>>,
    /// Reachable by Tab, so that the exact time can be read without a mouse. Not in a list, where the row tells it.
    #[prop(optional)]
    focusable: bool,
) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let text = move || match at.get().map(|at| clock.since(at)) {
        Some(age) if focusable && age >= 1000 => words::due(-age),
        Some(age) => words::age(age),
        None => "–".into(),
    };
    stamp(at, Signal::derive(text), focusable)
}

/// How long ago something happened, outside of a list that is sorted by it.
#[inline(never)]
pub(crate) fn ago(at: Timestamp) -> View {
    view! { <Ago at=Some(at) focusable=true /> }
}

/// The same of what may not have happened yet.
#[inline(never)]
pub(crate) fn ago_or_never(at: Option<Timestamp>) -> View {
    at.map_or_else(|| view! { <span class="muted">"Never"</span> }, ago)
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

/// When something ceases to hold: never, at a time, or that it is over.
#[component]
pub(crate) fn Expiry(at: Option<Timestamp>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let Some(at) = at else {
        return view! { <span class="muted">"Never"</span> };
    };
    let over = Memo::new(move |_| {
        clock.now().track();
        clock.since(at) >= 0
    });
    view! {
        <Show when=move || over.get() fallback=move || view! { <Due at=Some(at) focusable=true /> }>
            <Badge text="Expired" tone=Tone::Bad icon="clock" />
        </Show>
    }
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
