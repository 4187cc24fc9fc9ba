//! Views, and what becomes one.

use super::dynamic::dynamic;
use super::element::append;
use super::template::Template;
use super::text;
use super::window::document;
use crate::reactive::{Memo, Owner, RwSignal, Signal, untrack};
use std::borrow::Cow;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Node;

/// A part of the page that is ready to be put into it: a text of the browser, a node, which may be a fragment with any number
/// of them, or nothing (`undefined`). One number, because the pages pass on thousands.
#[derive(Debug)]
pub(crate) struct View(pub(super) JsValue);

impl View {
    #[expect(non_upper_case_globals, reason = "named as one of the cases that a view is")]
    pub(crate) const Empty: View = View(JsValue::UNDEFINED);

    pub(super) fn of_node(node: impl Into<Node>) -> View {
        View(JsValue::from(node.into()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_undefined()
    }

    pub(super) fn is_text(&self) -> bool {
        self.0.is_string()
    }

    /// The view as a node, if there is anything of it.
    #[inline(never)]
    pub(super) fn into_node(self) -> Option<Node> {
        if self.is_empty() {
            None
        } else if self.is_text() {
            Some(text::node(&self.0))
        } else {
            Some(self.0.unchecked_into())
        }
    }
}

impl Default for View {
    fn default() -> View {
        View::Empty
    }
}

/// The content of a component, made once.
pub(crate) type Children = Box<dyn FnOnce() -> View>;
/// The content of a component, made as often as it is shown.
pub(crate) type ChildrenFn = Rc<dyn Fn() -> View>;

/// Makes the content of a component from the closure that `view!` writes. Whether it is `fixed` says that it reads nothing.
pub(crate) trait ToChildren<F> {
    fn to_children(make: F, fixed: bool) -> Self;
}

/// Content that is made before its component is.
impl<F: FnOnce() -> View> ToChildren<F> for View {
    fn to_children(make: F, fixed: bool) -> Self {
        if fixed { make() } else { untrack(make) }
    }
}

impl<F: FnOnce() -> View + 'static> ToChildren<F> for Children {
    fn to_children(make: F, _fixed: bool) -> Self {
        Box::new(make)
    }
}

impl<F: Fn() -> View + 'static> ToChildren<F> for ChildrenFn {
    fn to_children(make: F, _fixed: bool) -> Self {
        Rc::new(make)
    }
}

/// Puts the application into the page, for as long as the page is there.
pub(crate) fn mount<V: IntoView>(application: impl FnOnce() -> V + 'static) {
    Owner::new().with(|| {
        if let Some(body) = document().body() {
            put_into(&body, application().into_view());
        }
    });
}

/// Puts a view after what else is in a node.
#[inline(never)]
pub(crate) fn put_into(parent: &Node, view: View) {
    if let Some(node) = view.into_node() {
        append(parent, &node);
    }
}

/// What can stand in a view.
pub(crate) trait IntoView: Sized {
    fn into_view(self) -> View;

    /// Fills the next hole of a template.
    fn put_into(self, template: &mut Template) {
        template.put(self.into_view());
    }
}

impl IntoView for View {
    fn into_view(self) -> View {
        self
    }
}

impl IntoView for () {
    fn into_view(self) -> View {
        View::Empty
    }
}

impl IntoView for &'static str {
    fn into_view(self) -> View {
        View(text::of(self))
    }
}

impl IntoView for String {
    fn into_view(self) -> View {
        View(text::of_string(self))
    }
}

impl IntoView for Cow<'static, str> {
    fn into_view(self) -> View {
        View(text::of(&self))
    }
}

impl IntoView for usize {
    fn into_view(self) -> View {
        self.to_string().into_view()
    }
}

impl<V: IntoView> IntoView for Option<V> {
    fn into_view(self) -> View {
        self.map_or(View::Empty, V::into_view)
    }
}

impl<V: IntoView> IntoView for Vec<V> {
    fn into_view(self) -> View {
        self.into_iter().collect_view()
    }
}

impl<V: IntoView, const N: usize> IntoView for [V; N] {
    fn into_view(self) -> View {
        self.into_iter().collect_view()
    }
}

/// A closure is called again whenever a signal changes that it looked at.
impl<V: IntoView, F: FnMut() -> V + 'static> IntoView for F {
    fn into_view(mut self) -> View {
        dynamic(Box::new(move || self().into_view()))
    }

    fn put_into(mut self, template: &mut Template) {
        template.dynamic(Box::new(move || self().into_view()));
    }
}

macro_rules! signal_into_view {
    ($($signal:ident),*) => {$(
        impl<V: IntoView + Clone + 'static> IntoView for $signal<V> {
            fn into_view(self) -> View {
                (move || self.get()).into_view()
            }
        }
    )*};
}

signal_into_view!(Signal, Memo, RwSignal);

/// Makes one view of many.
pub(crate) trait CollectView {
    fn collect_view(self) -> View;
}

impl<I: IntoIterator<Item: IntoView>> CollectView for I {
    fn collect_view(self) -> View {
        let fragment: Node = document().create_document_fragment().into();
        for view in self {
            put_into(&fragment, view.into_view());
        }
        View::of_node(fragment)
    }
}
