//! Which devices a configuration is for: by rule, and by choice.

use super::edit::Edited;
use crate::api::Method;
use crate::api::{Api, device_path};
use crate::dom::prelude::*;
use crate::params::Params;
use crate::reactive::spawn_local;
use crate::routing::Route;
use crate::ui::{Button, Field, Icon, Select, Toasts, Tone};
use crate::words::counted;
use shared::api::JsonValue;
use shared::json::Object;

/// By rule: every device, a group, what a query finds, or nobody.
#[component]
pub(super) fn AppliesTo(edited: Edited) -> impl IntoView {
    let options = [
        ("", "Only devices it is chosen for"),
        ("all", "Every device"),
        ("group", "The devices of a group"),
        ("query", "The devices that a query finds"),
    ];
    let options = options
        .map(|(value, word)| (value.to_owned(), word.to_owned()))
        .to_vec();
    let look = move |query: String| {
        let href = Route::Devices.href() + &Params::default().with("query", Some(&query)).to_query();
        view! { <p class="note"><a class="link" href=href>"See which these are now"</a></p> }
    };
    let more = move || match edited.who.get().as_str() {
        "group" => view! {
            <Field id="pv-of-group" label="Group" value=edited.group hint="The tag group of a device." />
            {move || Some(edited.group.get().trim().to_owned()).filter(|group| !group.is_empty()).map(|group| look(format!("tag:group={group}")))}
        },
        "query" => view! {
            <Field id="pv-of-query" label="Query" value=edited.query code=true hint="As in Devices: tag:site=berlin state:never_seen." />
            {move || Some(edited.query.get().trim().to_owned()).filter(|query| !query.is_empty()).map(look)}
        },
        _ => View::Empty,
    };
    view! {
        <div class="pv-pair">
            <Select id="pv-who" label="Who gets it" value=edited.who options=options />
            <Field id="pv-priority" label="Priority" value=edited.priority kind="number" hint="Of several that fit, the highest counts." />
        </div>
        {more}
    }
}

/// By choice, which goes before every rule.
#[component]
pub(super) fn Chosen(edited: Edited, count: u64) -> impl IntoView {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let endpoint = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let count = RwSignal::new(count);
    let told = RwSignal::new(None::<String>);
    let choose = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let device = endpoint.get_untracked().trim().to_owned();
        wrong.set(device.is_empty().then(|| "Enter the endpoint name.".into()));
        told.set(None);
        if busy.get_untracked() || device.is_empty() {
            return;
        }
        let name = edited.name.get_untracked();
        busy.set(true);
        spawn_local(async move {
            let mut body = Object::new();
            body.insert("configuration".into(), name.clone().into());
            let body = JsonValue::Object(body).to_string();
            let answer = api
                .json(Method::PUT, &device_path(&device, "/bootstrap"), Some(body))
                .await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => {
                    endpoint.set(String::new());
                    toasts.say(Tone::Good, format!("{device} gets {name} at its next bootstrap"));
                    // Read anew, since it may have been chosen for the device before.
                    if let Ok(view) = api.json(Method::GET, &super::path(&name, ""), None).await {
                        count.try_set(view["chosen_for"].as_u64().unwrap_or_default());
                    }
                }
                Err(failure) => told.set(Some(failure.to_string())),
            }
        });
    };
    view! {
        <section class="panel" aria-labelledby="pv-chosen">
            <header>
                <h2 id="pv-chosen">"Chosen for a device"</h2>
                <span class="muted">{move || counted(count.get(), "device", "devices")}</span>
            </header>
            <form class="form pv-body" on:submit=choose novalidate=true>
                <Field id="pv-choose" label="Endpoint" value=endpoint error=wrong code=true hint="A choice goes before every rule." />
                {move || told.get().map(|words| view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{words}</p> })}
                <div class="actions"><Button submit=true busy=busy>"Choose it for this device"</Button></div>
            </form>
        </section>
    }
}
