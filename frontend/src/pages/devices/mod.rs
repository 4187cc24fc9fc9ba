//! The fleet as a list: filtered, sorted and read in parts at the server, alive through the feed.
//!
//! However many devices there are, the page holds the rows in sight and some around them: [`geometry`] says which those are,
//! [`listing`] holds them, [`grid`] shows them, and [`follow_rows`] subscribes to them.

mod columns;
mod filter;
mod geometry;
mod grid;
mod listing;
mod nothing;
mod query;
mod row;
mod select;
mod strip;
mod views;

use crate::api::Api;
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::frame::{Action, Actions, Deed};
use crate::live::Live;
use crate::params::Params;
use crate::routing::Router;
use crate::ui::{Button, Empty, Icon, Load, Loader, Skeleton, Trouble, load};
use crate::words::counted;
use columns::ColumnPicker;
use filter::{Filter, mistake};
use gloo_timers::callback::Timeout;
use grid::{Grid, SortChoice};
use listing::Listing;
use nothing::{FilteredOut, NothingYet};
use query::{Which, columns_of};
use select::SelectionBar;
use shared::api::{DeviceColumn, DeviceList, DeviceQuery, FleetSummary, SavedViewList};
use shared::live::{ServerFrame, Topic};
pub(crate) use strip::FleetStrip;
use views::Views;

/// However fast the fleet changes, the list is read again at most this often.
const REREAD_MS: u32 = 700;
/// Rows that stay in sight for so long are subscribed to; while the list is scrolled fast, none are.
const SETTLE_MS: u32 = 120;
/// The address follows the active row when it rests.
const NOTE_MS: u32 = 400;
/// Rows of the first reading, when it is not known yet how many are in sight.
const FIRST: usize = 40;

/// What is in the place of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shown {
    Loading,
    Failed(String),
    /// The query cannot be read; the filter says why.
    Misread,
    NothingYet,
    FilteredOut(String),
    Rows,
}

/// Which list the address asks for.
fn which(router: Router) -> Memo<Which> {
    let (query, sort) = (router.param("query"), router.param("sort"));
    Memo::new(move |_| Which::new(query.get(), sort.get()))
}

#[component]
pub(crate) fn DevicesPage() -> impl IntoView {
    set_title("Devices");
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let which = which(router);
    let listing = Listing::new();
    provide_context(listing);
    let list = read_list(api, router, which, listing);
    follow_rows(listing, list);
    note_active(router, listing);
    let fleet = follow_fleet(api);

    let saved = load(move || async move { api.get::<SavedViewList>("/views").await });
    let chosen = RwSignal::new(Vec::<DeviceColumn>::new());
    Effect::new(move |_| {
        saved.state.with(|state| {
            if let Load::Ready(saved) = state {
                chosen.set(saved.columns.clone());
            }
        });
    });
    let saved_views = Signal::derive(move || {
        saved.state.with(|state| match state {
            Load::Ready(saved) => saved.items.clone(),
            _ => Vec::new(),
        })
    });
    let address = router.param("columns");
    let columns = Memo::new(move |_| chosen.with(|chosen| columns_of(address.get().as_deref(), chosen)));
    let picking = RwSignal::new(false);

    let is_wrong = Memo::new(move |_| which.with(|which| mistake(which.query.as_deref()?)).is_some());
    let shown = Memo::new(move |_| {
        if is_wrong.get() {
            return Shown::Misread;
        }
        list.state.with(|state| match state {
            Load::Loading => Shown::Loading,
            Load::Failed(failure) => Shown::Failed(failure.to_string()),
            Load::Ready(page) if page.total > 0 => Shown::Rows,
            Load::Ready(_) => match which.with_untracked(|which| which.query.clone()) {
                Some(query) => Shown::FilteredOut(query),
                None => Shown::NothingYet,
            },
        })
    });
    let summary = move || {
        let total = listing.total.get() as u64;
        match (
            shown.get(),
            which.with(|which| which.query.is_some()),
            fleet.with(|fleet| fleet.as_ref().map(|fleet| fleet.total)),
        ) {
            (Shown::Loading | Shown::Failed(_) | Shown::Misread, ..) => String::new(),
            (_, true, Some(all)) => format!(
                "{} of {} match",
                crate::words::count(total),
                counted(all, "device", "devices")
            ),
            _ => counted(total, "device", "devices"),
        }
    };
    let export = move || {
        let which = which.get();
        let names = columns.with(|columns| DeviceColumn::join(columns));
        let query = Params::default()
            .with("query", which.query.as_deref())
            .with("sort", Some(&which.sort))
            .with("columns", Some(&names));
        format!("/api/v1/devices.csv{}", query.to_query())
    };
    expect_context::<Actions>().offer(move || {
        vec![
            Action::new(
                "download",
                "Export all that match as CSV",
                "list file",
                Deed::Save(export()),
            ),
            Action::new(
                "settings",
                "Choose the columns…",
                "list picker",
                Deed::run(move || picking.set(true)),
            ),
        ]
    });
    view! {
        <div class="bar page-head">
            <h1>"Devices"</h1>
            <span class="muted" role="status">{summary}</span>
        </div>
        <FleetStrip fleet=fleet />
        <div class="bar list-bar" hidden=move || shown.get() == Shown::NothingYet>
            <Filter busy=list.busy />
            <SortChoice />
            <div class="list-tools">
                <Views views=saved_views columns=columns read=Callback::new(move |()| saved.again()) />
                <Button kind="quiet" icon="settings" label="Columns" on_press=Callback::new(move |()| picking.set(true))>
                    <span class="tool-word">"Columns"</span>
                </Button>
                <a class="btn quiet" href=export download="devices.csv" aria-label="Export all that match as CSV" data-tip="All that match, with these columns, as CSV">
                    <Icon name="download" />
                    <span class="tool-word">"CSV"</span>
                </a>
            </div>
        </div>
        <ColumnPicker open=picking chosen=chosen />
        <SelectionBar />
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
            Shown::Misread => {
                view! { <div class="panel"><Empty icon="filter" title="The filter is not understood" text="What is wrong is said below it, and marked in it." /></div> }
            }
            Shown::NothingYet => view! { <div class="panel"><NothingYet /></div> },
            Shown::FilteredOut(query) => view! { <div class="panel"><FilteredOut query=query /></div> },
            Shown::Rows => view! { <Grid columns=columns /> },
        }}
    }
}

/// Reads the part of the list that is in sight, and another when that was scrolled away; one at a time, however fast the
/// scroll bar is pulled.
fn read_list(api: Api, router: Router, which: Memo<Which>, listing: Listing) -> Loader<DeviceList> {
    let wanted = router.param("device").get_untracked();
    let first = move |which: &Which| DeviceQuery {
        offset: None,
        ..which.part(0, FIRST)
    };
    let begun = which.get_untracked();
    let request = RwSignal::new(DeviceQuery {
        around: wanted.clone(),
        ..first(&begun)
    });
    let list = load(move || {
        let request = request.get();
        async move { api.devices(&request).await }
    });
    let known = StoredValue::new(begun);
    Effect::new(move |_| {
        let which = which.get();
        let shown = listing.shown.get();
        let busy = list.busy.get();
        if known.with_value(|known| *known != which) {
            known.set_value(which.clone());
            listing.forget();
            if which
                .query
                .as_deref()
                .is_none_or(|query| mistake(query).is_none())
            {
                request.set(first(&which));
                scroll_to_top();
            }
        } else if !busy && !listing.covers(shown.first, shown.count) {
            request.set(which.part(shown.first, shown.count));
        }
    });
    // The device of the address, once its part of the list is here.
    let wanted = StoredValue::new(wanted);
    Effect::new(move |_| {
        list.state.with(|state| {
            if let Load::Ready(page) = state {
                listing.take(page);
                let found = wanted.try_update_value(Option::take).flatten();
                if let Some(index) = found.and_then(|endpoint| listing.place_of(&endpoint)) {
                    listing.active.set(Some(index));
                    listing.bring.set(Some(index));
                }
            }
        });
    });
    list
}

/// To the first row, if the list was scrolled.
fn scroll_to_top() {
    if window().scroll_y().is_ok_and(|scrolled| scrolled > 0.0) {
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Puts a device into the address of the list.
fn note(router: Router, endpoint: Option<&str>) {
    router.set_params(&[("device", endpoint)], false);
}

/// Keeps the active row in the address, so that a link and the way back lead to it.
fn note_active(router: Router, listing: Listing) {
    let resting = StoredValue::new(None::<Timeout>);
    Effect::new(move |before: Option<()>| {
        let active = listing.active.get();
        if before.is_none() && active.is_none() {
            return;
        }
        let rested = move || {
            let endpoint = active.and_then(|index| listing.endpoint_at(index));
            note(router, endpoint.as_deref());
        };
        resting.set_value(Some(Timeout::new(NOTE_MS, rested)));
    });
}

/// Subscribes to the rows in sight, and reads the list again when the feed says that it is another.
fn follow_rows(listing: Listing, list: Loader<DeviceList>) {
    let live = expect_context::<Live>();
    let reread = throttled(move || list.again());
    let receive = move |frame: ServerFrame| match frame {
        ServerFrame::Rows { rows: changed, .. } => listing.update(&changed),
        ServerFrame::ListChanged { .. } | ServerFrame::Resync { .. } => reread(),
        ServerFrame::Refused { message, .. } => {
            web_sys::console::warn_1(&format!("the list is not live: {message}").into());
        }
        _ => {}
    };
    let topic = move |endpoints: Vec<String>| Topic::Devices { endpoints };
    let subscription = StoredValue::new(live.subscribe(topic(Vec::new()), receive));
    let subscribed = StoredValue::new(Vec::<String>::new());
    let resting = StoredValue::new(None::<Timeout>);
    let settle = move || {
        let Some(before) = subscribed.try_get_value() else {
            return;
        };
        let endpoints = listing.endpoints();
        if before != endpoints {
            subscribed.set_value(endpoints.clone());
            subscription.update_value(|subscription| subscription.replace(topic(endpoints)));
        }
    };
    Effect::new(move |_| {
        listing.shown.track();
        list.state.track();
        resting.set_value(Some(Timeout::new(SETTLE_MS, settle)));
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
