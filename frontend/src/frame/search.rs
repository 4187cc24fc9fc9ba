//! The search of the bar: finds devices, from every page.

use crate::dom::prelude::*;
use crate::params::Params;
use crate::routing::{Route, Router};
use crate::ui::Icon;

#[component]
pub(super) fn Search() -> impl IntoView {
    let router = expect_context::<Router>();
    let input = NodeRef::<web_sys::HtmlInputElement>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(input) = input.get() else { return };
        let query = Params::default().with("query", Some(input.value().trim()));
        router.go(&(Route::Devices.href() + &query.to_query()));
        input.set_value("");
    };
    let escape = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape"
            && let Some(input) = input.get()
        {
            input.set_value("");
            // Losing the focus cannot fail for an element in the page.
            drop(input.blur());
        }
    };
    view! {
        <form class="search" role="search" on:submit=submit>
            <Icon name="search" />
            <input
                id="search"
                type="search"
                node_ref=input
                placeholder="Find a device"
                aria-label="Find a device"
                autocomplete="off"
                spellcheck="false"
                enterkeyhint="search"
                on:keydown=escape
            />
            <kbd aria-hidden="true">"/"</kbd>
        </form>
    }
}
