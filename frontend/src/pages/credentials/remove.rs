//! The dialog that removes a credential, and tells what that means.

use super::Actions;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::params::path_of;
use crate::ui::{Choice, Deed, Dialog, Toasts, Tone, open_while};

#[component]
pub(super) fn Remove() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let open = open_while(actions.removing);
    view! {
        <Dialog open=open title="Remove the credential">
            <Confirm endpoint=actions.removing.get_untracked().unwrap_or_default() />
        </Dialog>
    }
}

#[component]
fn Confirm(endpoint: String) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let deed = Deed::new();
    let named = Text::from(&*endpoint);
    let press = Callback::new(move |()| {
        let path = path_of("/credentials/", &endpoint, "");
        deed.begin_or_say(toasts, api.delete(&path), move |()| {
            actions.removing.set(None);
            actions.changed.run(());
            toasts.say(Tone::Good, "The credential was removed");
        });
    });
    let keep = Callback::new(move |()| actions.removing.set(None));
    view! {
        <p>
            "The sessions of " <b class="mono">{named}</b>
            " end at once, and it is refused until it has another credential. What is known of the device stays. A removed key cannot be brought back."
        </p>
        <Choice back="Keep it" on_back=keep busy=deed.busy on_press=press button="Remove" />
    }
}
