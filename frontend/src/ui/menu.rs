//! A menu that drops down from its button: on the native element, closed by a press elsewhere, by Escape and by a choice.

use super::Icon;
use crate::dom::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, HtmlDetailsElement};

#[component]
pub(crate) fn Menu(
    icon: &'static str,
    /// The word on its button, where there is room.
    #[prop(into)]
    word: Signal<String>,
    #[prop(into)] label: Signal<String>,
    children: Children,
) -> impl IntoView {
    let menu = NodeRef::<HtmlDetailsElement>::new();
    close_outside(menu);
    // A choice closes the menu: a link or an item, and not what stands beside it.
    let chosen = move |event: web_sys::MouseEvent| {
        let item = element(event.target()).and_then(|element| element.closest(".menu-item").ok().flatten());
        if let (Some(_), Some(menu)) = (item, menu.get_untracked()) {
            menu.set_open(false);
        }
    };
    view! {
        <details class="menu" node_ref=menu>
            <summary aria-label=move || label.get()>
                <Icon name=icon />
                <span class="menu-name">{move || word.get()}</span>
                <Icon name="chevron-down" />
            </summary>
            <div class="menu-body" on:click=chosen>{children()}</div>
        </details>
    }
}

fn element(target: Option<EventTarget>) -> Option<Element> {
    target?.dyn_into().ok()
}

/// A press anywhere else, or Escape, closes the menu; after Escape its button has the focus.
fn close_outside(menu: NodeRef<HtmlDetailsElement>) {
    let opened = move || menu.get_untracked().filter(|menu| menu.open());
    let pressed = window_event_listener::<web_sys::PointerEvent>("pointerdown", move |event| {
        if let Some(menu) = opened() {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
            if !target.is_some_and(|target| menu.contains(Some(&target))) {
                menu.set_open(false);
            }
        }
    });
    let escaped = window_event_listener::<web_sys::KeyboardEvent>("keydown", move |event| {
        if event.key() == "Escape"
            && let Some(menu) = opened()
        {
            let inside = document()
                .active_element()
                .is_some_and(|focused| menu.contains(Some(&focused)));
            menu.set_open(false);
            if inside && let Ok(Some(summary)) = menu.query_selector("summary") {
                // Focus is refused only for what is not in the page.
                drop(summary.unchecked_into::<web_sys::HtmlElement>().focus());
            }
        }
    });
    on_cleanup(move || {
        pressed.remove();
        escaped.remove();
    });
}
