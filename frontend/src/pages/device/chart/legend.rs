//! Which numbers there are: those on the chart with their latest value, and those that could be.

use super::super::objects::tree::unit_word;
use super::super::show::number;
use super::super::store::Device;
use super::geometry;
use super::{Chart, draw};
use crate::clock::local;
use crate::dom::prelude::*;
use crate::ui::{Ago, Button};
use shared::api::{OperationKind, Role};
use shared::{Path, Timestamp};

/// The numeric paths of the device that are known.
pub(super) fn candidates(device: Device) -> Vec<Path> {
    device.values(|values| {
        let numbers = values
            .iter()
            .filter(|(_, known)| known.value.as_number().is_some());
        numbers.map(|(path, _)| *path).collect()
    })
}

/// What is on the chart until a person chooses: what is observed, else the first that is known.
pub(super) fn usual(device: Device) -> Vec<Path> {
    let all = candidates(device);
    let observed: Vec<Path> = all
        .iter()
        .copied()
        .filter(|path| is_observed(device, *path))
        .take(draw::COLOURS)
        .collect();
    if observed.is_empty() {
        all.into_iter().take(1).collect()
    } else {
        observed
    }
}

/// Whether the device tells this path by itself.
fn is_observed(device: Device, path: Path) -> bool {
    device.observed(|observed| (0..=path.depth()).any(|depth| observed.contains_key(&path.truncated(depth))))
}

/// `"Sensor Value /3303/0/5700"`.
pub(super) fn title(device: Device, path: Path) -> String {
    match device.name(path) {
        Some(name) => name + " " + &path.to_string(),
        None => path.to_string(),
    }
}

/// The unit of a path by its model; by the object's units resource where it has one.
pub(super) fn unit(device: Device, path: Path) -> Option<String> {
    /// Sensor Units, of many sensor objects.
    const UNITS: u16 = 5701;
    let modelled = device.models(|models| models.resource_model(path).and_then(|model| model.unit.clone()));
    let told = || {
        let units = path.truncated(2).child(UNITS)?;
        device.known(units)?.value.as_str().map(str::to_owned)
    };
    modelled
        .map(|unit| unit.into_owned())
        .or_else(told)
        .filter(|unit| !unit.is_empty())
        .map(|unit| unit_word(&unit))
}

pub(super) fn with_unit(device: Device, path: Path, value: f64) -> String {
    match unit(device, path) {
        Some(unit) => number(value) + " " + &unit,
        None => number(value),
    }
}

#[component]
pub(super) fn Legend() -> impl IntoView {
    let device = expect_context::<Device>();
    let chart = expect_context::<Chart>();
    let others = Memo::new(move |_| {
        let chosen = chart.chosen.get();
        candidates(device)
            .into_iter()
            .filter(|path| !chosen.contains(path))
            .collect::<Vec<_>>()
    });
    let places = Memo::new(move |_| {
        chart
            .chosen
            .get()
            .into_iter()
            .enumerate()
            .collect::<Vec<(usize, Path)>>()
    });
    let full = move || chart.chosen.with(|chosen| chosen.len() >= draw::COLOURS);
    view! {
        <aside class="legend" aria-label="Numbers">
            <For
                each=move || places.get()
                key=|(place, path)| (*place, *path)
                children=|(place, path)| view! { <Shown place=place path=path /> }
            />
            <Show when=move || others.with(|others| !others.is_empty())>
                <details class="panel add-number" open=chart.chosen.with_untracked(Vec::is_empty)>
                    <summary>"Add a number"</summary>
                    <ul>
                        <For
                            each=move || others.get()
                            key=|path| *path
                            children=move |path| {
                                let name = device.name(path).unwrap_or_else(|| "Resource".into());
                                view! {
                                    <li>
                                        <button
                                            type="button"
                                            class="btn quiet s"
                                            disabled=full
                                            on:click=move |_| chart.toggle(path, true)
                                        >
                                            <span class="cut">{name}</span>
                                            <span class="mono">{path.to_string()}</span>
                                        </button>
                                    </li>
                                }
                            }
                        />
                    </ul>
                </details>
            </Show>
        </aside>
    }
}

/// One line of the chart: its colour, its latest value large (or the one under the crosshair), and what can be done.
#[component]
fn Shown(place: usize, path: Path) -> impl IntoView {
    let device = expect_context::<Device>();
    let chart = expect_context::<Chart>();
    let name = Memo::new(move |_| {
        device
            .models(|models| models.resource_model(path).map(|model| model.name.to_string()))
            .unwrap_or_else(|| "Resource".into())
    });
    let unit = Memo::new(move |_| unit(device, path));
    let point = Memo::new(move |_| {
        let at = chart.crosshair.get();
        let sampled = chart.series.with(path, |points| match at {
            Some(at) => geometry::nearest(points, at),
            None => points.last().copied(),
        });
        let known = || {
            let known = device.known(path)?;
            Some(geometry::Point {
                at: known.at.0 as f64,
                value: known.value.as_number()?,
            })
        };
        sampled.or_else(known)
    });
    let value = move || {
        point
            .get()
            .map_or_else(|| "–".into(), |point| number(point.value))
    };
    let at = Signal::derive(move || point.get().map(|point| Timestamp(point.at as i64)));
    let observed = Memo::new(move |_| is_observed(device, path));
    let direct = Memo::new(move |_| device.is_observed(path));
    let busy = move |op| Signal::derive(move || device.busy().is(path, op));
    let act = move |op| Callback::new(move |()| device.run(op, path));
    let watch = move || {
        if !device.may(Role::Support) {
            return None;
        }
        match (direct.get(), observed.get()) {
            (true, _) => Some(view! {
                <Button small=true busy=busy(OperationKind::CancelObserve) on_press=act(OperationKind::CancelObserve)>"Stop observing"</Button>
            }),
            (false, true) => None,
            (false, false) => Some(
                view! { <Button small=true icon="eye" busy=busy(OperationKind::Observe) on_press=act(OperationKind::Observe)>"Observe"</Button> },
            ),
        }
    };
    let swatch = format!("swatch series-{}", place % draw::COLOURS + 1);
    view! {
        <div class="panel number">
            <p class="number-name">
                <svg class=swatch viewBox="0 0 24 8" aria-hidden="true"><line x1="1" y1="4" x2="23" y2="4" /></svg>
                <span class="cut">{move || name.get()}</span>
                <span class="mono">{path.to_string()}</span>
            </p>
            <p class="number-value">
                <b>{value}</b>
                <span>{move || unit.get()}</span>
            </p>
            <p class="number-foot">
                <span class="muted">
                    {move || match chart.crosshair.get() {
                        Some(_) => at.get().map(|at| local(at).time_of_day()).into_view(),
                        None => view! { "Age "<Ago at=at /> },
                    }}
                </span>
                {watch}
                <Button
                    kind="quiet"
                    small=true
                    icon="cross"
                    label=format!("Take {path} off the chart")
                    on_press=Callback::new(move |()| chart.toggle(path, false))
                />
            </p>
        </div>
    }
}

/// The latest points as a table, for reading instead of looking.
#[component]
pub(super) fn Latest() -> impl IntoView {
    /// How many points of a path are listed.
    const LISTED: usize = 12;
    let device = expect_context::<Device>();
    let chart = expect_context::<Chart>();
    let open = RwSignal::new(false);
    let rows = move || {
        let mut rows: Vec<(i64, Path, f64)> = Vec::new();
        for path in chart.chosen.get() {
            chart.series.with(path, |points| {
                for point in points.iter().rev().take(LISTED) {
                    let at = point.at as i64;
                    // The newest first; those of one time in the order of their paths.
                    let place = rows.partition_point(|row| (-row.0, row.1) < (-at, path));
                    rows.insert(place, (at, path, point.value));
                }
            });
        }
        rows.into_iter()
            .map(|(at, path, value)| {
                view! {
                    <tr>
                        <td class="mono">{local(Timestamp(at)).exact()}</td>
                        <td>{title(device, path)}</td>
                        <td class="num mono">{with_unit(device, path, value)}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <details class="panel latest" on:toggle=move |_| open.update(|open| *open = !*open)>
            <summary>"The latest values as a table"</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Latest values">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Time"</th>
                            <th scope="col">"Number"</th>
                            <th scope="col" class="num">"Value"</th>
                        </tr>
                    </thead>
                    <tbody>{move || open.get().then(rows)}</tbody>
                </table>
            </div>
        </details>
    }
}
