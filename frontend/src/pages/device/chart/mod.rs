//! The Live tab: numbers as they arrive, on a chart.
//!
//! - [`geometry`]: where things are (pure); [`draw`]: puts them on a canvas; [`series`]: the points of the chosen
//!   paths, from the server's memory and from the feed; [`legend`]: which paths there are, with their latest value.

mod canvas;
mod draw;
mod geometry;
mod legend;
mod series;

use super::pause::pause_button;
use super::store::Device;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Button, Empty, segments};
use shared::Path;

/// The time windows to choose from: the word in the address, the word for people, milliseconds.
const WINDOWS: [(&str, &str, f64); 6] = [
    ("1m", "1 min", 60_000.0),
    ("10m", "10 min", 600_000.0),
    ("1h", "1 h", 3_600_000.0),
    ("1d", "24 h", 86_400_000.0),
    ("7d", "7 d", 7.0 * 86_400_000.0),
    ("all", "All", f64::INFINITY),
];
const USUAL_WINDOW: usize = 1;
/// How short a time one may zoom into, in milliseconds.
const SHORTEST_ZOOM: f64 = 1_000.0;
/// How far back the store is asked, in milliseconds.
const LONGEST_PAST: i64 = 60 * 86_400_000;

/// The state of the Live tab. Found with `expect_context::<Chart>()` by its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chart {
    /// The paths on the chart, in the order of their colours.
    chosen: Memo<Vec<Path>>,
    window: Memo<usize>,
    /// The times that were zoomed into, in milliseconds; they stand still.
    zoom: Memo<Option<(f64, f64)>>,
    /// The time at which the chart was stopped, in milliseconds; it runs without.
    paused: RwSignal<Option<f64>>,
    /// The time under the pointer, or chosen with the arrow keys.
    crosshair: RwSignal<Option<f64>>,
    series: series::Series,
}

impl Chart {
    fn new(device: Device) -> Chart {
        let router = expect_context::<Router>();
        let paths = router.param("path");
        let wanted = router.param("window");
        let chosen = Memo::new(move |_| match paths.get() {
            Some(text) => text
                .split(',')
                .filter_map(|path| path.parse().ok())
                .take(draw::COLOURS)
                .collect(),
            None => legend::usual(device),
        });
        let window = Memo::new(move |_| {
            let wanted = wanted.get();
            let known = |(slug, ..): &(&str, &str, f64)| Some(*slug) == wanted.as_deref();
            WINDOWS.iter().position(known).unwrap_or(USUAL_WINDOW)
        });
        let zoomed = router.param("zoom");
        let zoom = Memo::new(move |_| {
            let text = zoomed.get()?;
            let (from, to) = text.split_once('_')?;
            let time = |text: &str| text.parse::<i64>().ok().map(|at| at as f64);
            time(from)
                .zip(time(to))
                .filter(|(from, to)| to - from >= SHORTEST_ZOOM)
        });
        let since = Memo::new(move |_| {
            let now = device.clock().exactly().0;
            let (_, _, length) = WINDOWS[window.get()];
            match zoom.get() {
                Some((from, _)) => from as i64,
                None if length.is_finite() => now - length as i64,
                None => now - LONGEST_PAST,
            }
        });
        Chart {
            chosen,
            window,
            zoom,
            paused: RwSignal::new(None),
            crosshair: RwSignal::new(None),
            series: series::Series::follow(device, chosen, since),
        }
    }

    /// The times that the chart shows, in milliseconds.
    fn range(self, device: Device) -> (f64, f64) {
        if let Some(range) = self.zoom.get() {
            return range;
        }
        let to = self.paused.get().unwrap_or_else(|| {
            device.clock().now().track();
            device.clock().exactly().0 as f64
        });
        let (_, _, length) = WINDOWS[self.window.get()];
        let from = if length.is_finite() {
            to - length
        } else {
            self.series.first().unwrap_or(to).min(to - 60_000.0)
        };
        (from, to)
    }

    /// Shows these times, or again those of the window; the address follows.
    fn zoom_to(self, range: Option<(f64, f64)>) {
        let text = range.map(|(from, to)| format!("{}_{}", from as i64, to as i64));
        expect_context::<Router>().set_params(&[("zoom", text.as_deref())], false);
    }

    /// Shows a part of what is shown, around the crosshair or the middle, or more than is shown.
    fn zoom_by(self, device: Device, factor: f64) {
        let (from, to) = untrack(|| self.range(device));
        let middle = self.crosshair.get_untracked().unwrap_or((from + to) / 2.0);
        let length = (to - from) * factor;
        let left = middle - (middle - from) * factor;
        if length >= SHORTEST_ZOOM && length <= LONGEST_PAST as f64 {
            self.zoom_to(Some((left, left + length)));
        }
    }

    /// The numbers that are shown, as a table with commas.
    fn csv(self, device: Device) -> String {
        let (from, to) = untrack(|| self.range(device));
        let mut text = String::from("time,path,value\r\n");
        for path in self.chosen.get_untracked() {
            untrack(|| {
                self.series.with(path, |points| {
                    for point in points {
                        if from <= point.at && point.at <= to {
                            let at = shared::Timestamp(point.at as i64);
                            text += &format!("{at},{path},{}\r\n", super::show::number(point.value));
                        }
                    }
                });
            });
        }
        text
    }

    /// Puts a path on the chart or takes it off; the address follows.
    fn toggle(self, path: Path, on: bool) {
        let mut chosen: Vec<Path> = self.chosen.get_untracked();
        chosen.retain(|known| *known != path);
        if on {
            chosen.push(path);
        }
        let text: Vec<String> = chosen.iter().map(Path::to_string).collect();
        // An address without the parameter means the usual choice, so an empty chart is said in a word.
        let text = if text.is_empty() {
            "none".into()
        } else {
            text.join(",")
        };
        expect_context::<Router>().set_params(&[("path", Some(&text))], false);
    }
}

#[component]
pub(super) fn Charts() -> impl IntoView {
    let device = expect_context::<Device>();
    let chart = Chart::new(device);
    provide_context(chart);
    let any = Memo::new(move |_| !legend::candidates(device).is_empty());
    view! {
        <Show when=move || any.get() fallback=|| view! { <NoNumbers /> }>
            <div class="live-layout">
                <section class="panel live-plot" aria-label="Chart">
                    <Controls />
                    <canvas::Canvas />
                </section>
                <legend::Legend />
            </div>
            <legend::Latest />
        </Show>
    }
}

#[component]
fn NoNumbers() -> impl IntoView {
    let device = expect_context::<Device>();
    let objects = crate::routing::device_href(&device.endpoint());
    view! {
        <Empty
            title="No numbers yet"
            text="A chart begins once a numeric resource of this device is known. Read or observe one, such as a sensor value or the battery level."
            icon="chart"
        >
            <a class="btn" href=objects>"Go to its objects"</a>
        </Empty>
    }
}

#[component]
fn Controls() -> impl IntoView {
    let device = expect_context::<Device>();
    let chart = expect_context::<Chart>();
    let router = expect_context::<Router>();
    let windows = WINDOWS.map(|(slug, word, _)| (slug, word));
    let window = Signal::derive(move || WINDOWS[chart.window.get()].0);
    let choose =
        Callback::new(move |slug| router.set_params(&[("window", Some(slug)), ("zoom", None)], false));
    let pause = Callback::new(move |()| {
        chart.paused.update(|paused| {
            *paused = match paused {
                Some(_) => None,
                None => Some(device.clock().exactly().0 as f64),
            };
        });
    });
    view! {
        <header>
            {segments("Time shown", "window", &windows, window, choose)}
            {pause_button(Signal::derive(move || chart.paused.get().is_some()), pause)}
            <span class="zoom" role="group" aria-label="Zoom">
                <Button small=true icon="plus" label="Zoom in" on_press=Callback::new(move |()| chart.zoom_by(device, 0.5)) />
                <Button small=true icon="minus" label="Zoom out" on_press=Callback::new(move |()| chart.zoom_by(device, 2.0)) />
                {move || chart.zoom.get().map(|_| view! { <Button small=true on_press=Callback::new(move |()| chart.zoom_to(None))>"Whole"</Button> })}
            </span>
            <Button
                small=true
                icon="download"
                on_press=Callback::new(move |()| {
                    let name = format!("{}.csv", device.endpoint().replace([':', '/', '\\'], "_"));
                    crate::ui::save_text(&name, "text/csv", &chart.csv(device));
                })
            >
                "CSV"
            </Button>
            <span class="muted">{move || match (chart.zoom.get(), chart.paused.get()) {
                (Some(_), _) => Some("Zoomed in; what arrives is kept"),
                (None, Some(_)) => Some("Stopped; what arrives is kept"),
                (None, None) => None,
            }}</span>
        </header>
    }
}
