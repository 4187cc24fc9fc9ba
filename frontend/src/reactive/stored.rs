//! Values that are kept and not followed.

use super::graph::{self, Id};
use super::signal::Gone;
use super::{handle, slot};
use std::marker::PhantomData;

/// A value that lives as long as the part of the page that made it.
pub(crate) struct StoredValue<T> {
    id: Id,
    kind: PhantomData<fn() -> T>,
}

handle!(StoredValue);

impl<T: 'static> StoredValue<T> {
    pub(crate) fn new(value: T) -> Self {
        StoredValue {
            id: graph::value(slot::value(value)),
            kind: PhantomData,
        }
    }

    pub(crate) fn with_value<U>(self, look: impl FnOnce(&T) -> U) -> U {
        slot::look(graph::peek(self.id), look)
    }

    pub(crate) fn try_with_value<U>(self, look: impl FnOnce(&T) -> U) -> Option<U> {
        graph::try_peek(self.id).map(|value| slot::look(value, look))
    }

    pub(crate) fn get_value(self) -> T
    where
        T: Clone,
    {
        slot::copy(graph::peek(self.id))
    }

    pub(crate) fn try_get_value(self) -> Option<T>
    where
        T: Clone,
    {
        graph::try_peek(self.id).map(slot::copy)
    }

    /// A value for what is gone is nobody's business any more.
    pub(crate) fn set_value(self, value: T) {
        graph::set(self.id, slot::value(value));
    }

    /// Says if there is no place for the value any more.
    pub(crate) fn try_set_value(self, value: T) -> Option<Gone> {
        graph::set(self.id, slot::value(value)).then_some(Gone)
    }

    pub(crate) fn update_value(self, change: impl FnOnce(&mut T)) {
        self.try_update_value(change);
    }

    pub(crate) fn try_update_value<U>(self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        slot::try_update(self.id, change)
    }
}
