//! The queue: what waits for the device and when it goes out, and what came of the last operations.

use super::fold::Fold;
use super::operate::outcome_of;
use super::store::Device;
use super::timeline::words::{operation_word, titled};
use crate::api::Failure;
use crate::dom::prelude::*;
use crate::ui::{Ago, Due, Icon, Loader, Tone, load, loaded_in};
use crate::words::counted;
use shared::DeviceState;
use shared::Timestamp;
use shared::api::{OperationKind, OperationList, OperationState, OperationView, Role};
use shared::sort::sort_by_key;

#[component]
pub(super) fn Queue() -> impl IntoView {
    let device = expect_context::<Device>();
    let say = Signal::derive(move || summary(device));
    view! {
        <Fold slug="queue" title="Queue" icon="list" say=say>
            <Operations />
        </Fold>
    }
}

/// How much waits, and whether the device listens.
fn summary(device: Device) -> String {
    let waiting = device.waiting(|waiting| waiting.len()) as u64;
    let waits = match waiting {
        0 => "Nothing waits".to_owned(),
        count => format!(
            "{} for the device",
            counted(count, "operation waits", "operations wait")
        ),
    };
    let listens = device
        .detail(|detail| {
            let queue = detail.queue.as_ref()?;
            Some(match (detail.row.state, queue.awake_until, queue.expected_at) {
                (DeviceState::Online, Some(until), _) => {
                    format!("; it listens until {}", device.clock().short(until))
                }
                (_, _, Some(at)) => {
                    format!("; it sleeps, next contact expected {}", device.clock().short(at))
                }
                _ => "; it sleeps".into(),
            })
        })
        .flatten();
    waits + &listens.unwrap_or_default()
}

#[component]
fn Operations() -> impl IntoView {
    let device = expect_context::<Device>();
    let loader = load(move || {
        device.waiting(|_| ());
        device.get::<OperationList>("/operations")
    });
    loaded_in(3, loader, "The queue cannot be shown", move |list| {
        let (mut waiting, ended): (Vec<_>, Vec<_>) = list.items.iter().partition(|one| !one.state.is_final());
        sort_by_key(&mut waiting, |one| (one.position.unwrap_or(0), one.id));
        view! {
            {if waiting.is_empty() {
                view! { <p class="fold-note">"Nothing waits for this device. What it is asked while it sleeps is kept here until it makes contact."</p> }
            } else {
                rows(device, loader, "Waiting", &waiting)
            }}
            {(!ended.is_empty())
                .then(|| {
                    view! {
                        <h3>"What came of the last"</h3>
                        {rows(device, loader, "Ended", ended.get(..12).unwrap_or(&ended))}
                    }
                })}
        }
    })
}

fn rows(device: Device, loader: Loader<OperationList>, label: &'static str, rows: &[&OperationView]) -> View {
    let rows = rows.iter().map(|one| row(device, loader, one));
    view! { <ol class="queue" aria-label=label>{rows.collect_view()}</ol> }
}

fn row(device: Device, loader: Loader<OperationList>, one: &OperationView) -> View {
    let id = one.id;
    let waits = !one.state.is_final();
    let what = match one.paths.len() {
        0 => " ".to_owned() + &titled(one.path, &|path| device.name(path)),
        count => ": ".to_owned() + &counted(count as u64, "path", "paths"),
    };
    let title = operation_word(one.op).to_owned() + &what;
    let words = if waits {
        waiting_words(one)
    } else {
        ended_words(device, one)
    };
    let tone = match one.state {
        OperationState::Done => Tone::Good,
        OperationState::Failed | OperationState::Expired => Tone::Bad,
        OperationState::Cancelled => Tone::Warning,
        OperationState::Queued | OperationState::Sent => Tone::Accent,
    };
    let (glyph, verb) = if waits {
        ("clock", "Cancel")
    } else {
        (tone.icon(), "Retry")
    };
    let label = [verb, " ", &title].concat();
    let busy = RwSignal::new(false);
    view! {
        <li class=["queued tone-", tone.class()].concat()>
            <Icon name=glyph />
            <div>
                <p class="queued-title">{title}</p>
                <p class="quiet">{words}</p>
                <p class="quiet queued-times">{times(one)}</p>
            </div>
            {device.may(needed(one.op)).then(|| view! {
                <span class="queued-act"><button type="button" class="btn s" class:busy=busy aria-label=label on:click=move |_| act(device, loader, id, waits, busy)>{verb}</button></span>
            })}
        </li>
    }
}

fn times(one: &OperationView) -> View {
    let ago = |at: Timestamp| view! { <Ago at=Some(at) focusable=true />", asked for by "{Text::from(one.by.as_str())} };
    if one.state.is_final() {
        return ago(one.finished_at.unwrap_or(one.created_at));
    }
    let due = |words: &'static str, at: Option<Timestamp>| {
        at.map(|at| view! { {words}<Due at=Some(at) focusable=true /> })
    };
    view! {
        {ago(one.created_at)}
        {due(" · expected to go out ", one.expected_at)}
        {due(" · given up ", one.expires_at)}
    }
}

/// The role that may ask for an operation, and so end or repeat it.
const fn needed(op: OperationKind) -> Role {
    match op {
        OperationKind::Read
        | OperationKind::Discover
        | OperationKind::Observe
        | OperationKind::CancelObserve
        | OperationKind::ReadComposite
        | OperationKind::ObserveComposite => Role::Support,
        _ => Role::Operator,
    }
}

fn waiting_words(one: &OperationView) -> String {
    // The device said when it is to be asked again.
    if let Some(why) = &one.message {
        return why.clone();
    }
    match (one.state, one.position) {
        (OperationState::Sent, _) => "Sent; the device has not answered yet.".into(),
        (_, Some(1)) => "Next in line.".into(),
        (_, Some(place)) => format!("In place {place}."),
        (_, None) => "Waits for the device.".into(),
    }
}

fn ended_words(device: Device, one: &OperationView) -> String {
    let told = outcome_of(device, one);
    let text = told.text();
    let mut words = shared::text::cut(text, ": ")
        .map_or(text, |(_, rest)| rest)
        .to_owned();
    if let [value] = one.values.as_slice() {
        if let Ok(value) = value.typed() {
            words = words + ", " + &device.show(&value);
        }
    } else if !one.values.is_empty() {
        words += &format!(", {} values", one.values.len());
    }
    if let Some(trip) = one.round_trip_ms {
        words += &format!(" ({trip} ms)");
    }
    words
}

/// Cancels what waits, or does again what ended.
fn act(device: Device, loader: Loader<OperationList>, id: u64, cancel: bool, busy: RwSignal<bool>) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    let (rest, what) = if cancel {
        ("", "cancelled")
    } else {
        ("/retry?wait=5", "done again")
    };
    let path = device.path(&format!("/operations/{id}{rest}"));
    let told = move |failure: Option<Failure>| {
        if device.is_gone() {
            return;
        }
        if let Some(failure) = failure {
            let words = format!("Not {what}: {failure}");
            device.toasts().say(Tone::Bad, words);
        }
        // The row may have been drawn anew meanwhile.
        let _ = busy.try_set(false);
        loader.again();
    };
    if cancel {
        device.api().delete(&path).then(move |answer| told(answer.err()));
    } else {
        let asked = device.api().post::<OperationView>(&path, &());
        asked.then(move |answer| told(answer.err()));
    }
}
