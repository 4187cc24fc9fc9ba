//! The content of a reading, or what stands in its place.

use super::{Load, Loader, Skeleton, Trouble};
use crate::dom::Give;
use crate::dom::prelude::*;

/// Shows what was read with `show`; a skeleton until it is there, and trouble with another try when it cannot be had.
pub(crate) fn loaded<T: Clone + Send + Sync + 'static>(
    loader: Loader<T>,
    title: &'static str,
    show: impl Fn(T) -> View + 'static,
) -> View {
    loaded_in(8, loader, title, move |content| show(content.clone()))
}

/// As [`loaded`], for what is shown without a copy of it.
pub(crate) fn loaded_ref<T: Send + Sync + 'static>(
    loader: Loader<T>,
    title: &'static str,
    show: impl Fn(&T) -> View + 'static,
) -> View {
    loaded_in(8, loader, title, show)
}

/// As [`loaded_ref`], with a skeleton of so many lines.
pub(crate) fn loaded_in<T: Send + Sync + 'static>(
    lines: usize,
    loader: Loader<T>,
    title: &'static str,
    show: impl Fn(&T) -> View + 'static,
) -> View {
    let retry = Callback::new(move |()| loader.again());
    let here = move || {
        loader.state.with(|state| match state {
            Load::Loading => Err(None),
            Load::Failed(failure) => Err(Some(failure.to_string())),
            Load::Ready(content) => Ok(untrack(|| show(content))),
        })
    };
    shown(lines, title, retry, Box::new(here))
}

/// Once for all that is read: what is shown if it is here, and else why it failed, if it did.
pub(crate) fn shown(
    lines: usize,
    title: &'static str,
    retry: Callback<()>,
    mut here: Box<dyn Give<Result<View, Option<String>>>>,
) -> View {
    let shown = move || match here.give() {
        Ok(view) => view,
        Err(None) => view! { <Skeleton lines=lines /> },
        Err(Some(words)) => view! { <Trouble title=title text=words on_retry=retry /> },
    };
    shown.into_view()
}
