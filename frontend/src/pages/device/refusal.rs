//! What a form of a device was refused, told below it.

use crate::dom::prelude::*;
use crate::ui::Icon;

/// Why it was not done, while there is something to tell.
#[inline(never)]
pub(super) fn refusal(words: RwSignal<Option<String>>) -> View {
    let told = move || {
        words
            .get()
            .map(|words| view! { <p class="refusal" role="alert"><Icon name="cross" />{words}</p> })
    };
    told.into_view()
}
