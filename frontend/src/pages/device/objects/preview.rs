//! What a request is on the wire, before it is sent: its format, its size, and when it goes out.

use super::super::store::Device;
use super::ask::Wanted;
use crate::dom::prelude::*;
use crate::words::counted;
use gloo_timers::callback::Timeout;
use shared::api::OperationPreview;

/// How long the typing has to pause, in milliseconds.
const PAUSE: u32 = 400;

/// Asks the server whenever what `wanted` gives changes; shows nothing while that is not complete.
#[component]
pub(in super::super) fn Preview(wanted: Signal<Wanted>) -> impl IntoView {
    let device = expect_context::<Device>();
    let told = RwSignal::new(None::<String>);
    let waiting = StoredValue::new(None::<Timeout>);
    let turn = StoredValue::new(0u32);
    Effect::new(move |_| {
        let request = wanted.get().ok();
        let number = turn.get_value().wrapping_add(1);
        turn.set_value(number);
        let ask = move || match request {
            Some(request) => {
                let path = device.path("/operations/preview");
                let asked = device.api().post::<OperationPreview>(&path, &request);
                asked.then(move |answer| {
                    if turn.try_get_value() == Some(number) {
                        // What is wrong is said by the field, or when it is sent.
                        told.set(answer.ok().map(|preview| words(&preview)));
                    }
                });
            }
            None => told.set(None),
        };
        waiting.set_value(Some(Timeout::new(PAUSE, ask)));
    });
    view! { <p class="wire" role="status">{move || told.get()}</p> }
}

/// `"PUT /3/0/14 as Text, 6 bytes"`.
fn words(preview: &OperationPreview) -> String {
    let mut words = format!("On the wire: {} {}", preview.method, preview.path);
    if let Some(format) = &preview.format {
        words.push_str(" as ");
        words.push_str(format);
    }
    words.push_str(", ");
    words.push_str(&counted(preview.bytes, "byte", "bytes"));
    if preview.blocks > 1 {
        words.push_str(&format!(" in {} blocks", preview.blocks));
    }
    words + "."
}
