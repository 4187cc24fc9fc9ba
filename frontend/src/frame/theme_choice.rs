//! The choice of light, dark or as the system has it.

use crate::dom::prelude::*;
use crate::theme::{ChosenTheme, Theme};

#[component]
pub(crate) fn ThemeChoice(
    /// Tells the choice from another one on the same page.
    name: &'static str,
) -> impl IntoView {
    let theme = expect_context::<ChosenTheme>();
    let choices = Theme::ALL.map(|choice| {
        view! {
            <label>
                <input
                    type="radio"
                    name=name
                    prop:checked=move || theme.get() == choice
                    on:change=move |_| theme.choose(choice)
                />
                <span>{choice.word()}</span>
            </label>
        }
    });
    view! {
        <fieldset class="segments">
            <legend>"Theme"</legend>
            {choices.collect_view()}
        </fieldset>
    }
}
