//! Form fields with their label, hint and error in place.

use crate::dom::prelude::*;

/// A text input. `error` is shown under it and tied to it; `hint` is shown while there is no error.
#[component]
pub(crate) fn Field(
    /// The id of the input, once on a page.
    #[prop(into)]
    id: Text,
    #[prop(into)] label: Text,
    value: RwSignal<String>,
    /// The input's type: `"text"`, `"password"`, `"number"`, `"datetime-local"` …
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    #[prop(optional, into)] error: Option<Signal<Option<String>>>,
    #[prop(optional)] autocomplete: &'static str,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] required: bool,
    /// Monospaced, without spelling help: for paths, hex, endpoints.
    #[prop(optional)]
    code: bool,
) -> impl IntoView {
    let note = id.followed_by("-note");
    let described = note.clone();
    let wrong = move || error.and_then(Signal::get);
    let is_wrong = move || error.is_some_and(|error| error.with(Option::is_some));
    view! {
        <div class="field" class:invalid=is_wrong>
            <label for=id.clone()>{label}</label>
            <input
                id=id
                class="input"
                class:mono=code
                type=kind
                autocomplete=if autocomplete.is_empty() { "off" } else { autocomplete }
                autofocus=autofocus
                spellcheck=code.then_some("false")
                autocapitalize=code.then_some("off")
                required=required
                aria-invalid=move || is_wrong().then_some("true")
                aria-describedby=described
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            <p class="note" id=note aria-live="polite">
                {move || wrong().or_else(|| hint.map(Signal::get))}
            </p>
        </div>
    }
}

/// A list of choices, each a value and its word.
#[component]
pub(crate) fn Select(
    #[prop(into)] id: Text,
    #[prop(into)] label: Text,
    value: RwSignal<String>,
    /// Value and word.
    options: Vec<(String, String)>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select
                id=id
                class="input"
                prop:value=move || value.get()
                on:change=move |event| value.set(event_target_value(&event))
            >
                {options
                    .into_iter()
                    .map(|(choice, word)| {
                        let selected = value.with_untracked(|value| *value == choice);
                        view! { <option value=choice selected=selected>{word}</option> }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}

/// Choices that are known when the page is built, for a [`Select`].
#[inline(never)]
pub(crate) fn owned(options: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(value, word): &(&str, &str)| ((*value).to_owned(), (*word).to_owned());
    options.iter().map(owned).collect()
}
