//! A form that is sent to the server: what was refused of it, its fields, its buttons.

use super::{Button, Deed};
use crate::dom::prelude::*;

/// A form with what was refused of it, its fields, and the buttons that send it or close it.
#[component]
pub(crate) fn Form(
    #[prop(default = "form")] class: &'static str,
    deed: Deed,
    /// Sends it, called also while it is on its way.
    send: Callback<()>,
    /// The word on the button that sends it, and its kind and drawing.
    button: &'static str,
    #[prop(default = "primary")] kind: &'static str,
    #[prop(optional)] icon: &'static str,
    /// Whether the button takes no press.
    #[prop(optional)]
    disabled: Signal<bool>,
    /// Closes it.
    #[prop(optional)]
    cancel: Option<Callback<()>>,
    /// A refusal stands above the fields, or here below them.
    #[prop(optional)]
    below: bool,
    children: View,
) -> impl IntoView {
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        send.run(());
    };
    let (above, below) = if below {
        (View::Empty, deed.notice())
    } else {
        (deed.notice(), View::Empty)
    };
    view! {
        <form class=class on:submit=submit novalidate=true>
            {above}
            {children}
            {below}
            <div class="actions">
                {cancel.map(|cancel| view! { <Button on_press=cancel>"Cancel"</Button> })}
                <Button kind=kind icon=icon submit=true busy=deed.busy disabled=disabled>{button}</Button>
            </div>
        </form>
    }
}
