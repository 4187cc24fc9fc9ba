//! The button that stops what runs, of the tabs that follow a device.

use crate::dom::prelude::*;
use crate::ui::Button;

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
