//! Anything that gives a value, for the props of a component.

use super::graph::{self, Id, Run};
use super::slot::{Kept, Value};
use super::{Memo, RwSignal, handle, slot};
use std::marker::PhantomData;

/// A closure, a signal, a memo or a fixed value: whoever reads it follows what it reads.
pub(crate) struct Signal<T> {
    id: Id,
    kind: PhantomData<fn() -> T>,
}

handle!(Signal);

/// A closure that is called whenever the value is read.
struct Derived<F>(F);

impl<T: 'static, F: Fn() -> T> Run for Derived<F> {
    fn run(&self, _: Option<&Kept>) -> Option<Value> {
        Some(slot::value((self.0)()))
    }
}

impl<T: 'static> Signal<T> {
    const fn of(id: Id) -> Self {
        Signal {
            id,
            kind: PhantomData,
        }
    }

    pub(crate) fn derive(read: impl Fn() -> T + 'static) -> Self {
        Signal::of(graph::derived(Box::new(Derived(read))))
    }

    /// A value that never changes.
    pub(crate) fn stored(value: T) -> Self {
        Signal::of(graph::fixed(slot::value(value)))
    }

    pub(crate) fn get(self) -> T
    where
        T: Clone,
    {
        slot::copy(graph::read(self.id))
    }

    pub(crate) fn get_untracked(self) -> T
    where
        T: Clone,
    {
        slot::copy(graph::peek(self.id))
    }

    pub(crate) fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        slot::look(graph::read(self.id), look)
    }

    pub(crate) fn with_untracked<U>(self, look: impl FnOnce(&T) -> U) -> U {
        slot::look(graph::peek(self.id), look)
    }
}

impl<T: Default + 'static> Default for Signal<T> {
    fn default() -> Self {
        Signal::stored(T::default())
    }
}

impl<T: 'static> From<T> for Signal<T> {
    fn from(value: T) -> Self {
        Signal::stored(value)
    }
}

impl<T: 'static> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Signal::of(signal.id())
    }
}

impl<T: 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Signal::of(memo.id())
    }
}

impl From<&'static str> for Signal<String> {
    #[inline(never)]
    fn from(text: &'static str) -> Self {
        Signal::stored(text.to_owned())
    }
}
