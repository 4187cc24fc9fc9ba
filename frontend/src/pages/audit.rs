//! Who changed what, when, and how it ended.

use crate::api::Api;
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::params::Params;
use crate::reactive::spawn_local;
use crate::routing::{Router, device_href};
use crate::ui::{Ago, Badge, Button, Empty, Find, Toasts, Tone, load, loaded};
use shared::api::{AuditEntry, AuditList};

crate::module::module!(audit, page);

fn page() -> View {
    view! { <AuditPage /> }
}

fn path(device: Option<&str>, before: Option<i64>) -> String {
    let before = before.map(|before| before.to_string());
    let query = Params::default()
        .with("device", device)
        .with("before", before.as_deref());
    format!("/audit{}", query.to_query())
}

#[component]
fn AuditPage() -> impl IntoView {
    set_title("Audit");
    let api = expect_context::<Api>();
    let device = expect_context::<Router>().param("device");
    let log = load(move || {
        let path = path(device.get().as_deref(), None);
        async move { api.get::<AuditList>(&path).await }
    });
    view! {
        <div class="bar page-head">
            <h1>"Audit"</h1>
            <span class="muted">"Every request that changed something, or wanted to"</span>
        </div>
        <div class="bar list-bar">
            <Find label="Entries of one device" placeholder="Endpoint name, exact" param="device" busy=log.busy />
            <Button icon="refresh" label="Read again" on_press=Callback::new(move |()| log.again()) />
        </div>
        <div class="panel scroll" tabindex="0" role="region" aria-label="Audit log">
            {loaded(log, "The log could not be read", move |list| view! { <Entries first=list device=device.get_untracked() /> })}
        </div>
    }
}

#[component]
fn Entries(first: AuditList, device: Option<String>) -> impl IntoView {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    if first.items.is_empty() {
        return view! {
            <Empty icon="list" title="Nothing was changed yet" text="What people and scripts change appears here, newest first." />
        };
    }
    let next = RwSignal::new(first.next);
    let items = RwSignal::new(first.items);
    let busy = RwSignal::new(false);
    let more = Callback::new(move |()| {
        let path = path(device.as_deref(), next.get_untracked());
        busy.set(true);
        spawn_local(async move {
            let answer = api.get_for_deed::<AuditList>(&path).await;
            busy.set(false);
            match answer {
                Ok(list) => {
                    items.update(|items| items.extend(list.items));
                    next.set(list.next);
                }
                Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
            }
        });
    });
    view! {
        <table class="table stacked" aria-label="Audit log">
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"Device"</th>
                    <th scope="col">"Outcome"</th>
                </tr>
            </thead>
            <tbody>
                <For
                    each=move || items.get()
                    key=|entry| entry.id
                    children=row
                />
            </tbody>
        </table>
        <Show when=move || next.with(Option::is_some)>
            <p class="more"><Button busy=busy on_press=more>"Older entries"</Button></p>
        </Show>
    }
}

fn row(entry: AuditEntry) -> View {
    let (tone, word) = outcome(entry.status);
    let device = entry
        .device
        .map(|endpoint| view! { <a class="mono link" href=device_href(&endpoint)>{endpoint}</a> });
    view! {
        <tr data-row="">
            <td data-label="When"><Ago at=Some(entry.at) focusable=true /></td>
            <td data-label="Who">{entry.who}" "<span class="faint">{entry.address}</span></td>
            <td data-label="What" class="wrap">
                {entry.detail.clone()}
                <span class="mono muted block">{entry.action.replacen("/api/v1", "", 1)}</span>
            </td>
            <td data-label="Device" class="wrap">{device}</td>
            <td data-label="Outcome"><Badge text=format!("{word} ({})", entry.status) tone=tone icon=tone.icon() /></td>
        </tr>
    }
}

/// How a request ended, by its HTTP status.
const fn outcome(status: u16) -> (Tone, &'static str) {
    match status {
        200..=299 => (Tone::Good, "Done"),
        401 | 403 => (Tone::Warning, "Not allowed"),
        500.. => (Tone::Bad, "Failed"),
        _ => (Tone::Warning, "Refused"),
    }
}
