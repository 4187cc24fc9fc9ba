//! The dialog that has the server make a pre-shared key, and shows it this once.

use super::{Actions, expiry};
use crate::api::Api;
use crate::dom::prelude::*;
use crate::reactive::spawn_local;
use crate::ui::{Button, Copy, Dialog, Field, Icon};
use shared::api::{GenerateCredential, GeneratedCredential};

#[component]
pub(super) fn Generate() -> impl IntoView {
    let actions = expect_context::<Actions>();
    view! {
        <Dialog open=actions.generating title="Generate a key">
            <Form />
        </Dialog>
    }
}

#[component]
fn Form() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let api = expect_context::<Api>();
    let endpoint = RwSignal::new(actions.endpoint.get_untracked());
    let identity = RwSignal::new(String::new());
    let expires = RwSignal::new(String::new());
    let endpoint_error = RwSignal::new(None::<String>);
    let expires_error = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let made = RwSignal::new(None::<GeneratedCredential>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let until = expiry(&expires.get_untracked());
        let name = endpoint.get_untracked().trim().to_owned();
        let own = identity.get_untracked().trim().to_owned();
        endpoint_error.set(name.is_empty().then(|| "Enter the endpoint name.".into()));
        expires_error.set(until.as_ref().err().cloned());
        trouble.set(None);
        let Ok(until) = until else { return };
        if busy.get_untracked() || name.is_empty() {
            return;
        }
        let request = GenerateCredential {
            endpoint: name,
            identity: (!own.is_empty()).then_some(own),
            expires: until,
        };
        busy.set(true);
        spawn_local(async move {
            let answer = api
                .post::<GeneratedCredential>("/credentials/generate", &request)
                .await;
            busy.set(false);
            match answer {
                Ok(generated) => {
                    made.set(Some(generated));
                    actions.changed.run(());
                }
                Err(failure) => trouble.set(Some(failure.to_string())),
            }
        });
    };
    let form = move || {
        view! {
            <form class="form" on:submit=submit novalidate=true>
                {move || trouble.get().map(|text| view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{text}</p> })}
                <p>"A pre-shared key of 128 bits. A credential that the endpoint has already is replaced, and its sessions end."</p>
                <Field id="endpoint" label="Endpoint" value=endpoint error=endpoint_error code=true autofocus=true />
                <Field id="identity" label="Identity" value=identity code=true hint="The endpoint name if left empty." />
                <Field id="expires" label="Expires" kind="datetime-local" value=expires error=expires_error hint="Never if left empty." />
                <div class="actions">
                    <Button on_press=Callback::new(move |()| actions.generating.set(false))>"Cancel"</Button>
                    <Button kind="primary" submit=true busy=busy>"Generate"</Button>
                </div>
            </form>
        }
    };
    move || match made.get() {
        None => form(),
        Some(generated) => view! { <Made generated=generated /> },
    }
}

#[component]
fn Made(generated: GeneratedCredential) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let line = |name: &'static str, text: String| {
        let copy = format!("Copy: {name}");
        view! {
            <div class="key-line">
                <span class="label">{name}</span>
                <code tabindex="0">{text.clone()}</code>
                <Copy text=text label=copy />
            </div>
        }
    };
    view! {
        <p class="notice tone-warning" role="alert">
            <Icon name="warning" />
            "Copy the key now: it is kept encrypted, and nobody can see it again."
        </p>
        <div class="stack">
            {line("Endpoint", generated.endpoint)}
            {line("Identity", generated.identity)}
            {line("Key", generated.key)}
        </div>
        <div class="actions">
            <Button kind="primary" on_press=Callback::new(move |()| actions.generating.set(false))>"I have it"</Button>
        </div>
    }
}
