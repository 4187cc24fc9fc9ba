//! What a request is on the wire, before it is sent: its format, its size, and when it goes out.

use super::super::store::Device;
use crate::dom::prelude::*;
use crate::words::counted;
use gloo_timers::callback::Timeout;
use shared::api::{OperationPreview, OperationRequest};

/// How long the typing has to pause, in milliseconds.
const PAUSE: u32 = 400;

/// Asks the server whenever what `wanted` gives changes; shows nothing while that is not complete.
#[component]
pub(in super::super) fn Preview(wanted: Signal<Option<OperationRequest>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let told = RwSignal::new(None::<String>);
    let waiting = StoredValue::new(None::<Timeout>);
    let turn = StoredValue::new(0u32);
    Effect::new(move |_| {
        let request = wanted.get();
        let number = turn.get_value().wrapping_add(1);
        turn.set_value(number);
        let ask = move || {
            crate::reactive::spawn_local(async move {
                let words = match request {
                    Some(request) => {
                        let path = device.path("/operations/preview");
                        let answer = device.api().post::<OperationPreview>(&path, &request).await;
                        // What is wrong is said by the field, or when it is sent.
                        answer.ok().map(|preview| words(&preview))
                    }
                    None => None,
                };
                if turn.try_get_value() == Some(number) {
                    told.set(words);
                }
            });
        };
        waiting.set_value(Some(Timeout::new(PAUSE, ask)));
    });
    view! { <p class="wire" role="status">{move || told.get()}</p> }
}

/// `"PUT /3/0/14 as Text, 6 bytes"`.
fn words(preview: &OperationPreview) -> String {
    let format = preview
        .format
        .as_deref()
        .map(|format| format!(" as {format}"))
        .unwrap_or_default();
    let more = if preview.blocks > 1 {
        format!(" in {} blocks", preview.blocks)
    } else {
        String::new()
    };
    format!(
        "On the wire: {} {}{format}, {}{more}.",
        preview.method,
        preview.path,
        counted(preview.bytes, "byte", "bytes"),
    )
}
