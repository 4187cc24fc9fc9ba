//! The way through a list that is read a part at a time.

use super::Button;
use crate::dom::prelude::*;
use crate::routing::Router;

/// Buttons to the first part and to the one after, whose begin stands in the address as `after`. Nothing if all is shown.
pub(crate) fn turning(next: Option<String>) -> View {
    let router = expect_context::<Router>();
    let is_last = next.is_none();
    let after = router.param("after");
    let is_first = Signal::derive(move || after.with(Option::is_none));
    let on = Callback::new(move |()| router.set_params(&[("after", next.as_deref())], true));
    let first = Callback::new(move |()| router.set_params(&[("after", None)], true));
    view! {
        <Show when=move || !is_last || !is_first.get()>
            <p class="more bar">
                <Button disabled=is_first on_press=first>"From the first"</Button>
                <Button icon="chevron-right" disabled=Signal::stored(is_last) on_press=on>"Next"</Button>
            </p>
        </Show>
    }
}
