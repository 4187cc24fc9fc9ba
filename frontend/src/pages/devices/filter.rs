//! The query box: what may follow is suggested, a mistake is underlined where it is and told in words, and what is understood
//! is in the address a moment after the last key.

use crate::api::Api;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::Icon;
use crate::words::true_or_false;
use gloo_timers::callback::Timeout;
use shared::api::{Counted, FleetFacets};
use shared::query::{Query, Suggestions, SyntaxError, Vocabulary, suggest};
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

const DEBOUNCE_MS: u32 = 180;
/// A mistake is told once the typing rests: most of them are queries that are not finished.
const PATIENCE_MS: u32 = 600;

/// What the query says wrongly, if it does.
pub(super) fn mistake(query: &str) -> Option<SyntaxError> {
    query.parse::<Query>().err()
}

#[component]
pub(super) fn Filter(#[prop(into)] busy: Signal<bool>) -> impl IntoView {
    let router = expect_context::<Router>();
    let api = expect_context::<Api>();
    let query = router.param("query");
    let input = NodeRef::<HtmlInputElement>::new();
    let marks = NodeRef::<HtmlElement>::new();
    let pending = StoredValue::new(None::<Timeout>);
    let telling = StoredValue::new(None::<Timeout>);
    let text = RwSignal::new(String::new());
    let told = RwSignal::new(None::<SyntaxError>);
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(None::<usize>);
    let found = RwSignal::new(Suggestions::default());
    let vocabulary = StoredValue::new(None::<Vocabulary>);

    let tell = move || {
        telling.set_value(None);
        let wrong = text.with_untracked(|text| mistake(text));
        if told.with_untracked(|told| *told != wrong) {
            told.set(wrong);
        }
    };
    let apply = move || {
        pending.set_value(None);
        let text = text.get_untracked();
        if mistake(&text).is_none() {
            apply_query(router, text.trim());
            tell();
        }
    };
    let look = move || {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let value = input.value();
        let cursor = cursor_of(&input, &value);
        let suggestions = vocabulary.with_value(|known| match known {
            Some(known) => suggest(&value, cursor, known),
            None => suggest(&value, cursor, &Vocabulary::default()),
        });
        chosen.set(None);
        open.set(!suggestions.items.is_empty());
        found.set(suggestions);
    };
    // The address changed by other means: a link of the strip, the back button, a saved view.
    Effect::new(move |_| {
        let wanted = query.get().unwrap_or_default();
        if let Some(input) = input.get()
            && input.value().trim() != wanted
        {
            pending.set_value(None);
            input.set_value(&wanted);
            text.set(wanted);
            tell();
        }
    });
    let take = move |index: usize| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let value = input.value();
        let Some((before, put, after)) = found.with_untracked(|found| {
            let item = found.items.get(index)?;
            let characters = |range: std::ops::Range<usize>| -> String {
                value.chars().skip(range.start).take(range.len()).collect()
            };
            let length = value.chars().count();
            let goes_on = item.text.ends_with([':', '<', '>', '='])
                || item.text.starts_with('/') && !item.text.contains([':', '<', '>', '=']);
            let put = if goes_on {
                item.text.clone()
            } else {
                item.text.clone() + " "
            };
            Some((
                characters(0..found.replaces.start),
                put,
                characters(found.replaces.end..length),
            ))
        }) else {
            return;
        };
        let at = (before.encode_utf16().count() + put.encode_utf16().count()) as u32;
        let whole = before + &put + after.trim_start();
        input.set_value(&whole);
        // Refused only for an input without a text.
        drop(input.set_selection_range(at, at));
        drop(input.focus());
        text.set(whole);
        look();
        pending.set_value(Some(Timeout::new(DEBOUNCE_MS, apply)));
    };
    let learn = move || {
        if vocabulary.with_value(Option::is_some) {
            return;
        }
        vocabulary.set_value(Some(Vocabulary::default()));
        api.get("/fleet/facets").then(move |facets| {
            // Without the fleet's words there are fewer suggestions; nothing else is lost.
            if let Ok(facets) = facets {
                let _ = vocabulary.try_set_value(Some(words_of(facets)));
            }
        });
    };
    let typed = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        text.set(input.value());
        if text.with_untracked(|text| mistake(text)).is_none() {
            told.set(None);
        }
        look();
        pending.set_value(Some(Timeout::new(DEBOUNCE_MS, apply)));
        telling.set_value(Some(Timeout::new(PATIENCE_MS, tell)));
    };
    let pressed = move |event: KeyboardEvent| {
        let count = found.with_untracked(|found| found.items.len());
        let is_open = open.get_untracked() && count > 0;
        match event.key().as_str() {
            "ArrowDown" if is_open => chosen.update(|at| *at = Some(at.map_or(0, |at| (at + 1) % count))),
            "ArrowUp" if is_open => {
                chosen.update(|at| *at = Some(at.map_or(count - 1, |at| (at + count - 1) % count)));
            }
            "ArrowDown" => {
                learn();
                look();
            }
            "Enter" | "Tab" if is_open && chosen.get_untracked().is_some() => {
                if let Some(index) = chosen.get_untracked() {
                    take(index);
                }
            }
            "Enter" => {
                open.set(false);
                apply();
                tell();
            }
            "Escape" if is_open => open.set(false),
            _ => return,
        }
        event.prevent_default();
    };
    // The underline moves with the text when the box is too short for it.
    let follow = move |_| {
        if let (Some(input), Some(marks)) = (input.get_untracked(), marks.get_untracked()) {
            marks.set_scroll_left(input.scroll_left());
        }
    };
    let option_id = |index: usize| format!("filter-option-{index}");
    view! {
        <div class="query">
            <div class="filter" class:wrong=move || told.with(Option::is_some)>
                <Icon name="filter" />
                <div class="query-text">
                    <span class="query-marks mono" aria-hidden="true" node_ref=marks>
                        {move || told.with(|told| told.as_ref().map(|wrong| text.with(|text| underlined(text, wrong))))}
                    </span>
                    <input
                        id="filter"
                        type="text"
                        class="mono"
                        role="combobox"
                        node_ref=input
                        aria-label="Filter the devices"
                        aria-describedby="filter-help filter-wrong"
                        aria-autocomplete="list"
                        aria-expanded=move || true_or_false(open.get())
                        aria-controls="filter-options"
                        aria-activedescendant=move || chosen.get().map(option_id)
                        aria-invalid=move || told.with(|told| told.as_ref().map(|_| "true"))
                        placeholder="Filter: words, or state:late seen>1d"
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        on:input=typed
                        on:keydown=pressed
                        on:scroll=follow
                        on:focus=move |_| learn()
                        on:blur=move |_| open.set(false)
                    />
                </div>
                <Show when=move || text.with(|text| !text.is_empty())>
                    <button
                        type="button"
                        class="btn quiet bare s"
                        aria-label="Clear the filter"
                        on:click=move |_| apply_query(router, "")
                    >
                        <Icon name="cross" />
                    </button>
                </Show>
                <progress class="progress" aria-label="Reading" class:idle=move || !busy.get()></progress>
            </div>
            <span id="filter-help" class="visually-hidden">
                "Words that all occur in endpoint, label, model, manufacturer, firmware, serial number or a tag; or terms such as state:late. Arrow down for suggestions."
            </span>
            <p id="filter-wrong" class="query-wrong" role="alert">
                {move || told.with(|told| told.as_ref().map(told_words))}
            </p>
            <ul id="filter-options" class="query-options" role="listbox" aria-label="Suggestions" hidden=move || !open.get()>
                {move || {
                    let items = found.with(|found| found.items.clone()).into_iter().enumerate();
                    items
                        .map(|(index, item)| {
                            view! {
                                <li
                                    id=option_id(index)
                                    role="option"
                                    aria-selected=move || true_or_false(chosen.get() == Some(index))
                                    // Before the box loses the focus.
                                    on:mousedown=move |event: web_sys::MouseEvent| {
                                        event.prevent_default();
                                        take(index);
                                    }
                                >
                                    <code>{item.text}</code>
                                    <span class="muted">{item.about}</span>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </div>
    }
}

/// Where the cursor is, in characters. The browser counts in UTF-16.
fn cursor_of(input: &HtmlInputElement, value: &str) -> usize {
    let units = input.selection_start().ok().flatten().unwrap_or(u32::MAX) as usize;
    let mut seen = 0;
    value
        .chars()
        .take_while(|character| {
            seen += character.len_utf16();
            seen <= units
        })
        .count()
}

/// The text with what is wrong underlined; invisible but for the line.
fn underlined(text: &str, wrong: &SyntaxError) -> View {
    let part = |from: usize, until: usize| -> String {
        text.chars().skip(from).take(until.saturating_sub(from)).collect()
    };
    let mut marked = part(wrong.at.start, wrong.at.end);
    if marked.is_empty() {
        // The end of the text: where something is missing.
        marked = "\u{a0}".into();
    }
    view! { {part(0, wrong.at.start)} <u>{marked}</u> }
}

/// `"The query cannot be read: … (at character 7)"`, as a sentence.
fn told_words(wrong: &SyntaxError) -> String {
    format!("Not understood: {wrong}.")
}

fn words_of(facets: FleetFacets) -> Vocabulary {
    let texts = |counted: Vec<Counted>| counted.into_iter().map(|one| one.text).collect();
    Vocabulary {
        models: texts(facets.models),
        firmwares: texts(facets.firmwares),
        tags: texts(facets.tags),
    }
}

/// Filters by another text, from the first row.
pub(super) fn apply_query(router: Router, text: &str) {
    router.set_params(&[("query", Some(text)), ("device", None)], false);
}
