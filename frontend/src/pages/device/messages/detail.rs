//! The selected message: its parts and its payload beside the bytes; a part lights its bytes, a byte its part.

use super::super::objects::tree::name_of;
use super::super::store::Device;
use super::dissect::{self, Part, Said};
use super::hex;
use super::list;
use super::trace::{Message, Trace};
use crate::dom::prelude::*;
use crate::ui::{Button, Copy};
use shared::ContentFormat;
use std::sync::Arc;

/// The bytes that are lit.
type Lit = RwSignal<Option<(usize, usize)>>;

#[component]
pub(super) fn Detail() -> impl IntoView {
    let device = expect_context::<Device>();
    let trace = expect_context::<Trace>();
    move || {
        let message = trace.selected.get()?;
        if message.record.step.is_some() {
            return Some(step(&message, trace));
        }
        let lit: Lit = RwSignal::new(None);
        let bytes = hex::bytes(&message.record.hex);
        let parts = dissect::parts(&message.record);
        let root = untrack(|| {
            device
                .detail(|detail| detail.registration.as_ref()?.root_path.clone())
                .flatten()
        });
        let read =
            untrack(|| device.models(|models| dissect::payload(&message.record, models, root.as_deref())));
        let title = format!("{} bytes", bytes.len());
        let copied = message.record.hex.clone();
        let close = Callback::new(move |()| list::close(trace));
        Some(
            view! {
            <div class="message-detail" on:keydown=move |event| list::leave(trace, &event)>
                <section class="panel" aria-label="Decoded">
                    <header>
                        <h2>{message.rung.words.clone()}</h2>
                        <span class="muted mono">{message.record.address.clone()}</span>
                        <span class="grow"></span>
                        <Button kind="quiet" small=true icon="cross" label="Close the details" on_press=close />
                    </header>
                    {message.record.error.clone().map(|error| view! { <p class="part-note bad">{error}</p> })}
                    <dl class="parts">{parts.iter().map(|part| row(part.clone(), None, lit)).collect_view()}</dl>
                    {payload(device, &message, read.clone(), lit)}
                </section>
                <section class="panel" aria-label="Bytes">
                    <header>
                        <h2>"Bytes"</h2>
                        <span class="muted">{title}</span>
                        <span class="grow"></span>
                        <Copy text=Signal::derive(move || copied.clone()) label="Copy the bytes as hexadecimal" />
                    </header>
                    {dump(&bytes, &ranges(&parts, &read, &message), lit)}
                </section>
            </div>
        }
        .into_view())
    }
}

/// A step of the security layer; its bytes are sealed or hold keys, and are not kept.
fn step(message: &Arc<Message>, trace: Trace) -> View {
    let record = &message.record;
    let close = Callback::new(move |()| list::close(trace));
    view! {
        <section class="panel step-detail" aria-label="Decoded" on:keydown=move |event| list::leave(trace, &event)>
            <header>
                <h2>{record.step.as_ref().map(|step| step.name.clone())}</h2>
                <span class="muted mono">{record.address.clone()}</span>
                <span class="grow"></span>
                <Button kind="quiet" small=true icon="cross" label="Close the details" on_press=close />
            </header>
            <p class="part-note">{message.rung.words.clone()}</p>
            {record.error.clone().map(|error| view! { <p class="part-note bad">{error}</p> })}
            <p class="part-note muted">"Done by the DTLS layer (RFC 6347). The trace keeps no bytes of it."</p>
        </section>
    }
    .into_view()
}

/// One part, with the name of what it is the value of; the pointer or the focus on it lights its bytes.
fn row(part: Part, name: Option<String>, lit: Lit) -> impl IntoView {
    let bytes = part.bytes;
    let on = move || lit.get().is_some() && lit.get() == bytes;
    view! {
        <div
            class="part"
            class:on=on
            tabindex="0"
            on:pointerenter=move |_| lit.set(bytes)
            on:pointerleave=move |_| lit.set(None)
            on:focus=move |_| lit.set(bytes)
            on:blur=move |_| lit.set(None)
        >
            <dt>{part.name}</dt>
            <dd class="mono">{part.text}{name.map(|name| view! { <span class="part-name">{name}</span> })}</dd>
        </div>
    }
}

fn payload(device: Device, message: &Arc<Message>, read: Vec<Said>, lit: Lit) -> View {
    let record = &message.record;
    let place = dissect::payload_range(record);
    if place.is_none() {
        return View::Empty;
    }
    let nothing = read
        .is_empty()
        .then(|| view! { <p class="part-note muted">"It holds no value."</p> });
    let rows = read
        .into_iter()
        .map(|said| {
            let name = said
                .path
                .and_then(|path| untrack(|| device.models(|models| name_of(models, path))));
            row(said.part, name, lit)
        })
        .collect_view();
    let format = record.content_format.map(|number| {
        let length = place.map_or(0, |(start, end)| end - start);
        format!("{} ({number}), {length} bytes", ContentFormat(number))
    });
    view! {
        <h3 class="payload-head">"Payload" <span class="muted">{format}</span></h3>
        {nothing}
        <dl class="parts">{rows}</dl>
    }
}

/// The places that a byte can belong to, the smallest first.
fn ranges(parts: &[Part], read: &[Said], message: &Message) -> Vec<(usize, usize)> {
    let said = read.iter().rev().map(|said| &said.part);
    let mut ranges: Vec<(usize, usize)> = parts.iter().chain(said).filter_map(|part| part.bytes).collect();
    ranges.extend(dissect::payload_range(&message.record));
    ranges
}

/// The bytes, sixteen to a line.
fn dump(bytes: &[u8], ranges: &[(usize, usize)], lit: Lit) -> View {
    let lines = bytes.chunks(hex::WIDTH).enumerate().map(|(line, chunk)| {
        let start = line * hex::WIDTH;
        let digits = chunk.iter().enumerate().map(|(index, byte)| {
            let at = start + index;
            let home = ranges
                .iter()
                .copied()
                .find(|(start, end)| (*start..*end).contains(&at));
            let on = move || lit.get().is_some_and(|(start, end)| (start..end).contains(&at));
            view! {
                <span
                    class:on=on
                    class:half=index == hex::WIDTH / 2
                    on:pointerenter=move |_| lit.set(home)
                    on:pointerleave=move |_| lit.set(None)
                >
                    {format!("{byte:02x}")}
                </span>
            }
        });
        let text: String = chunk.iter().map(|byte| hex::printable(*byte)).collect();
        view! {
            <div class="hex-line">
                <i>{format!("{start:04x}")}</i>
                <span class="hex-bytes">{digits.collect_view()}</span>
                <span class="hex-text" aria-hidden="true">{text}</span>
            </div>
        }
    });
    view! {
        <div class="hex" tabindex="0" role="region" aria-label="Hex dump">
            {lines.collect_view()}
        </div>
    }
}
