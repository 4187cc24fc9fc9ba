//! What stands where content is not: loading, nothing, trouble.

use super::{Button, Icon};
use crate::dom::prelude::*;

/// Grey lines in the place of what is being loaded.
#[component]
pub(crate) fn Skeleton(#[prop(default = 6)] lines: usize) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">"Loading…"</span>
            {(0..lines).map(|_| view! { <i></i> }).collect_view()}
        </div>
    }
}

/// An empty place: says why it is empty, and holds the next step as its children.
#[component]
pub(crate) fn Empty(
    #[prop(into)] title: Text,
    #[prop(optional, into)] text: Option<Text>,
    #[prop(default = "info")] icon: &'static str,
    #[prop(optional)] children: View,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name=icon />
            <h2>{title}</h2>
            {text.map(|text| view! { <p>{text}</p> })}
            {children}
        </div>
    }
}

/// Something could not be had: says so, and tries again.
#[component]
pub(crate) fn Trouble(
    #[prop(into)] title: Text,
    #[prop(into)] text: Signal<String>,
    #[prop(optional, into)] on_retry: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <div class="empty trouble" role="alert">
            <Icon name="warning" />
            <h2>{title}</h2>
            <p>{move || text.get()}</p>
            {on_retry
                .map(|on_retry| view! { <Button icon="refresh" on_press=on_retry>"Try again"</Button> })}
        </div>
    }
}
