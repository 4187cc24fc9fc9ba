//! A part of a view that is there under a condition.

use super::{ChildrenFn, IntoView, View};
use crate::reactive::Memo;
use frontend_macros::component;
use std::fmt;

/// What a [`Show`] asks.
pub(crate) struct Condition(Box<dyn Fn() -> bool + Send + Sync>);

impl<F: Fn() -> bool + Send + Sync + 'static> From<F> for Condition {
    fn from(asks: F) -> Condition {
        Condition(Box::new(asks))
    }
}

/// What a [`Show`] shows while its condition does not hold.
#[derive(Default)]
pub(crate) struct Otherwise(Option<Box<dyn Fn() -> View>>);

impl<V: IntoView, F: Fn() -> V + 'static> From<F> for Otherwise {
    fn from(makes: F) -> Otherwise {
        Otherwise(Some(Box::new(move || makes().into_view())))
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Condition")
    }
}

impl fmt::Debug for Otherwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Otherwise")
    }
}

/// Shows its content while `when` holds, and else `fallback`. Either is made anew only when that changes.
#[component]
pub(crate) fn Show(
    #[prop(into)] when: Condition,
    #[prop(optional, into)] fallback: Otherwise,
    children: ChildrenFn,
) -> View {
    let holds = Memo::new(move |_| (when.0)());
    let shown = move || match (holds.get(), &fallback.0) {
        (true, _) => children(),
        (false, Some(otherwise)) => otherwise(),
        (false, None) => View::Empty,
    };
    shown.into_view()
}
