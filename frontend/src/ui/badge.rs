//! Words with a tone: a device's state, and others.

use super::{Icon, Tone};
use crate::dom::prelude::*;
use shared::DeviceState;

/// The glyph of a state.
pub(crate) const fn state_icon(state: DeviceState) -> &'static str {
    match state {
        DeviceState::NeverSeen => "question",
        DeviceState::Bootstrapping => "key",
        DeviceState::Online => "check",
        DeviceState::Asleep => "sleep",
        DeviceState::Late => "clock",
        DeviceState::Offline => "minus",
        DeviceState::SignedOff => "exit",
        DeviceState::Refused => "cross",
        DeviceState::Decommissioned => "block",
    }
}

/// A device's state as glyph and word; `evidence` on hover.
#[component]
pub(crate) fn StateBadge(
    #[prop(into)] state: Signal<DeviceState>,
    #[prop(optional, into)] evidence: Option<Signal<String>>,
) -> impl IntoView {
    view! {
        <span
            class=move || format!("badge state-{}", state.get().name())
            data-tip=move || evidence.map(|evidence| evidence.get())
        >
            <Icon name=Signal::derive(move || state_icon(state.get())) />
            {move || state.get().word()}
        </span>
    }
}

/// A word with a tone.
#[component]
pub(crate) fn Badge(
    #[prop(into)] text: Signal<String>,
    #[prop(optional, into)] tone: Signal<Tone>,
    #[prop(optional)] icon: &'static str,
) -> impl IntoView {
    view! {
        <span class=move || format!("badge tone-{}", tone.get().class())>
            {(!icon.is_empty()).then(|| view! { <Icon name=icon /> })}
            {move || text.get()}
        </span>
    }
}

/// A word with a tone that stays as it is, with a drawing if it has a name.
#[inline(never)]
pub(crate) fn badge(text: &str, tone: Tone, icon: &'static str) -> View {
    let text = Text::from(text);
    view! {
        <span class=Text::around("badge tone-", tone.class(), "")>
            {(!icon.is_empty()).then(|| view! { <Icon name=icon /> })}
            {text}
        </span>
    }
}
