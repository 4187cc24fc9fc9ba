//! The content of a reading, or what stands in its place.

use super::{Load, Loader, Skeleton, Trouble};
use crate::dom::prelude::*;

/// Shows what was read with `show`; a skeleton until it is there, and trouble with another try when it cannot be had.
pub(crate) fn loaded<T: Clone + Send + Sync + 'static>(
    loader: Loader<T>,
    title: &'static str,
    show: impl Fn(T) -> View + 'static,
) -> View {
    let shown = move || match loader.state.get() {
        Load::Loading => view! { <Skeleton lines=8 /> },
        Load::Failed(failure) => trouble(
            title,
            failure.to_string(),
            Callback::new(move |()| loader.again()),
        ),
        Load::Ready(content) => untrack(|| show(content)),
    };
    shown.into_view()
}

fn trouble(title: &'static str, text: String, retry: Callback<()>) -> View {
    view! { <Trouble title=title text=text on_retry=retry /> }
}
