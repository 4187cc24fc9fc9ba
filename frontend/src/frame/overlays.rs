//! What opens over the page by a key: the palette and the help. Both are a module of their own, loaded when first asked for.

use crate::dom::prelude::*;
use crate::keys::Overlays;
use crate::module::Lazy;
use crate::palette;
use crate::ui::Dialog;

/// Any device, page or action, found by typing.
#[component]
pub(super) fn Palette() -> impl IntoView {
    let open = expect_context::<Overlays>().palette;
    view! {
        <Dialog open=open title="Go to, or do" bare=true>
            <Lazy load=palette::palette />
        </Dialog>
    }
}

/// The help on the keyboard.
#[component]
pub(super) fn Help() -> impl IntoView {
    let open = expect_context::<Overlays>().help;
    view! {
        <Dialog open=open title="Keyboard" wide=true>
            <Lazy load=palette::help />
        </Dialog>
    }
}
