//! The dialog that adds a credential, or replaces one.

use super::{Actions, expiry};
use crate::api::Api;
use crate::dom::prelude::*;
use crate::ui::{Deed, Dialog, Field, Form, Icon, Select, Toasts, Tone, owned};
use crate::words::around;
use shared::api::{CredentialMode, CredentialRequest, CredentialView};

#[component]
pub(super) fn Add() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let title = Signal::derive(move || {
        let replaces = actions.beginning.with(Option::is_some);
        if replaces {
            "Replace the credential".into()
        } else {
            String::from("Add a credential")
        }
    });
    view! {
        <Dialog open=actions.adding title=title>
            <Asking beginning=actions.beginning.get_untracked() />
        </Dialog>
    }
}

#[component]
fn Asking(beginning: Option<CredentialView>) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let replaces = beginning.is_some();
    let text = |of: Option<String>| RwSignal::new(of.unwrap_or_default());
    let endpoint = text(Some(match &beginning {
        Some(known) => known.endpoint.clone(),
        None => actions.endpoint.get_untracked(),
    }));
    let mode = RwSignal::new(
        beginning
            .as_ref()
            .map_or(CredentialMode::Psk, |known| known.mode)
            .name()
            .to_owned(),
    );
    let identity = text(beginning.as_ref().and_then(|known| known.identity.clone()));
    let key = text(None);
    let public_key = text(beginning.as_ref().and_then(|known| known.public_key.clone()));
    let certificate_name = text(beginning.and_then(|known| known.certificate_name));
    let expires = text(None);
    let endpoint_error = RwSignal::new(None::<String>);
    let expires_error = RwSignal::new(None::<String>);
    let deed = Deed::new();
    let chosen = Memo::new(move |_| {
        let name = mode.get();
        CredentialMode::ALL
            .into_iter()
            .find(|mode| mode.name() == name)
            .unwrap_or(CredentialMode::Psk)
    });

    let send = Callback::new(move |()| {
        let until = expiry(&expires.get_untracked());
        let name = endpoint.get_untracked().trim().to_owned();
        endpoint_error.set(name.is_empty().then(|| "Enter the endpoint name.".into()));
        expires_error.set(until.err().map(str::to_owned));
        if !deed.may_begin(!name.is_empty() && until.is_ok()) {
            return;
        }
        let mode = chosen.get_untracked();
        let given = |text: RwSignal<String>, goes_with: CredentialMode| {
            let text = text.get_untracked().trim().to_owned();
            (mode == goes_with && !text.is_empty()).then_some(text)
        };
        let request = CredentialRequest {
            endpoint: name,
            mode,
            identity: given(identity, CredentialMode::Psk),
            key: given(key, CredentialMode::Psk),
            public_key: given(public_key, CredentialMode::Rpk),
            certificate_name: given(certificate_name, CredentialMode::X509),
            expires: until.unwrap_or_default(),
        };
        let answer = api.post::<CredentialView>("/credentials", &request);
        deed.begin(answer, move |view| {
            actions.adding.set(false);
            actions.changed.run(());
            let words = around("The credential of ", &view.endpoint, " is in force");
            toasts.say(Tone::Good, words);
        });
    });
    let modes = CredentialMode::ALL.map(|mode| (mode.name(), mode.word()));
    let of_mode = move || match chosen.get() {
        CredentialMode::Psk => view! {
            <Field id="identity" label="Identity" value=identity code=true hint="The endpoint name if left empty." />
            <Field id="key" label="Key, in hexadecimal" value=key code=true hint="4 to 64 bytes. It is kept encrypted and not shown again." />
        },
        CredentialMode::Rpk => view! {
            <Field id="public-key" label="Public key, in hexadecimal" value=public_key code=true hint="The DER SubjectPublicKeyInfo." />
        },
        CredentialMode::X509 => view! {
            <p class="notice">
                <Icon name="info" />
                "The certificate must come from an authority that the configuration trusts."
            </p>
            <Field
                id="certificate-name"
                label="Name in the certificate"
                value=certificate_name
                code=true
                hint="Its common name, a URI or DNS name of its subjectAltName, or sha256: and its fingerprint. The endpoint name if left empty."
            />
        },
        CredentialMode::None => view! {
            <p class="notice tone-warning">
                <Icon name="warning" />
                "Anybody who knows the endpoint name can be this device."
            </p>
        },
    };
    let close = Callback::new(move |()| actions.adding.set(false));
    let button = if replaces { "Replace" } else { "Add" };
    view! {
        <Form deed=deed send=send button=button cancel=close>
            {replaces.then(|| view! {
                <p class="notice tone-warning"><Icon name="warning" />"It takes the place of the one in force, whose sessions end at once."</p>
            })}
            <Field id="endpoint" label="Endpoint" value=endpoint error=endpoint_error code=true autofocus=true />
            <Select id="mode" label="Proves itself by" value=mode options=owned(&modes) />
            {of_mode}
            <Field id="expires" label="Expires" kind="datetime-local" value=expires error=expires_error hint="Never if left empty." />
        </Form>
    }
}
