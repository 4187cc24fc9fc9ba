//! The configuration as JSON. What cannot be read is told with its line, and the document stays as it was.

use super::document::Document;
use crate::dom::prelude::*;
use shared::json::{self, Mistake};

/// The text in the JSON view while it is no JSON, with what is wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed {
    pub(super) text: RwSignal<Option<String>>,
    pub(super) wrong: RwSignal<Option<String>>,
}

impl Typed {
    pub(super) fn new() -> Typed {
        Typed {
            text: RwSignal::new(None),
            wrong: RwSignal::new(None),
        }
    }
}

#[component]
pub(super) fn Json(document: Document, typed: Typed) -> impl IntoView {
    let text = RwSignal::new(
        typed
            .text
            .get_untracked()
            .unwrap_or_else(|| untrack(|| document.text())),
    );
    let input = move |event: web_sys::Event| {
        let now = event_target_value(&event);
        match json::parse(now.as_bytes()) {
            Ok(value) if value.is_object() => {
                typed.wrong.set(None);
                typed.text.set(None);
                document.replace(value);
            }
            Ok(_) => {
                typed
                    .wrong
                    .set(Some("A configuration is an object: { … }.".into()));
                typed.text.set(Some(now.clone()));
            }
            Err(mistake) => {
                typed.wrong.set(Some(wrong(&mistake)));
                typed.text.set(Some(now.clone()));
            }
        }
        text.update_untracked(|text| *text = now);
    };
    view! {
        <div class="field" class:invalid=move || typed.wrong.with(Option::is_some)>
            <label for="pv-json">"Configuration as JSON"</label>
            <textarea
                id="pv-json"
                class="input mono pv-json"
                rows="24"
                spellcheck="false"
                autocapitalize="off"
                aria-describedby="pv-json-note"
                aria-invalid=move || typed.wrong.with(|wrong| wrong.as_ref().map(|_| "true"))
                prop:value=move || text.get()
                on:input=input
            ></textarea>
            <p class="note" id="pv-json-note" aria-live="polite">
                {move || typed.wrong.get().unwrap_or_else(|| "As in PUT /bootstrap/configurations: delete, read, servers, access, objects, format, pack. Secrets that are (stored) stay as they are.".into())}
            </p>
        </div>
    }
}

fn wrong(mistake: &Mistake) -> String {
    let Mistake {
        line, column, reason, ..
    } = mistake;
    format!("Line {line}, column {column}: {reason}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let mistake = json::parse(b"{\n  \"a\": 1,\n}").unwrap_err();
        assert_eq!(wrong(&mistake), "Line 3, column 1: trailing comma.");
    }
}
