//! Tips: the text of `data-tip` of whatever is under the pointer or holds the focus, in one element for the whole page.
//!
//! It can be hovered and dismissed with Escape, and it is tied to its owner with `aria-describedby` (WCAG 2.2, 1.4.13).
//! `data-tip-focus` is shown on focus only: for a link that covers a whole row.
//! Where the text says more than the element's own name, the element should be reachable by Tab.
//!
//! While it is shown the tip stands in the landmark, or the dialog, of its owner: what is outside of an open dialog cannot be
//! pointed at, and what is outside of all landmarks is found by nobody who goes through them.

use crate::dom::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

const ID: &str = "tip";
/// What a tip may stand in.
const HOSTS: &str = "dialog, main, nav, .top";

/// The tip of the page. Placed once, by the application.
#[component]
pub(crate) fn Tip() -> impl IntoView {
    let text = RwSignal::new(None::<String>);
    let place = RwSignal::new((0.0, 0.0));
    let node = NodeRef::<web_sys::HtmlDivElement>::new();
    let owner = StoredValue::new(None::<Element>);
    let host = StoredValue::new(None::<Element>);

    let hide = move || {
        if let Some(element) = owner.try_update_value(Option::take).flatten() {
            // Removing an attribute cannot fail.
            drop(element.remove_attribute("aria-describedby"));
        }
        text.set(None);
    };
    let show = move |element: Element| {
        hide();
        let said = element
            .get_attribute("data-tip")
            .or_else(|| element.get_attribute("data-tip-focus"));
        let Some(tip) = said.filter(|tip| !tip.is_empty()) else {
            return;
        };
        let area = element.get_bounding_client_rect();
        host.set_value(element.closest(HOSTS).ok().flatten());
        if element.has_attribute("aria-describedby")
            || element.get_attribute("aria-label").as_ref() == Some(&tip)
        {
            owner.set_value(None);
        } else {
            // Setting a well-formed attribute cannot fail.
            drop(element.set_attribute("aria-describedby", ID));
            owner.set_value(Some(element));
        }
        place.set((area.left(), area.bottom() + 6.0));
        text.set(Some(tip));
    };
    let under = move |target: Option<EventTarget>, selector: &str| {
        let element = target?.dyn_into::<Element>().ok()?;
        element.closest(selector).ok().flatten()
    };
    window_event_listener::<web_sys::Event>("pointerover", move |event| {
        match under(event.target(), "[data-tip]") {
            Some(element) => show(element),
            None => {
                let inside = event
                    .target()
                    .and_then(|target| target.dyn_into::<Element>().ok())
                    .is_some_and(|element| element.id() == ID);
                if !inside && text.with_untracked(Option::is_some) {
                    hide();
                }
            }
        }
    });
    window_event_listener::<web_sys::Event>("focusin", move |event| {
        match under(
            event.target(),
            "[data-tip]:focus-visible, [data-tip-focus]:focus-visible",
        ) {
            Some(element) => show(element),
            None => hide(),
        }
    });
    window_event_listener::<web_sys::Event>("scroll", move |_| hide());
    window_event_listener::<web_sys::Event>("pointerdown", move |_| hide());
    window_event_listener::<web_sys::KeyboardEvent>("keydown", move |event| {
        if event.key() == "Escape" {
            hide();
        }
    });
    // A popover: a modal dialog covers everything below the top layer, and what is opened after it lies above.
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        // Both are refused only when there is nothing to change.
        drop(element.hide_popover());
        if text.with(Option::is_some) {
            if let Some(host) = host.get_value() {
                // It is in none of its own descendants.
                drop(host.append_child(&element));
            }
            drop(element.show_popover());
            keep_inside(&element, place);
        }
    });
    view! {
        <div
            id=ID
            class="tip"
            role="tooltip"
            node_ref=node
            popover="manual"
            style:left=move || pixels(place.get().0)
            style:top=move || pixels(place.get().1)
        >
            {move || text.get()}
        </div>
    }
}

fn pixels(length: f64) -> String {
    shared::float::text(length) + "px"
}

/// Moves the tip so that it does not leave the window.
fn keep_inside(tip: &Element, place: RwSignal<(f64, f64)>) {
    let area = tip.get_bounding_client_rect();
    let length = |value: Result<wasm_bindgen::JsValue, _>| {
        value.ok().and_then(|value| value.as_f64()).unwrap_or(f64::MAX)
    };
    let (width, height) = (length(window().inner_width()), length(window().inner_height()));
    let (left, top) = place.get_untracked();
    let inside_left = left.min(width - area.width() - 8.0).max(8.0);
    let inside_top = if top + area.height() > height {
        (top - area.height() - 40.0).max(8.0)
    } else {
        top
    };
    if (inside_left, inside_top) != (left, top) {
        place.set((inside_left, inside_top));
    }
}
