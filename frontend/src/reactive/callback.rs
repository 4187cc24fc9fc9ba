//! What a component calls back.

use super::graph::{self, Id};
use super::{handle, slot};
use std::marker::PhantomData;

/// A closure that is called by whoever it was given to, until the part of the page that made it goes.
pub(crate) struct Callback<T> {
    id: Id,
    kind: PhantomData<fn(T)>,
}

handle!(Callback);

/// What is in the node.
struct Called<T>(Box<dyn Call<T>>);

/// What `Fn` does, with one function for each closure and not three.
trait Call<T> {
    fn call(&self, argument: T);
}

impl<T, F: Fn(T)> Call<T> for F {
    fn call(&self, argument: T) {
        self(argument);
    }
}

impl<T: 'static> Callback<T> {
    pub(crate) fn new(call: impl Fn(T) + 'static) -> Self {
        Callback::of(Box::new(call))
    }

    #[inline(never)]
    fn of(call: Box<dyn Call<T>>) -> Self {
        Callback {
            id: graph::fixed(slot::value(Called(call))),
            kind: PhantomData,
        }
    }

    #[inline(never)]
    pub(crate) fn run(self, argument: T) {
        slot::look(graph::peek(self.id), |called: &Called<T>| called.0.call(argument));
    }
}

impl<T: 'static, F: Fn(T) + 'static> From<F> for Callback<T> {
    fn from(call: F) -> Self {
        Callback::new(call)
    }
}
