//! Values of any type, and by the type that only their user knows.
//!
//! Signals, memos and stored values of all types are the same to the graph: it passes on what is [`Kept`]. What knows the type
//! is one small function to keep a value and one to look at it.

use super::graph::{self, Id};
use std::any::Any;
use std::rc::Rc;

/// A value in its box. It does not change while anybody else holds it.
pub(super) struct Kept(Box<dyn Any>);

/// One number to pass around, whatever the value is.
pub(super) type Value = Rc<Kept>;

#[inline(never)]
pub(super) fn value<T: 'static>(value: T) -> Value {
    keep(Box::new(value))
}

#[inline(never)]
fn keep(value: Box<dyn Any>) -> Value {
    Rc::new(Kept(value))
}

/// What is kept as a value of this type. Once for each type: what tells types apart is large.
#[inline(never)]
pub(super) fn cast<T: 'static>(value: &Kept) -> &T {
    match value.0.downcast_ref() {
        Some(value) => value,
        None => unreachable!("a value of one type is no other"),
    }
}

#[inline(never)]
fn cast_mut<T: 'static>(value: &mut Kept) -> &mut T {
    match value.0.downcast_mut() {
        Some(value) => value,
        None => unreachable!("a value of one type is no other"),
    }
}

/// Once in the code, and not wherever a value was looked at.
#[inline(never)]
fn release(value: Value) {
    drop(value);
}

/// Looks at a value.
pub(super) fn look<T: 'static, U>(value: Value, look: impl FnOnce(&T) -> U) -> U {
    let result = look(cast(&value));
    release(value);
    result
}

/// A copy of a value.
#[inline(never)]
pub(super) fn copy<T: Clone + 'static>(value: Value) -> T {
    look(value, T::clone)
}

/// Changes a value of type `T`, unless the part of the page that made it is gone; nobody is told. While it changes, it is
/// not there.
pub(super) fn try_update<T: 'static, U>(id: Id, change: impl FnOnce(&mut T) -> U) -> Option<U> {
    let mut value = graph::take(id)?;
    let result = change(cast_mut(sole(&mut value)));
    graph::put_back(id, value);
    Some(result)
}

#[inline(never)]
fn sole(value: &mut Value) -> &mut Kept {
    match Rc::get_mut(value) {
        Some(kept) => kept,
        None => panic!("a value was changed while it was looked at"),
    }
}

/// The end of what asks for a value that is gone: a mistake in the page.
#[cold]
pub(super) fn gone() -> ! {
    panic!("a signal was read after the part of the page that made it was gone")
}
