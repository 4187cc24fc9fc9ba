//! The navigation: a rail, icons when narrow, a bar at the bottom on a phone.

use crate::dom::prelude::*;
use crate::routing::{Route, Router};
use crate::ui::Icon;

#[component]
pub(super) fn Rail() -> impl IntoView {
    let route = expect_context::<Router>().route();
    let devices = move || matches!(route.get(), Route::Devices | Route::Device { .. });
    view! {
        <nav class="rail" aria-label="Main">
            <a href=Route::Devices.href() aria-current=move || devices().then_some("page")>
                <Icon name="devices" />
                <span>"Devices"</span>
            </a>
        </nav>
    }
}
