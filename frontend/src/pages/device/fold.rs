//! A part of the device that is closed until it is wanted; its summary says the essence, the address says which are open.

use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Icon, Tone};
use wasm_bindgen::JsCast;

/// The parameter of the address: the slugs of the open parts, with commas between them.
const OPEN: &str = "open";

#[component]
pub(super) fn Fold(
    slug: &'static str,
    title: &'static str,
    /// The essence, in a few words.
    #[prop(into)]
    say: Signal<String>,
    #[prop(optional, into)] tone: Signal<Tone>,
    #[prop(optional, into)] icon: Signal<&'static str>,
    children: ChildrenFn,
) -> impl IntoView {
    let router = expect_context::<Router>();
    let param = router.param(OPEN);
    let open = Memo::new(move |_| listed(param.get().as_deref(), slug));
    let toggle = move |event: web_sys::Event| {
        let details = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlDetailsElement>().ok());
        let Some(now) = details.map(|details| details.open()) else {
            return;
        };
        if now != open.get_untracked() {
            let text = changed(param.get_untracked().as_deref(), slug, now);
            router.set_params(&[(OPEN, Some(&text))], false);
        }
    };
    view! {
        <details class=move || format!("panel fold tone-{}", tone.get().class()) id=slug open=open on:toggle=toggle>
            <summary>
                <Icon name=icon />
                <h2>{title}</h2>
                <span class="fold-say">{say}</span>
                <Icon name="chevron-right" />
            </summary>
            <div class="fold-body">{move || open.get().then(|| children())}</div>
        </details>
    }
}

fn listed(list: Option<&str>, slug: &str) -> bool {
    list.is_some_and(|list| list.split(',').any(|known| known == slug))
}

fn changed(list: Option<&str>, slug: &str, open: bool) -> String {
    let known = list.unwrap_or_default().split(',');
    let mut slugs: Vec<&str> = known
        .filter(|known| !known.is_empty() && *known != slug)
        .collect();
    if open {
        slugs.push(slug);
    }
    slugs.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_lists_what_is_open() {
        assert_eq!(changed(None, "queue", true), "queue");
        assert_eq!(changed(Some("queue"), "security", true), "queue,security");
        assert_eq!(changed(Some("queue,security"), "queue", false), "security");
        assert_eq!(changed(Some("queue"), "queue", true), "queue");
        assert!(listed(Some("a,queue"), "queue") && !listed(Some("queued"), "queue") && !listed(None, "a"));
    }
}
