//! The help on the keyboard.

use crate::dom::prelude::*;
use crate::keys::{HelpOpen, KEYS};
use crate::ui::Dialog;

#[component]
pub(super) fn Help() -> impl IntoView {
    let open = expect_context::<HelpOpen>().0;
    view! {
        <Dialog open=open title="Keyboard">
            <dl class="keys">
                {KEYS
                    .map(|(keys, what)| {
                        view! {
                            <dt>{keys.split_whitespace().map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt>
                            <dd>{what}</dd>
                        }
                    })
                    .collect_view()}
            </dl>
        </Dialog>
    }
}
