//! The Messages tab: the protocol trace, datagram by datagram.
//!
//! - [`ladder`]: what each datagram is in words, and which belong together (pure); [`hex`]: bytes as text (pure).
//! - [`trace`]: the records, from the server's memory and from the feed; [`list`]: the ladder on the page.
//! - [`capture`]: captures armed for a time, and the messages as files.
//! - [`dissect`]: the parts of one datagram with their bytes (pure); [`detail`]: shown beside the hex dump.

mod capture;
mod detail;
mod dissect;
pub(super) mod hex;
mod ladder;
mod list;
mod trace;

use super::pause::pause_button;
use super::store::Device;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Button, Empty, Icon, shown};
use crate::words::{counted, true_or_false};
use trace::Trace;

#[component]
pub(super) fn Messages() -> impl IntoView {
    let device = expect_context::<Device>();
    let trace = Trace::follow(device);
    provide_context(trace);
    let retry = Callback::new(move |()| trace.load(device));
    let read = move || trace.reading.get().map(|()| view! { <Read /> });
    view! {
        <Toolbar />
        <capture::Files />
        {shown(8, "The messages cannot be shown", retry, Box::new(read))}
    }
}

#[component]
fn Read() -> impl IntoView {
    let trace = expect_context::<Trace>();
    let router = expect_context::<Router>();
    let empty = Memo::new(move |_| trace.shown.with(Vec::is_empty));
    view! {
        <Show
            when=move || !empty.get()
            fallback=move || {
                if trace.filter.get().is_empty() && trace.kind.get().is_empty() {
                    view! {
                        <Empty
                            title="No messages yet"
                            text="The server keeps the last messages of each device since its own start. They appear here as they pass."
                            icon="list"
                        />
                    }
                } else {
                    let clear = Callback::new(move |()| router.set_params(&[("filter", None), ("kind", None)], false));
                    view! {
                        <Empty title="Nothing matches" text="No message contains that." icon="filter">
                            <Button on_press=clear>"Show all messages"</Button>
                        </Empty>
                    }
                }
            }
        >
            <list::Ladder />
        </Show>
        <detail::Detail />
    }
}

/// Which messages are shown: the word in the address, and the word for people.
const KINDS: [(&str, &str); 6] = [
    ("", "All messages"),
    ("up", "From the device"),
    ("down", "To the device"),
    ("notifications", "Notifications"),
    ("steps", "Handshakes"),
    ("trouble", "Errors and repeats"),
];

#[component]
fn Toolbar() -> impl IntoView {
    let trace = expect_context::<Trace>();
    let router = expect_context::<Router>();
    let count = move || {
        let (shown, held) = (trace.shown.with(Vec::len), trace.held.get());
        let mut text = counted(shown as u64, "message", "messages");
        if held > 0 {
            text += &format!(", {held} new");
        }
        text
    };
    let pause = Callback::new(move |()| trace.pause(!trace.paused.get_untracked()));
    view! {
        <div class="bar trace-bar">
            <label class="filter">
                <Icon name="filter" />
                <span class="visually-hidden">"Filter messages"</span>
                <input
                    type="search"
                    placeholder="Path, code, token or word"
                    prop:value=move || trace.filter.get()
                    on:input=move |event| router.set_params(&[("filter", Some(&event_target_value(&event)))], false)
                />
            </label>
            <label class="kind-choice">
                <span class="visually-hidden">"Which messages"</span>
                <select class="input" on:change=move |event| router.set_params(&[("kind", Some(&event_target_value(&event)))], false)>
                    {KINDS
                        .map(|(kind, word)| view! { <option value=kind selected=trace.kind.get_untracked() == kind>{word}</option> })
                        .into_iter()
                        .collect_view()}
                </select>
            </label>
            <span class="muted">{count}</span>
            <span class="end">
                <button
                    type="button"
                    class="btn s"
                    aria-pressed=move || true_or_false(trace.following.get())
                    on:click=move |_| trace.following.update(|following| *following = !*following)
                >
                    <Icon name="arrow-down" />
                    "Follow"
                </button>
                {pause_button(trace.paused.into(), pause)}
            </span>
        </div>
    }
}
