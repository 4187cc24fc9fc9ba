//! What may be the value of an attribute, a class, a style or a property: a value, or a closure or signal that gives one.

use super::call::Give;
use super::template::Template;
use crate::reactive::{Memo, RwSignal, Signal, repeat};
use std::borrow::Cow;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

/// The text of an attribute; without one it is not there.
pub(super) type Text = Option<Cow<'static, str>>;

/// A value as the text of an attribute: `true` is an empty one, `false` and `None` are none.
pub(crate) trait Value {
    fn into_text(self) -> Text;
}

impl Value for &'static str {
    fn into_text(self) -> Text {
        Some(Cow::Borrowed(self))
    }
}

impl Value for String {
    fn into_text(self) -> Text {
        Some(Cow::Owned(self))
    }
}

impl Value for bool {
    fn into_text(self) -> Text {
        self.then_some(Cow::Borrowed(""))
    }
}

impl<V: Value> Value for Option<V> {
    fn into_text(self) -> Text {
        self.and_then(V::into_text)
    }
}

/// Sets what a hole of a script names: an attribute, a property of the style, or whether a class is there.
pub(super) fn set(element: &Element, hole: &'static str, text: Option<&str>) {
    let (letter, name) = hole.split_at(1);
    // Refused only for what is no name, or no value of a property, which stays as it is then.
    drop(match (letter, text) {
        ("C", Some(_)) => element.class_list().add_1(name),
        ("C", None) => element.class_list().remove_1(name),
        ("S", text) => {
            let style = element.unchecked_ref::<web_sys::HtmlElement>().style();
            style.set_property(name, text.unwrap_or_default())
        }
        (_, Some(text)) => element.set_attribute(name, text),
        (_, None) => element.remove_attribute(name),
    });
}

/// The one effect under all attributes that change. Nothing is set again to what it was.
pub(super) fn follow(element: &Element, hole: &'static str, mut value: Box<dyn Give<Text>>) {
    let element = element.clone();
    let mut shown: Option<Text> = None;
    repeat(Box::new(move || {
        let text = value.give();
        if shown.as_ref() != Some(&text) {
            set(&element, hole, text.as_deref());
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
                view.fix(self.into_text().as_deref());
            }
        }
    )*};
}

fixed!(String, bool, Option<String>);

impl Attribute for &'static str {
    fn set_on(self, view: &mut Template) {
        view.fix(Some(self));
    }
}

impl Attribute for Option<&'static str> {
    fn set_on(self, view: &mut Template) {
        view.fix(self);
    }
}

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
