//! What happened as marks, and signal, battery and round trip as lines below, all on one axis of time.

use super::super::show::number;
use super::super::store::Device;
use super::words::{GROUPS, group_of, kinds_of, tell};
use crate::clock::local;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Load, load, segments};
use shared::api::{EventList, OperationList, SampleList};
use shared::event::Event;
use shared::{Path, Timestamp};

/// The spans to choose from: the word in the address, the word for people, milliseconds.
const SPANS: [(&str, &str, i64); 3] = [
    ("1h", "1 h", 3_600_000),
    ("1d", "24 h", 86_400_000),
    ("7d", "7 d", 7 * 86_400_000),
];
const USUAL: usize = 1;
/// The most marks of a lane; under more nobody sees one.
const MARKS: usize = 120;

/// The numbers below the marks: a path, a name, a unit.
const LINES: [(Path, &str, &str); 2] = [
    (Path::resource(4, 0, 2), "Signal", "dBm"),
    (Path::resource(3, 0, 9), "Battery", "%"),
];

/// A point: a time, and a value.
type Points = Vec<(i64, f64)>;

#[component]
pub(super) fn Plots() -> impl IntoView {
    let device = expect_context::<Device>();
    let router = expect_context::<Router>();
    let param = router.param("span");
    let span = Memo::new(move |_| {
        let wanted = param.get();
        let known = |(slug, ..): &(&str, &str, i64)| Some(*slug) == wanted.as_deref();
        SPANS.iter().position(known).unwrap_or(USUAL)
    });
    // The axis moves on with each minute, not with each second.
    let minute = Memo::new(move |_| device.clock().now().get().seconds() / 60);
    let range = Memo::new(move |_| {
        let to = (minute.get() + 1) * 60_000;
        (to - SPANS[span.get()].2, to)
    });
    let spans = SPANS.map(|(slug, word, _)| (slug, word));
    let chosen = Signal::derive(move || SPANS[span.get()].0);
    let choose = Callback::new(move |slug| router.set_params(&[("span", Some(slug))], false));
    view! {
        <section class="panel plots" aria-label="On one axis of time">
            <header>
                {segments("Time shown", "span", &spans, chosen, choose)}
                <span class="muted">"The list below has the same events as words"</span>
            </header>
            <Lanes range=range />
            {LINES.map(|(path, name, unit)| view! { <Sampled path=path name=name unit=unit range=range /> }).into_iter().collect_view()}
            <RoundTrip range=range />
            <Axis range=range />
        </section>
    }
}

/// A row with its name on the left.
fn lane(name: &'static str, content: View) -> View {
    view! { <div class="lane"><span class="lane-name">{name}</span><div class="lane-field">{content}</div></div> }
}

/// One lane of marks for each group of events, values left out.
#[component]
fn Lanes(range: Memo<(i64, i64)>) -> impl IntoView {
    let device = expect_context::<Device>();
    let kinds = kinds_of(&|group| group != "values");
    let newest = Memo::new(move |_| device.events().with(|events| events.len()));
    let loader = load(move || {
        let (from, _) = range.get();
        newest.track();
        let asked = format!("/events?limit=1000&kinds={kinds}&from={}", Timestamp(from));
        device.get::<EventList>(&asked)
    });
    let marks = move |group: &'static str| {
        let (from, to) = range.get();
        let mut marks = Vec::new();
        loader.state.with(|state| {
            let Load::Ready(list) = state else { return };
            for event in &list.items {
                if group_of(&event.kind) == group && marks.len() < MARKS {
                    marks.push(mark(device, event, from, to));
                }
            }
        });
        marks.into_view()
    };
    let mut lanes = Vec::new();
    for (group, word, _) in &GROUPS {
        if *group != "values" {
            lanes.push(lane(word, (move || marks(group)).into_view()));
        }
    }
    lanes.into_view()
}

fn mark(device: Device, event: &Event, from: i64, to: i64) -> View {
    let told = tell(event, &|path| device.name(path), &|_, value| device.show(value));
    let tip = local(event.at).exact() + " " + &told.headline;
    view! { <i class=["mark tone-", told.tone.class()].concat() style:left=share(event.at.0, from, to) data-tip=tip></i> }
}

/// Where a time is between two, as a percentage.
fn share(at: i64, from: i64, to: i64) -> String {
    let share = (at - from) as f64 / (to - from).max(1) as f64 * 100.0;
    shared::float::fixed(share, 2) + "%"
}

#[component]
fn Sampled(path: Path, name: &'static str, unit: &'static str, range: Memo<(i64, i64)>) -> impl IntoView {
    let device = expect_context::<Device>();
    let known = Memo::new(move |_| device.known(path).map(|known| known.at));
    let loader = load(move || {
        let (from, _) = range.get();
        known.track();
        let asked = format!("/samples?path={path}&from={}&limit=600", Timestamp(from));
        device.get::<SampleList>(&asked)
    });
    let points = Memo::new(move |_| {
        loader.state.with(|state| match state {
            Load::Ready(list) => list
                .items
                .iter()
                .map(|sample| (sample.at.0, sample.value))
                .collect(),
            _ => Points::new(),
        })
    });
    view! { <Line points=points name=name unit=unit range=range /> }
}

/// How long the answers to operations took.
#[component]
fn RoundTrip(range: Memo<(i64, i64)>) -> impl IntoView {
    let device = expect_context::<Device>();
    let loader = load(move || {
        device.waiting(|_| ());
        device.get::<OperationList>("/operations")
    });
    let points = Memo::new(move |_| {
        let (from, _) = range.get();
        loader.state.with(|state| match state {
            Load::Ready(list) => {
                let answered = list.items.iter().rev().filter_map(|one| {
                    let at = one.finished_at?;
                    (at.0 >= from).then_some((at.0, f64::from(one.round_trip_ms?)))
                });
                answered.collect()
            }
            _ => Points::new(),
        })
    });
    view! { <Line points=points name="Round trip" unit="ms" range=range /> }
}

/// A line between its least and its greatest value; a long silence breaks it.
#[component]
fn Line(
    points: Memo<Points>,
    name: &'static str,
    unit: &'static str,
    range: Memo<(i64, i64)>,
) -> impl IntoView {
    let ends = move || {
        points.with(|points| {
            let values = points.iter().map(|(_, value)| *value);
            let least = values.clone().reduce(f64::min)?;
            Some((least, values.reduce(f64::max)?))
        })
    };
    let drawn = move || {
        let (from, to) = range.get();
        let (least, most) = ends().unwrap_or((0.0, 1.0));
        points.with(|points| path_of(points, (from, to), (least, most)))
    };
    let told = move || match ends() {
        Some((least, most)) => {
            let mut text = number(least);
            if least != most {
                text = text + " to " + &number(most);
            }
            text + " " + unit
        }
        None => "not known in this time".into(),
    };
    let content = view! {
        <svg class="spark" viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden="true"><path d=drawn /></svg>
        <span class="lane-told">{told}</span>
    };
    lane(name, content)
}

/// The line as an SVG path in a field of 1000 by 40.
fn path_of(points: &[(i64, f64)], (from, to): (i64, i64), (least, most): (f64, f64)) -> String {
    let length = (to - from).max(1);
    // What is longer than a twentieth of the field without a number is a gap.
    let gap = length / 20;
    let mut text = String::new();
    let mut before = None;
    for (at, value) in points {
        let x = (at - from) as f64 / length as f64 * 1000.0;
        let height = if most > least {
            (value - least) / (most - least)
        } else {
            0.5
        };
        let y = 36.0 - height * 32.0;
        let (x, y) = (shared::float::fixed(x, 1), shared::float::fixed(y, 1));
        let joined = before.is_some_and(|before: i64| at - before <= gap);
        // A point alone is a short stroke, so that it is seen.
        let (begin, end) = if joined { ("L", "") } else { ("M", "h3") };
        for part in [begin, &x, " ", &y, end] {
            text += part;
        }
        before = Some(*at);
    }
    text
}

#[component]
fn Axis(range: Memo<(i64, i64)>) -> impl IntoView {
    let device = expect_context::<Device>();
    let ticks = move || {
        let (from, to) = range.get();
        (0..=4)
            .map(|part| {
                let at = from + (to - from) / 4 * part;
                view! { <span>{device.clock().short(Timestamp(at))}</span> }
            })
            .collect_view()
    };
    view! { <div class="lane axis" aria-hidden="true"><span class="lane-name"></span><div class="lane-axis">{ticks}</div></div> }
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_silence_breaks_the_line() {
        let points = [(0, 1.0), (10, 2.0), (500, 1.0)];
        assert_eq!(
            path_of(&points, (0, 1000), (1.0, 2.0)),
            "M0.0 36.0h3L10.0 4.0M500.0 36.0h3"
        );
        assert_eq!(path_of(&[], (0, 1000), (0.0, 1.0)), "");
        assert_eq!(path_of(&[(500, 3.0)], (0, 1000), (3.0, 3.0)), "M500.0 20.0h3");
    }
}
