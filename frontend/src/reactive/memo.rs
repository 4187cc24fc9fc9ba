//! Values that are computed when what they were computed from changed, and not more often.

use super::handle;
use leptos::reactive::prelude::*;
use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

type AnyValue = dyn Any + Send + Sync;

/// A computed value with what tells whether another is the same.
#[derive(Clone)]
struct Computed {
    value: Arc<AnyValue>,
    same: fn(&AnyValue, &AnyValue) -> bool,
}

impl PartialEq for Computed {
    fn eq(&self, other: &Computed) -> bool {
        (self.same)(&*self.value, &*other.value)
    }
}

/// A value that is computed anew when what it was computed from changed; whoever reads it is told only if it is another
/// then.
pub(crate) struct Memo<T> {
    memo: leptos::prelude::Memo<Computed>,
    kind: PhantomData<fn() -> T>,
}

handle!(Memo);

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    pub(crate) fn new(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        Memo {
            memo: erased(Box::new(Typed(compute, PhantomData))),
            kind: PhantomData,
        }
    }
}

/// A computation whose type is not told: one trait of two methods, and not a boxed `Fn` with three functions each.
trait Compute: Send + Sync {
    fn compute(&self, before: Option<&AnyValue>) -> Arc<AnyValue>;
    fn same(&self) -> fn(&AnyValue, &AnyValue) -> bool;
}

struct Typed<T, F>(F, PhantomData<fn() -> T>);

impl<T, F> Compute for Typed<T, F>
where
    T: PartialEq + Send + Sync + 'static,
    F: Fn(Option<&T>) -> T + Send + Sync,
{
    fn compute(&self, before: Option<&AnyValue>) -> Arc<AnyValue> {
        Arc::new((self.0)(before.map(cast)))
    }

    fn same(&self) -> fn(&AnyValue, &AnyValue) -> bool {
        |one, other| cast::<T>(one) == cast::<T>(other)
    }
}

/// What a memo of this type holds. Once for each type: what tells types apart is large.
#[inline(never)]
fn cast<T: 'static>(value: &AnyValue) -> &T {
    match value.downcast_ref() {
        Some(value) => value,
        None => unreachable!("a memo of one type holds no other"),
    }
}

fn erased(compute: Box<dyn Compute>) -> leptos::prelude::Memo<Computed> {
    leptos::prelude::Memo::new(move |before: Option<&Computed>| Computed {
        value: compute.compute(before.map(|before| &*before.value)),
        same: compute.same(),
    })
}

fn read(memo: leptos::prelude::Memo<Computed>) -> Arc<AnyValue> {
    memo.get().value
}

fn read_untracked(memo: leptos::prelude::Memo<Computed>) -> Arc<AnyValue> {
    memo.get_untracked().value
}

impl<T: 'static> Memo<T> {
    /// Follows the value without looking at it. It is computed all the same: a memo that never was follows nothing itself.
    pub(crate) fn track(self) {
        self.with(|_| ());
    }

    pub(crate) fn with<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(cast(&*read(self.memo)))
    }

    pub(crate) fn with_untracked<U>(self, look: impl FnOnce(&T) -> U) -> U {
        look(cast(&*read_untracked(self.memo)))
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
