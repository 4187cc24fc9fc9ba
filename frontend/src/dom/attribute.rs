//! What may be the value of an attribute, a class, a style or a property: a value, or a closure or signal that gives one.

use super::keep::{Give, repeat};
use crate::reactive::{Memo, RwSignal, Signal};
use std::borrow::Cow;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

/// The text of an attribute; without one it is not there.
type Text = Option<Cow<'static, str>>;

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

type Setter = fn(&Element, &'static str, Option<&str>);

fn set_attribute(element: &Element, name: &'static str, text: Option<&str>) {
    // Refused only for what is no name.
    drop(match text {
        Some(text) => element.set_attribute(name, text),
        None => element.remove_attribute(name),
    });
}

fn set_style(element: &Element, name: &'static str, text: Option<&str>) {
    let style = element.unchecked_ref::<web_sys::HtmlElement>().style();
    // What is no value of the property leaves it as it is.
    drop(style.set_property(name, text.unwrap_or_default()));
}

fn set_class(element: &Element, name: &'static str, text: Option<&str>) {
    let classes = element.class_list();
    // Refused only for a name with a space.
    drop(match text {
        Some(_) => classes.add_1(name),
        None => classes.remove_1(name),
    });
}

/// The one effect under all attributes that change. Nothing is set again to what it was.
fn follow(element: &Element, name: &'static str, set: Setter, mut value: Box<dyn Give<Text>>) {
    let element = element.clone();
    let mut shown: Option<Text> = None;
    repeat(Box::new(move || {
        let text = value.give();
        if shown.as_ref() != Some(&text) {
            set(&element, name, text.as_deref());
            shown = Some(text);
        }
    }));
}

/// The value of an attribute, of a style, or whether a class is there.
pub(crate) trait Attribute: Sized {
    fn apply(self, element: &Element, name: &'static str, set: Setter);

    fn set_on(self, element: &Element, name: &'static str) {
        self.apply(element, name, set_attribute);
    }

    fn set_style_on(self, element: &Element, name: &'static str) {
        self.apply(element, name, set_style);
    }
}

/// Whether a class is there.
pub(crate) trait Flag: Attribute {
    fn set_class_on(self, element: &Element, name: &'static str) {
        self.apply(element, name, set_class);
    }
}

impl<A: Attribute> Flag for A {}

macro_rules! fixed {
    ($($value:ty),*) => {$(
        impl Attribute for $value {
            fn apply(self, element: &Element, name: &'static str, set: Setter) {
                if let Some(text) = self.into_text() {
                    set(element, name, Some(&text));
                }
            }
        }
    )*};
}

fixed!(&'static str, String, bool, Option<&'static str>, Option<String>);

impl<V: Value, F: FnMut() -> V + 'static> Attribute for F {
    fn apply(mut self, element: &Element, name: &'static str, set: Setter) {
        follow(element, name, set, Box::new(move || self().into_text()));
    }
}

macro_rules! signals {
    ($($signal:ident),*) => {$(
        impl<V: Value + Clone + 'static> Attribute for $signal<V> {
            fn apply(self, element: &Element, name: &'static str, set: Setter) {
                (move || self.get()).apply(element, name, set);
            }
        }
    )*};
}

signals!(Signal, Memo, RwSignal);

/// The value of a property, such as what is typed in an input.
pub(crate) trait Property {
    fn set_property_on(self, element: &Element, name: &'static str);
}

impl<V: Into<JsValue>, F: FnMut() -> V + 'static> Property for F {
    fn set_property_on(mut self, element: &Element, name: &'static str) {
        follow_property(element.clone(), name, Box::new(move || self().into()));
    }
}

fn follow_property(element: Element, name: &'static str, mut value: Box<dyn Give<JsValue>>) {
    let name = JsValue::from_str(name);
    repeat(Box::new(move || {
        // Refused only by an object that cannot be changed; nodes can.
        drop(js_sys::Reflect::set(&element, &name, &value.give()));
    }));
}
