//! The exact messages that a device would get, with what is in them. Nothing is sent.

use super::document::Document;
use super::{findings, items, text};
use crate::api::Method;
use crate::api::{Answer, Api};
use crate::dom::prelude::*;
use crate::pages::provisioning::spaced;
use crate::routing::Router;
use crate::ui::{Deed, Field, Form, Tone, alert, badge};
use crate::words::count;
use shared::api::JsonValue;
use shared::json::Object;

#[component]
pub(super) fn DryRun(document: Document) -> impl IntoView {
    let api = expect_context::<Api>();
    let given = expect_context::<Router>().param("device").get_untracked();
    let endpoint = RwSignal::new(given.unwrap_or_default());
    let wrong = RwSignal::new(None::<String>);
    let deed = Deed::new();
    let answer = RwSignal::new(None::<Answer<JsonValue>>);
    let run = Callback::new(move |()| {
        let device = endpoint.get_untracked().trim().to_owned();
        wrong.set(
            device
                .is_empty()
                .then(|| "Enter the endpoint name of a device; it need not be known.".into()),
        );
        if !deed.may_begin(!device.is_empty()) {
            return;
        }
        let mut body = Object::new();
        body.insert("endpoint".into(), device.into());
        body.insert("configuration".into(), document.with_untracked(JsonValue::clone));
        let body = JsonValue::Object(body).to_string();
        deed.busy.set(true);
        let asked = api.json(Method::POST, "/bootstrap/dry-run", Some(body));
        asked.then(move |outcome| {
            deed.busy.try_set(false);
            answer.set(Some(outcome));
        });
    });
    let shown = move || {
        answer.with(|answer| match answer {
            None => View::Empty,
            Some(Err(failure)) => alert(failure.to_string()),
            Some(Ok(run)) => messages(run),
        })
    };
    view! {
        <section class="panel" aria-labelledby="pv-dry">
            <header><h2 id="pv-dry">"Dry run"</h2><span class="muted">"What a device would get; nothing is sent"</span></header>
            <Form class="form pv-body" deed=deed send=run kind="" icon="play" button="Show the messages">
                <Field id="pv-dry-device" label="For the device" value=endpoint error=wrong code=true hint="The endpoint name; its label, tags and group stand for the variables." />
            </Form>
            <div role="status">{shown}</div>
        </section>
    }
}

fn messages(run: &JsonValue) -> View {
    let items = items(&run["messages"]);
    let found = findings::read(&run["findings"]);
    view! {
        <div class="pv-body">
            {found.iter().map(findings::notice).collect_view()}
            {items.is_empty().then(|| view! { <p class="muted">"No message: it would not be sent to this device."</p> })}
            <ol class="pv-steps">{items.iter().map(message).collect_view()}</ol>
        </div>
    }
}

fn message(item: &JsonValue) -> View {
    let part = |key: &str| Text::from(text(&item[key]));
    let payload = text(&item["payload"]);
    let format = item["format"].as_str().map(|format| {
        let size = count((payload.len() / 2) as u64);
        view! { <span class="muted pv-end">{Text::from(format)}", "{size}" bytes"</span> }
    });
    let values = items(&item["values"]);
    let table = (!values.is_empty()).then(|| {
        view! {
            <table class="table pv-values">
                <tbody>{values.iter().map(value).collect_view()}</tbody>
            </table>
        }
    });
    let bytes = (!payload.is_empty()).then(|| {
        view! {
            <details class="pv-more"><summary>"Bytes"</summary><code class="pv-hex" tabindex="0">{spaced(payload)}</code></details>
        }
    });
    view! {
        <li>
            <p class="bar">
                <b class="mono">{part("method")}" "{part("path")}</b>
                <span class="muted">{words(text(&item["command"]))}</span>
                {format}
            </p>
            {table}
            {bytes}
        </li>
    }
}

fn value(item: &JsonValue) -> View {
    let shown = if item["secret"] == true {
        badge("Secret", Tone::Plain, "lock")
    } else {
        let value = &item["value"];
        let text = value
            .as_str()
            .map_or_else(|| value.to_string().into(), Text::from);
        view! { <code>{text}</code> }
    };
    view! { <tr><td class="mono">{Text::from(text(&item["path"]))}</td><td class="wrap">{shown}</td></tr> }
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
