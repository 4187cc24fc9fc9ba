//! A button.

use super::Icon;
use crate::dom::prelude::*;

/// A button. While `busy` it keeps its focus but takes no press.
#[component]
pub(crate) fn Button(
    /// `"primary"`, `"quiet"`, `"danger"`, or nothing.
    #[prop(optional)]
    kind: &'static str,
    #[prop(optional)] small: bool,
    /// Makes it the button that submits its form; `on_press` is then not needed.
    #[prop(optional)]
    submit: bool,
    #[prop(optional)] icon: &'static str,
    /// The name of a button that shows only an icon; also its tip.
    #[prop(optional, into)]
    label: Option<Text>,
    #[prop(optional, into)] busy: Option<Signal<bool>>,
    #[prop(optional, into)] disabled: Option<Signal<bool>>,
    #[prop(optional, into)] on_press: Option<Callback<()>>,
    #[prop(optional)] children: View,
) -> impl IntoView {
    let bare = if children.is_empty() { " bare" } else { "" };
    let small = if small { " s" } else { "" };
    let press = move |event: web_sys::MouseEvent| {
        if busy.is_some_and(Signal::get_untracked) {
            event.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    let is_busy = move || busy.is_some_and(Signal::get);
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=format!("btn {kind}{small}{bare}")
            class:busy=is_busy
            aria-busy=move || is_busy().then_some("true")
            disabled=move || disabled.is_some_and(Signal::get)
            aria-label=label.clone()
            data-tip=label
            on:click=press
        >
            {(!icon.is_empty()).then(|| view! { <Icon name=icon /> })}
            {children}
        </button>
    }
}
