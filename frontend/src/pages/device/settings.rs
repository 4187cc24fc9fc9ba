//! The Settings tab: what people say of the device, how long it is taken to listen, and its [removal](Removal).

use super::refusal::refusal;
use super::removal::Removal;
use super::store::Device;
use super::transmission::Transmission;
use crate::dom::prelude::*;
use crate::ui::{Button, Deed, Field, Lines, Tone, lines, pairs};
use shared::api::{DeviceDetail, DevicePatch, Role};

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
    let deed = Deed::new();
    let usual = Signal::derive(move || {
        let mut text = "Seconds, 1 to 86400. Empty: the server's usual time.".to_owned();
        let seconds = device
            .detail(|detail| detail.queue.as_ref().map(|queue| queue.awake_window))
            .flatten();
        if let Some(seconds) = seconds {
            text += &format!(" In effect now: {seconds} s.");
        }
        text
    });
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if deed.busy.get_untracked() {
            return;
        }
        let patch = match read(
            &label.get_untracked(),
            &tags.get_untracked(),
            &notes.get_untracked(),
            sleeps.then(|| window.get_untracked()).as_deref(),
        ) {
            Ok(patch) => patch,
            Err(words) => return deed.trouble.set(Some(words)),
        };
        let asked = device.api().patch::<DeviceDetail>(&device.path(""), &patch);
        deed.begin_as("Not saved. ", asked, move |detail| {
            if !device.is_gone() {
                device.replace_detail(detail);
                device.toasts().say(Tone::Good, "Saved");
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
            {refusal(deed.trouble)}
            {if may {
                view! { <p class="bar"><Button kind="primary" submit=true busy=deed.busy>"Save"</Button></p> }
            } else {
                view! { <p class="quiet">"Changing this takes the role operator."</p> }
            }}
        </form>
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
