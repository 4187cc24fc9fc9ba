//! The queue: what waits for the device and when it goes out, and what came of the last operations.

use super::fold::Fold;
use super::operate::outcome;
use super::store::Device;
use super::timeline::words::operation_word;
use crate::api::Answer;
use crate::dom::prelude::*;
use crate::ui::{Ago, Due, Icon, Load, Loader, Skeleton, Tone, Trouble, load};
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
        async move { device.get::<OperationList>("/operations").await }
    });
    move || match loader.state.get() {
        Load::Loading => view! { <Skeleton lines=3 /> },
        Load::Failed(failure) => {
            let again = Callback::new(move |()| loader.again());
            view! { <Trouble title="The queue cannot be shown" text=failure.to_string() on_retry=again /> }
        }
        Load::Ready(list) => {
            let (mut waiting, ended): (Vec<_>, Vec<_>) =
                list.items.into_iter().partition(|one| !one.state.is_final());
            sort_by_key(&mut waiting, |one| (one.position.unwrap_or(0), one.id));
            view! {
                {if waiting.is_empty() {
                    view! { <p class="fold-note">"Nothing waits for this device. What it is asked while it sleeps is kept here until it makes contact."</p> }
                } else {
                    view! { <ol class="queue" aria-label="Waiting">{waiting.into_iter().map(|one| row(device, loader, &one)).collect_view()}</ol> }
                }}
                {(!ended.is_empty())
                    .then(|| {
                        view! {
                            <h3>"What came of the last"</h3>
                            <ol class="queue" aria-label="Ended">{ended.into_iter().take(12).map(|one| row(device, loader, &one)).collect_view()}</ol>
                        }
                    })}
            }
        }
    }
}

fn row(device: Device, loader: Loader<OperationList>, one: &OperationView) -> View {
    let id = one.id;
    let waits = !one.state.is_final();
    let title = match one.paths.len() {
        0 => match device.name(one.path) {
            Some(name) => format!("{} {} {name}", operation_word(one.op), one.path),
            None => format!("{} {}", operation_word(one.op), one.path),
        },
        count => format!(
            "{}: {}",
            operation_word(one.op),
            counted(count as u64, "path", "paths")
        ),
    };
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
    let glyph = if waits { "clock" } else { tone.icon() };
    let (verb, label) = if waits {
        ("Cancel", format!("Cancel {title}"))
    } else {
        ("Retry", format!("Retry {title}"))
    };
    let busy = RwSignal::new(false);
    let press = Callback::new(move |()| act(device, loader, id, waits, busy));
    let times = times(one);
    view! {
        <li class=format!("queued tone-{}", tone.class())>
            <Icon name=glyph />
            <div>
                <p class="queued-title">{title}</p>
                <p class="quiet">{words}</p>
                <p class="quiet queued-times">{times}</p>
            </div>
            {device.may(needed(one.op)).then(|| view! {
                <span class="queued-act"><button type="button" class="btn s" class:busy=busy aria-label=label on:click=move |_| press.run(())>{verb}</button></span>
            })}
        </li>
    }
}

fn times(one: &OperationView) -> View {
    let by = format!(", asked for by {}", one.by);
    let stamp = |at: Option<Timestamp>| Signal::stored(at);
    if one.state.is_final() {
        let at = one.finished_at.or(Some(one.created_at));
        return view! { <Ago at=stamp(at) focusable=true />{by} };
    }
    let expected = one
        .expected_at
        .map(|at| view! { " · expected to go out "<Due at=stamp(Some(at)) focusable=true /> });
    let expires = one
        .expires_at
        .map(|at| view! { " · given up "<Due at=stamp(Some(at)) focusable=true /> });
    view! { <Ago at=stamp(Some(one.created_at)) focusable=true />{by}{expected}{expires} }
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
    let told = outcome(
        device,
        one.op,
        one.path,
        one.state,
        one.code.as_deref(),
        one.message.as_deref(),
    );
    let text = told.text();
    let mut words = text.split_once(": ").map_or(text, |(_, rest)| rest).to_owned();
    if let [value] = one.values.as_slice()
        && let Ok(value) = value.typed()
    {
        words = format!("{words}, {}", device.show(&value));
    } else if one.values.len() > 1 {
        words = format!("{words}, {} values", one.values.len());
    }
    if let Some(trip) = one.round_trip_ms {
        words = format!("{words} ({trip} ms)");
    }
    words
}

/// Cancels what waits, or does again what ended.
fn act(device: Device, loader: Loader<OperationList>, id: u64, cancel: bool, busy: RwSignal<bool>) {
    if busy.get_untracked() {
        return;
    }
    let toasts = device.toasts();
    busy.set(true);
    crate::reactive::spawn_local(async move {
        let path = device.path(&format!(
            "/operations/{id}{}",
            if cancel { "" } else { "/retry?wait=5" }
        ));
        let answer: Answer<()> = if cancel {
            device.api().delete(&path).await
        } else {
            device.api().post::<OperationView>(&path, &()).await.map(drop)
        };
        if device.is_gone() {
            return;
        }
        if let Err(failure) = answer {
            let what = if cancel { "cancelled" } else { "done again" };
            toasts.say(Tone::Bad, format!("Not {what}: {failure}"));
        }
        // The row may have been drawn anew meanwhile.
        let _ = busy.try_set(false);
        loader.again();
    });
}
