//! The filter box: its text is in the address, a moment after the last key.

use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::Icon;
use gloo_timers::callback::Timeout;

const DEBOUNCE_MS: u32 = 180;

#[component]
pub(super) fn Filter(#[prop(into)] busy: Signal<bool>) -> impl IntoView {
    let router = expect_context::<Router>();
    let query = router.param("query");
    let input = NodeRef::<web_sys::HtmlInputElement>::new();
    let pending = StoredValue::new(None::<Timeout>);
    let apply = move || {
        pending.set_value(None);
        let Some(input) = input.get_untracked() else {
            return;
        };
        apply_query(router, input.value().trim());
    };
    // The address changed by other means: a link of the strip, the back button, the search of the bar.
    Effect::new(move |_| {
        let text = query.get().unwrap_or_default();
        if let Some(input) = input.get()
            && input.value().trim() != text
        {
            pending.set_value(None);
            input.set_value(&text);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        apply();
    };
    let typed = move |_| pending.set_value(Some(Timeout::new(DEBOUNCE_MS, apply)));
    view! {
        <form class="filter" role="search" aria-label="Filter" on:submit=submit>
            <Icon name="filter" />
            <input
                id="filter"
                type="search"
                class="mono"
                node_ref=input
                aria-label="Filter the devices"
                aria-describedby="filter-help"
                placeholder="Filter: words, or state:late"
                autocomplete="off"
                spellcheck="false"
                on:input=typed
            />
            <span id="filter-help" class="visually-hidden">
                "Words that all occur in endpoint, label, model, manufacturer, firmware or a tag; state:late filters by state."
            </span>
            <progress class="progress" aria-label="Reading" class:idle=move || !busy.get()></progress>
        </form>
    }
}

/// Filters by another text, from the first page.
pub(super) fn apply_query(router: Router, text: &str) {
    router.set_params(&[("query", Some(text)), ("cursor", None), ("page", None)], false);
}
