//! What lives as long as the part of the page that made it.

use leptos::prelude::StoredValue;
use leptos::reactive::effect::RenderEffect;
use std::any::Any;

/// Keeps a thing until the part of the page that is being made goes.
pub(super) fn keep(thing: Box<dyn Any>) {
    // The handle is not needed: the owner of the part has it too.
    let _ = StoredValue::new_local(thing);
}

/// Does something now, and again whenever a signal changes that it looked at.
pub(super) fn repeat(mut act: Box<dyn FnMut()>) {
    let act: Box<dyn FnMut(Option<()>)> = Box::new(move |_| act());
    keep(Box::new(RenderEffect::new(act)));
}
