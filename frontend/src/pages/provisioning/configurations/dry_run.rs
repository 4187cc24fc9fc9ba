//! The exact messages that a device would get, with what is in them. Nothing is sent.

use super::document::Document;
use super::findings;
use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::pages::provisioning::spaced;
use crate::reactive::spawn_local;
use crate::routing::Router;
use crate::ui::{Badge, Button, Field, Icon, Tone};
use crate::words::count;
use shared::api::JsonValue;
use shared::json::Object;

#[component]
pub(super) fn DryRun(document: Document) -> impl IntoView {
    let api = expect_context::<Api>();
    let given = expect_context::<Router>().param("device").get_untracked();
    let endpoint = RwSignal::new(given.unwrap_or_default());
    let wrong = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let answer = RwSignal::new(None::<Result<JsonValue, String>>);
    let run = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let device = endpoint.get_untracked().trim().to_owned();
        wrong.set(
            device
                .is_empty()
                .then(|| "Enter the endpoint name of a device; it need not be known.".into()),
        );
        if busy.get_untracked() || device.is_empty() {
            return;
        }
        let mut body = Object::new();
        body.insert("endpoint".into(), device.into());
        body.insert("configuration".into(), document.with_untracked(JsonValue::clone));
        let body = JsonValue::Object(body).to_string();
        busy.set(true);
        spawn_local(async move {
            let outcome = api.json(Method::POST, "/bootstrap/dry-run", Some(body)).await;
            if busy.try_set(false).is_none() {
                answer.set(Some(outcome.map_err(|failure| failure.to_string())));
            }
        });
    };
    let shown = move || match answer.get() {
        None => View::Empty,
        Some(Err(words)) => {
            view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{words}</p> }
        }
        Some(Ok(run)) => messages(&run),
    };
    view! {
        <section class="panel" aria-labelledby="pv-dry">
            <header><h2 id="pv-dry">"Dry run"</h2><span class="muted">"What a device would get; nothing is sent"</span></header>
            <form class="form pv-body" on:submit=run novalidate=true>
                <Field id="pv-dry-device" label="For the device" value=endpoint error=wrong code=true hint="The endpoint name; its label, tags and group stand for the variables." />
                <div class="actions"><Button submit=true icon="play" busy=busy>"Show the messages"</Button></div>
            </form>
            <div role="status">{shown}</div>
        </section>
    }
}

fn messages(run: &JsonValue) -> View {
    let items = run["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found = findings::read(&run["findings"]);
    view! {
        <div class="pv-body">
            {found.into_iter().map(findings::notice).collect_view()}
            {items.is_empty().then(|| view! { <p class="muted">"No message: it would not be sent to this device."</p> })}
            <ol class="pv-steps">{items.iter().map(message).collect_view()}</ol>
        </div>
    }
}

fn message(item: &JsonValue) -> View {
    let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
    let payload = text("payload");
    let size = (payload.len() / 2) as u64;
    let format = item["format"]
        .as_str()
        .map(|format| format!("{format}, {} bytes", count(size)));
    let values = item["values"].as_array().map(Vec::as_slice).unwrap_or_default();
    let table = (!values.is_empty()).then(|| {
        view! {
            <table class="table pv-values">
                <tbody>{values.iter().map(value).collect_view()}</tbody>
            </table>
        }
    });
    let bytes = (!payload.is_empty()).then(|| {
        view! {
            <details class="pv-more"><summary>"Bytes"</summary><code class="pv-hex" tabindex="0">{spaced(&payload)}</code></details>
        }
    });
    view! {
        <li>
            <p class="bar">
                <b class="mono">{format!("{} {}", text("method"), text("path"))}</b>
                <span class="muted">{words(&text("command"))}</span>
                {format.map(|format| view! { <span class="muted pv-end">{format}</span> })}
            </p>
            {table}
            {bytes}
        </li>
    }
}

fn value(item: &JsonValue) -> View {
    let shown = if item["secret"] == true {
        view! { <Badge text="Secret" tone=Tone::Plain icon="lock" /> }
    } else {
        let text = match &item["value"] {
            JsonValue::String(text) => text.clone(),
            other => other.to_string(),
        };
        view! { <code>{text}</code> }
    };
    view! { <tr><td class="mono">{item["path"].as_str().unwrap_or_default().to_owned()}</td><td class="wrap">{shown}</td></tr> }
}

/// What a command is for.
fn words(command: &str) -> &'static str {
    match command {
        "discover" => "ask what it has",
        "read" => "read what it had",
        "delete" => "delete",
        "write" => "write",
        "finish" => "say that this was all",
        _ => "",
    }
}
