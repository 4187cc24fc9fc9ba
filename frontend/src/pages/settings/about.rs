//! What the server runs.

use crate::api::Api;
use crate::dom::prelude::*;
use crate::ui::{load, loaded_ref};
use crate::words;
use shared::api::ServerView;

#[component]
pub(super) fn About() -> impl IntoView {
    let api = expect_context::<Api>();
    let server = load(move || api.get::<ServerView>("/server"));
    view! {
        <div class="cards">
            <section class="panel" aria-labelledby="s-about">
                <header><h2 id="s-about">"About"</h2></header>
                {loaded_ref(server, "The server could not be asked", facts)}
                <p class="hint">"Manages devices that speak LwM2M over CoAP, DTLS, TCP and TLS."</p>
            </section>
            <section class="panel" aria-labelledby="s-rest">
                <header><h2 id="s-rest">"For scripts"</h2></header>
                <p class="pad">
                    "Everything that this page does is a REST interface, described in "
                    <a class="link" href="/api/openapi.json" target="_blank">"/api/openapi.json"</a>
                    ". Numbers for Prometheus are at "
                    <a class="link" href="/metrics" target="_blank">"/metrics"</a> "."
                </p>
            </section>
        </div>
    }
}

fn facts(server: &ServerView) -> View {
    view! {
        <dl class="facts">
            <div><dt>"Muster"</dt><dd>{Text::from(&*server.version)}</dd></div>
            <div><dt>"Build"</dt><dd class="mono">{Text::from(&*server.build)}</dd></div>
            <div><dt>"Running for"</dt><dd>{words::span((server.uptime * 1000) as i64)}</dd></div>
            <div><dt>"Devices"</dt><dd>{words::count(server.devices)}</dd></div>
        </dl>
    }
}
