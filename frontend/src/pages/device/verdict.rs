//! Why the device is in the state it is in: the server's diagnosis, with a button for each step that a person can take.

use super::fold::Fold;
use super::operate::request;
use super::store::Device;
use super::timeline::words::code_and_word;
use crate::clock::local;
use crate::dom::prelude::*;
use crate::params::encode;
use crate::routing::{DeviceTab, devices_href};
use crate::ui::{Button, Icon, Load, Loader, Skeleton, Tone, Trouble, load};
use shared::api::{Check, CheckKind, CheckVerdict, Diagnosis, OperationKind, Remedy, Role};
use shared::{DeviceState, Path};

/// How often it is asked for anew, in seconds; a change of the state asks at once.
const EVERY: i64 = 30;

fn follow(device: Device) -> Loader<Diagnosis> {
    let state = Memo::new(move |_| device.detail(|detail| detail.row.state));
    let waiting = Memo::new(move |_| device.waiting(|waiting| waiting.len()));
    let turn = Memo::new(move |_| device.clock().now().get().seconds() / EVERY);
    load(move || {
        state.track();
        waiting.track();
        turn.track();
        device.get::<Diagnosis>("/diagnosis")
    })
}

#[component]
pub(super) fn Verdict() -> impl IntoView {
    let device = expect_context::<Device>();
    let loader = follow(device);
    let worst = Memo::new(move |_| {
        loader.state.with(|state| match state {
            Load::Ready(diagnosis) => diagnosis.checks.iter().map(|check| check.verdict).max(),
            _ => None,
        })
    });
    let say = Signal::derive(move || {
        loader.state.with(|state| match state {
            Load::Loading => "Looking…".to_owned(),
            Load::Ready(diagnosis) => diagnosis.verdict.clone(),
            Load::Failed(failure) => failure.to_string(),
        })
    });
    let tone = Signal::derive(move || worst.get().map_or(Tone::Plain, tone_of));
    let icon = Signal::derive(move || match worst.get() {
        Some(CheckVerdict::Warning | CheckVerdict::Fail) => "warning",
        // What cannot be told is no fault: the words are that nothing is wrong.
        Some(_) => "check",
        None => "question",
    });
    view! {
        <Fold slug="diagnosis" title="Diagnosis" tone=tone icon=icon say=say>
            <Read loader=loader />
        </Fold>
    }
}

/// The diagnosis of an endpoint that is no device, if anything is known of it.
#[component]
pub(super) fn Stranger() -> impl IntoView {
    let device = expect_context::<Device>();
    let loader = load(move || device.get::<Diagnosis>("/diagnosis"));
    let verdict = Memo::new(move |_| {
        loader.state.with(|state| match state {
            Load::Ready(diagnosis) => Some(diagnosis.verdict.clone()),
            _ => None,
        })
    });
    move || {
        verdict.get().map(|verdict| {
            view! {
                <section class="panel fold-body" aria-label="Diagnosis">
                    <p class="fold-note verdict">{verdict}</p>
                    {checks(device, loader)}
                </section>
            }
        })
    }
}

const fn tone_of(verdict: CheckVerdict) -> Tone {
    match verdict {
        CheckVerdict::Pass => Tone::Good,
        CheckVerdict::Unknown => Tone::Plain,
        CheckVerdict::Warning => Tone::Warning,
        CheckVerdict::Fail => Tone::Bad,
    }
}

/// A verdict as glyph and word.
const fn shown(verdict: CheckVerdict) -> (&'static str, &'static str) {
    match verdict {
        CheckVerdict::Pass => ("check", "passes"),
        CheckVerdict::Unknown => ("minus", "unknown"),
        CheckVerdict::Warning => ("warning", "weak"),
        CheckVerdict::Fail => ("cross", "fails"),
    }
}

const fn name(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Credential => "Credential",
        CheckKind::Handshake => "Handshake",
        CheckKind::Registration => "Registration",
        CheckKind::Reachability => "Reachability",
        CheckKind::Address => "Address",
        CheckKind::Radio => "Radio",
        CheckKind::Battery => "Power",
        CheckKind::Peers => "Peers",
    }
}

#[component]
fn Read(loader: Loader<Diagnosis>) -> impl IntoView {
    let device = expect_context::<Device>();
    let failed = Memo::new(move |_| {
        loader.state.with(|state| match state {
            Load::Failed(failure) => Some(failure.to_string()),
            _ => None,
        })
    });
    let loading = Memo::new(move |_| loader.state.with(|state| matches!(state, Load::Loading)));
    let verdict = move || {
        loader.state.with(|state| match state {
            Load::Ready(diagnosis) => Some((question(diagnosis.state), diagnosis.verdict.clone())),
            _ => None,
        })
    };
    move || match failed.get() {
        _ if loading.get() => view! { <Skeleton lines=6 /> },
        Some(words) => {
            let again = Callback::new(move |()| loader.again());
            view! { <Trouble title="The diagnosis cannot be had" text=words on_retry=again /> }
        }
        None => view! {
            <p class="fold-note verdict">{move || verdict().map(|(question, words)| view! { <b>{question}</b>" "{words} })}</p>
            {checks(device, loader)}
        },
    }
}

const fn question(state: Option<DeviceState>) -> &'static str {
    match state {
        Some(DeviceState::Late) => "Why is it late?",
        Some(DeviceState::Offline) => "Why is it offline?",
        Some(DeviceState::SignedOff) => "Why did it sign off?",
        Some(DeviceState::Refused) => "Why is it refused?",
        Some(DeviceState::NeverSeen) | None => "Why was it never seen?",
        _ => "How is it?",
    }
}

/// The rows stay while what they say changes, so that the focus stays where it is.
fn checks(device: Device, loader: Loader<Diagnosis>) -> View {
    let kinds = Memo::new(move |_| {
        all(loader, |checks| {
            checks.iter().map(|check| check.kind).collect::<Vec<CheckKind>>()
        })
    });
    view! {
        <ol class="checks" aria-label="Checks">
            <For each=move || kinds.get() key=|kind| *kind as u8 children=move |kind| row(device, loader, kind) />
        </ol>
    }
}

fn all<T: Default>(loader: Loader<Diagnosis>, look: impl FnOnce(&[Check]) -> T) -> T {
    loader.state.with(|state| match state {
        Load::Ready(diagnosis) => look(&diagnosis.checks),
        _ => T::default(),
    })
}

fn row(device: Device, loader: Loader<Diagnosis>, kind: CheckKind) -> View {
    let check = Memo::new(move |_| {
        all(loader, |checks| {
            checks.iter().find(|check| check.kind == kind).cloned()
        })
    });
    let verdict = move || {
        check.with(|check| {
            check
                .as_ref()
                .map_or(CheckVerdict::Unknown, |check| check.verdict)
        })
    };
    let remedy = Memo::new(move |_| check.with(|check| check.as_ref()?.remedy.clone()));
    let finding = move || check.with(|check| Some(check.as_ref()?.finding.clone()));
    let looked_at = move || check.with(|check| check.as_ref().map(looked_at));
    view! {
        <li class=move || format!("check tone-{}", tone_of(verdict()).class())>
            <Icon name=Signal::derive(move || shown(verdict()).0) />
            <h3>{name(kind)}<span class="visually-hidden">{move || format!(": {}", shown(verdict()).1)}</span></h3>
            <div>
                <p>{finding}</p>
                <p class="looked-at">{looked_at}</p>
            </div>
            <div class="check-act">{move || remedy.get().map(|remedy| step(device, loader, &remedy))}</div>
        </li>
    }
}

fn looked_at(check: &Check) -> String {
    match check.evidence_at {
        Some(at) => format!(
            "Looked at {}; the newest of it is of {}.",
            check.looked_at,
            local(at).exact()
        ),
        None => format!("Looked at {}.", check.looked_at),
    }
}

/// The button for what a person can do.
fn step(device: Device, loader: Loader<Diagnosis>, remedy: &Remedy) -> View {
    let (href, word) = match remedy {
        Remedy::RoundTrip { path } => return ask(device, loader, *path, "Test the round trip"),
        Remedy::Read { path } => return ask(device, loader, *path, "Read it now"),
        Remedy::Credential => (
            format!("/credentials?endpoint={}", encode(&device.endpoint())),
            "Credential",
        ),
        Remedy::ForgetSession => (device.href(DeviceTab::Objects) + "?open=security", "Session"),
        Remedy::Messages => (device.href(DeviceTab::Messages), "Messages"),
        Remedy::Devices { query } => (devices_href(query), "Show them"),
    };
    view! { <a class="btn s" href=href>{word}</a> }
}

/// A read with its result in place: any answer shows that the device is reached.
fn ask(device: Device, loader: Loader<Diagnosis>, path: Path, word: &'static str) -> View {
    if !device.may(Role::Support) {
        return View::Empty;
    }
    let busy = RwSignal::new(false);
    let told = RwSignal::new(None::<String>);
    let press = Callback::new(move |()| {
        busy.set(true);
        device.operate(&request(OperationKind::Read, path), move |ended| {
            let answered = ended.view.as_ref().and_then(|view| {
                let code = view.code.as_deref().map(code_and_word).unwrap_or_default();
                Some(format!("Answered {code} after {} ms.", view.round_trip_ms?))
            });
            let words = answered.unwrap_or_else(|| ended.outcome.text().to_owned());
            device.toasts().say(Tone::Accent, words.clone());
            // The row may have been drawn anew meanwhile.
            if told.try_set(Some(words)).is_none() {
                busy.set(false);
            }
            loader.again();
        });
    });
    view! {
        <Button small=true busy=busy on_press=press>{word}</Button>
        <span class="visually-hidden" role="status">{move || told.get()}</span>
    }
}
