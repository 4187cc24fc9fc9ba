//! The fleet as a list.

use crate::app::set_title;
use leptos::prelude::*;

#[component]
pub(crate) fn DevicesPage() -> impl IntoView {
    set_title("Devices");
    view! { <h1>"Devices"</h1> }
}
