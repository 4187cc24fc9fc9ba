//! The canvas with its pointer and keys: a crosshair follows both.

use super::super::store::Device;
use super::draw::{self, Line, Scene};
use super::geometry::{self, Point};
use super::{Chart, legend};
use crate::clock::local;
use crate::dom::prelude::*;
use crate::keys::{self, Act, Scope};
use crate::words::within;
use shared::{Path, Timestamp};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

#[component]
pub(super) fn Canvas() -> impl IntoView {
    let device = expect_context::<Device>();
    let chart = expect_context::<Chart>();
    let node = NodeRef::<web_sys::HtmlCanvasElement>::new();
    let resized = Trigger::new();
    watch_size(node, resized);
    let restyled = dark_scheme();
    Effect::new(move |_| {
        resized.track();
        restyled.track();
        if let Some(canvas) = node.get() {
            paint(device, chart, &canvas);
        }
    });
    let panels = Memo::new(move |_| by_unit(device, &chart.chosen.get()).0.len());
    let point = move |event: web_sys::PointerEvent| {
        let Some(canvas) = node.get_untracked() else {
            return;
        };
        let (from, to) = untrack(|| chart.range(device));
        let plot = draw::plot(f64::from(canvas.client_width()), 100.0, (0, 1), from, to);
        let at = plot.time_at(f64::from(event.offset_x()));
        chart.crosshair.set(Some(within(at, from, to)));
    };
    // Where a drag began; a drag over some pixels zooms into what it covers.
    let dragged = StoredValue::new(None::<(i32, f64)>);
    let down = move |event: web_sys::PointerEvent| {
        point(event.clone());
        let at = chart.crosshair.get_untracked();
        dragged.set_value(
            at.filter(|_| event.pointer_type() == "mouse")
                .map(|at| (event.offset_x(), at)),
        );
    };
    let up = move |event: web_sys::PointerEvent| {
        let began = dragged.try_update_value(Option::take).flatten();
        let (Some((x, start)), Some(end)) = (began, chart.crosshair.get_untracked()) else {
            return;
        };
        if (event.offset_x() - x).abs() > 8 {
            chart.zoom_to(Some((start.min(end), start.max(end))));
        }
    };
    let press = move |event: web_sys::KeyboardEvent| {
        let (from, to) = untrack(|| chart.range(device));
        let here = chart.crosshair.get_untracked();
        let cross = |at: Option<f64>| chart.crosshair.set(at.map(|at| within(at, from, to)));
        match keys::act(Scope::Plot, &event) {
            Some(Act::Previous) => cross(Some(step(chart, here.unwrap_or(to), false))),
            Some(Act::Next) => cross(Some(step(chart, here.unwrap_or(from), true))),
            Some(Act::First) => cross(Some(from)),
            Some(Act::Last) => cross(Some(to)),
            Some(Act::Leave) => cross(None),
            Some(Act::ZoomIn) => chart.zoom_by(device, 0.5),
            Some(Act::ZoomOut) => chart.zoom_by(device, 2.0),
            Some(Act::ZoomAll) => chart.zoom_to(None),
            _ => return,
        }
        event.prevent_default();
    };
    let told = move || {
        let Some(at) = chart.crosshair.get() else {
            return "\u{a0}".to_owned();
        };
        let mut text = local(Timestamp(at as i64)).time_of_day() + ": ";
        let mut separator = "";
        for path in chart.chosen.get() {
            if let Some(point) = chart.series.with(path, |points| geometry::nearest(points, at)) {
                let value = legend::with_unit(device, path, point.value);
                for part in [separator, &legend::title(device, path), " ", &value] {
                    text += part;
                }
                separator = ", ";
            }
        }
        text
    };
    view! {
        <canvas
            class="chart"
            class:two=move || panels.get() == 2
            class:more=move || { panels.get() > 2 }
            node_ref=node
            tabindex="0"
            role="img"
            aria-label=move || {
                let names: Vec<String> = chart.chosen.get().into_iter().map(|path| legend::title(device, path)).collect();
                format!("Line chart of {}. Arrow keys read it point by point, + and - zoom; the table below has the latest values.", names.join(", "))
            }
            on:pointermove=point
            on:pointerdown=down
            on:pointerup=up
            on:pointerleave=move |_| chart.crosshair.set(None)
            on:keydown=press
            on:blur=move |_| chart.crosshair.set(None)
        ></canvas>
        <p class="crosshair-text" aria-live="polite">{told}</p>
    }
}

/// The time of the next point of any line, before or after this time.
fn step(chart: Chart, at: f64, forward: bool) -> f64 {
    let mut found: Option<f64> = None;
    for path in chart.chosen.get_untracked() {
        let next = untrack(|| chart.series.with(path, |points| neighbour(points, at, forward)));
        found = match (found, next) {
            (Some(found), Some(next)) if forward => Some(found.min(next)),
            (Some(found), Some(next)) => Some(found.max(next)),
            (found, next) => found.or(next),
        };
    }
    found.unwrap_or(at)
}

fn neighbour(points: &[Point], at: f64, forward: bool) -> Option<f64> {
    let place = if forward {
        points.partition_point(|point| point.at <= at)
    } else {
        points.partition_point(|point| point.at < at).checked_sub(1)?
    };
    points.get(place).map(|point| point.at)
}

/// The units of the chosen paths, and the place of each path's among them.
fn by_unit(device: Device, chosen: &[Path]) -> (Vec<String>, Vec<usize>) {
    let mut units: Vec<String> = Vec::new();
    let mut places = Vec::new();
    for path in chosen {
        let unit = legend::unit(device, *path).unwrap_or_default();
        let place = units.iter().position(|known| *known == unit);
        places.push(place.unwrap_or(units.len()));
        if place.is_none() {
            units.push(unit);
        }
    }
    (units, places)
}

fn paint(device: Device, chart: Chart, canvas: &web_sys::HtmlCanvasElement) {
    let (from, to) = chart.range(device);
    let chosen = chart.chosen.get();
    let (units, places) = by_unit(device, &chosen);
    // The points are copied out of the store: drawing reads the style, which may run other code of the page.
    let mut lines = Vec::new();
    for (path, panel) in chosen.into_iter().zip(places) {
        let window = |points: &[Point]| geometry::visible(points, from, to).to_vec();
        let points = chart.series.with(path, window);
        lines.push(Line { panel, points });
    }
    let scene = Scene {
        units,
        lines,
        from,
        to,
        crosshair: chart.crosshair.get(),
    };
    // Nothing is drawn on a canvas without size; it is painted again when it has one.
    let _ = draw::draw(canvas, &scene);
}

/// What the browser calls when it observed something.
type Notify = Closure<dyn FnMut()>;

fn notify(trigger: Trigger) -> Notify {
    Closure::new(move || {
        if !trigger.is_disposed() {
            trigger.notify();
        }
    })
}

/// Tells when the element's size changes.
fn watch_size(node: NodeRef<web_sys::HtmlCanvasElement>, resized: Trigger) {
    let kept = StoredValue::new(None::<(web_sys::ResizeObserver, Notify)>);
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let notify = notify(resized);
        if let Ok(observer) = web_sys::ResizeObserver::new(notify.as_ref().unchecked_ref()) {
            observer.observe(&canvas);
            kept.set_value(Some((observer, notify)));
        }
    });
    on_cleanup(move || {
        kept.try_update_value(|kept| {
            if let Some((observer, _)) = kept.take() {
                observer.disconnect();
            }
        });
    });
}

/// Tells when the theme changes: by the system, or by the attribute that the user menu sets.
fn dark_scheme() -> Trigger {
    let changed = Trigger::new();
    let notify = notify(changed);
    let kept = StoredValue::new(None);
    if let Ok(observer) = web_sys::MutationObserver::new(notify.as_ref().unchecked_ref()) {
        let wanted = web_sys::MutationObserverInit::new();
        wanted.set_attributes(true);
        if let Some(root) = document().document_element() {
            // Refused only for options that ask for nothing.
            drop(observer.observe_with_options(&root, &wanted));
        }
        kept.set_value(Some((observer, notify)));
    }
    on_cleanup(move || {
        kept.try_update_value(|kept| {
            if let Some((observer, _)) = kept.take() {
                observer.disconnect();
            }
        });
    });
    changed
}
