//! The ladder on the page: newest at the bottom, kept in sight while it is followed.

use super::ladder::transport;
use super::trace::{Shown, Trace};
use crate::clock::local;
use crate::dom::prelude::*;
use crate::keys::{self, Act, Scope};
use crate::words::true_or_false;
use shared::api::Direction;
use std::rc::Rc;
use wasm_bindgen::JsCast;

#[component]
pub(super) fn Ladder() -> impl IntoView {
    let trace = expect_context::<Trace>();
    let node = NodeRef::<web_sys::HtmlDivElement>::new();
    Effect::new(move |_| {
        trace.shown.track();
        let Some(list) = node.get() else { return };
        if trace.following.get() {
            // The rows are there after this turn.
            request_animation_frame(move || list.set_scroll_top(list.scroll_height()));
        }
    });
    let scrolled = move |_| {
        let Some(list) = node.get_untracked() else { return };
        let at_end = list.scroll_height() - list.scroll_top() - list.client_height() < 40;
        if trace.following.get_untracked() != at_end {
            trace.following.set(at_end);
        }
    };
    view! {
        <div class="panel ladder-panel" node_ref=node tabindex="0" role="region" aria-label="Messages" on:scroll=scrolled>
            <table class="table ladder" on:keydown=move |event| step(trace, &event)>
                <thead>
                    <tr>
                        <th scope="col">"Time"</th>
                        <th scope="col"><span class="visually-hidden">"Direction"</span></th>
                        <th scope="col">"Type"</th>
                        <th scope="col">"Code"</th>
                        <th scope="col">"In words"</th>
                        <th scope="col">"Address"</th>
                        <th scope="col" class="num">"Size"</th>
                        <th scope="col" class="num">"Round trip"</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || trace.shown.get()
                        key=|shown| (shown.message.record.id, shown.joins_above, shown.joins_below)
                        children=|shown| view! { <Rung shown=shown /> }
                    />
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Rung(shown: Shown) -> impl IntoView {
    let trace = expect_context::<Trace>();
    let Shown {
        message,
        joins_above,
        joins_below,
    } = shown;
    let record = &message.record;
    let (id, exchange) = (record.id, message.rung.exchange);
    let selected = Memo::new(move |_| {
        trace
            .selected
            .with(|selected| selected.as_ref().is_some_and(|one| one.record.id == id))
    });
    let mate = move || {
        trace
            .selected
            .with(|selected| selected.as_ref().is_some_and(|one| one.rung.exchange == exchange))
    };
    let time = format!(
        "{}.{:03}",
        local(record.at).time_of_day(),
        record.at.0.rem_euclid(1000)
    );
    let (arrow, way) = match record.direction {
        Direction::Up => ("→", "from the device"),
        Direction::Down => ("←", "to the device"),
    };
    // A step of the security layer is no datagram of its own.
    let size = record
        .step
        .is_none()
        .then(|| view! { {record.hex.len() / 2}<span class="unit">"B"</span> });
    let code = match &record.step {
        Some(step) => view! { {Text::from(step.name.as_str())} },
        None if record.code.is_empty() => View::Empty,
        None => view! { {Text::from(record.code.as_str())}" "{Text::from(record.code_name.as_str())} },
    };
    let words = message.rung.words.as_str();
    let label = format!("{time} {way}, {words}: details");
    let error = record.error.as_deref().map(Text::from);
    let trip = message
        .rung
        .round_trip_ms
        .map(|trip| view! { {trip.to_string()}" ms" });
    let choose = {
        let message = Rc::clone(&message);
        move |_| {
            let already = selected.get_untracked();
            trace.selected.set((!already).then(|| Rc::clone(&message)));
        }
    };
    view! {
        <tr
            class:unreadable=record.error.is_some()
            class:step=record.step.is_some()
            class:chosen=move || selected.get()
            class:mate=mate
            class:joins-above=joins_above
            class:joins-below=joins_below
            class:down=record.direction == Direction::Down
            data-row=""
            on:click=choose
        >
            <td class="mono at">{time}</td>
            <td class="dir"><span data-tip=way aria-hidden="true">{arrow}</span><span class="visually-hidden">{way}</span></td>
            <td class="kind">{Text::from(record.message_type.as_str())} <span class="unit">{transport(record)}</span></td>
            <td class="code-cell mono">{code}</td>
            <td class="words">
                <button type="button" class="rung-open" aria-label=label aria-pressed=move || true_or_false(selected.get())>
                    {Text::from(words)}
                </button>
                {record.retransmission.then(|| view! { <span class="badge tone-warning">"again"</span> })}
                {error.map(|error| view! { <span class="badge tone-bad">{error}</span> })}
            </td>
            <td class="mono uri">{Text::from(record.uri.as_str())}</td>
            <td class="num size">{size}</td>
            <td class="num trip">{trip}</td>
        </tr>
    }
}

/// Closes the details; the message that they are of has the focus then.
pub(super) fn close(trace: Trace) {
    keys::focus(".ladder .chosen .rung-open");
    trace.selected.set(None);
}

/// Closes the details by key, from within them or from the messages.
pub(super) fn leave(trace: Trace, event: &web_sys::KeyboardEvent) {
    let open = trace.selected.with_untracked(Option::is_some);
    if open && keys::act(Scope::Messages, event) == Some(Act::Leave) {
        event.prevent_default();
        close(trace);
    }
}

/// Arrow keys move between the messages.
fn step(trace: Trace, event: &web_sys::KeyboardEvent) {
    let by = match keys::act(Scope::Messages, event) {
        Some(Act::Next) => 1,
        Some(Act::Previous) => -1,
        _ => return leave(trace, event),
    };
    let Some(here) = document().active_element() else {
        return;
    };
    let Ok(all) = document().query_selector_all(".rung-open") else {
        return;
    };
    let at = (0..all.length()).find(|index| all.get(*index).is_some_and(|one| one.is_same_node(Some(&here))));
    let next = at
        .and_then(|at| at.checked_add_signed(by))
        .and_then(|next| all.get(next));
    if let Some(button) = next.and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        // Focus is refused only for what is not in the page.
        drop(button.focus());
    }
}
