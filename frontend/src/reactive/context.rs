//! What is provided for everything below.

use super::{graph, slot};
use std::any::TypeId;

/// Provides a value for what is made below what is being made.
pub(crate) fn provide_context<T: 'static>(value: T) {
    graph::provide(TypeId::of::<T>(), slot::value(value));
}

/// What [`provide_context`] provided further up, if anything did.
pub(crate) fn use_context<T: Clone + 'static>() -> Option<T> {
    graph::context(TypeId::of::<T>()).map(slot::copy)
}

/// What [`provide_context`] provided further up.
#[inline(never)]
pub(crate) fn expect_context<T: Clone + 'static>() -> T {
    use_context().unwrap_or_else(|| missing())
}

#[cold]
fn missing() -> ! {
    panic!("a context was asked for that nothing above provides")
}
