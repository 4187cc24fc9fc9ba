//! Signals, memos and stored values, as Leptos has them, over one kind each of Leptos' own.
//!
//! Leptos' are generic down to the graph: each type of value brings a kilobyte or two of code, and there are fifty. Here
//! what is kept is a value of any type beside a trigger, and only what reads or writes the value knows its type. Owners,
//! contexts, effects, triggers and callbacks are Leptos', and so is the graph: what is tracked, when, and what ends when.
//!
//! - [`RwSignal`], [`ArcRwSignal`]: a value that is read and written. [`Memo`]: one that is computed when what it read changed.
//! - [`Signal`]: any of these or a closure or a fixed value, for the props of a component.
//! - [`StoredValue`]: a value that is not followed. [`Effect`]: does something whenever what it read changed.

mod context;
mod effect;
mod memo;
mod signal;
mod slot;
mod source;
mod stored;

pub(crate) use context::expect_context;
pub(crate) use effect::Effect;
pub(crate) use memo::Memo;
pub(crate) use signal::{ArcRwSignal, RwSignal};
pub(crate) use source::Signal;
pub(crate) use stored::StoredValue;

/// Handles are small numbers and copied wherever they are needed, whatever their values are.
macro_rules! handle {
    ($name:ident) => {
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T> std::fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}
use handle;
