//! What is asked of the window and of the document.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Event, HtmlInputElement, Window};

thread_local! {
    static WINDOW: Window = js_sys::global().unchecked_into();
    static DOCUMENT: Document = window().document().unwrap_or_else(|| unreachable!("a page has a document"));
}

pub(crate) fn window() -> Window {
    WINDOW.with(Clone::clone)
}

pub(crate) fn document() -> Document {
    DOCUMENT.with(Clone::clone)
}

/// What is typed or chosen in the element of an event.
pub(crate) fn event_target_value(event: &Event) -> String {
    input(event).map(|input| input.value()).unwrap_or_default()
}

/// Whether the element of an event is ticked.
pub(crate) fn event_target_checked(event: &Event) -> bool {
    input(event).is_some_and(|input| input.checked())
}

/// An input, or another element that has a value.
fn input(event: &Event) -> Option<HtmlInputElement> {
    event.target().map(JsCast::unchecked_into)
}

/// Does something before the browser draws next.
pub(crate) fn request_animation_frame(act: impl FnOnce() + 'static) {
    before_drawing(Box::new(act));
}

fn before_drawing(act: Box<dyn FnOnce()>) {
    // Refused by no window.
    drop(window().request_animation_frame(Closure::once_into_js(act).unchecked_ref()));
}

/// A handler of the window's events. It stays when this is dropped.
#[derive(Debug)]
pub(crate) struct WindowListener {
    event: &'static str,
    handler: JsValue,
}

impl WindowListener {
    pub(crate) fn remove(self) {
        drop(window().remove_event_listener_with_callback(self.event, self.handler.unchecked_ref()));
    }
}

/// Calls a handler at each event of a name; `E` is what the browser calls such an event.
pub(crate) fn window_event_listener<E: JsCast>(
    event: &'static str,
    mut handler: impl FnMut(E) + 'static,
) -> WindowListener {
    listen(event, Box::new(move |event| handler(event.unchecked_into())))
}

fn listen(event: &'static str, handler: Box<dyn FnMut(Event)>) -> WindowListener {
    let handler = Closure::wrap(handler).into_js_value();
    drop(window().add_event_listener_with_callback(event, handler.unchecked_ref()));
    WindowListener { event, handler }
}
