//! Uploading a DDF file. What is wrong in it is told by line.

use crate::api::Api;
use crate::dom::prelude::*;
use crate::reactive::spawn_local;
use crate::ui::{Button, Dialog, Icon, Tone, badge};
use shared::api::{ModelChange, ModelUpload, ModelUploadList};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// How far an upload is.
#[derive(Debug, Clone, PartialEq)]
enum Progress {
    Asking,
    Sending,
    /// What is wrong, a line each.
    Refused(String),
    Done(Vec<ModelUpload>),
}

#[component]
pub(super) fn Upload(open: RwSignal<bool>, done: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let progress = RwSignal::new(Progress::Asking);
    Effect::new(move |_| {
        if open.get() {
            progress.set(Progress::Asking);
        }
    });
    let take = move |event: web_sys::Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(file) = input.and_then(|input| input.files()?.get(0)) else {
            return;
        };
        progress.set(Progress::Sending);
        spawn_local(async move {
            let text = JsFuture::from(file.text())
                .await
                .ok()
                .and_then(|text| text.as_string());
            let outcome = match text {
                None => Err("The browser cannot read this file.".into()),
                Some(text) => api
                    .upload::<ModelUploadList>("/models", "application/xml", text)
                    .await
                    .map_err(|failure| failure.to_string()),
            };
            progress.set(match outcome {
                Ok(list) => {
                    done.run(());
                    Progress::Done(list.items)
                }
                Err(why) => Progress::Refused(why),
            });
        });
    };
    let outcome = move || progress.with(shown);
    view! {
        <Dialog open=open title="Upload a definition">
            <p>
                "A DDF file, the XML in which OMA and makers of devices describe objects. It is in effect at once, also for "
                "devices that are connected. All of the file is taken, or nothing of it."
            </p>
            <div class="field">
                <label for="ddf">"DDF file"</label>
                <input id="ddf" class="input file" type="file" accept=".xml,application/xml,text/xml" on:change=take />
            </div>
            {outcome}
            <div class="actions">
                <Button on_press=Callback::new(move |()| open.set(false))>"Close"</Button>
            </div>
        </Dialog>
    }
}

fn outcome_line(item: &ModelUpload) -> View {
    let (tone, word) = match item.change {
        ModelChange::Added => (Tone::Good, "Added"),
        ModelChange::Replaced => (Tone::Accent, "Replaced"),
        ModelChange::Unchanged => (Tone::Plain, "As it was"),
    };
    view! {
        <li>
            {badge(word, tone, tone.icon())}
            <span class="grow">{Text::from(&*item.name)}</span>
            <span class="mono muted">{item.id.to_string()}" "{item.version.to_string()}</span>
        </li>
    }
}

fn shown(progress: &Progress) -> View {
    match progress {
        Progress::Asking => View::Empty,
        Progress::Sending => view! { <progress class="progress" aria-label="Uploading"></progress> },
        Progress::Refused(why) => view! {
            <div class="notice tone-bad" role="alert"><Icon name="warning" /><p class="lines">{Text::from(&**why)}</p></div>
        },
        Progress::Done(items) => view! {
            <ul class="changes" role="status">{items.iter().map(outcome_line).collect_view()}</ul>
        },
    }
}
