//! How devices prove who they are: credentials by endpoint, added, generated, replaced and removed.

mod add;
mod generate;
mod remove;

use crate::api::Api;
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::params::Params;
use crate::routing::{Router, device_href};
use crate::ui::{Button, Copy, Empty, Expiry, Find, Tone, ago, badge, load, loaded_ref, turning};
use crate::words::{around, counted};
use add::Add;
use generate::Generate;
use remove::Remove;
use shared::api::{CredentialList, CredentialMode, CredentialView};

crate::module::module!(credentials, page);

fn page() -> View {
    view! { <CredentialsPage /> }
}

/// What the dialogs of this page share. Found with `expect_context::<Actions>()`.
#[derive(Debug, Clone, Copy)]
struct Actions {
    /// The device that the page was opened for, as long as it is looked for; empty for none.
    endpoint: Memo<String>,
    /// The credential that the dialog to add one begins with.
    beginning: RwSignal<Option<CredentialView>>,
    adding: RwSignal<bool>,
    generating: RwSignal<bool>,
    /// The endpoint whose credential is about to be removed.
    removing: RwSignal<Option<String>>,
    /// Reads the list again.
    changed: Callback<()>,
}

#[component]
fn CredentialsPage() -> impl IntoView {
    set_title("Credentials");
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let (query, after) = (router.param("query"), router.param("after"));
    // A diagnosis leads to the credential of one device, or to the lack of one.
    let endpoint = router.param("endpoint");
    if let Some(endpoint) = untrack(|| endpoint.get())
        && untrack(|| query.get()).is_none()
    {
        router.set_params(&[("query", Some(&endpoint))], false);
    }
    let list = load(move || {
        let params = Params::default()
            .with("query", query.get().as_deref())
            .with("after", after.get().as_deref());
        api.get::<CredentialList>(&around("/credentials", &params.to_query(), ""))
    });
    let actions = Actions {
        endpoint: Memo::new(move |_| {
            endpoint
                .get()
                .filter(|_| endpoint.get() == query.get())
                .unwrap_or_default()
        }),
        beginning: RwSignal::new(None),
        adding: RwSignal::new(false),
        generating: RwSignal::new(false),
        removing: RwSignal::new(None),
        changed: Callback::new(move |()| list.again()),
    };
    provide_context(actions);
    let total = move || list.look(|list| counted(list.total, "credential", "credentials"));
    let add = Callback::new(move |()| {
        actions.beginning.set(None);
        actions.adding.set(true);
    });
    view! {
        <div class="bar page-head">
            <h1>"Credentials"</h1>
            <span class="muted" role="status">{total}</span>
            <div class="end">
                <Button icon="plus" on_press=add>"Add"</Button>
                <Button kind="primary" icon="key" on_press=Callback::new(move |()| actions.generating.set(true))>"Generate a key"</Button>
            </div>
        </div>
        <div class="bar list-bar">
            <Find label="Find a credential" placeholder="Part of an endpoint or certificate name" param="query" busy=list.busy />
        </div>
        <div class="panel scroll" tabindex="0" role="region" aria-label="Credentials">
            {loaded_ref(list, "The credentials could not be read", move |list| table(list, actions))}
        </div>
        <Add />
        <Generate />
        <Remove />
    }
}

fn table(list: &CredentialList, actions: Actions) -> View {
    if list.items.is_empty() {
        let wanted = untrack(|| actions.endpoint.get());
        if !wanted.is_empty() {
            let text = Text::around(
                "The server keeps no key, public key or certificate for ",
                &wanted,
                ". What it has to prove itself by is entered here, or generated and then entered there.",
            );
            return view! { <Empty icon="key" title="No credential is kept for it" text=text /> };
        }
        let (title, text) = if list.total == 0 {
            (
                "No credentials yet",
                "A device over DTLS or TLS proves itself by a key, a public key or a certificate. Generate a key, or add what the device has.",
            )
        } else {
            (
                "No credential matches",
                "No endpoint and no certificate has this text in its name. Capital letters count.",
            )
        };
        return view! { <Empty icon="key" title=title text=text /> };
    }
    view! {
        <table class="table stacked" aria-label="Credentials">
            <thead>
                <tr>
                    <th scope="col">"Endpoint"</th>
                    <th scope="col">"Proves itself by"</th>
                    <th scope="col">"Identity"</th>
                    <th scope="col">"Since"</th>
                    <th scope="col">"Expires"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{list.items.iter().map(|credential| row(credential, actions)).collect_view()}</tbody>
        </table>
        {turning(list.next.clone())}
    }
}

fn row(credential: &CredentialView, actions: Actions) -> View {
    let stored = StoredValue::new(credential.clone());
    let replace = Callback::new(move |()| {
        actions.beginning.set(Some(stored.get_value()));
        actions.adding.set(true);
    });
    let remove = Callback::new(move |()| actions.removing.set(Some(stored.get_value().endpoint)));
    let endpoint = &*credential.endpoint;
    view! {
        <tr data-row="">
            <td data-label="Endpoint" class="wrap"><a class="mono link" href=device_href(endpoint)>{Text::from(endpoint)}</a></td>
            <td data-label="Proves itself by">{mode(credential.mode)}</td>
            <td data-label="Identity" class="identity">{identity(credential)}</td>
            <td data-label="Since">{ago(credential.created)}</td>
            <td data-label="Expires"><Expiry at=credential.expires /></td>
            <td class="row-actions">
                <Button small=true icon="edit" label=Text::around("Replace the credential of ", endpoint, "") on_press=replace />
                <Button small=true kind="danger" icon="trash" label=Text::around("Remove the credential of ", endpoint, "") on_press=remove />
            </td>
        </tr>
    }
}

fn mode(mode: CredentialMode) -> View {
    match mode {
        CredentialMode::None => badge(mode.word(), Tone::Warning, "warning"),
        _ => mode.word().into_view(),
    }
}

fn identity(credential: &CredentialView) -> View {
    let name = credential.certificate_name.as_deref();
    if let Some(identity) = credential.identity.as_deref().or(name) {
        let identity = Text::from(identity);
        return view! { <span class="mono cut" title=identity.clone()>{identity}</span> };
    }
    if let Some(key) = &credential.public_key {
        return view! {
            <span class="key-line">
                <code class="cut">{Text::from(&**key)}</code>
                <Copy text=key.clone() label="Copy the public key" />
            </span>
        };
    }
    let words = match credential.mode {
        CredentialMode::X509 => "Its certificate names it",
        _ => "Its word alone",
    };
    view! { <span class="muted">{words}</span> }
}

/// The time that a person chose, in their own zone; nothing for none.
fn expiry(text: &str) -> Result<Option<shared::Timestamp>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let milliseconds = js_sys::Date::parse(text);
    if milliseconds.is_nan() {
        return Err("This is no date and time.");
    }
    Ok(Some(shared::Timestamp(milliseconds as i64)))
}
