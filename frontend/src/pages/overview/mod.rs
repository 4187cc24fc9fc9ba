//! The fleet at a glance: its state, what devices did over time, its versions, and what changed in the last hour. Every count
//! leads to its devices.
//!
//! - [`activity`]: the plots over time; [`plot`]: where their lines are (pure).

mod activity;
mod plot;

use crate::api::Api;
use crate::app::set_title;
use crate::clock::Clock;
use crate::dom::prelude::*;
use crate::pages::devices::{FleetStrip, follow_fleet};
use crate::params::Params;
use crate::routing::{device_href, devices_href};
use crate::ui::{Empty, Loader, Tone, ago, badge, load, loaded_ref};
use crate::words::{around, count};
use gloo_timers::callback::Interval;
use shared::api::{Counted, EventList, FleetFacets};
use shared::event::Event;

crate::module::module!(overview, page);

/// How often what is not in the live feed is read again.
const REREAD_MS: u32 = 15_000;
/// What "recently" means here, in seconds.
const RECENT: i64 = 3600;
/// Changes a person wants to know of; a registration that goes on is none.
const KINDS: &str =
    "registered,deregistered,late,refused,provisioned,decommissioned,address_changed,bootstrap";
const CHANGES: usize = 120;
/// How many lines are made of them: what happens to a device again and again is one.
const LINES: usize = 30;

fn page() -> View {
    view! { <OverviewPage /> }
}

#[component]
fn OverviewPage() -> impl IntoView {
    set_title("Overview");
    let api = expect_context::<Api>();
    let clock = expect_context::<Clock>();
    let fleet = follow_fleet(api);
    let facets = load(move || api.get::<FleetFacets>("/fleet/facets"));
    let changes = load(move || {
        let from = untrack(|| clock.exactly()).plus_seconds(-RECENT).to_string();
        let limit = CHANGES.to_string();
        let query = Params::default()
            .with("kinds", Some(KINDS))
            .with("from", Some(&from))
            .with("limit", Some(&limit));
        api.get::<EventList>(&around("/events", &query.to_query(), ""))
    });
    let _reread = StoredValue::new(Interval::new(REREAD_MS, move || {
        facets.again();
        changes.again();
    }));
    view! {
        <div class="bar page-head"><h1>"Overview"</h1></div>
        <FleetStrip fleet=fleet />
        <div class="cards wide">
            <activity::Activity />
            <section class="panel tall" aria-labelledby="o-changes">
                <header>
                    <h2 id="o-changes">"The last hour"</h2>
                </header>
                {loaded_ref(changes, "What changed could not be read", changed)}
            </section>
            <section class="panel" aria-labelledby="o-firmware">
                <header><h2 id="o-firmware">"Firmware"</h2></header>
                {counted(facets, |facets| bars(&facets.firmwares, "fw", "Firmware versions"))}
            </section>
            <section class="panel" aria-labelledby="o-models">
                <header><h2 id="o-models">"Models"</h2></header>
                {counted(facets, |facets| bars(&facets.models, "model", "Models"))}
            </section>
            <section class="panel" aria-labelledby="o-versions">
                <header><h2 id="o-versions">"LwM2M versions"</h2></header>
                {counted(facets, |facets| bars(&facets.versions, "", "LwM2M versions"))}
            </section>
        </div>
    }
}

fn counted(facets: Loader<FleetFacets>, show: fn(&FleetFacets) -> View) -> View {
    loaded_ref(facets, "The fleet could not be counted", show)
}

/// Words with how many devices have each, as bars beside their numbers. `field` is the query's name for them.
fn bars(words: &[Counted], field: &'static str, label: &'static str) -> View {
    const MOST: usize = 8;
    if words.is_empty() {
        return view! { <p class="hint">"Not known of any device yet. It is read from a device's object 3."</p> };
    }
    let all = words.iter().map(|word| word.count).max().unwrap_or(1).max(1);
    let left = words.len().saturating_sub(MOST);
    let line = |word: &Counted| {
        let share = format!("{}%", word.count * 100 / all);
        let text = Text::from(&*word.text);
        let name = if field.is_empty() {
            view! { <span class="cut">{text}</span> }
        } else {
            let href = devices_href(&format!("{field}=\"{}\"", word.text));
            view! { <a class="cut link" href=href>{text}</a> }
        };
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="num">{count(word.count)}</td>
                <td class="share" aria-hidden="true"><i style:width=share></i></td>
            </tr>
        }
    };
    view! {
        <table class="bars" aria-label=label>
            <thead class="visually-hidden">
                <tr><th scope="col">"Name"</th><th scope="col">"Devices"</th><td></td></tr>
            </thead>
            <tbody>{words.iter().take(MOST).map(line).collect_view()}</tbody>
        </table>
        {(left > 0).then(|| view! { <p class="hint">"and "{left}" more"</p> })}
    }
}

fn changed(list: &EventList) -> View {
    if list.items.is_empty() {
        return view! {
            <Empty icon="check" title="Nothing changed" text="Nobody registered, signed off, became late or was refused in the last hour." />
        };
    }
    let mut lines: Vec<(&Event, usize)> = Vec::new();
    for event in &list.items {
        let kind = event.kind.name();
        let same =
            |(line, _): &&mut (&Event, usize)| line.endpoint == event.endpoint && line.kind.name() == kind;
        match lines.iter_mut().find(same) {
            Some((_, times)) => *times += 1,
            None => lines.push((event, 1)),
        }
    }
    let line = |(event, times): &(&Event, usize)| {
        let (tone, word) = headline(event.kind.name());
        let times = (*times > 1).then(|| view! { <span class="muted nowrap">{*times}" times"</span> });
        let endpoint = &*event.endpoint;
        view! {
            <li>
                {badge(word, tone, tone.icon())}
                <a class="mono cut grow link" href=device_href(endpoint)>{Text::from(endpoint)}</a>
                {times}
                <span class="muted nowrap">{ago(event.at)}</span>
            </li>
        }
    };
    view! { <ul class="changes">{lines.iter().take(LINES).map(line).collect_view()}</ul> }
}

/// A kind of event in a word.
fn headline(kind: &str) -> (Tone, &'static str) {
    match kind {
        "registered" => (Tone::Good, "Registered"),
        "deregistered" => (Tone::Plain, "Gone"),
        "late" => (Tone::Warning, "Late"),
        "refused" => (Tone::Bad, "Refused"),
        "provisioned" => (Tone::Plain, "Provisioned"),
        "decommissioned" => (Tone::Plain, "Decommissioned"),
        "address_changed" => (Tone::Plain, "Moved"),
        _ => (Tone::Plain, "Bootstrapped"),
    }
}
