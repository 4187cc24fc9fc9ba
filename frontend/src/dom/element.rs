//! Nodes and their handlers.

use super::call::Handle;
use crate::reactive::{Owner, StoredValue};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Event, Node};

pub(super) fn append(parent: &Node, node: &Node) {
    drop(parent.append_child(node));
}

/// A handler on its element, taken off before it is dropped: the browser may have an event for it on the way.
struct Listener {
    element: web_sys::Element,
    event: &'static str,
    handler: Closure<dyn FnMut(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let handler = self.handler.as_ref().unchecked_ref();
        drop(
            self.element
                .remove_event_listener_with_callback(self.event, handler),
        );
    }
}

/// The handler finds the contexts of the place where it was written.
pub(super) fn listen(element: &web_sys::Element, event: &'static str, mut handler: Box<dyn Handle>) {
    let owner = Owner::current();
    let handler: Box<dyn FnMut(Event)> =
        Box::new(move |event| match owner.filter(|owner| owner.is_alive()) {
            Some(owner) => owner.with(|| handler.handle(event)),
            None => handler.handle(event),
        });
    let handler = Closure::wrap(handler);
    drop(element.add_event_listener_with_callback(event, handler.as_ref().unchecked_ref()));
    // It goes with the part of the page that is being made.
    StoredValue::new(Listener {
        element: element.clone(),
        event,
        handler,
    });
}
