//! What is said, and what stands where there is nothing to say.

use super::specimen;
use crate::clock::browser_now;
use crate::dom::prelude::*;
use crate::ui::{
    Ago, Badge, Button, Code, Due, Empty, Expiry, Icon, Skeleton, StateBadge, Toasts, Told, Tone, Trouble,
};
use shared::DeviceState;

const TONES: [(Tone, &str); 5] = [
    (Tone::Plain, "Plain"),
    (Tone::Good, "Good"),
    (Tone::Warning, "Warning"),
    (Tone::Bad, "Bad"),
    (Tone::Accent, "Accent"),
];

pub(super) fn all() -> View {
    view! {
        {specimen("Badges", badges())}
        {specimen("Times", times())}
        {specimen("Toasts and notices", toasts())}
        {specimen("Progress", progress())}
        {specimen("Code and hex", code())}
        {specimen("A secret, told once", secret())}
        {specimen("Empty", empty())}
        {specimen("Trouble", trouble())}
        {specimen("Skeleton", view! { <Skeleton lines=4 /> })}
    }
}

fn badges() -> View {
    let states = DeviceState::ALL.map(|state| {
        let evidence = Signal::derive(|| "What the state rests on".to_owned());
        view! { <StateBadge state=state evidence=evidence /> }
    });
    let tones = TONES.map(|(tone, word)| view! { <Badge text=word tone=tone icon=tone.icon() /> });
    let bare = TONES.map(|(tone, word)| view! { <Badge text=word tone=tone /> });
    view! {
        <p class="bar">{states.into_iter().collect_view()}</p>
        <p class="bar">{tones.into_iter().collect_view()}</p>
        <p class="bar">{bare.into_iter().collect_view()}</p>
    }
}

fn times() -> View {
    let now = browser_now();
    let (ago, soon) = (Some(now.plus_seconds(-4_000)), Some(now.plus_seconds(7_300)));
    view! {
        <p class="bar">
            <Ago at=ago focusable=true />
            <Ago at=None />
            <Due at=soon focusable=true />
            <Due at=ago focusable=true />
            <Expiry at=soon />
            <Expiry at=ago />
            <Expiry at=None />
        </p>
    }
}

fn toasts() -> View {
    let toasts = expect_context::<Toasts>();
    let buttons = TONES.map(|(tone, word)| {
        let say =
            Callback::new(move |()| toasts.say(tone, format!("{word}: Read /3/0 Device: 2.05 Content")));
        view! { <Button small=true on_press=say>{word}</Button> }
    });
    view! {
        <p class="bar">{buttons.into_iter().collect_view()}</p>
        <p class="notice"><Icon name="info" />"A sentence that is worth knowing."</p>
        <p class="notice tone-warning"><Icon name="warning" />"A sentence that warns."</p>
        <p class="notice tone-bad"><Icon name="cross" />"A sentence about what went wrong."</p>
    }
}

fn progress() -> View {
    view! {
        <progress class="progress" aria-label="A part of it is done" value="40" max="100"></progress>
        <progress class="progress" aria-label="All is done" value="100" max="100"></progress>
        <progress class="progress" aria-label="Nobody knows how much is done"></progress>
    }
}

fn code() -> View {
    view! {
        <Code text="muster simulate --server coap://127.0.0.1:5683 --devices 8 --endpoint-prefix demo-" />
        <p class="mono">"/3303/0/5700 · urn:dev:ops:000001"</p>
        <p class="mono wrap">"48 02 7a 11 b2 72 64 11  2a 39 6c 77 6d 32 6d 3d  H.z..rd.*9lwm2m="</p>
    }
}

fn secret() -> View {
    let done = Callback::new(|()| {});
    view! { <Told text="Copy it now: it is not shown again." lines=vec![("Token", "mst_9f2c77d0b1".to_owned())] on_done=done /> }
}

fn empty() -> View {
    view! {
        <Empty title="No devices yet" text="A device appears here by itself as soon as it registers." icon="devices">
            <Button kind="primary">"How to connect one"</Button>
        </Empty>
    }
}

fn trouble() -> View {
    let again = Callback::new(|()| {});
    view! { <Trouble title="The devices could not be read" text="The server cannot be reached. Is it running, and is the network up?" on_retry=again /> }
}
