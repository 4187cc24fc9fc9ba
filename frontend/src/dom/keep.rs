//! What lives as long as the part of the page that made it.
//!
//! The traits here do what `FnMut` does. A boxed `FnMut` brings three functions for each closure; a trait of one method
//! brings one, and a page has hundreds of closures.

use leptos::prelude::StoredValue;
use leptos::reactive::effect::RenderEffect;
use std::any::Any;

/// Something to do.
pub(crate) trait Act {
    fn act(&mut self);
}

impl<F: FnMut()> Act for F {
    fn act(&mut self) {
        self();
    }
}

/// Something that gives a value each time it is asked.
pub(super) trait Give<T> {
    fn give(&mut self) -> T;
}

impl<T, F: FnMut() -> T> Give<T> for F {
    fn give(&mut self) -> T {
        self()
    }
}

/// Keeps a thing until the part of the page that is being made goes.
pub(super) fn keep(thing: Box<dyn Any>) {
    // The handle is not needed: the owner of the part has it too.
    let _ = StoredValue::new_local(thing);
}

/// Does something now, and again whenever a signal changes that it looked at.
pub(super) fn repeat(mut act: Box<dyn Act>) {
    let act: Box<dyn FnMut(Option<()>)> = Box::new(move |_| act.act());
    keep(Box::new(RenderEffect::new(act)));
}
