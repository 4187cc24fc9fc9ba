//! The definition of an object that no model describes, uploaded where it is missed.

use super::super::refusal::refusal;
use super::super::store::Device;
use crate::dom::prelude::*;
use crate::ui::{Icon, Tone};
use shared::api::ModelUploadList;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// The largest file that is sent, in bytes.
const MAX_FILE: f64 = 1024.0 * 1024.0;

/// Says that the object is unknown, and takes its DDF file.
#[component]
pub(super) fn Definition(object: u16, may: bool) -> impl IntoView {
    let device = expect_context::<Device>();
    let told = RwSignal::new(None::<String>);
    let node = NodeRef::<web_sys::HtmlInputElement>::new();
    let take = move |_| {
        let Some(input) = node.get_untracked() else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else {
            return;
        };
        if file.size() > MAX_FILE {
            return told.set(Some("The file is larger than 1 MiB.".into()));
        }
        crate::reactive::spawn_local(async move {
            let text = JsFuture::from(file.unchecked_ref::<web_sys::Blob>().text()).await;
            let Some(text) = text.ok().and_then(|text| text.as_string()) else {
                return told.set(Some("The file cannot be read.".into()));
            };
            let answer = device
                .api()
                .upload::<ModelUploadList>("/models", "application/xml", text)
                .await;
            if device.is_gone() {
                return;
            }
            // So that the same file, once it is put right, is taken again.
            input.set_value("");
            match answer {
                Ok(list) if list.items.iter().any(|item| item.id == object) => {
                    device.toasts().say(Tone::Good, "The definition is in effect");
                    device.load();
                }
                Ok(_) => told.set(Some(format!(
                    "Uploaded, but the file does not define object {object}."
                ))),
                Err(failure) => told.set(Some(failure.to_string())),
            }
        });
    };
    view! {
        <div class="definition">
            <p>"No definition of this object is known: its resources have numbers instead of names, and what is written needs its type told."</p>
            {may.then(|| view! {
                <label class="btn s">
                    <Icon name="upload" />
                    "Upload its definition (DDF XML)"
                    <input type="file" accept=".xml,application/xml,text/xml" class="visually-hidden" node_ref=node on:change=take />
                </label>
            })}
            {refusal(told)}
        </div>
    }
}
