//! Signals, memos and stored values by the names that Leptos gives them, over a graph of our own.
//!
//! Leptos' are generic down to the graph: each type of value brings a kilobyte or two of code, and there are fifty; and its
//! handles are twice as large. Here the graph knows values of any type, and only what reads or writes one knows its type.
//!
//! - [`RwSignal`], [`ArcRwSignal`]: a value that is read and written. [`Memo`]: one that is computed when what it read changed.
//! - [`Signal`]: any of these or a closure or a fixed value, for the props of a component. [`Callback`]: what it calls.
//! - [`StoredValue`]: a value that is not followed. [`Effect`]: does something whenever what it read changed.
//! - [`provide_context`], [`expect_context`]: values for everything below. [`graph`]: what is followed, when, and what ends when.

mod callback;
mod context;
mod effect;
mod graph;
mod memo;
mod signal;
mod slot;
mod source;
mod stored;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use callback::Callback;
pub(crate) use context::{expect_context, provide_context, use_context};
pub(crate) use effect::{Effect, repeat};
pub(crate) use graph::{Owner, on_cleanup, untrack};
pub(crate) use memo::Memo;
pub(crate) use signal::{AnySignal, AnyValue, ArcRwSignal, RwSignal, Trigger};
pub(crate) use source::Signal;
pub(crate) use stored::StoredValue;
pub(crate) use task::spawn_local;

/// Handles are numbers and copied wherever they are needed, whatever their values are.
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
