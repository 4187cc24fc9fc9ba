//! Where the tests of components put them: a part of a real page, in a browser (`cargo xtask test --only page-tests`).

// A test ends with what it cannot do.
#![allow(clippy::unwrap_used)]

use crate::dom::prelude::document;
use crate::dom::{self, IntoView, View};
use crate::reactive::Owner;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test_configure;
use web_sys::{Element, Event, EventInit, HtmlElement, HtmlInputElement, KeyboardEvent, KeyboardEventInit};

wasm_bindgen_test_configure!(run_in_browser);

/// A component on the page, gone with its signals when this is dropped.
pub(crate) struct Stage {
    root: HtmlElement,
    /// What the component made; it ends with the stage.
    owner: Owner,
}

impl Stage {
    /// Shows a component. What it needs as context is provided by `make`.
    pub(crate) fn show<V: IntoView>(make: impl FnOnce() -> V + 'static) -> Stage {
        let root: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        document().body().unwrap().append_child(&root).unwrap();
        let owner = Owner::new();
        let view: View = owner.with(|| make().into_view());
        dom::put_into(&root, view);
        Stage { root, owner }
    }

    /// All that can be read.
    pub(crate) fn text(&self) -> String {
        self.root.text_content().unwrap_or_default()
    }

    /// The texts of all elements of a selector, in their order.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let found = self.root.query_selector_all(selector).unwrap();
        (0..found.length())
            .filter_map(|index| found.get(index)?.text_content())
            .collect()
    }

    pub(crate) fn find(&self, selector: &str) -> Option<HtmlElement> {
        let found = self.root.query_selector(selector).unwrap();
        found.map(JsCast::unchecked_into)
    }

    /// The first element of a selector, which is there.
    pub(crate) fn get(&self, selector: &str) -> HtmlElement {
        self.find(selector)
            .unwrap_or_else(|| panic!("no {selector} in {}", self.root.inner_html()))
    }

    /// The one that a press would reach by its name.
    pub(crate) fn button(&self, name: &str) -> HtmlElement {
        let found = self.root.query_selector_all("button").unwrap();
        (0..found.length())
            .filter_map(|index| found.get(index)?.dyn_into::<HtmlElement>().ok())
            .find(|button| {
                let label = button.get_attribute("aria-label");
                label.as_deref() == Some(name) || button.text_content().as_deref() == Some(name)
            })
            .unwrap_or_else(|| panic!("no button “{name}” in {}", self.root.inner_html()))
    }

    /// Types into a field in the place of what was there.
    pub(crate) async fn type_into(&self, selector: &str, text: &str) {
        let field = self.get(selector);
        field.unchecked_ref::<HtmlInputElement>().set_value(text);
        let init = EventInit::new();
        init.set_bubbles(true);
        let event = Event::new_with_event_init_dict("input", &init).unwrap();
        field.dispatch_event(&event).unwrap();
        settled().await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.owner.dispose();
        self.root.remove();
    }
}

/// Presses a key on what has the focus.
pub(crate) async fn press(key: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    focused().dispatch_event(&event).unwrap();
    settled().await;
}

pub(crate) async fn click(element: &HtmlElement) {
    element.click();
    settled().await;
}

/// What has the focus.
pub(crate) fn focused() -> Element {
    document().active_element().unwrap()
}

/// Waits until every effect of what just changed has run.
pub(crate) async fn settled() {
    gloo_timers::future::TimeoutFuture::new(0).await;
}
