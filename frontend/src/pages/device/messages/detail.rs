//! The selected message: its parts and its payload beside the bytes; a part lights its bytes, a byte its part.

use super::super::store::Device;
use super::dissect::{self, Part, Said};
use super::hex;
use super::list;
use super::trace::{Message, Trace};
use crate::dom::prelude::*;
use crate::ui::{Button, Copy};
use shared::ContentFormat;
use shared::api::{TraceRecord, TraceStep};

/// The bytes that are lit.
type Lit = RwSignal<Option<(usize, usize)>>;

#[component]
pub(super) fn Detail() -> impl IntoView {
    let device = expect_context::<Device>();
    let trace = expect_context::<Trace>();
    move || {
        let message = trace.selected.get()?;
        let shown = match &message.record.step {
            Some(step) => self::step(&message, step, trace),
            None => untrack(|| datagram(device, &message, trace)),
        };
        Some(shown)
    }
}

/// A message beside its bytes.
fn datagram(device: Device, message: &Message, trace: Trace) -> View {
    let record = &message.record;
    let lit: Lit = RwSignal::new(None);
    let bytes = hex::bytes(&record.hex);
    let parts = dissect::parts(record);
    let root = device
        .detail(|detail| detail.registration.as_ref()?.root_path.clone())
        .flatten();
    let read = device.models(|models| dissect::payload(record, models, root.as_deref()));
    let dump = dump(&bytes, &ranges(&parts, &read, record), lit);
    view! {
        <div class="message-detail" on:keydown=move |event| list::leave(trace, &event)>
            <section class="panel" aria-label="Decoded">
                {head(&message.rung.words, record, trace)}
                {trouble(record)}
                <dl class="parts">{parts.into_iter().map(|part| row(part, None, lit)).collect_view()}</dl>
                {payload(device, record, read, lit)}
            </section>
            <section class="panel" aria-label="Bytes">
                <header>
                    <h2>"Bytes"</h2>
                    <span class="muted">{bytes.len()}" bytes"</span>
                    <span class="grow"></span>
                    <Copy text=Signal::stored(record.hex.clone()) label="Copy the bytes as hexadecimal" />
                </header>
                {dump}
            </section>
        </div>
    }
}

/// A step of the security layer; its bytes are sealed or hold keys, and are not kept.
fn step(message: &Message, step: &TraceStep, trace: Trace) -> View {
    view! {
        <section class="panel step-detail" aria-label="Decoded" on:keydown=move |event| list::leave(trace, &event)>
            {head(&step.name, &message.record, trace)}
            <p class="part-note">{Text::from(message.rung.words.as_str())}</p>
            {trouble(&message.record)}
            <p class="part-note muted">"Done by the DTLS layer (RFC 6347). The trace keeps no bytes of it."</p>
        </section>
    }
}

/// What it is and where it came from.
fn head(title: &str, record: &TraceRecord, trace: Trace) -> View {
    let close = Callback::new(move |()| list::close(trace));
    view! {
        <header>
            <h2>{Text::from(title)}</h2>
            <span class="muted mono">{Text::from(record.address.as_str())}</span>
            <span class="grow"></span>
            <Button kind="quiet" small=true icon="cross" label="Close the details" on_press=close />
        </header>
    }
}

/// Why it could not be read.
fn trouble(record: &TraceRecord) -> Option<View> {
    let error = Text::from(record.error.as_deref()?);
    Some(view! { <p class="part-note bad">{error}</p> })
}

/// One part, with the name of what it is the value of; the pointer or the focus on it lights its bytes.
fn row(part: Part, name: Option<String>, lit: Lit) -> View {
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

fn payload(device: Device, record: &TraceRecord, read: Vec<Said>, lit: Lit) -> View {
    let Some((start, end)) = dissect::payload_range(record) else {
        return View::Empty;
    };
    let nothing = read
        .is_empty()
        .then(|| view! { <p class="part-note muted">"It holds no value."</p> });
    let format = record
        .content_format
        .map(|number| format!("{} ({number}), {} bytes", ContentFormat(number), end - start));
    let row = |said: Said| {
        let name = said.path.and_then(|path| device.name(path));
        row(said.part, name, lit)
    };
    view! {
        <h3 class="payload-head">"Payload" <span class="muted">{format}</span></h3>
        {nothing}
        <dl class="parts">{read.into_iter().map(row).collect_view()}</dl>
    }
}

/// The places that a byte can belong to, the smallest first.
fn ranges(parts: &[Part], read: &[Said], record: &TraceRecord) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    for part in parts {
        ranges.extend(part.bytes);
    }
    for said in read.iter().rev() {
        ranges.extend(said.part.bytes);
    }
    ranges.extend(dissect::payload_range(record));
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
