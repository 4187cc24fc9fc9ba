//! Values that are read and written, and followed.

use super::handle;
use super::slot::{AnyNode, Node, Slot, gone};
use leptos::reactive::prelude::*;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

/// A value that is followed by whoever reads it, until the part of the page that made it goes.
pub(crate) struct RwSignal<T> {
    slot: Slot,
    kind: PhantomData<fn() -> T>,
}

handle!(RwSignal);

/// Two handles are equal if they are of the same signal.
impl<T> PartialEq for RwSignal<T> {
    fn eq(&self, other: &Self) -> bool {
        self.slot == other.slot
    }
}

impl<T: 'static> RwSignal<T> {
    pub(crate) fn new(value: T) -> Self {
        RwSignal::of(Node::new(RefCell::new(value)))
    }

    fn of(node: AnyNode) -> Self {
        RwSignal {
            slot: Slot::new(node),
            kind: PhantomData,
        }
    }

    pub(crate) fn track(self) {
        self.slot.track();
    }

    /// Tells whoever read the value that it changed.
    pub(crate) fn notify(self) {
        self.slot.notify();
    }

    pub(crate) fn is_disposed(self) -> bool {
        self.slot.is_disposed()
    }

    pub(crate) fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        self.track();
        self.with_untracked(look)
    }

    pub(crate) fn with_untracked<U>(self, look: impl FnOnce(&T) -> U) -> U {
        self.slot.try_with(look).unwrap_or_else(|| gone())
    }

    #[inline(never)]
    pub(crate) fn get(self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    #[inline(never)]
    pub(crate) fn get_untracked(self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    #[inline(never)]
    pub(crate) fn set(self, value: T) {
        // A value for what is gone is nobody's business any more.
        drop(self.try_set(value));
    }

    /// The value comes back if the signal is gone.
    pub(crate) fn try_set(self, value: T) -> Option<T> {
        let left = self.slot.try_set(value);
        if left.is_none() {
            self.notify();
        }
        left
    }

    pub(crate) fn update(self, change: impl FnOnce(&mut T)) {
        self.update_untracked(change);
        self.notify();
    }

    pub(crate) fn update_untracked(self, change: impl FnOnce(&mut T)) {
        self.slot.try_update(change);
    }
}

/// A signal that lives as long as somebody holds it.
pub(crate) struct ArcRwSignal<T>(Rc<Node<RefCell<T>>>);

impl<T> Clone for ArcRwSignal<T> {
    fn clone(&self) -> Self {
        ArcRwSignal(Rc::clone(&self.0))
    }
}

impl<T> std::fmt::Debug for ArcRwSignal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ArcRwSignal")
    }
}

impl<T: 'static> ArcRwSignal<T> {
    pub(crate) fn new(value: T) -> Self {
        ArcRwSignal(Node::new(RefCell::new(value)))
    }

    pub(crate) fn with_untracked<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        look(&self.0.value.borrow())
    }

    #[cfg(test)]
    pub(crate) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    pub(crate) fn set(&self, value: T) {
        let before = self.0.value.replace(value);
        drop(before);
        self.0.changed.notify();
    }
}

/// The same signal, for as long as the part of the page that is being made.
impl<T: 'static> From<ArcRwSignal<T>> for RwSignal<T> {
    fn from(signal: ArcRwSignal<T>) -> Self {
        RwSignal::of(signal.0)
    }
}
