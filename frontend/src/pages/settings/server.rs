//! The server: where it listens, and what devices know it by.

use crate::api::Api;
use crate::dom::prelude::*;
use crate::session::Session;
use crate::ui::{Copy, load, loaded_ref};
use shared::api::{CredentialList, Listener, Role, ServerView};

#[component]
pub(super) fn Server() -> impl IntoView {
    let api = expect_context::<Api>();
    let session = expect_context::<Session>();
    let server = load(move || api.get::<ServerView>("/server"));
    view! {
        <div class="cards">
            <section class="panel" aria-labelledby="s-listeners">
                <header><h2 id="s-listeners">"Listeners"</h2></header>
                {loaded_ref(server, "The server could not be asked", listeners)}
                <p class="hint">
                    "Set in the configuration file; "
                    <code>"muster config print"</code>
                    " prints one with every option explained."
                </p>
            </section>
            {session.may(Role::Operator).then(|| view! { <Identity /> })}
        </div>
    }
}

fn listeners(server: &ServerView) -> View {
    let row = |listener: &Listener| {
        // The listeners of the bootstrap server speak the same as the others.
        let scheme = listener.scheme.as_str();
        let scheme = scheme.strip_prefix("bootstrap_").unwrap_or(scheme);
        let uri = [scheme, "://", &listener.address].concat();
        let bootstrap = (scheme.len() < listener.scheme.len()).then_some(", to bootstrap");
        view! {
            <tr>
                <td class="wrap">{scheme_word(scheme)}{bootstrap}<span class="mono muted block">{Text::from(&*uri)}</span></td>
                <td class="num"><Copy text=uri label="Copy the address" /></td>
            </tr>
        }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="All listeners">
            <table class="table" aria-label="Listeners">
                <thead class="visually-hidden">
                    <tr><th scope="col">"For, address"</th><th scope="col">"Copy"</th></tr>
                </thead>
                <tbody>{server.listeners.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn scheme_word(scheme: &str) -> &'static str {
    match scheme {
        "http" | "https" => "Page and REST interface",
        "coap" => "Devices, without security",
        "coaps" => "Devices, DTLS",
        "coap+tcp" => "Devices, TCP",
        "coaps+tcp" => "Devices, TLS",
        _ => "Other",
    }
}

/// What devices are told of the server, to put into them.
#[component]
fn Identity() -> impl IntoView {
    let api = expect_context::<Api>();
    let identity = load(move || api.get::<CredentialList>("/credentials?limit=1"));
    let show = |list: &CredentialList| {
        let chain = list.server_certificates.iter().enumerate();
        let chain = chain.map(|(index, hex)| match index {
            0 => part("Certificate".into(), hex),
            _ => part(format!("Issuer {index}").into(), hex),
        });
        view! {
            <div class="pad stack">
                {part("Raw public key".into(), &list.server_public_key)}
                {chain.collect_view()}
            </div>
        }
    };
    view! {
        <section class="panel" aria-labelledby="s-identity">
            <header><h2 id="s-identity">"Server identity"</h2></header>
            {loaded_ref(identity, "The identity could not be read", show)}
            <p class="hint">"DER in hexadecimal. A device with a public key or certificate checks the server by these."</p>
        </section>
    }
}

fn part(name: Text, hex: &str) -> View {
    view! {
        <div class="key-line">
            <span class="label">{name}</span>
            <code class="cut" tabindex="0">{Text::from(hex)}</code>
            <Copy text=hex.to_owned() label="Copy, in hexadecimal" />
        </div>
    }
}
