//! The choice of light, dark or as the system has it.

use crate::dom::prelude::*;
use crate::theme::{ChosenTheme, Theme};
use crate::ui::segments;

#[component]
pub(crate) fn ThemeChoice(
    /// Tells the choice from another one on the same page.
    name: &'static str,
) -> impl IntoView {
    let theme = expect_context::<ChosenTheme>();
    let choices = Theme::ALL.map(|theme| (theme.name(), theme.word()));
    let chosen = Signal::derive(move || theme.get().name());
    let choose = Callback::new(move |name| theme.choose(Theme::named(Some(name))));
    segments("Theme", name, &choices, chosen, choose)
}
