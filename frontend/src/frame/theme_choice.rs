//! The choice of light, dark or as the system has it.

use crate::dom::prelude::*;
use crate::theme::Theme;

#[component]
pub(crate) fn ThemeChoice(
    /// Tells the choice from another one on the same page.
    name: &'static str,
) -> impl IntoView {
    let theme = RwSignal::new(Theme::stored());
    let choices = Theme::ALL.map(|choice| {
        view! {
            <label>
                <input
                    type="radio"
                    name=name
                    prop:checked=move || theme.get() == choice
                    on:change=move |_| {
                        theme.set(choice);
                        choice.choose();
                    }
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
