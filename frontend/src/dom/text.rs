//! Texts as the browser has them: one number here, and not copied whenever they are passed on.

use super::window::document;
use super::{IntoView, View};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Node};

#[wasm_bindgen]
extern "C" {
    /// Nodes, as far as they take a text that is the browser's already.
    type Taking;

    #[wasm_bindgen(method, js_name = createTextNode)]
    fn create_text_node(this: &Taking, text: &JsValue) -> Node;

    #[wasm_bindgen(method, js_name = setAttribute)]
    fn set_attribute(this: &Taking, name: &str, value: &JsValue);

    #[wasm_bindgen(method, setter)]
    fn set_data(this: &Taking, text: &JsValue);
}

/// A text for the page.
#[derive(Debug, Clone)]
pub(crate) struct Text(JsValue);

impl Text {
    pub(crate) fn followed_by(&self, end: &str) -> Text {
        Text::from(self.0.as_string().unwrap_or_default() + end)
    }
}

impl Text {
    /// A name between words.
    #[inline(never)]
    pub(crate) fn around(before: &str, name: &str, after: &str) -> Text {
        Text::from(crate::words::around(before, name, after))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(of(text))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(of_string(text))
    }
}

impl From<Text> for JsValue {
    fn from(text: Text) -> JsValue {
        text.0
    }
}

impl IntoView for Text {
    fn into_view(self) -> View {
        View(self.0)
    }
}

/// Once in the code, as what follows.
#[inline(never)]
pub(super) fn of(text: &str) -> JsValue {
    JsValue::from_str(text)
}

#[inline(never)]
pub(super) fn of_string(text: String) -> JsValue {
    let made = of(&text);
    drop(text);
    made
}

pub(super) fn node(text: &JsValue) -> Node {
    document().unchecked_ref::<Taking>().create_text_node(text)
}

pub(super) fn set_data_of(node: &web_sys::Text, text: &JsValue) {
    node.unchecked_ref::<Taking>().set_data(text);
}

/// The name is one of the markup, which the browser does not refuse.
pub(super) fn set_attribute_of(element: &Element, name: &str, text: &JsValue) {
    element.unchecked_ref::<Taking>().set_attribute(name, text);
}
