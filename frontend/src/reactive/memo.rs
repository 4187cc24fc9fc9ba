//! Values that are computed when what they were computed from changed, and not more often.

use super::graph::{self, Id, Run};
use super::handle;
use super::slot::gone;
use std::any::Any;
use std::marker::PhantomData;
use std::rc::Rc;

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
            id: graph::memo(Rc::new(Compute(compute, PhantomData))),
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
    fn run(&self, before: Option<&dyn Any>) -> Option<Rc<dyn Any>> {
        let before = before.map(cast);
        another((self.0)(before), before)
    }
}

/// The value, if it is another than before. Once for each type.
#[inline(never)]
fn another<T: PartialEq + 'static>(value: T, before: Option<&T>) -> Option<Rc<dyn Any>> {
    (before != Some(&value)).then(|| Rc::new(value) as Rc<dyn Any>)
}

/// What a memo of this type holds. Once for each type: what tells types apart is large.
#[inline(never)]
fn cast<T: 'static>(value: &dyn Any) -> &T {
    match value.downcast_ref() {
        Some(value) => value,
        None => unreachable!("a memo of one type holds no other"),
    }
}

impl<T: 'static> Memo<T> {
    /// Follows the value without looking at it. It is computed all the same: a memo that never was follows nothing itself.
    pub(crate) fn track(self) {
        self.value();
    }

    fn value(self) -> Rc<dyn Any> {
        let value = self.value_untracked();
        graph::track(self.id);
        value
    }

    fn value_untracked(self) -> Rc<dyn Any> {
        graph::get(self.id).unwrap_or_else(|| gone())
    }

    pub(crate) fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(cast(&*self.value()))
    }

    pub(crate) fn with_untracked<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(cast(&*self.value_untracked()))
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
}
