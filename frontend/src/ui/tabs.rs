//! Tabs whose choice is in the address: links in a tab list with roving focus.

use crate::dom::prelude::*;
use crate::keys::{self, Act, Scope};
use crate::words::true_or_false;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// One tab. The panel that it shows is `<section role="tabpanel" id="panel" aria-labelledby="tab-ID">`.
#[derive(Debug, Clone)]
pub(crate) struct TabItem {
    pub(crate) id: &'static str,
    pub(crate) label: &'static str,
    pub(crate) href: String,
}

/// A tab list. Arrow keys, Home and End move the focus, Enter opens.
#[component]
pub(crate) fn Tabs(
    label: &'static str,
    items: Vec<TabItem>,
    /// The id of the open tab.
    #[prop(into)]
    selected: Signal<&'static str>,
) -> impl IntoView {
    Effect::new(move |_| {
        let id = selected.get();
        request_animation_frame(move || bring_into_sight(id));
    });
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=move |event| step(&event)>
            {items
                .into_iter()
                .map(|item| {
                    let chosen = move || selected.get() == item.id;
                    view! {
                        <a
                            role="tab"
                            id=format!("tab-{}", item.id)
                            href=item.href
                            aria-controls="panel"
                            aria-selected=move || true_or_false(chosen())
                            tabindex=move || if chosen() { "0" } else { "-1" }
                        >
                            {item.label}
                        </a>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// Where the tabs do not fit, scrolls them so that the open one is among those that show.
fn bring_into_sight(id: &str) {
    let tab = document().get_element_by_id(&format!("tab-{id}"));
    let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    let list = tab.closest("[role=tablist]").ok().flatten();
    let Some(list) = list.and_then(|list| list.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    let from = tab.offset_left() - list.offset_left();
    let seen = list.scroll_left()..=list.scroll_left() + list.client_width();
    if !seen.contains(&from) || !seen.contains(&(from + tab.offset_width())) {
        list.set_scroll_left(from - (list.client_width() - tab.offset_width()) / 2);
    }
}

fn step(event: &web_sys::KeyboardEvent) {
    let Some(here) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    let Some(list) = here.closest("[role=tablist]").ok().flatten() else {
        return;
    };
    let Ok(tabs) = list.query_selector_all("[role=tab]") else {
        return;
    };
    let tabs: Vec<HtmlElement> = (0..tabs.length())
        .filter_map(|index| tabs.get(index)?.dyn_into().ok())
        .collect();
    let Some(at) = tabs.iter().position(|tab| tab.is_same_node(Some(&here))) else {
        return;
    };
    let next = match keys::act(Scope::Tabs, event) {
        Some(Act::Next) => (at + 1) % tabs.len(),
        Some(Act::Previous) => (at + tabs.len() - 1) % tabs.len(),
        Some(Act::First) => 0,
        Some(Act::Last) => tabs.len() - 1,
        _ => return,
    };
    event.prevent_default();
    if let Some(tab) = tabs.get(next) {
        // Focus is refused only for what is not in the page.
        drop(tab.focus());
    }
}
