//! A choice of one among a few, all of them in sight.

use crate::dom::prelude::*;

/// Each choice has a name, which is `chosen` or goes to `choose`, and a word for people. `group` tells it from others on the page.
#[inline(never)]
pub(crate) fn segments(
    legend: &'static str,
    group: &'static str,
    choices: &[(&'static str, &'static str)],
    chosen: Signal<&'static str>,
    choose: Callback<&'static str>,
) -> View {
    let choices = choices.iter().map(|&(name, word)| {
        view! {
            <label>
                <input
                    type="radio"
                    name=group
                    prop:checked=move || chosen.get() == name
                    on:change=move |_| choose.run(name)
                />
                <span>{word}</span>
            </label>
        }
    });
    view! {
        <fieldset class="segments">
            <legend>{legend}</legend>
            {choices.collect_view()}
        </fieldset>
    }
}
