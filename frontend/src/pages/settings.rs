//! The server: where it listens, who it is, what it runs; and how this page looks.

use crate::api::Api;
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::frame::ThemeChoice;
use crate::session::Session;
use crate::ui::{Code, Copy, load, loaded};
use crate::words;
use shared::api::{CredentialList, Role, ServerView};

crate::module::module!(settings in manage, page);

fn page() -> View {
    view! { <SettingsPage /> }
}

#[component]
fn SettingsPage() -> impl IntoView {
    set_title("Settings");
    let api = expect_context::<Api>();
    let session = expect_context::<Session>();
    let server = load(move || async move { api.get::<ServerView>("/server").await });
    view! {
        <div class="bar page-head"><h1>"Settings"</h1></div>
        <div class="cards">
            <section class="panel" aria-labelledby="s-listeners">
                <header><h2 id="s-listeners">"Listeners"</h2></header>
                {loaded(server, "The server could not be asked", listeners)}
                <p class="hint">
                    "Set in the configuration file; "
                    <code>"muster config print"</code>
                    " prints one with every option explained."
                </p>
            </section>
            {session.may(Role::Operator).then(|| view! { <Identity /> })}
            <section class="panel" aria-labelledby="s-look">
                <header><h2 id="s-look">"Appearance"</h2></header>
                <div class="pad"><ThemeChoice name="settings-theme" /></div>
                <p class="hint">"Kept in this browser."</p>
            </section>
            <section class="panel" aria-labelledby="s-users">
                <header><h2 id="s-users">"Users and tokens"</h2></header>
                <p class="pad">"Accounts are managed where the server runs, on its command line:"</p>
                <div class="pad"><Code text="muster user add --name NAME --role viewer" /></div>
            </section>
            <section class="panel" aria-labelledby="s-about">
                <header><h2 id="s-about">"About"</h2></header>
                {loaded(server, "The server could not be asked", about)}
                <p class="hint">
                    "The REST interface is described in "
                    <a href="/api/openapi.json" target="_blank">"/api/openapi.json"</a> "."
                </p>
            </section>
        </div>
    }
}

fn listeners(server: ServerView) -> View {
    let row = |listener: shared::api::Listener| {
        // The listeners of the bootstrap server speak the same as the others.
        let scheme = listener.scheme.trim_start_matches("bootstrap_");
        let uri = format!("{scheme}://{}", listener.address);
        let word = scheme_word(scheme);
        let word = if scheme.len() == listener.scheme.len() {
            word.to_owned()
        } else {
            format!("{word}, to bootstrap")
        };
        view! {
            <tr>
                <td class="wrap">{word}<span class="mono muted block">{uri.clone()}</span></td>
                <td class="num"><Copy text=uri label="Copy the address" /></td>
            </tr>
        }
    };
    view! {
        <div class="scroll">
            <table class="table" aria-label="Listeners">
                <thead class="visually-hidden">
                    <tr><th scope="col">"For, address"</th><th scope="col">"Copy"</th></tr>
                </thead>
                <tbody>{server.listeners.into_iter().map(row).collect_view()}</tbody>
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

fn about(server: ServerView) -> View {
    view! {
        <dl class="facts">
            <div><dt>"Muster"</dt><dd>{server.version}</dd></div>
            <div><dt>"Build"</dt><dd class="mono">{server.build}</dd></div>
            <div><dt>"Running for"</dt><dd>{words::span((server.uptime * 1000) as i64)}</dd></div>
            <div><dt>"Devices"</dt><dd>{words::count(server.devices)}</dd></div>
        </dl>
    }
}

/// What devices are told of the server, to put into them.
#[component]
fn Identity() -> impl IntoView {
    let api = expect_context::<Api>();
    let identity = load(move || async move { api.get::<CredentialList>("/credentials?limit=1").await });
    let show = |list: CredentialList| {
        let part = |name: String, hex: String| {
            view! {
                <div class="key-line">
                    <span class="label">{name}</span>
                    <code class="cut" tabindex="0">{hex.clone()}</code>
                    <Copy text=hex label="Copy, in hexadecimal" />
                </div>
            }
        };
        let chain = list
            .server_certificates
            .into_iter()
            .enumerate()
            .map(|(index, hex)| {
                part(
                    if index == 0 {
                        "Certificate".into()
                    } else {
                        format!("Issuer {index}")
                    },
                    hex,
                )
            });
        view! {
            <div class="pad stack">
                {part("Raw public key".into(), list.server_public_key)}
                {chain.collect_view()}
            </div>
        }
    };
    view! {
        <section class="panel" aria-labelledby="s-identity">
            <header><h2 id="s-identity">"Server identity"</h2></header>
            {loaded(identity, "The identity could not be read", show)}
            <p class="hint">"DER in hexadecimal. A device with a public key or certificate checks the server by these."</p>
        </section>
    }
}
