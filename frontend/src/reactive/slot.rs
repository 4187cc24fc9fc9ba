//! Where the values are: in Leptos' arena, which drops them with the part of the page that made them.

use leptos::reactive::prelude::*;
use leptos::reactive::signal::ArcTrigger;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// A value, and what tells of its changes.
pub(super) struct Node<V: ?Sized> {
    pub(super) changed: ArcTrigger,
    pub(super) value: V,
}

impl<V> Node<V> {
    pub(super) fn new(value: V) -> Rc<Node<V>> {
        Rc::new(Node {
            changed: ArcTrigger::new(),
            value,
        })
    }
}

/// A node whose type is known to its user.
pub(super) type AnyNode = Rc<Node<dyn Any>>;

/// The handle of a node in the arena.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Slot(leptos::prelude::StoredValue<AnyNode, leptos::prelude::LocalStorage>);

impl Slot {
    pub(super) fn new(node: AnyNode) -> Slot {
        Slot(leptos::prelude::StoredValue::new_local(node))
    }

    /// The node, unless the part of the page that made it is gone.
    pub(super) fn node(self) -> Option<AnyNode> {
        self.0.try_get_value()
    }

    pub(super) fn is_disposed(self) -> bool {
        self.0.is_disposed()
    }

    pub(super) fn track(self) {
        if let Some(node) = self.node() {
            node.changed.track();
        }
    }

    pub(super) fn notify(self) {
        if let Some(node) = self.node() {
            node.changed.notify();
        }
    }

    /// Looks at a value of type `T`.
    pub(super) fn try_with<T: 'static, U>(self, look: impl FnOnce(&T) -> U) -> Option<U> {
        let node = self.node()?;
        let value = cell(&node.value).borrow();
        Some(look(&value))
    }

    /// Changes a value of type `T`; nobody is told.
    pub(super) fn try_update<T: 'static, U>(self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        let node = self.node()?;
        let mut value = cell(&node.value).borrow_mut();
        Some(change(&mut value))
    }

    /// Puts another value there; it comes back if there is no place for it any more.
    #[inline(never)]
    pub(super) fn try_set<T: 'static>(self, value: T) -> Option<T> {
        let Some(node) = self.node() else {
            return Some(value);
        };
        // What was there is dropped when the place is not borrowed any more: its end may look here.
        drop(cell(&node.value).replace(value));
        None
    }
}

/// What a slot of this type holds. Once for each type: what tells types apart is large.
#[inline(never)]
fn cell<T: 'static>(value: &dyn Any) -> &RefCell<T> {
    match value.downcast_ref() {
        Some(cell) => cell,
        None => unreachable!("a slot of one type holds no other"),
    }
}

/// The end of what asks for a value that is gone: a mistake in the page.
#[cold]
pub(super) fn gone() -> ! {
    panic!("a signal was read after the part of the page that made it was gone")
}
