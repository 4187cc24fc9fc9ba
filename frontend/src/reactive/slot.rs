//! Values by their handles, with the type that only their user knows.

use super::graph::{self, Id};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// A value of any type that is read and written.
pub(super) fn new<T: 'static>(value: T) -> Id {
    graph::value(Rc::new(RefCell::new(value)))
}

/// Looks at a value of type `T`, unless the part of the page that made it is gone.
pub(super) fn try_with<T: 'static, U>(id: Id, look: impl FnOnce(&T) -> U) -> Option<U> {
    let node = graph::get(id)?;
    let value = cell(&*node).borrow();
    Some(look(&value))
}

/// Changes a value of type `T`; nobody is told.
pub(super) fn try_update<T: 'static, U>(id: Id, change: impl FnOnce(&mut T) -> U) -> Option<U> {
    let node = graph::get(id)?;
    let mut value = cell(&*node).borrow_mut();
    Some(change(&mut value))
}

/// Puts another value there; it comes back if there is no place for it any more.
#[inline(never)]
pub(super) fn try_set<T: 'static>(id: Id, value: T) -> Option<T> {
    let Some(node) = graph::get(id) else {
        return Some(value);
    };
    // What was there is dropped when the place is not borrowed any more: its end may look here.
    drop(cell(&*node).replace(value));
    None
}

/// What a slot of this type holds. Once for each type: what tells types apart is large.
#[inline(never)]
fn cell<T: 'static>(value: &dyn Any) -> &RefCell<T> {
    match value.downcast_ref() {
        Some(cell) => cell,
        None => unreachable!("a slot of one type holds no other"),
    }
}

/// The end of what asks for a value that is gone: a mistake in the page.
#[cold]
pub(super) fn gone() -> ! {
    panic!("a signal was read after the part of the page that made it was gone")
}
