//! The node of an element, once it was made.

use crate::reactive::RwSignal;
use std::marker::PhantomData;
use wasm_bindgen::JsCast;

/// Given to an element with `node_ref=…`: `T` is what the browser calls it, such as [`web_sys::HtmlInputElement`].
#[derive(Debug)]
pub(crate) struct NodeRef<T> {
    node: RwSignal<Option<web_sys::Element>>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for NodeRef<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for NodeRef<T> {}

impl<T: JsCast> NodeRef<T> {
    pub(crate) fn new() -> NodeRef<T> {
        NodeRef {
            node: RwSignal::new(None),
            kind: PhantomData,
        }
    }

    pub(super) fn load(self, element: &web_sys::Element) {
        self.node.set(Some(element.clone()));
    }

    pub(crate) fn get(self) -> Option<T> {
        self.node.get().map(JsCast::unchecked_into)
    }

    pub(crate) fn get_untracked(self) -> Option<T> {
        self.node.get_untracked().map(JsCast::unchecked_into)
    }
}
