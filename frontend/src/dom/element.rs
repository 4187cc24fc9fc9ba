//! One element of the page, as `view!` makes it.

use super::attribute::{Attribute, Flag, Property};
use super::keep::keep;
use super::{IntoView, NodeRef, View};
use leptos::ev::EventDescriptor;
use leptos::prelude::{Owner, document};
use std::borrow::Cow;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{DocumentFragment, Event, Node};

const SVG: &str = "http://www.w3.org/2000/svg";

/// An element that is being put together. The browser refuses nothing of what is done here: names are those of the
/// markup, and a node is put only into one that was made for it.
#[derive(Debug)]
pub(crate) struct Element(web_sys::Element);

impl Element {
    pub(crate) fn html(tag: &str, attributes: &[(&str, &str)]) -> Element {
        Element::with(document().create_element(tag), attributes)
    }

    pub(crate) fn svg(tag: &str, attributes: &[(&str, &str)]) -> Element {
        Element::with(document().create_element_ns(Some(SVG), tag), attributes)
    }

    fn with(made: Result<web_sys::Element, wasm_bindgen::JsValue>, attributes: &[(&str, &str)]) -> Element {
        // A tag that is no name would be a mistake in the markup; the unchecked cast leaves it to the browser to say so.
        let element = made.unwrap_or_else(JsCast::unchecked_into);
        for (name, value) in attributes {
            drop(element.set_attribute(name, value));
        }
        Element(element)
    }

    pub(crate) fn attr(&self, name: &'static str, value: impl Attribute) {
        value.set_on(&self.0, name);
    }

    /// One class that comes and goes.
    pub(crate) fn class(&self, name: &'static str, on: impl Flag) {
        on.set_class_on(&self.0, name);
    }

    /// One property of the style.
    pub(crate) fn style(&self, name: &'static str, value: impl Attribute) {
        value.set_style_on(&self.0, name);
    }

    /// A property of the node, such as the value of an input, which is not the attribute of that name.
    pub(crate) fn prop(&self, name: &'static str, value: impl Property) {
        value.set_property_on(&self.0, name);
    }

    pub(crate) fn on<E>(&self, event: &E, mut handler: impl FnMut(E::EventType) + 'static)
    where
        E: EventDescriptor<EventType: JsCast>,
    {
        listen(
            &self.0,
            event.name(),
            Box::new(move |event: Event| handler(event.unchecked_into())),
        );
    }

    /// For events that have no type of their own.
    pub(crate) fn on_event(&self, event: &'static str, handler: impl FnMut(Event) + 'static) {
        listen(&self.0, event.into(), Box::new(handler));
    }

    pub(crate) fn node_ref<T: JsCast>(&self, node: NodeRef<T>) {
        node.load(&self.0);
    }

    pub(crate) fn text(&self, text: &str) {
        append_text(&self.0, text);
    }

    pub(crate) fn child(&self, child: impl IntoView) {
        put(&self.0, child.into_view());
    }

    pub(crate) fn into_view(self) -> View {
        View::Node(self.0.into())
    }
}

/// Several nodes side by side.
#[derive(Debug)]
pub(crate) struct Fragment(DocumentFragment);

impl Fragment {
    pub(crate) fn new() -> Fragment {
        Fragment(document().create_document_fragment())
    }

    pub(crate) fn text(&self, text: &str) {
        append_text(&self.0, text);
    }

    pub(crate) fn child(&self, child: impl IntoView) {
        self.put(child.into_view());
    }

    pub(crate) fn put(&self, view: View) {
        put(&self.0, view);
    }

    pub(crate) fn into_view(self) -> View {
        View::Node(self.0.into())
    }
}

pub(super) fn put(parent: &Node, view: View) {
    if let Some(node) = view.into_node() {
        append(parent, &node);
    }
}

pub(super) fn append(parent: &Node, node: &Node) {
    drop(parent.append_child(node));
}

fn append_text(parent: &Node, text: &str) {
    append(parent, &document().create_text_node(text));
}

/// A handler on its element, taken off before it is dropped: the browser may have an event for it on the way.
struct Listener {
    element: web_sys::Element,
    event: Cow<'static, str>,
    handler: Closure<dyn FnMut(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let handler = self.handler.as_ref().unchecked_ref();
        drop(
            self.element
                .remove_event_listener_with_callback(&self.event, handler),
        );
    }
}

/// What an event calls.
trait Handle {
    fn handle(&mut self, event: Event);
}

impl<F: FnMut(Event)> Handle for F {
    fn handle(&mut self, event: Event) {
        self(event);
    }
}

/// The handler finds the contexts of the place where it was written.
fn listen(element: &web_sys::Element, event: Cow<'static, str>, mut handler: Box<dyn Handle>) {
    let owner = Owner::current().map(|owner| owner.downgrade());
    let handler: Box<dyn FnMut(Event)> =
        Box::new(
            move |event| match owner.as_ref().and_then(|owner| owner.upgrade()) {
                Some(owner) => owner.with(|| handler.handle(event)),
                None => handler.handle(event),
            },
        );
    let handler = Closure::wrap(handler);
    drop(element.add_event_listener_with_callback(&event, handler.as_ref().unchecked_ref()));
    keep(Box::new(Listener {
        element: element.clone(),
        event,
        handler,
    }));
}
