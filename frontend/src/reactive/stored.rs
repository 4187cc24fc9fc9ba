//! Values that are kept and not followed.

use super::graph::Id;
use super::handle;
use super::slot::{self, gone};
use std::marker::PhantomData;

/// A value that lives as long as the part of the page that made it.
pub(crate) struct StoredValue<T> {
    id: Id,
    kind: PhantomData<fn() -> T>,
}

handle!(StoredValue);

impl<T: 'static> StoredValue<T> {
    #[inline(never)]
    pub(crate) fn new(value: T) -> Self {
        StoredValue {
            id: slot::new(value),
            kind: PhantomData,
        }
    }

    pub(crate) fn with_value<U>(self, look: impl FnOnce(&T) -> U) -> U {
        self.try_with_value(look).unwrap_or_else(|| gone())
    }

    pub(crate) fn try_with_value<U>(self, look: impl FnOnce(&T) -> U) -> Option<U> {
        slot::try_with(self.id, look)
    }

    #[inline(never)]
    pub(crate) fn get_value(self) -> T
    where
        T: Clone,
    {
        self.with_value(T::clone)
    }

    #[inline(never)]
    pub(crate) fn try_get_value(self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with_value(T::clone)
    }

    pub(crate) fn set_value(self, value: T) {
        // A value for what is gone is nobody's business any more.
        drop(self.try_set_value(value));
    }

    /// The value comes back if there is no place for it any more.
    pub(crate) fn try_set_value(self, value: T) -> Option<T> {
        slot::try_set(self.id, value)
    }

    pub(crate) fn update_value(self, change: impl FnOnce(&mut T)) {
        self.try_update_value(change);
    }

    pub(crate) fn try_update_value<U>(self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        slot::try_update(self.id, change)
    }
}
