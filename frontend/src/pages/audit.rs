//! Who changed what, when, and how it ended.

use crate::api::Api;
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::params::Params;
use crate::routing::{Router, device_href};
use crate::ui::{Button, Deed, Empty, Find, Toasts, Tone, ago, badge, load, loaded};
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
    let log = load(move || api.get::<AuditList>(&path(device.get().as_deref(), None)));
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
    if first.items.is_empty() {
        return view! {
            <Empty icon="list" title="Nothing was changed yet" text="What people and scripts change appears here, newest first." />
        };
    }
    let next = RwSignal::new(first.next);
    let items = RwSignal::new(first.items);
    let toasts = expect_context::<Toasts>();
    let deed = Deed::new();
    let more = Callback::new(move |()| {
        let path = path(device.as_deref(), next.get_untracked());
        deed.begin_or_say(toasts, api.get_for_deed::<AuditList>(&path), move |list| {
            items.update(|items| items.extend(list.items));
            next.set(list.next);
        });
    });
    // Entries are only added at the end.
    let places = move || (0..items.with(Vec::len)).collect::<Vec<_>>();
    let row = move |place: usize| items.with(|items| items.get(place).map(row));
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
                <For each=places key=|place| *place children=row />
            </tbody>
        </table>
        <Show when=move || next.with(Option::is_some)>
            <p class="more"><Button busy=deed.busy on_press=more>"Older entries"</Button></p>
        </Show>
    }
}

fn row(entry: &AuditEntry) -> View {
    let (tone, word) = outcome(entry.status);
    let device = entry
        .device
        .as_deref()
        .map(|endpoint| view! { <a class="mono link" href=device_href(endpoint)>{Text::from(endpoint)}</a> });
    let outcome = format!("{word} ({})", entry.status);
    view! {
        <tr data-row="">
            <td data-label="When">{ago(entry.at)}</td>
            <td data-label="Who">{Text::from(&*entry.who)}" "<span class="faint">{Text::from(&*entry.address)}</span></td>
            <td data-label="What" class="wrap">
                {entry.detail.as_deref().map(Text::from)}
                <span class="mono muted block">{shared::text::replaced(&entry.action, "/api/v1", "")}</span>
            </td>
            <td data-label="Device" class="wrap">{device}</td>
            <td data-label="Outcome">{badge(&outcome, tone, tone.icon())}</td>
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
