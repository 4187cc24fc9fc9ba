//! How views become nodes of the page: a small layer under components that are written as for Leptos.
//!
//! Leptos' renderer has a type, and machine code, for every element, closure and view; that was two thirds of the
//! page. Here what never changes of a view is a text that says what is to be made, and what changes is one kind of boxed closure
//! under one kind of effect, so all of this exists once. `view!` (`frontend/macros`) reads the same markup as Leptos'.
//!
//! - [`View`]: what a component returns; [`IntoView`] makes one of texts, options, lists and closures.
//! - [`Template`]: what `view!` becomes. [`attribute`]: what may be the value of an attribute.
//! - [`dynamic`]: a closure in a view; [`Show`] and [`For`]: a condition, a list by keys.
//! - [`NodeRef`]: the node of an element, for what only the browser can do. [`mount`]: puts the application into the page.

mod attribute;
#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
mod call;
mod dynamic;
mod element;
mod focus;
mod list;
mod node_ref;
mod show;
mod template;
mod text;
mod view;
mod window;

pub(crate) use call::{Act, Give};
pub(crate) use list::For;
pub(crate) use node_ref::NodeRef;
pub(crate) use show::Show;
pub(crate) use template::Template;
pub(crate) use text::Text;
#[cfg(all(test, target_arch = "wasm32"))]
pub(crate) use view::put_into;
pub(crate) use view::{Children, ChildrenFn, CollectView, IntoView, ToChildren, View, mount};
pub(crate) use window::WindowListener;

/// What a file with components imports: the reactive half of the page, and the views of this module.
pub(crate) mod prelude {
    pub(crate) use super::window::{
        document, event_target_checked, event_target_value, request_animation_frame, window,
        window_event_listener,
    };
    pub(crate) use super::{Children, ChildrenFn, CollectView, For, IntoView, NodeRef, Show, Text, View};
    pub(crate) use crate::reactive::{
        ArcRwSignal, Callback, Effect, Memo, RwSignal, Signal, StoredValue, Trigger, expect_context,
        on_cleanup, provide_context, untrack, use_context,
    };
    pub(crate) use frontend_macros::{component, view};
}
