//! The canvas with its pointer and keys: a crosshair follows both.

use super::super::store::Device;
use super::draw::{self, Line, Panel, Scene};
use super::geometry::{self, Point, TimeDetail};
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
    let panels = Memo::new(move |_| by_unit(device, &chart.chosen.get()).len());
    let point = move |event: web_sys::PointerEvent| {
        let Some(canvas) = node.get_untracked() else {
            return;
        };
        let (from, to) = untrack(|| chart.range(device));
        let plot = draw::plots(f64::from(canvas.client_width()), 100.0, 1, from, to);
        chart.crosshair.set(
            plot.first()
                .map(|plot| within(plot.time_at(f64::from(event.offset_x())), from, to)),
        );
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
        let next = match keys::act(Scope::Plot, &event) {
            Some(Act::Previous) => Some(step(chart, here.unwrap_or(to), false)),
            Some(Act::Next) => Some(step(chart, here.unwrap_or(from), true)),
            Some(Act::First) => Some(from),
            Some(Act::Last) => Some(to),
            Some(Act::Leave) => None,
            Some(Act::ZoomIn) => {
                event.prevent_default();
                return chart.zoom_by(device, 0.5);
            }
            Some(Act::ZoomOut) => {
                event.prevent_default();
                return chart.zoom_by(device, 2.0);
            }
            Some(Act::ZoomAll) => {
                event.prevent_default();
                return chart.zoom_to(None);
            }
            _ => return,
        };
        event.prevent_default();
        chart.crosshair.set(next.map(|at| within(at, from, to)));
    };
    let told = move || {
        let at = chart.crosshair.get()?;
        let parts = chart.chosen.get().into_iter().filter_map(|path| {
            let point = chart.series.with(path, |points| geometry::nearest(points, at))?;
            Some(format!(
                "{} {}",
                legend::title(device, path),
                legend::with_unit(device, path, point.value)
            ))
        });
        let time = local(Timestamp(at as i64)).time_of_day();
        Some(format!("{time}: {}", parts.collect::<Vec<_>>().join(", ")))
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
        <p class="crosshair-text" aria-live="polite">{move || told().unwrap_or_else(|| "\u{a0}".into())}</p>
    }
}

/// The time of the next point of any line, before or after this time.
fn step(chart: Chart, at: f64, forward: bool) -> f64 {
    let next = |points: &[Point]| {
        if forward {
            points
                .get(points.partition_point(|point| point.at <= at))
                .map(|point| point.at)
        } else {
            points
                .get(points.partition_point(|point| point.at < at).checked_sub(1)?)
                .map(|point| point.at)
        }
    };
    let paths = chart.chosen.get_untracked();
    let found = paths
        .into_iter()
        .filter_map(|path| untrack(|| chart.series.with(path, next)));
    found
        .reduce(if forward { f64::min } else { f64::max })
        .unwrap_or(at)
}

/// The chosen paths by unit, each with its place among the colours.
fn by_unit(device: Device, chosen: &[Path]) -> Vec<(String, Vec<(usize, Path)>)> {
    let mut panels: Vec<(String, Vec<(usize, Path)>)> = Vec::new();
    for (place, path) in chosen.iter().enumerate() {
        let unit = legend::unit(device, *path).unwrap_or_default();
        match panels.iter_mut().find(|(known, _)| *known == unit) {
            Some((_, lines)) => lines.push((place, *path)),
            None => panels.push((unit, vec![(place, *path)])),
        }
    }
    panels
}

fn paint(device: Device, chart: Chart, canvas: &web_sys::HtmlCanvasElement) {
    let (from, to) = chart.range(device);
    let chosen = by_unit(device, &chart.chosen.get());
    // The points are copied out of the store: drawing reads the style, which may run other code of the page.
    let points: Vec<Vec<Vec<Point>>> = chosen
        .iter()
        .map(|(_, lines)| {
            let window = |points: &[Point]| geometry::visible(points, from, to).to_vec();
            lines
                .iter()
                .map(|(_, path)| chart.series.with(*path, window))
                .collect()
        })
        .collect();
    let panels = chosen
        .iter()
        .zip(&points)
        .map(|((unit, lines), points)| Panel {
            unit,
            lines: lines
                .iter()
                .zip(points)
                .map(|((place, _), points)| Line {
                    points,
                    place: *place,
                })
                .collect(),
        })
        .collect();
    let offset = -js_sys::Date::new_0().get_timezone_offset() * 60_000.0;
    let clock = |at: f64, detail: TimeDetail| {
        let calendar = local(Timestamp(at as i64));
        let time = calendar.time_of_day();
        match detail {
            TimeDetail::Seconds => time,
            TimeDetail::Minutes => time.get(..5).unwrap_or_default().to_owned(),
            TimeDetail::Days => calendar.exact().get(5..10).unwrap_or_default().to_owned(),
        }
    };
    let scene = Scene {
        panels,
        from,
        to,
        crosshair: chart.crosshair.get(),
        offset,
        clock: &clock,
    };
    // Nothing is drawn on a canvas without size; it is painted again when it has one.
    let _ = draw::draw(canvas, &scene);
}

/// Tells when the element's size changes.
fn watch_size(node: NodeRef<web_sys::HtmlCanvasElement>, resized: Trigger) {
    let kept = StoredValue::new(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let notify = Closure::<dyn FnMut()>::new(move || {
            if !resized.is_disposed() {
                resized.notify();
            }
        });
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
    let notify = Closure::<dyn FnMut()>::new(move || {
        if !changed.is_disposed() {
            changed.notify();
        }
    });
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
