//! Anything that gives a value, for the props of a component.

use super::graph::{self, Id};
use super::slot::gone;
use super::{Memo, RwSignal, handle, untrack};
use std::marker::PhantomData;
use std::rc::Rc;

/// A closure, a signal, a memo or a fixed value: whoever reads it follows what it reads.
pub(crate) struct Signal<T> {
    id: Id,
    kind: PhantomData<fn() -> T>,
}

handle!(Signal);

/// What is in the slot.
struct Source<T>(Box<dyn Read<T>>);

/// What `Fn` does, with one function for each closure and not three.
trait Read<T> {
    fn read(&self) -> T;
}

impl<T, F: Fn() -> T> Read<T> for F {
    fn read(&self) -> T {
        self()
    }
}

impl<T: 'static> Signal<T> {
    pub(crate) fn derive(read: impl Fn() -> T + 'static) -> Self {
        Signal::of(Box::new(read))
    }

    #[inline(never)]
    fn of(read: Box<dyn Read<T>>) -> Self {
        Signal {
            id: graph::value(Rc::new(Source(read))),
            kind: PhantomData,
        }
    }

    /// A value that never changes.
    pub(crate) fn stored(value: T) -> Self
    where
        T: Clone,
    {
        Signal::derive(move || value.clone())
    }

    #[inline(never)]
    pub(crate) fn get(self) -> T {
        let node = graph::get(self.id).unwrap_or_else(|| gone());
        match node.downcast_ref::<Source<T>>() {
            Some(Source(source)) => source.read(),
            None => gone(),
        }
    }

    #[inline(never)]
    pub(crate) fn get_untracked(self) -> T {
        untrack(|| self.get())
    }

    pub(crate) fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(&self.get())
    }

    pub(crate) fn with_untracked<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(&self.get_untracked())
    }
}

impl<T: Clone + Default + 'static> Default for Signal<T> {
    fn default() -> Self {
        Signal::stored(T::default())
    }
}

impl<T: Clone + 'static> From<T> for Signal<T> {
    fn from(value: T) -> Self {
        Signal::stored(value)
    }
}

impl<T: Clone + 'static> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Signal::derive(move || signal.get())
    }
}

impl<T: Clone + 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Signal::derive(move || memo.get())
    }
}

impl From<&'static str> for Signal<String> {
    fn from(text: &'static str) -> Self {
        Signal::derive(move || text.to_owned())
    }
}
