//! What may be the value of an attribute, a class, a style or a property: a value, or a closure or signal that gives one.

use super::call::Give;
use super::template::Template;
use super::text::{self, Text};
use crate::reactive::{Memo, RwSignal, Signal, repeat};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

/// A value as the text of an attribute: `true` is an empty one, `false` and `None` are none (`undefined`).
pub(crate) trait Value {
    fn into_text(self) -> JsValue;
}

impl Value for &'static str {
    fn into_text(self) -> JsValue {
        text::of(self)
    }
}

impl Value for String {
    fn into_text(self) -> JsValue {
        text::of_string(self)
    }
}

impl Value for Text {
    fn into_text(self) -> JsValue {
        self.into()
    }
}

impl Value for bool {
    #[inline(never)]
    fn into_text(self) -> JsValue {
        if self { text::of("") } else { JsValue::UNDEFINED }
    }
}

impl<V: Value> Value for Option<V> {
    fn into_text(self) -> JsValue {
        self.map_or(JsValue::UNDEFINED, V::into_text)
    }
}

/// Sets what a hole of a script names: an attribute, a property of the style, or whether a class is there.
pub(super) fn set(element: &Element, hole: &'static str, text: &JsValue) {
    let (letter, name) = hole.split_at(1);
    let is_there = !text.is_undefined();
    match letter {
        // Refused only for what is no name, or no value of a property, which stays as it is then.
        "C" if is_there => drop(element.class_list().add_1(name)),
        "C" => drop(element.class_list().remove_1(name)),
        "S" => {
            let style = element.unchecked_ref::<web_sys::HtmlElement>().style();
            drop(style.set_property(name, &text.as_string().unwrap_or_default()));
        }
        _ if is_there => text::set_attribute_of(element, name, text),
        _ => drop(element.remove_attribute(name)),
    }
}

/// The one effect under all attributes that change. Nothing is set again to what it was.
pub(super) fn follow(element: &Element, hole: &'static str, mut value: Box<dyn Give<JsValue>>) {
    let element = element.clone();
    let mut shown: Option<JsValue> = None;
    repeat(Box::new(move || {
        let text = value.give();
        if shown.as_ref() != Some(&text) {
            set(&element, hole, &text);
            shown = Some(text);
        }
    }));
}

/// The value of an attribute, of a style, or whether a class is there.
pub(crate) trait Attribute {
    fn set_on(self, view: &mut Template);
}

macro_rules! fixed {
    ($($value:ty),*) => {$(
        impl Attribute for $value {
            fn set_on(self, view: &mut Template) {
                view.fix(self.into_text());
            }
        }
    )*};
}

fixed!(
    &'static str,
    String,
    Text,
    bool,
    Option<&'static str>,
    Option<String>,
    Option<Text>
);

impl<V: Value, F: FnMut() -> V + 'static> Attribute for F {
    fn set_on(mut self, view: &mut Template) {
        view.follow(Box::new(move || self().into_text()));
    }
}

macro_rules! signals {
    ($($signal:ident),*) => {$(
        impl<V: Value + Clone + 'static> Attribute for $signal<V> {
            fn set_on(self, view: &mut Template) {
                (move || self.get()).set_on(view);
            }
        }
    )*};
}

signals!(Signal, Memo, RwSignal);

/// The value of a property, such as what is typed in an input.
pub(crate) trait Property {
    fn set_on(self, view: &mut Template);
}

impl<V: Into<JsValue>, F: FnMut() -> V + 'static> Property for F {
    fn set_on(mut self, view: &mut Template) {
        view.follow_property(Box::new(move || self().into()));
    }
}

pub(super) fn follow_property(element: &Element, name: &str, mut value: Box<dyn Give<JsValue>>) {
    let element = element.clone();
    let name = JsValue::from_str(name);
    repeat(Box::new(move || {
        // Refused only by an object that cannot be changed; nodes can.
        drop(js_sys::Reflect::set(&element, &name, &value.give()));
    }));
}
