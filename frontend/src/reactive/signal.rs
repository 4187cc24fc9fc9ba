//! Values that are read and written, and followed.

use super::graph::{self, Id};
use super::{StoredValue, handle, slot};
use std::marker::PhantomData;
use std::rc::Rc;

/// A value that is followed by whoever reads it, until the part of the page that made it goes.
pub(crate) struct RwSignal<T> {
    id: Id,
    kind: PhantomData<fn() -> T>,
}

handle!(RwSignal);

/// Two handles are equal if they are of the same signal.
impl<T> PartialEq for RwSignal<T> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<T: 'static> RwSignal<T> {
    pub(crate) fn new(value: T) -> Self {
        RwSignal::of(graph::value(slot::value(value)))
    }

    const fn of(id: Id) -> Self {
        RwSignal {
            id,
            kind: PhantomData,
        }
    }

    pub(super) const fn id(self) -> Id {
        self.id
    }

    pub(crate) fn track(self) {
        graph::track(self.id);
    }

    /// Tells whoever read the value that it changed.
    pub(crate) fn notify(self) {
        graph::notify(self.id);
    }

    pub(crate) fn is_disposed(self) -> bool {
        !graph::is_alive(self.id)
    }

    pub(crate) fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        slot::look(graph::read(self.id), look)
    }

    pub(crate) fn with_untracked<U>(self, look: impl FnOnce(&T) -> U) -> U {
        slot::look(graph::peek(self.id), look)
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

    /// A value for what is gone is nobody's business any more.
    pub(crate) fn set(self, value: T) {
        graph::set(self.id, slot::value(value));
    }

    /// Says if the signal is gone.
    pub(crate) fn try_set(self, value: T) -> Option<Gone> {
        graph::set(self.id, slot::value(value)).then_some(Gone)
    }

    pub(crate) fn update(self, change: impl FnOnce(&mut T)) {
        self.update_untracked(change);
        self.notify();
    }

    pub(crate) fn update_untracked(self, change: impl FnOnce(&mut T)) {
        slot::try_update(self.id, change);
    }
}

/// A value for a signal that is known apart from its type.
pub(crate) struct AnyValue(slot::Value);

impl AnyValue {
    pub(crate) fn new<T: 'static>(value: T) -> AnyValue {
        AnyValue(slot::value(value))
    }

    /// Whether two values, which are of this type, are equal.
    pub(crate) fn same<T: PartialEq + 'static>(&self, other: &AnyValue) -> bool {
        slot::cast::<T>(&self.0) == slot::cast::<T>(&other.0)
    }
}

/// A signal apart from the type of its value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnySignal(Id);

impl AnySignal {
    /// Sets a value, which is of the signal's type.
    pub(crate) fn set(self, value: AnyValue) {
        graph::set(self.0, value.0);
    }

    pub(crate) const fn of<T>(self) -> RwSignal<T> {
        RwSignal {
            id: self.0,
            kind: PhantomData,
        }
    }
}

impl<T> From<RwSignal<T>> for AnySignal {
    fn from(signal: RwSignal<T>) -> AnySignal {
        AnySignal(signal.id)
    }
}

/// A value was set for what is gone.
#[derive(Debug)]
pub(crate) struct Gone;

/// A signal that lives as long as somebody holds it.
pub(crate) struct ArcRwSignal<T> {
    held: Rc<Held>,
    kind: PhantomData<fn() -> T>,
}

/// Ends its node when nobody holds it any more.
struct Held(Id);

impl Drop for Held {
    fn drop(&mut self) {
        graph::dispose(self.0);
    }
}

impl<T> Clone for ArcRwSignal<T> {
    fn clone(&self) -> Self {
        ArcRwSignal {
            held: Rc::clone(&self.held),
            kind: PhantomData,
        }
    }
}

impl<T> std::fmt::Debug for ArcRwSignal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ArcRwSignal")
    }
}

impl<T: 'static> ArcRwSignal<T> {
    pub(crate) fn new(value: T) -> Self {
        ArcRwSignal {
            held: Rc::new(Held(graph::free_value(slot::value(value)))),
            kind: PhantomData,
        }
    }

    fn signal(&self) -> RwSignal<T> {
        RwSignal::of(self.held.0)
    }

    pub(crate) fn with_untracked<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        self.signal().with_untracked(look)
    }

    #[cfg(test)]
    pub(crate) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    pub(crate) fn set(&self, value: T) {
        self.signal().set(value);
    }
}

/// The same signal, for as long as the part of the page that is being made.
impl<T: 'static> From<ArcRwSignal<T>> for RwSignal<T> {
    fn from(signal: ArcRwSignal<T>) -> Self {
        let same = signal.signal();
        StoredValue::new(signal.held);
        same
    }
}

/// Something that changes without a value of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trigger(RwSignal<()>);

impl Trigger {
    pub(crate) fn new() -> Trigger {
        Trigger(RwSignal::new(()))
    }

    pub(crate) fn track(self) {
        self.0.track();
    }

    pub(crate) fn notify(self) {
        self.0.notify();
    }

    pub(crate) fn is_disposed(self) -> bool {
        self.0.is_disposed()
    }
}
