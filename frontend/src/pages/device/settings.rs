//! The Settings tab: what people say of the device, how long it is taken to listen, and its removal.

use super::store::Device;
use super::transmission::Transmission;
use crate::dom::prelude::*;
use crate::routing::{Route, Router};
use crate::ui::{Button, Dialog, Field, Icon, Tone};
use shared::api::{DeviceDetail, DevicePatch, Role};
use std::collections::BTreeMap;

#[component]
pub(super) fn Settings() -> impl IntoView {
    let device = expect_context::<Device>();
    view! {
        <div class="settings">
            <Described />
            <Transmission />
            {device.may(Role::Operator).then(|| view! { <Removal /> })}
        </div>
    }
}

/// The form begins with what is known when the tab is opened; what somebody else changes meanwhile does not take away
/// what is being typed.
#[component]
fn Described() -> impl IntoView {
    let device = expect_context::<Device>();
    let may = device.may(Role::Operator);
    let known = untrack(|| {
        device.detail(|detail| {
            let window = detail.queue.as_ref().filter(|queue| queue.overridden);
            (
                detail.row.label.clone().unwrap_or_default(),
                lines(&detail.row.tags),
                lines(&detail.metadata),
                window
                    .map(|queue| queue.awake_window.to_string())
                    .unwrap_or_default(),
                detail.row.queue_mode,
            )
        })
    });
    let (label, tags, notes, window, sleeps) = known.unwrap_or_default();
    let label = RwSignal::new(label);
    let tags = RwSignal::new(tags);
    let notes = RwSignal::new(notes);
    let window = RwSignal::new(window);
    let busy = RwSignal::new(false);
    let refusal = RwSignal::new(None::<String>);
    let usual = Signal::derive(move || {
        let seconds = device
            .detail(|detail| detail.queue.as_ref().map(|queue| queue.awake_window))
            .flatten();
        match seconds {
            Some(seconds) => {
                format!("Seconds, 1 to 86400. Empty: the server's usual time. In effect now: {seconds} s.")
            }
            None => "Seconds, 1 to 86400. Empty: the server's usual time.".into(),
        }
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let patch = match read(
            &label.get_untracked(),
            &tags.get_untracked(),
            &notes.get_untracked(),
            sleeps.then(|| window.get_untracked()).as_deref(),
        ) {
            Ok(patch) => patch,
            Err(words) => return refusal.set(Some(words)),
        };
        busy.set(true);
        refusal.set(None);
        leptos::task::spawn_local(async move {
            let answer = device.api().patch::<DeviceDetail>(&device.path(""), &patch).await;
            if device.is_gone() || busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(detail) => {
                    device.replace_detail(detail);
                    device.toasts().say(Tone::Good, "Saved");
                }
                Err(failure) => refusal.set(Some(format!("Not saved. {failure}"))),
            }
        });
    };
    view! {
        <form class="panel form settings-form" on:submit=save novalidate=true>
            <h2>"What people say of it"</h2>
            <fieldset disabled=!may>
                <legend class="visually-hidden">"Settings"</legend>
                <Field id="set-label" label="Label" value=label hint="A name for people, shown instead of the endpoint name." />
                <Lines id="set-tags" label="Tags" value=tags hint="One a line, as site=berlin. Devices are found and chosen by them: tag:site=berlin." />
                <Lines id="set-notes" label="Notes" value=notes hint="One a line, as contact=+49 30 1234. Only shown." />
                {sleeps.then(|| view! { <Field id="set-window" label="Listens after each of its messages for" value=window hint=usual code=true /> })}
            </fieldset>
            {move || refusal.get().map(|words| view! { <p class="refusal" role="alert"><Icon name="cross" />{words}</p> })}
            {if may {
                view! { <p class="bar"><Button kind="primary" submit=true busy=busy>"Save"</Button></p> }
            } else {
                view! { <p class="quiet">"Changing this takes the role operator."</p> }
            }}
        </form>
    }
}

/// A few short lines of text.
#[component]
fn Lines(
    id: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    hint: &'static str,
) -> impl IntoView {
    let note = format!("{id}-note");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <textarea
                id=id
                class="input mono"
                rows="3"
                spellcheck="false"
                aria-describedby=note.clone()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
            <p class="note" id=note>{hint}</p>
        </div>
    }
}

/// `"site=berlin"` a line.
fn lines(pairs: &BTreeMap<String, String>) -> String {
    let lines: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            if value.is_empty() {
                name.clone()
            } else {
                format!("{name}={value}")
            }
        })
        .collect();
    lines.join("\n")
}

fn pairs(text: &str, what: &str) -> Result<BTreeMap<String, String>, String> {
    let mut pairs = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return Err(format!("{what}: “{line}” has no name before its “=”."));
        }
        if pairs.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(format!("{what}: “{name}” is there twice."));
        }
    }
    Ok(pairs)
}

/// What was typed, as the server takes it.
fn read(label: &str, tags: &str, notes: &str, window: Option<&str>) -> Result<DevicePatch, String> {
    let awake_window = match window.map(str::trim) {
        None => None,
        Some("") => Some(None),
        Some(text) => match text.parse::<u32>() {
            Ok(seconds @ 1..=86_400) => Some(Some(seconds)),
            _ => return Err("The time it listens is a whole number of seconds from 1 to 86400.".into()),
        },
    };
    Ok(DevicePatch {
        label: Some(label.trim().to_owned()),
        tags: Some(pairs(tags, "Tags")?),
        metadata: Some(pairs(notes, "Notes")?),
        awake_window,
    })
}

/// Removes the device, once its name was typed: for good, or only what is known of it.
#[component]
fn Removal() -> impl IntoView {
    let device = expect_context::<Device>();
    let router = expect_context::<Router>();
    let open = RwSignal::new(false);
    let forget = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let refusal = RwSignal::new(None::<String>);
    let wrong = Signal::derive(move || {
        device
            .endpoint
            .with_value(|endpoint| typed.get().trim() != endpoint)
    });
    let remove = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if wrong.get_untracked() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (rest, done) = if forget.get_untracked() {
            ("?forget=true", "The device is forgotten")
        } else {
            ("", "The device is decommissioned")
        };
        leptos::task::spawn_local(async move {
            let answer = device.api().delete(&device.path(rest)).await;
            if device.is_gone() {
                return;
            }
            busy.set(false);
            match answer {
                Ok(()) => {
                    device.toasts().say(Tone::Good, done);
                    router.go(&Route::Devices.href());
                }
                Err(failure) => refusal.set(Some(failure.to_string())),
            }
        });
    };
    let ask = move |only_forget: bool| {
        Callback::new(move |()| {
            typed.set(String::new());
            refusal.set(None);
            forget.set(only_forget);
            open.set(true);
        })
    };
    let title = Signal::derive(move || {
        if forget.get() {
            "Forget this device?"
        } else {
            "Decommission this device?"
        }
        .to_owned()
    });
    let word = move || if forget.get() { "Forget" } else { "Decommission" };
    view! {
        <section class="panel settings-form" aria-labelledby="remove-title">
            <h2 id="remove-title">"Remove this device"</h2>
            <p class="quiet">
                "Decommission it when it leaves for good: its credential is revoked, its observations and its queue end, its history \
                 is archived, and it is refused when it comes back. Forget it when it should begin anew: what is known of it is \
                 deleted, its credential stays, and it appears as a new device when it registers again."
            </p>
            <p class="bar">
                <Button kind="danger" icon="trash" on_press=ask(false)>"Decommission…"</Button>
                <Button kind="danger" on_press=ask(true)>"Forget…"</Button>
            </p>
        </section>
        <Dialog open=open title=title>
            <form class="form" on:submit=remove>
                <p>"Its values, history, queue, label and tags are lost on this page. Type the endpoint name to confirm:"</p>
                <p class="mono">{device.endpoint.get_value()}</p>
                <Field id="remove-name" label="Endpoint name" value=typed code=true autofocus=true />
                {move || refusal.get().map(|words| view! { <p class="refusal" role="alert"><Icon name="cross" />{words}</p> })}
                <footer class="dialog-foot">
                    <Button on_press=Callback::new(move |()| open.set(false))>"Cancel"</Button>
                    <Button kind="danger" submit=true busy=busy disabled=wrong>{word}</Button>
                </footer>
            </form>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back() {
        let text = "loose\nsite=berlin";
        assert_eq!(lines(&pairs(text, "Tags").unwrap()), text);
        assert_eq!(pairs(" a = b=c \n\n", "Tags").unwrap()["a"], "b=c");
    }

    #[test]
    fn what_cannot_be_is_told_with_its_line() {
        for (label, tags, window, words) in [
            (
                "x",
                "=berlin",
                None,
                "Tags: “=berlin” has no name before its “=”.",
            ),
            ("x", "a=1\na=2", None, "Tags: “a” is there twice."),
            (
                "x",
                "",
                Some("0"),
                "The time it listens is a whole number of seconds from 1 to 86400.",
            ),
        ] {
            assert_eq!(read(label, tags, "", window), Err(words.to_owned()));
        }
        let patch = read(" Pump ", "", "", Some("")).unwrap();
        assert_eq!(
            (patch.label.as_deref(), patch.awake_window),
            (Some("Pump"), Some(None))
        );
    }
}
