//! Registrations and messages over time: two plots on one axis of time, and the same as a table.

use super::plot::{self, HIGH, Span, WIDE};
use crate::api::Api;
use crate::clock::local;
use crate::dom::prelude::*;
use crate::keys::{self, Act, Scope};
use crate::routing::{Router, devices_href};
use crate::ui::{Load, Loader, load, loaded, segments};
use crate::words::{around, count, lower, within};
use gloo_timers::callback::Interval;
use shared::Timestamp;
use shared::api::{ActivityCount, FleetActivity};

/// How often it is read again.
const REREAD_MS: u32 = 5_000;

/// What may be shown: the parameter of the address, seconds, the word.
const SPANS: [(&str, i64, &str); 3] = [
    ("10m", 600, "10 min"),
    ("1h", 3600, "1 h"),
    ("24h", 86_400, "24 h"),
];
/// The choice that is counted coarsely; the others are parts of what is counted finely.
const DAY: &str = "24h";
/// Without a choice it is ten minutes while the server knows no more, then an hour.
const YOUNG: i64 = 600;

/// A line: its name, what it counts, and the query that lists the devices that it is about, if there is one.
struct Series {
    name: &'static str,
    amount: fn(&ActivityCount) -> u64,
    query: Option<&'static str>,
}

const fn series(
    name: &'static str,
    amount: fn(&ActivityCount) -> u64,
    query: Option<&'static str>,
) -> Series {
    Series { name, amount, query }
}

static REGISTRATIONS: [Series; 4] = [
    series("Registered", |item| item.registered, Some("registered<")),
    series("Updated", |item| item.updated, None),
    series("Ended", |item| item.ended, Some("state:offline,signed_off seen<")),
    series("Refused", |item| item.refused, None),
];
static MESSAGES: [Series; 2] = [
    series("From devices", |item| item.received, Some("seen<")),
    series("To devices", |item| item.sent, None),
];

/// What the parts share.
#[derive(Debug, Clone, Copy)]
struct Shown {
    /// The intervals of the span, oldest first.
    data: Memo<Vec<ActivityCount>>,
    span: Memo<Span>,
    /// The begin of the interval that is pointed at.
    at: RwSignal<Option<i64>>,
    /// The choice as the address has it.
    chosen: Memo<&'static str>,
}

#[component]
pub(super) fn Activity() -> impl IntoView {
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let param = router.param("span");
    let is_day = Memo::new(move |_| param.get().as_deref() == Some(DAY));
    let activity = load(move || {
        api.get::<FleetActivity>(if is_day.get() {
            "/fleet/activity?span=86400"
        } else {
            "/fleet/activity?span=3600"
        })
    });
    let read = Memo::new(move |before: Option<&FleetActivity>| {
        activity.state.with(|state| match state {
            Load::Ready(read) => read.clone(),
            _ => before.cloned().unwrap_or_default(),
        })
    });
    let chosen = Memo::new(move |_| {
        let asked = param.get().unwrap_or_default();
        let usual = if read.with(is_young) { "10m" } else { "1h" };
        SPANS
            .iter()
            .find(|(slug, ..)| *slug == asked)
            .map_or(usual, |(slug, ..)| *slug)
    });
    let _reread = StoredValue::new(Interval::new(REREAD_MS, move || activity.again()));
    let choices = SPANS.map(|(slug, _, word)| (slug, word));
    let choose = Callback::new(move |slug| router.set_params(&[("span", Some(slug))], false));
    view! {
        <section class="panel wide" aria-labelledby="o-activity">
            <header>
                <h2 id="o-activity">"Registrations and messages"</h2>
                {segments("Time shown", "activity-span", &choices, Signal::derive(move || chosen.get()), choose)}
            </header>
            <Content activity=activity read=read chosen=chosen />
        </section>
    }
}

fn seconds_of(slug: &str) -> i64 {
    SPANS
        .iter()
        .find(|(known, ..)| *known == slug)
        .map_or(3600, |(_, seconds, _)| *seconds)
}

/// Whether the server knows of no more than the shortest span.
fn is_young(activity: &FleetActivity) -> bool {
    let oldest = activity.items.first().map_or(activity.at, |item| item.from);
    activity.at.since(oldest) < YOUNG * 1000
}

/// The plots stay as they are while their numbers change.
#[component]
fn Content(
    activity: Loader<FleetActivity>,
    read: Memo<FleetActivity>,
    chosen: Memo<&'static str>,
) -> impl IntoView {
    let span = Memo::new(move |_| {
        read.with(|read| Span {
            from: read.at.0 - seconds_of(chosen.get()) * 1000,
            until: read.at.0,
            interval: i64::from(read.interval) * 1000,
        })
    });
    let data = Memo::new(move |_| {
        let span = span.get();
        let within = |item: &&ActivityCount| item.from.0 + span.interval > span.from;
        read.with(|read| read.items.iter().filter(within).copied().collect::<Vec<_>>())
    });
    let shown = Shown {
        data,
        span,
        at: RwSignal::new(None),
        chosen,
    };
    let is_here = Memo::new(move |_| span.with(|span| span.interval > 0));
    view! {
        <Show when=move || is_here.get() fallback=move || loaded(activity, "What devices did could not be read", |_| View::Empty)>
            <div class="activity">
                <Plot shown=shown title="Registrations" unit="requests" series=&REGISTRATIONS />
                <Plot shown=shown title="Messages" unit="CoAP messages" series=&MESSAGES />
            </div>
            <p class="crosshair-text" aria-live="polite">{move || told(shown)}</p>
            <Table shown=shown />
        </Show>
    }
}

/// The interval that is pointed at, in words; else how the plots are read.
fn told(shown: Shown) -> String {
    let span = shown.span.get();
    let pointed = shown.at.get().and_then(|at| {
        shown
            .data
            .with(|data| data.iter().find(|item| item.from.0 == at).copied())
    });
    match pointed {
        Some(item) => {
            let parts = REGISTRATIONS
                .iter()
                .chain(&MESSAGES)
                .map(|one| format!("{} {}", lower(one.name), count((one.amount)(&item))));
            format!(
                "{}: {}",
                from_to(item.from, span),
                parts.collect::<Vec<_>>().join(", ")
            )
        }
        None if shown
            .data
            .with(|data| (0..data.len()).any(|place| plot::is_after_gap(data, place, span))) =>
        {
            "Where there is no line, the server did not run.".into()
        }
        None => "\u{a0}".into(),
    }
}

/// `"13:02:10 to 13:02:20"`.
fn from_to(from: Timestamp, span: Span) -> String {
    let word = |at: i64| {
        let time = local(Timestamp(at)).time_of_day();
        let minutes = time.get(..5).unwrap_or_default().to_owned();
        if span.interval < 60_000 { time } else { minutes }
    };
    let end = from.0 + span.interval;
    if end > span.until {
        format!("{} until now", word(from.0))
    } else {
        format!("{} to {}", word(from.0), word(end))
    }
}

#[component]
fn Plot(shown: Shown, title: &'static str, unit: &'static str, series: &'static [Series]) -> impl IntoView {
    let Shown {
        data,
        span,
        at,
        chosen,
    } = shown;
    let amounts = Memo::new(move |_| {
        let most = data.with(|data| {
            let amounts = data
                .iter()
                .flat_map(|item| series.iter().map(|one| (one.amount)(item)));
            amounts.max().unwrap_or(0)
        });
        plot::amounts(most)
    });
    let top = move || amounts.with(|amounts| amounts.last().copied().unwrap_or(1));
    let lines = series.iter().enumerate().map(|(place, one)| {
        let drawn = move || data.with(|data| plot::steps(data, span.get(), top(), one.amount));
        view! { <path class=line_class(place) d=drawn></path> }
    });
    let grid = move || {
        amounts
            .get()
            .into_iter()
            .map(|amount| {
                let y = plot::y(amount, top()).to_string();
                view! { <line x1="0" x2=WIDE.to_string() y1=y.clone() y2=y></line> }
            })
            .collect_view()
    };
    let labels = move || {
        amounts
            .get()
            .into_iter()
            .map(|amount| {
                let place = percent(plot::y(amount, top()), HIGH);
                view! { <span style:top=place>{count(amount)}</span> }
            })
            .collect_view()
    };
    let times = move || {
        let span = span.get();
        let ticks = span.ticks(-js_sys::Date::new_0().get_timezone_offset() as i64 * 60_000);
        ticks
            .into_iter()
            .map(|tick| {
                let word = local(Timestamp(tick)).time_of_day();
                let word = word.get(..5).unwrap_or_default().to_owned();
                view! { <span style:left=percent(span.x(tick), WIDE)>{word}</span> }
            })
            .collect_view()
    };
    let pointed = move || {
        let span = span.get();
        at.get().map(|at| {
            let x = span.x(at + span.interval / 2).to_string();
            view! { <line class="crosshair" x1=x.clone() x2=x y1="0" y2=HIGH.to_string()></line> }
        })
    };
    let field = NodeRef::<web_sys::HtmlDivElement>::new();
    let point = move |event: web_sys::PointerEvent| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let area = field.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - area.left()) / area.width().max(1.0);
        let span = span.get_untracked();
        let time = span.time_at(within(share, 0.0, 1.0));
        let found = data.with_untracked(|data| {
            let holds = |item: &&ActivityCount| item.from.0 <= time && time < item.from.0 + span.interval;
            data.iter().find(holds).map(|item| item.from.0)
        });
        at.set(found);
    };
    let press = move |event: web_sys::KeyboardEvent| {
        let next = data.with_untracked(|data| {
            let here = at
                .get_untracked()
                .and_then(|at| data.iter().position(|item| item.from.0 == at));
            let last = data.len().checked_sub(1)?;
            let place = match keys::act(Scope::Plot, &event)? {
                Act::Next => here.map_or(0, |here| (here + 1).min(last)),
                Act::Previous => here.map_or(last, |here| here.saturating_sub(1)),
                Act::First => 0,
                Act::Last => last,
                Act::Leave => return Some(None),
                _ => return None,
            };
            Some(data.get(place).map(|item| item.from.0))
        });
        if let Some(next) = next {
            event.prevent_default();
            at.set(next);
        }
    };
    let name = move || {
        format!(
            "{title}: {unit} in each {}",
            shared::span::span(span.get().interval)
        )
    };
    let legend = series.iter().enumerate().map(|(place, one)| {
        let sum = move || count(data.with(|data| data.iter().map(one.amount).sum()));
        let class = line_class(place);
        let name = match one.query {
            Some(query) => {
                let href = move || {
                    devices_href(&around(query, chosen.get(), ""))
                };
                view! { <a class="link" href=href>{one.name}</a> }
            }
            None => view! { <span>{one.name}</span> },
        };
        view! {
            <li>
                <svg class=format!("swatch {class}") aria-hidden="true"><line x1="0" y1="4" x2="24" y2="4"></line></svg>
                {name}
                <b>{sum}</b>
            </li>
        }
    });
    view! {
        <figure class="figure" aria-label=title>
            <figcaption>
                <b>{title}</b>
                <span class="muted">{move || format!("{unit} in each {}", shared::span::span(span.get().interval))}</span>
                <ul>{legend.collect_view()}</ul>
            </figcaption>
            <div class="figure-amounts" aria-hidden="true">{labels}</div>
            <div
                class="figure-field"
                node_ref=field
                tabindex="0"
                role="img"
                aria-label=move || format!("{}. Arrow keys read it; the table below has the same numbers.", name())
                on:pointermove=point
                on:pointerdown=point
                on:pointerleave=move |_| at.set(None)
                on:keydown=press
                on:blur=move |_| at.set(None)
            >
                <svg viewBox=format!("0 0 {WIDE} {HIGH}") preserveAspectRatio="none" aria-hidden="true">
                    <g class="grid">{grid}</g>
                    {lines.collect_view()}
                    {pointed}
                </svg>
            </div>
            <div class="figure-times" aria-hidden="true">{times}</div>
        </figure>
    }
}

fn line_class(place: usize) -> String {
    format!("series-{}", place + 1)
}

fn percent(part: i64, whole: i64) -> String {
    // In tenths, without writing a float.
    let tenths = part * 1000 / whole;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// The same numbers as a table, the newest first; made when it is opened.
#[component]
fn Table(shown: Shown) -> impl IntoView {
    let open = RwSignal::new(false);
    let toggled = move |event: web_sys::Event| {
        use wasm_bindgen::JsCast;
        let details = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlDetailsElement>().ok());
        open.set(details.is_some_and(|details| details.open()));
    };
    let all = || REGISTRATIONS.iter().chain(&MESSAGES);
    let rows = move || {
        let span = shown.span.get();
        shown.data.with(|data| {
            let row = |place: usize| {
                let item = data.get(place)?;
                let gap = plot::is_after_gap(data, place, span).then(|| {
                    view! { <tr><td class="muted" colspan="7">"Not counted: the server did not run"</td></tr> }
                });
                let numbers = all().map(|one| view! { <td class="num">{count((one.amount)(item))}</td> });
                Some(view! {
                    <tr><th scope="row">{from_to(item.from, span)}</th>{numbers.collect_view()}</tr>
                    {gap}
                })
            };
            (0..data.len()).rev().filter_map(row).collect_view()
        })
    };
    view! {
        <details class="as-table" on:toggle=toggled>
            <summary>"The same as a table"</summary>
            <Show when=move || open.get()>
                <div class="scroll tall" tabindex="0" role="region" aria-label="Registrations and messages over time">
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">"Time"</th>
                                {all().map(|one| view! { <th scope="col" class="num">{one.name}</th> }).collect_view()}
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </Show>
        </details>
    }
}
