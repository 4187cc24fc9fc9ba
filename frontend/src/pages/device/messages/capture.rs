//! A capture that is armed for a time, and the messages as files.

use super::super::refusal::refusal;
use super::super::store::Device;
use crate::dom::prelude::*;
use crate::ui::{Button, Deed, Dialog, Due, Icon, Load, Loader, Select, Tone, load, owned};
use crate::words::counted;
use shared::api::{CaptureRequest, CaptureState, CaptureView};

/// For how long, in seconds.
const TIMES: [(&str, &str); 5] = [
    ("600", "10 minutes"),
    ("3600", "1 hour"),
    ("28800", "8 hours"),
    ("86400", "1 day"),
    ("604800", "1 week"),
];

/// How often the count is asked for, in seconds.
const EVERY: i64 = 5;

#[component]
pub(super) fn Files() -> impl IntoView {
    let device = expect_context::<Device>();
    let open = RwSignal::new(false);
    let turn = Memo::new(move |_| device.clock().now().get().seconds() / EVERY);
    let loader = load(move || {
        turn.track();
        device.get::<CaptureState>("/capture")
    });
    let capture = Memo::new(move |_| {
        loader.state.with(|state| match state {
            Load::Ready(state) => state.capture.clone(),
            _ => None,
        })
    });
    let address = |rest: &str| format!("/api/v1{}", device.path(rest));
    let name = device.endpoint().replace([':', '/', '\\'], "_");
    view! {
        <div class="bar capture-bar">
            {move || match capture.get() {
                Some(capture) => view! { <State capture=capture loader=loader /> },
                None => view! { <span class="quiet">"The server keeps the last messages of all devices. A capture keeps this one's for a time."</span> },
            }}
            <span class="end">
                <Button small=true icon="clock" on_press=Callback::new(move |()| open.set(true))>"Capture…"</Button>
                <a class="btn s" href=address("/trace.pcapng") download="" data-tip="For Wireshark: messages as packets, those under DTLS as they were inside">
                    <Icon name="download" />
                    "pcapng"
                </a>
                <a class="btn s" href=address("/trace?limit=2000") download=format!("{name}.json")>
                    <Icon name="download" />
                    "JSON"
                </a>
            </span>
        </div>
        <Dialog open=open title="Capture messages for a time">
            <Arm open=open loader=loader />
        </Dialog>
    }
}

#[component]
fn State(capture: CaptureView, loader: Loader<CaptureState>) -> impl IntoView {
    let device = expect_context::<Device>();
    let kept = counted(capture.messages, "message", "messages");
    let lost = (capture.dropped > 0).then(|| view! { ", "{capture.dropped.to_string()}" older made room" });
    let (words, verb) = if capture.running {
        ("Captures, ends ", "End and throw away")
    } else {
        ("Capture ended ", "Throw away")
    };
    let end = Callback::new(move |()| {
        let asked = device.api().delete(&device.path("/capture"));
        asked.then(move |answer| {
            if device.is_gone() {
                return;
            }
            if let Err(failure) = answer {
                let words = format!("The capture goes on: {failure}");
                device.toasts().say(Tone::Bad, words);
            }
            loader.again();
        });
    });
    view! {
        <span class="quiet">
            {words}
            <Due at=Some(capture.until) focusable=true />
            ": "{kept}" kept"{lost}
        </span>
        <Button small=true on_press=end>{verb}</Button>
    }
}

#[component]
fn Arm(open: RwSignal<bool>, loader: Loader<CaptureState>) -> impl IntoView {
    let device = expect_context::<Device>();
    let time = RwSignal::new("3600".to_owned());
    let deed = Deed::new();
    let options = owned(&TIMES);
    let begin = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Ok(seconds) = time.get_untracked().parse() else {
            return;
        };
        let request = CaptureRequest { seconds };
        let asked = device
            .api()
            .post::<CaptureView>(&device.path("/capture"), &request);
        deed.begin(asked, move |_| {
            open.set(false);
            loader.again();
        });
    };
    view! {
        <form class="form" on:submit=begin>
            <p>"All messages of this device are kept for that time, up to 8 MB, and then until they are thrown away or the server restarts. They appear below and in the files."</p>
            <Select id="capture-time" label="For" value=time options=options />
            {refusal(deed.trouble)}
            <footer class="dialog-foot">
                <Button on_press=Callback::new(move |()| open.set(false))>"Cancel"</Button>
                <Button kind="primary" submit=true busy=deed.busy>"Begin"</Button>
            </footer>
        </form>
    }
}
