//! Views, and what becomes one.

use super::dynamic::dynamic;
use super::element::append;
use super::template::Template;
use super::window::document;
use crate::reactive::{Memo, Owner, RwSignal, Signal};
use std::borrow::Cow;
use std::rc::Rc;

/// A part of the page that is ready to be put into it.
#[derive(Debug)]
pub(crate) enum View {
    Empty,
    Text(Cow<'static, str>),
    /// An element, or a document fragment with any number of nodes.
    Node(web_sys::Node),
}

impl View {
    /// The view as a node, if there is anything of it.
    pub(super) fn into_node(self) -> Option<web_sys::Node> {
        match self {
            View::Empty => None,
            View::Text(text) => Some(document().create_text_node(&text).into()),
            View::Node(node) => Some(node),
        }
    }
}

/// The content of a component, made once.
pub(crate) type Children = Box<dyn FnOnce() -> View>;
/// The content of a component, made as often as it is shown.
pub(crate) type ChildrenFn = Rc<dyn Fn() -> View>;

/// Makes the content of a component from the closure that `view!` writes.
pub(crate) trait ToChildren<F> {
    fn to_children(make: F) -> Self;
}

impl<F: FnOnce() -> View + 'static> ToChildren<F> for Children {
    fn to_children(make: F) -> Self {
        Box::new(make)
    }
}

impl<F: Fn() -> View + 'static> ToChildren<F> for ChildrenFn {
    fn to_children(make: F) -> Self {
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
pub(crate) fn put_into(parent: &web_sys::Node, view: View) {
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
        View::Text(Cow::Borrowed(self))
    }
}

impl IntoView for String {
    fn into_view(self) -> View {
        View::Text(Cow::Owned(self))
    }
}

impl IntoView for Cow<'static, str> {
    fn into_view(self) -> View {
        View::Text(self)
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
        let fragment = document().create_document_fragment().into();
        for view in self {
            put_into(&fragment, view.into_view());
        }
        View::Node(fragment)
    }
}
