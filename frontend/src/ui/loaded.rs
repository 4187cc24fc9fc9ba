//! The content of a reading, or what stands in its place.

use super::{Load, Loader, Skeleton, Trouble};
use crate::api::Failure;
use crate::dom::Give;
use crate::dom::prelude::*;

/// Shows what was read with `show`; a skeleton until it is there, and trouble with another try when it cannot be had.
pub(crate) fn loaded<T: Clone + Send + Sync + 'static>(
    loader: Loader<T>,
    title: &'static str,
    show: impl Fn(T) -> View + 'static,
) -> View {
    let retry = Callback::new(move |()| loader.again());
    let here = move || {
        let content = loader.state.with(|state| match state {
            Load::Loading => Err(None),
            Load::Failed(failure) => Err(Some(failure.clone())),
            Load::Ready(content) => Ok(content.clone()),
        });
        content.map(|content| untrack(|| show(content)))
    };
    shown(title, retry, Box::new(here))
}

/// Once for all that is read: what is shown if it is here, and else what failed, if anything did.
fn shown(
    title: &'static str,
    retry: Callback<()>,
    mut here: Box<dyn Give<Result<View, Option<Failure>>>>,
) -> View {
    let shown = move || match here.give() {
        Ok(view) => view,
        Err(None) => view! { <Skeleton lines=8 /> },
        Err(Some(failure)) => view! { <Trouble title=title text=failure.to_string() on_retry=retry /> },
    };
    shown.into_view()
}
