//! The fleet as a list: filtered, sorted and paged at the server, alive through the feed.

mod filter;
mod nothing;
mod paging;
mod query;
mod row;
mod rows;
mod strip;
mod table;

use crate::api::Api;
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::live::Live;
use crate::routing::Router;
use crate::ui::{Load, Loader, Skeleton, Trouble, load};
use crate::words::counted;
use filter::Filter;
use gloo_timers::callback::Timeout;
use nothing::{FilteredOut, NothingYet};
use paging::{PageFacts, Paging};
use rows::Rows;
use shared::api::{DeviceList, FleetSummary};
use shared::live::{ServerFrame, Topic};
pub(crate) use strip::FleetStrip;
use table::{DeviceTable, SortChoice};

/// However fast the fleet changes, the list is read again at most this often.
const REREAD_MS: u32 = 700;

/// What is in the place of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shown {
    Loading,
    Failed(String),
    NothingYet,
    FilteredOut(String),
    Rows,
}

#[component]
pub(crate) fn DevicesPage() -> impl IntoView {
    set_title("Devices");
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let (query, sort, cursor) = (
        router.param("query"),
        router.param("sort"),
        router.param("cursor"),
    );
    let list = load(move || {
        let request = query::request(query.get(), sort.get(), cursor.get());
        async move { api.devices(&request).await }
    });
    let rows = Rows::new();
    let facts = RwSignal::new(PageFacts::default());
    Effect::new(move |_| {
        list.state.with(|state| {
            if let Load::Ready(page) = state {
                rows.show(&page.items);
                facts.set(facts_of(page));
            }
        });
    });
    follow_rows(rows, list);
    let fleet = follow_fleet(api);

    let shown = Memo::new(move |_| {
        list.state.with(|state| match state {
            Load::Loading => Shown::Loading,
            Load::Failed(failure) => Shown::Failed(failure.to_string()),
            Load::Ready(page) if !page.items.is_empty() => Shown::Rows,
            Load::Ready(_) => match query.get_untracked() {
                Some(query) => Shown::FilteredOut(query),
                None => Shown::NothingYet,
            },
        })
    });
    let summary = move || {
        let total = facts.with(|facts| facts.total);
        match (
            shown.get(),
            query.get(),
            fleet.with(|fleet| fleet.as_ref().map(|fleet| fleet.total)),
        ) {
            (Shown::Loading | Shown::Failed(_), ..) => String::new(),
            (_, Some(_), Some(all)) => format!(
                "{} of {} match",
                crate::words::count(total),
                counted(all, "device", "devices")
            ),
            _ => counted(total, "device", "devices"),
        }
    };
    view! {
        <div class="bar page-head">
            <h1>"Devices"</h1>
            <span class="muted" role="status">{summary}</span>
        </div>
        <FleetStrip fleet=fleet />
        <div class="bar list-bar" hidden=move || shown.get() == Shown::NothingYet>
            <Filter busy=list.busy />
            <SortChoice />
        </div>
        {move || match shown.get() {
            Shown::Loading => view! { <div class="panel"><Skeleton lines=8 /></div> },
            Shown::Failed(reason) => {
                let retry = Callback::new(move |()| list.again());
                view! {
                    <div class="panel">
                        <Trouble title="The devices could not be read" text=reason on_retry=retry />
                    </div>
                }
            }
            Shown::NothingYet => view! { <div class="panel"><NothingYet /></div> },
            Shown::FilteredOut(query) => view! { <div class="panel"><FilteredOut text=format!("Nothing in the fleet fits “{query}”.") /></div> },
            Shown::Rows => view! { <DeviceTable rows=rows /> <Paging facts=facts /> },
        }}
    }
}

fn facts_of(page: &DeviceList) -> PageFacts {
    PageFacts {
        shown: page.items.len(),
        total: page.total,
        next_cursor: page.next_cursor.clone(),
    }
}

/// Subscribes to the rows in sight, and reads the list again when the feed says that it is another.
fn follow_rows(rows: Rows, list: Loader<DeviceList>) {
    let live = expect_context::<Live>();
    let reread = throttled(move || list.again());
    let receive = move |frame: ServerFrame| match frame {
        ServerFrame::Rows { rows: changed, .. } => rows.update(&changed),
        ServerFrame::ListChanged { .. } | ServerFrame::Resync { .. } => reread(),
        ServerFrame::Refused { message, .. } => leptos::logging::warn!("the list is not live: {message}"),
        _ => {}
    };
    let topic = move |endpoints: Vec<String>| Topic::Devices { endpoints };
    let subscription = StoredValue::new(live.subscribe(topic(Vec::new()), receive));
    Effect::new(move |_| {
        let endpoints = rows.order().get();
        subscription.update_value(|subscription| subscription.replace(topic(endpoints)));
    });
}

/// The fleet in numbers: read once, then from the feed.
pub(crate) fn follow_fleet(api: Api) -> Signal<Option<FleetSummary>> {
    let live = expect_context::<Live>();
    let read = load(move || async move { api.get::<FleetSummary>("/fleet").await });
    let receive = move |frame: ServerFrame| match frame {
        ServerFrame::Fleet { summary, .. } => read.state.set(Load::Ready(summary)),
        ServerFrame::Resync { .. } => read.again(),
        _ => {}
    };
    let subscription = live.subscribe(Topic::Fleet, receive);
    let _kept = StoredValue::new(subscription);
    Signal::derive(move || {
        read.state.with(|state| match state {
            Load::Ready(fleet) => Some(fleet.clone()),
            _ => None,
        })
    })
}

/// Calls `act` at once, and then at most once in [`REREAD_MS`]: the last call of a burst is not lost.
fn throttled(act: impl Fn() + Copy + 'static) -> impl Fn() + 'static {
    let resting = StoredValue::new(None::<Timeout>);
    let again = StoredValue::new(false);
    move || run_or_note(act, resting, again)
}

fn run_or_note(
    act: impl Fn() + Copy + 'static,
    resting: StoredValue<Option<Timeout>>,
    again: StoredValue<bool>,
) {
    if resting.with_value(Option::is_some) {
        again.set_value(true);
        return;
    }
    act();
    let rest = Timeout::new(REREAD_MS, move || {
        // The page may be gone by now, and these with it.
        let wanted = again.try_get_value().unwrap_or(false);
        if resting.try_set_value(None).is_none() && wanted {
            again.set_value(false);
            run_or_note(act, resting, again);
        }
    });
    resting.set_value(Some(rest));
}
