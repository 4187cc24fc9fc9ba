//! The dialog that removes a credential, and tells what that means.

use super::Actions;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::params::encode_segment;
use crate::reactive::spawn_local;
use crate::ui::{Button, Dialog, Toasts, Tone};

#[component]
pub(super) fn Remove() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(actions.removing.with(Option::is_some)));
    // Closed by Escape or its cross: the endpoint is let go, so that it can be chosen again.
    Effect::new(move |_| {
        if !open.get() && actions.removing.with_untracked(Option::is_some) {
            actions.removing.set(None);
        }
    });
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
    let busy = RwSignal::new(false);
    let named = endpoint.clone();
    let press = Callback::new(move |()| {
        let path = format!("/credentials/{}", encode_segment(&endpoint));
        busy.set(true);
        spawn_local(async move {
            let answer = api.delete(&path).await;
            busy.set(false);
            match answer {
                Ok(()) => {
                    actions.removing.set(None);
                    actions.changed.run(());
                    toasts.say(Tone::Good, "The credential was removed");
                }
                Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
            }
        });
    });
    view! {
        <p>
            "The sessions of " <b class="mono">{named}</b>
            " end at once, and it is refused until it has another credential. What is known of the device stays. A removed key cannot be brought back."
        </p>
        <div class="actions">
            <Button on_press=Callback::new(move |()| actions.removing.set(None))>"Keep it"</Button>
            <Button kind="danger" busy=busy on_press=press>"Remove"</Button>
        </div>
    }
}
