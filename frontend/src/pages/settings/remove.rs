//! The question before something is taken away for good, with what that means.

use crate::api::Api;
use crate::dom::prelude::*;
use crate::ui::{Choice, Deed, Dialog, Toasts, Tone, open_while};

/// What is to be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Removal {
    /// `"Remove the user ann"`
    pub(super) title: String,
    /// What is lost.
    pub(super) text: String,
    pub(super) button: &'static str,
    /// The path of the `DELETE`, after `/api/v1`.
    pub(super) path: String,
    /// What is said afterwards.
    pub(super) done: String,
}

#[component]
pub(super) fn Remove(chosen: RwSignal<Option<Removal>>, changed: Callback<()>) -> impl IntoView {
    let open = open_while(chosen);
    let title = Signal::derive(move || chosen.get().map(|removal| removal.title).unwrap_or_default());
    view! {
        <Dialog open=open title=title>
            {chosen.get_untracked().map(|removal| view! { <Confirm removal=removal chosen=chosen changed=changed /> })}
        </Dialog>
    }
}

#[component]
fn Confirm(removal: Removal, chosen: RwSignal<Option<Removal>>, changed: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let deed = Deed::new();
    let (path, done) = (removal.path, removal.done);
    let press = Callback::new(move |()| {
        let done = done.clone();
        deed.begin(api.delete(&path), move |()| {
            chosen.set(None);
            changed.run(());
            toasts.say(Tone::Good, done);
        });
    });
    let keep = Callback::new(move |()| chosen.set(None));
    view! {
        {deed.notice()}
        <p>{removal.text}</p>
        <Choice back="Keep it" on_back=keep busy=deed.busy on_press=press button=removal.button />
    }
}
