//! What a form of a device was refused, told below it.

use crate::api::Asked;
use crate::dom::prelude::*;
use crate::ui::{Deed, Icon};

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

/// Saves what was typed; what the server answers goes to `done`.
pub(super) fn save<T: 'static>(deed: Deed, asked: Asked<T>, done: impl FnOnce(T) + 'static) {
    deed.busy.set(true);
    deed.trouble.set(None);
    asked.then(move |answer| {
        deed.busy.try_set(false);
        match answer {
            Ok(saved) => done(saved),
            Err(failure) => {
                deed.trouble.try_set(Some(format!("Not saved. {failure}")));
            }
        }
    });
}
