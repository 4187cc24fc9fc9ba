//! The Live tab: numbers as they arrive, on a chart.
//!
//! - [`geometry`]: where things are (pure); [`draw`]: puts them on a canvas; [`series`]: the points of the chosen
//!   paths, from the server's memory and from the feed; [`legend`]: which paths there are, with their latest value.

mod canvas;
mod draw;
mod geometry;
mod legend;
mod series;

use super::store::Device;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Button, Empty};
use shared::Path;

/// The time windows to choose from: the word in the address, the word for people, milliseconds.
const WINDOWS: [(&str, &str, f64); 4] = [
    ("1m", "1 min", 60_000.0),
    ("10m", "10 min", 600_000.0),
    ("1h", "1 h", 3_600_000.0),
    ("all", "All", f64::INFINITY),
];
const USUAL_WINDOW: usize = 1;

/// The state of the Live tab. Found with `expect_context::<Chart>()` by its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chart {
    /// The paths on the chart, in the order of their colours.
    chosen: Memo<Vec<Path>>,
    window: Memo<usize>,
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
        Chart {
            chosen,
            window,
            paused: RwSignal::new(None),
            crosshair: RwSignal::new(None),
            series: series::Series::follow(device, chosen),
        }
    }

    /// The times that the chart shows, in milliseconds.
    fn range(self, device: Device) -> (f64, f64) {
        let to = self.paused.get().unwrap_or_else(|| {
            device.clock.now().track();
            device.clock.exactly().0 as f64
        });
        let (_, _, length) = WINDOWS[self.window.get()];
        let from = if length.is_finite() {
            to - length
        } else {
            self.series.first().unwrap_or(to).min(to - 60_000.0)
        };
        (from, to)
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
    let objects = device
        .endpoint
        .with_value(|endpoint| crate::routing::device_href(endpoint));
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
    let windows = WINDOWS.iter().enumerate().map(|(index, (slug, word, _))| {
        view! {
            <label>
                <input
                    type="radio"
                    name="window"
                    prop:checked=move || chart.window.get() == index
                    on:change=move |_| router.set_params(&[("window", Some(slug))], false)
                />
                <span>{*word}</span>
            </label>
        }
    });
    let pause = Callback::new(move |()| {
        chart.paused.update(|paused| {
            *paused = match paused {
                Some(_) => None,
                None => Some(device.clock.exactly().0 as f64),
            };
        });
    });
    view! {
        <header>
            <fieldset class="segments">
                <legend>"Time shown"</legend>
                {windows.collect_view()}
            </fieldset>
            {move || match chart.paused.get() {
                Some(_) => view! { <Button small=true icon="play" on_press=pause>"Go on"</Button> },
                None => view! { <Button small=true icon="pause" on_press=pause>"Pause"</Button> },
            }}
            <span class="muted">{move || chart.paused.get().map(|_| "Stopped; what arrives is kept")}</span>
        </header>
    }
}
