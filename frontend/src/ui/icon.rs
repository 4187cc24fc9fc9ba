//! Drawings from the sprite.

use crate::dom::prelude::*;

/// The drawing `name` of `public/icons.svg`. It is decoration: the meaning stands in words beside it.
#[component]
pub(crate) fn Icon(#[prop(into)] name: Signal<&'static str>) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=move || format!("/icons.svg#{}", name.get())></use>
        </svg>
    }
}
