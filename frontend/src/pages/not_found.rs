//! The page for an address that leads nowhere.

use crate::app::set_title;
use crate::dom::prelude::*;
use crate::routing::{Route, Router};
use crate::ui::Empty;

#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    set_title("Not found");
    let here = expect_context::<Router>().here();
    view! {
        <h1 class="visually-hidden">"Not found"</h1>
        <Empty
            title="There is no page at this address"
            text=Text::around("", &here, " leads nowhere. A link may be old, or mistyped.")
            icon="question"
        >
            <a class="btn primary" href=Route::Devices.href()>"Go to the devices"</a>
        </Empty>
    }
}
