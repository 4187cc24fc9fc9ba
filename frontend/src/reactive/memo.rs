//! Values that are computed when what they were computed from changed, and not more often.

use super::graph::{self, Id, Run};
use super::slot::{Kept, Value};
use super::{handle, slot};
use std::marker::PhantomData;

/// A value that is computed anew when what it was computed from changed; whoever reads it is told only if it is another
/// then.
pub(crate) struct Memo<T> {
    id: Id,
    kind: PhantomData<fn() -> T>,
}

handle!(Memo);

impl<T: PartialEq + 'static> Memo<T> {
    pub(crate) fn new(compute: impl Fn(Option<&T>) -> T + 'static) -> Self {
        Memo {
            id: graph::memo(Box::new(Compute(compute, PhantomData))),
            kind: PhantomData,
        }
    }
}

struct Compute<T, F>(F, PhantomData<fn() -> T>);

impl<T, F> Run for Compute<T, F>
where
    T: PartialEq + 'static,
    F: Fn(Option<&T>) -> T,
{
    fn run(&self, before: Option<&Kept>) -> Option<Value> {
        let before = before.map(slot::cast);
        another((self.0)(before), before)
    }
}

/// The value, if it is another than before. Once for each type.
#[inline(never)]
fn another<T: PartialEq + 'static>(value: T, before: Option<&T>) -> Option<Value> {
    (before != Some(&value)).then(|| slot::value(value))
}

impl<T: 'static> Memo<T> {
    pub(super) const fn id(self) -> Id {
        self.id
    }

    /// Follows the value without looking at it. It is computed all the same: a memo that never was follows nothing itself.
    pub(crate) fn track(self) {
        graph::read(self.id);
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
}
