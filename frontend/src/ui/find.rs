//! A box that narrows a list, its text in the address a moment after the last key.

use super::Icon;
use crate::dom::prelude::*;
use crate::routing::Router;
use gloo_timers::callback::Timeout;

const DEBOUNCE_MS: u32 = 180;

#[component]
pub(crate) fn Find(
    /// What it does, for who does not see it.
    label: &'static str,
    placeholder: &'static str,
    /// The parameter of the address.
    param: &'static str,
    #[prop(optional, into)] busy: Signal<bool>,
) -> impl IntoView {
    let router = expect_context::<Router>();
    let text = router.param(param);
    let input = NodeRef::<web_sys::HtmlInputElement>::new();
    let pending = StoredValue::new(None::<Timeout>);
    let apply = move || {
        pending.set_value(None);
        if let Some(input) = input.get_untracked() {
            router.set_params(&[(param, Some(input.value().trim()))], false);
        }
    };
    // The address changed by other means.
    Effect::new(move |_| {
        let text = text.get().unwrap_or_default();
        if let Some(input) = input.get()
            && input.value().trim() != text
        {
            pending.set_value(None);
            input.set_value(&text);
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        apply();
    };
    view! {
        <form class="filter" role="search" aria-label=label on:submit=submit>
            <Icon name="search" />
            <input
                type="search"
                node_ref=input
                aria-label=label
                placeholder=placeholder
                autocomplete="off"
                spellcheck="false"
                on:input=move |_| pending.set_value(Some(Timeout::new(DEBOUNCE_MS, apply)))
            />
            <progress class="progress" aria-label="Reading" class:idle=move || !busy.get()></progress>
        </form>
    }
}
