//! What the plots of a device share: the spans of time to choose from, and the button that stops what runs.

use crate::dom::prelude::*;
use crate::ui::Button;

/// One of some spans of time; each has a word in the address, which `choose` is told, and a word for people.
#[inline(never)]
pub(super) fn segments(
    name: &'static str,
    choices: &[(&'static str, &'static str)],
    chosen: Memo<usize>,
    choose: Callback<&'static str>,
) -> View {
    let choices = choices.iter().enumerate().map(|(index, (slug, word))| {
        let slug = *slug;
        view! {
            <label>
                <input
                    type="radio"
                    name=name
                    prop:checked=move || chosen.get() == index
                    on:change=move |_| choose.run(slug)
                />
                <span>{*word}</span>
            </label>
        }
    });
    view! {
        <fieldset class="segments">
            <legend>"Time shown"</legend>
            {choices.collect_view()}
        </fieldset>
    }
}

/// Stops what runs, or lets it go on.
#[inline(never)]
pub(super) fn pause_button(paused: Signal<bool>, press: Callback<()>) -> View {
    let button = move || {
        let (icon, word) = if paused.get() {
            ("play", "Go on")
        } else {
            ("pause", "Pause")
        };
        view! { <Button small=true icon=icon on_press=press>{word}</Button> }
    };
    button.into_view()
}
