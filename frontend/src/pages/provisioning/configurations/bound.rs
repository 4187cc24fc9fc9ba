//! Which devices a configuration is for: by rule, and by choice.

use super::edit::Edited;
use crate::api::Method;
use crate::api::{Api, device_path};
use crate::dom::prelude::*;
use crate::routing::devices_href;
use crate::ui::{Deed, Field, Form, Select, Toasts, Tone, owned};
use crate::words::{around, counted};
use shared::api::JsonValue;
use shared::json::Object;

/// By rule: every device, a group, what a query finds, or nobody.
#[component]
pub(super) fn AppliesTo(edited: Edited) -> impl IntoView {
    static WHO: [(&str, &str); 4] = [
        ("", "Only devices it is chosen for"),
        ("all", "Every device"),
        ("group", "The devices of a group"),
        ("query", "The devices that a query finds"),
    ];
    // The devices that a query finds, once what is typed of it is something.
    let look = |before: &'static str, typed: RwSignal<String>| {
        move || {
            let typed = typed.with(|typed| given(typed));
            typed.map(|typed| {
                let href = devices_href(&around(before, &typed, ""));
                view! { <p class="note"><a class="link" href=href>"See which these are now"</a></p> }
            })
        }
    };
    let more = move || match edited.who.get().as_str() {
        "group" => view! {
            <Field id="pv-of-group" label="Group" value=edited.group hint="The tag group of a device." />
            {look("tag:group=", edited.group)}
        },
        "query" => view! {
            <Field id="pv-of-query" label="Query" value=edited.query code=true hint="As in Devices: tag:site=berlin state:never_seen." />
            {look("", edited.query)}
        },
        _ => View::Empty,
    };
    view! {
        <div class="pv-pair">
            <Select id="pv-who" label="Who gets it" value=edited.who options=owned(&WHO) />
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
    let deed = Deed::new();
    let count = RwSignal::new(count);
    let choose = Callback::new(move |()| {
        let device = endpoint.get_untracked().trim().to_owned();
        wrong.set(device.is_empty().then(|| "Enter the endpoint name.".into()));
        if !deed.may_begin(!device.is_empty()) {
            return;
        }
        let name = edited.name.get_untracked();
        let mut body = Object::new();
        body.insert("configuration".into(), name.as_str().into());
        let body = JsonValue::Object(body).to_string();
        let asked = api.json(Method::PUT, &device_path(&device, "/bootstrap"), Some(body));
        deed.begin(asked, move |_| {
            if deed.is_gone() {
                return;
            }
            endpoint.set(String::new());
            toasts.say(Tone::Good, format!("{device} gets {name} at its next bootstrap"));
            // Read anew, since it may have been chosen for the device before.
            let asked = api.json(Method::GET, &super::path(&name, ""), None);
            asked.then(move |answer| {
                if let Ok(view) = answer {
                    count.set(view["chosen_for"].as_u64().unwrap_or_default());
                }
            });
        });
    });
    view! {
        <section class="panel" aria-labelledby="pv-chosen">
            <header>
                <h2 id="pv-chosen">"Chosen for a device"</h2>
                <span class="muted">{move || counted(count.get(), "device", "devices")}</span>
            </header>
            <Form class="form pv-body" deed=deed send=choose kind="" button="Choose it for this device" below=true>
                <Field id="pv-choose" label="Endpoint" value=endpoint error=wrong code=true hint="A choice goes before every rule." />
            </Form>
        </section>
    }
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
