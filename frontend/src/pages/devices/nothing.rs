//! The list without a row: nothing yet, or filtered out; each with its next step.

use super::filter::apply_query;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::routing::{ProvisioningPart, Router};
use crate::ui::{Button, Code, Empty, Load, load};
use shared::api::ServerView;

/// No device matches the query.
#[component]
pub(super) fn FilteredOut(query: String) -> impl IntoView {
    let router = expect_context::<Router>();
    let several = query.split_whitespace().nth(1).is_some();
    let advice = if several {
        "Every term has to hold: take one away, or look at the spelling of the values."
    } else {
        "Words are looked for in endpoint, label, model, manufacturer, firmware, serial number and tags."
    };
    let clear = Callback::new(move |()| apply_query(router, ""));
    let mut text = query;
    text.insert_str(0, "Nothing in the fleet fits “");
    text.push_str("”. ");
    text.push_str(advice);
    view! {
        <Empty icon="filter" title="No device matches" text=text>
            <Button on_press=clear>"Clear the filter"</Button>
        </Empty>
    }
}

/// There is no device at all.
#[component]
pub(super) fn NothingYet() -> impl IntoView {
    let api = expect_context::<Api>();
    let server = load(move || async move { api.get::<ServerView>("/server").await });
    let command = Signal::derive(move || {
        let host = window().location().hostname().unwrap_or_else(|_| "HOST".into());
        let port = server.state.with(|server| match server {
            Load::Ready(server) => coap_port(server),
            _ => "5683".into(),
        });
        format!("muster simulate --server coap://{host}:{port} --devices 3")
    });
    view! {
        <Empty
            icon="devices"
            title="No device has registered yet"
            text="A device appears here within a second of its registration. To see one now, start three simulated devices:"
        >
            <Code text=command />
            <p class="muted">"Any LwM2M client will do: "<a href=ProvisioningPart::Connect.route().href()>"command lines for five of them"</a>"."</p>
            <a class="btn" href="/provisioning">"Onboard a device of your own"</a>
        </Empty>
    }
}

/// The port of the server's CoAP listener.
fn coap_port(server: &ServerView) -> String {
    let listener = server.listeners.iter().find(|listener| listener.scheme == "coap");
    let port = listener
        .and_then(|listener| listener.address.rsplit_once(':'))
        .map(|(_, port)| port);
    port.unwrap_or("5683").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::Listener;

    #[test]
    fn the_command_names_the_port_that_listens() {
        let listener = |scheme: &str, address: &str| Listener {
            scheme: scheme.into(),
            address: address.into(),
        };
        let mut server = ServerView {
            version: String::new(),
            build: String::new(),
            listeners: vec![listener("http", "[::]:8080"), listener("coap", "[::]:15683")],
            uptime: 0,
            devices: 0,
        };
        assert_eq!(coap_port(&server), "15683");
        server.listeners.clear();
        assert_eq!(coap_port(&server), "5683");
    }
}
