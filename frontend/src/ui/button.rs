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
    label: Option<String>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_press: Option<Callback<()>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let bare = if children.is_none() { " bare" } else { "" };
    let small = if small { " s" } else { "" };
    let press = move |event: web_sys::MouseEvent| {
        if busy.get_untracked() {
            event.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=format!("btn {kind}{small}{bare}")
            class:busy=move || busy.get()
            aria-busy=move || busy.get().then_some("true")
            disabled=move || disabled.get()
            aria-label=label.clone()
            data-tip=label
            on:click=press
        >
            {(!icon.is_empty()).then(|| view! { <Icon name=icon /> })}
            {children.map(|children| children())}
        </button>
    }
}
