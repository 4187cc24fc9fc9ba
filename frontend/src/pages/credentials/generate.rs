//! The dialog that has the server make a pre-shared key, and shows it this once.

use super::{Actions, expiry};
use crate::api::Api;
use crate::dom::prelude::*;
use crate::ui::{Deed, Dialog, Field, Form, Told};
use shared::api::{GenerateCredential, GeneratedCredential};

#[component]
pub(super) fn Generate() -> impl IntoView {
    let actions = expect_context::<Actions>();
    view! {
        <Dialog open=actions.generating title="Generate a key">
            <Asking />
        </Dialog>
    }
}

#[component]
fn Asking() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let api = expect_context::<Api>();
    let endpoint = RwSignal::new(actions.endpoint.get_untracked());
    let identity = RwSignal::new(String::new());
    let expires = RwSignal::new(String::new());
    let endpoint_error = RwSignal::new(None::<String>);
    let expires_error = RwSignal::new(None::<String>);
    let deed = Deed::new();
    let made = RwSignal::new(None::<GeneratedCredential>);
    let send = Callback::new(move |()| {
        let until = expiry(&expires.get_untracked());
        let name = endpoint.get_untracked().trim().to_owned();
        let own = identity.get_untracked().trim().to_owned();
        endpoint_error.set(name.is_empty().then(|| "Enter the endpoint name.".into()));
        expires_error.set(until.err().map(str::to_owned));
        if deed.may_begin(!name.is_empty() && until.is_ok()) {
            let request = GenerateCredential {
                endpoint: name,
                identity: (!own.is_empty()).then_some(own),
                expires: until.unwrap_or_default(),
            };
            let answer = api.post::<GeneratedCredential>("/credentials/generate", &request);
            deed.begin(answer, move |generated| {
                made.set(Some(generated));
                actions.changed.run(());
            });
        }
    });
    let close = Callback::new(move |()| actions.generating.set(false));
    let form = move || {
        view! {
            <Form deed=deed send=send button="Generate" cancel=close>
                <p>"A pre-shared key of 128 bits. A credential that the endpoint has already is replaced, and its sessions end."</p>
                <Field id="endpoint" label="Endpoint" value=endpoint error=endpoint_error code=true autofocus=true />
                <Field id="identity" label="Identity" value=identity code=true hint="The endpoint name if left empty." />
                <Field id="expires" label="Expires" kind="datetime-local" value=expires error=expires_error hint="Never if left empty." />
            </Form>
        }
    };
    move || match made.get() {
        None => form(),
        Some(made) => {
            let lines = vec![
                ("Endpoint", made.endpoint),
                ("Identity", made.identity),
                ("Key", made.key),
            ];
            view! { <Told text="Copy the key now: it is kept encrypted, and nobody can see it again." lines=lines on_done=close /> }
        }
    }
}
