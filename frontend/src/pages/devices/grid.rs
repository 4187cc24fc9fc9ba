//! The list as a table of which only what is in sight is there; on a narrow screen the same rows stack.
//!
//! It scrolls with the page. Arrows, Page Up and Down, Home and End move the active row, whose link has the focus; `x` selects
//! it, and with Shift held a movement selects what it passes.

use super::geometry::{Geometry, Shown};
use super::listing::Listing;
use super::query::{SORTS, sort_of};
use super::row::{Row, is_number};
use super::select;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::keys::{self, Act, RowKeys, Scope};
use crate::routing::Router;
use crate::ui::{Select, Sort, SortHead, Toasts, owned};
use shared::api::DeviceColumn;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// What covers the window's upper edge, and the lower one on a narrow screen, with some air.
const ABOVE: f64 = 48.0;
const BELOW: f64 = 64.0;

#[component]
pub(super) fn Grid(#[prop(into)] columns: Signal<Vec<DeviceColumn>>) -> impl IntoView {
    let listing = expect_context::<Listing>();
    let (api, toasts) = (expect_context::<Api>(), expect_context::<Toasts>());
    let body = NodeRef::<web_sys::HtmlDivElement>::new();
    let head = NodeRef::<web_sys::HtmlDivElement>::new();
    let grid = NodeRef::<web_sys::HtmlDivElement>::new();
    let place = move || geometry(listing, body);
    let tall = RwSignal::new(String::new());
    let measure = move || {
        if let (Some(grid), Some(body)) = (grid.get_untracked(), body.get_untracked()) {
            // Columns that do not fit are scrolled to; the head cannot stay in sight then.
            let name = if body.client_width() > grid.client_width() {
                "panel list sideways"
            } else {
                "panel list"
            };
            if grid.class_name() != name {
                grid.set_class_name(name);
            }
        }
        if let Some(geometry) = place() {
            let height = pixels(geometry.tall());
            if tall.with_untracked(|tall| *tall != height) {
                tall.set(height);
            }
            listing.show(geometry.shown());
            request_animation_frame(move || keep_focus(listing, grid));
        }
    };
    window_event_listener_until_gone("scroll", measure);
    window_event_listener_until_gone("resize", measure);
    Effect::new(move |_| {
        listing.total.track();
        columns.with(|_| ());
        if body.get().is_some() {
            measure();
        }
    });
    Effect::new(move |_| {
        let template = columns.with(|columns| template(columns));
        if let Some(grid) = grid.get() {
            // Refused only for what is no property.
            drop(grid.style().set_property("--columns", &template.0));
            drop(grid.style().set_property("--least", &template.1));
        }
    });

    let covered = move || {
        let head = head
            .get_untracked()
            .map(|head| head.get_bounding_client_rect().bottom());
        head.unwrap_or(0.0).max(ABOVE)
    };
    // Makes a row the active one, brings it into sight and gives it the focus.
    let go = move |index: usize| {
        listing.active.set(Some(index));
        let Some(geometry) = place() else { return };
        let to = geometry.bringing(index, covered(), BELOW);
        if (to - geometry.scrolled).abs() >= 1.0 {
            let scroll = window().scroll_y().unwrap_or(0.0) + to - geometry.scrolled;
            window().scroll_to_with_x_and_y(0.0, scroll);
            measure();
        }
        request_animation_frame(move || focus_row(index));
    };
    Effect::new(move |_| {
        if let (Some(index), Some(_)) = (listing.bring.get(), body.get()) {
            listing.bring.set(None);
            measure();
            // Once the list is as tall as it has to be.
            request_animation_frame(move || go(index));
        }
    });
    let anchor = StoredValue::new(None::<usize>);
    let select = Callback::new(move |(index, range): (usize, bool)| {
        let from = anchor.get_value().filter(|_| range).unwrap_or(index);
        if !range {
            anchor.set_value(Some(index));
        }
        if from == index {
            if let Some(endpoint) = listing.endpoint_at(index) {
                listing.toggle(&endpoint);
            }
        } else {
            select::range(listing, api, toasts, from.min(index), from.max(index) + 1);
        }
    });
    let step = move |by: i64, extends: bool| {
        let total = listing.total.get_untracked();
        if total == 0 {
            return;
        }
        let at = listing.active.get_untracked();
        let to = match at {
            Some(at) => (at as i64 + by).clamp(0, total as i64 - 1) as usize,
            None => first_in_sight(listing, body, covered()),
        };
        if extends {
            if anchor.get_value().is_none() {
                anchor.set_value(at.or(Some(to)));
            }
            select.run((to, true));
        } else {
            anchor.set_value(Some(to));
        }
        go(to);
    };
    let select_active = move || {
        if let Some(index) = listing.active.get_untracked() {
            select.run((index, false));
        }
    };
    let rows = expect_context::<RowKeys>();
    rows.take(Callback::new(move |act| match act {
        Act::Next => step(1, false),
        Act::Previous => step(-1, false),
        _ => select_active(),
    }));
    let pressed = move |event: KeyboardEvent| {
        let Some(act) = keys::act(Scope::Devices, &event) else {
            return;
        };
        let page = place().map_or(10, |geometry| geometry.page(covered() + BELOW)) as i64;
        let total = listing.total.get_untracked() as i64;
        let by = match act {
            Act::Next => 1,
            Act::Previous => -1,
            Act::PageNext => page,
            Act::PagePrevious => -page,
            Act::First => -total,
            Act::Last => total,
            Act::Select => {
                event.prevent_default();
                return select_active();
            }
            Act::Leave if !listing.selected.with_untracked(|selected| selected.is_empty()) => {
                event.prevent_default();
                return listing.selected.set(Default::default());
            }
            _ => return,
        };
        event.prevent_default();
        step(by, event.shift_key());
    };
    let top = move || pixels(listing.shown.get().top);
    view! {
        <div
            class="panel list"
            role="grid"
            aria-label="Devices"
            aria-multiselectable="true"
            tabindex="-1"
            aria-rowcount=move || (listing.total.get() + 1).to_string()
            aria-colcount=move || (columns.with(Vec::len) + 1).to_string()
            node_ref=grid
            on:keydown=pressed
        >
            <div class="list-head" role="rowgroup" node_ref=head>
                <div role="row" class="list-row" aria-rowindex="1">
                    <div role="columnheader" class="cell c-select">
                        <span class="visually-hidden">"Selected"</span>
                    </div>
                    {move || columns.get().into_iter().map(|column| view! { <Head column=column /> }).collect_view()}
                    <div role="columnheader" class="cell c-evidence">"What the state rests on"</div>
                </div>
            </div>
            <div class="list-body" role="presentation" node_ref=body style:height=move || tall.get()>
                <div class="list-rows" role="rowgroup" style:top=top>
                    {move || {
                        let columns = columns.get();
                        view! {
                            <For
                                each=move || listing.order().get()
                                key=|number| *number
                                children=move |number| {
                                    listing
                                        .slot(number)
                                        .map(|slot| view! { <Row slot=slot columns=columns.clone() on_select=select /> })
                                }
                            />
                        }
                    }}
                </div>
            </div>
        </div>
    }
}

/// The head of a column, which sorts by it if it can.
#[component]
fn Head(column: DeviceColumn) -> impl IntoView {
    let router = expect_context::<Router>();
    let param = router.param("sort");
    let sort = Memo::new(move |_| sort_of(param.get().as_deref()));
    if !column.is_sortable() {
        return view! { <div role="columnheader" class="cell">{column.word()}</div> };
    }
    let num = is_number(column);
    view! {
        <SortHead
            label=column.word()
            column=column.name()
            sort=sort
            on_sort=Callback::new(move |sort: Sort| sort_by(router, &sort.to_string()))
            num=num
            // Times begin with the newest; a battery is looked at because it is low.
            large_first=num && column != DeviceColumn::Battery
        />
    }
}

/// The tracks of the columns, and the least width that holds them.
fn template(columns: &[DeviceColumn]) -> (String, String) {
    let mut tracks = String::from("28px");
    let mut least = 28 + 24;
    for column in columns {
        let (smallest, share) = match column {
            DeviceColumn::State => (112, 0),
            DeviceColumn::Endpoint => (232, 3),
            DeviceColumn::Label => (84, 2),
            DeviceColumn::Model => (150, 3),
            DeviceColumn::Tags => (96, 2),
            DeviceColumn::Manufacturer | DeviceColumn::Parent => (100, 2),
            DeviceColumn::Firmware => (68, 1),
            DeviceColumn::Battery => (64, 0),
            DeviceColumn::LastSeen | DeviceColumn::NextDue => (86, 0),
            DeviceColumn::QueueMode => (100, 0),
            DeviceColumn::Security => (132, 0),
            _ => (82, 0),
        };
        least += smallest + 12;
        let track = match share {
            0 => format!(" {smallest}px"),
            share => format!(" minmax({smallest}px, {share}fr)"),
        };
        tracks.push_str(&track);
    }
    (tracks, format!("{least}px"))
}

fn pixels(length: f64) -> String {
    shared::float::text(length) + "px"
}

/// Where the list is in the window now.
fn geometry(listing: Listing, body: NodeRef<web_sys::HtmlDivElement>) -> Option<Geometry> {
    let body = body.get_untracked()?;
    let style = window().get_computed_style(&body).ok().flatten()?;
    // The style sheet says how tall a row is: it depends on the width of the screen.
    let row = style.get_property_value("--list-row").ok()?;
    Some(Geometry {
        total: listing.total.get_untracked(),
        row: shared::float::parse(row.trim().strip_suffix("px")?)?,
        scrolled: -body.get_bounding_client_rect().top(),
        height: window().inner_height().ok()?.as_f64()?,
    })
}

/// The first row below what covers the window's upper edge.
fn first_in_sight(listing: Listing, body: NodeRef<web_sys::HtmlDivElement>, covered: f64) -> usize {
    let Some(geometry) = geometry(listing, body) else {
        return 0;
    };
    let Shown { first, top, .. } = geometry.shown();
    let below = (geometry.scrolled + covered - top).max(0.0) / geometry.row;
    // A row that is cut off by a pixel or two is in sight.
    (first + (below - 0.1).max(0.0).ceil() as usize).min(geometry.total.saturating_sub(1))
}

/// A slot that had the focus shows another device by now: then the list has it, until a key goes back to the active row.
fn keep_focus(listing: Listing, grid: NodeRef<web_sys::HtmlDivElement>) {
    let row = document()
        .active_element()
        .and_then(|focused| focused.closest("[data-index]").ok().flatten());
    let Some(index) = row.and_then(|row| row.get_attribute("data-index")) else {
        return;
    };
    let is_active = |active: usize| active.to_string() == index;
    let grid = grid.get_untracked();
    if let (false, Some(grid)) = (listing.active.get_untracked().is_some_and(is_active), grid) {
        focus_without_scrolling(&grid);
    }
}

/// Gives the focus to a row, without the browser's own idea of where it has to be.
fn focus_row(index: usize) {
    let selector = format!("[data-index=\"{index}\"] .row-link");
    let link = document().query_selector(&selector).ok().flatten();
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        focus_without_scrolling(&link);
    }
}

fn focus_without_scrolling(element: &HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    // Focus is refused only for what is not in the page.
    drop(element.focus_with_options(&options));
}

fn window_event_listener_until_gone(event: &'static str, act: impl Fn() + 'static) {
    let listener = window_event_listener::<web_sys::Event>(event, move |_| act());
    on_cleanup(move || listener.remove());
}

/// The sort as a list of choices, for where there are no column heads.
#[component]
pub(super) fn SortChoice() -> impl IntoView {
    let router = expect_context::<Router>();
    let param = router.param("sort");
    let value = RwSignal::new(sort_of(param.get_untracked().as_deref()).to_string());
    Effect::new(move |_| value.set(sort_of(param.get().as_deref()).to_string()));
    Effect::new(move |before: Option<()>| {
        let chosen = value.get();
        if before.is_some() && sort_of(param.get_untracked().as_deref()).to_string() != chosen {
            sort_by(router, &chosen);
        }
    });
    let options = owned(&SORTS);
    view! {
        <div class="sort-choice">
            <Select id="sort" label="Sort by" value=value options=options />
        </div>
    }
}

fn sort_by(router: Router, sort: &str) {
    let sort = (sort != super::query::DEFAULT_SORT).then_some(sort);
    router.set_params(&[("sort", sort), ("device", None)], true);
}
