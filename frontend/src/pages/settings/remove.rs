//! The question before something is taken away for good, with what that means.

use super::open_while_chosen;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::reactive::spawn_local;
use crate::ui::{Button, Dialog, Icon, Toasts, Tone};

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
    let open = open_while_chosen(chosen);
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
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let (path, done) = (removal.path, removal.done);
    let press = Callback::new(move |()| {
        let (path, done) = (path.clone(), done.clone());
        busy.set(true);
        spawn_local(async move {
            let answer = api.delete(&path).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    chosen.try_set(None);
                    changed.run(());
                    toasts.say(Tone::Good, done);
                }
                Err(failure) => trouble.set(Some(failure.to_string())),
            }
        });
    });
    view! {
        {move || trouble.get().map(|text| view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{text}</p> })}
        <p>{removal.text}</p>
        <div class="actions">
            <Button on_press=Callback::new(move |()| chosen.set(None))>"Keep it"</Button>
            <Button kind="danger" busy=busy on_press=press>{removal.button}</Button>
        </div>
    }
}
