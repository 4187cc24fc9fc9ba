//! Names with values, typed as lines: tags, notes.

use crate::dom::prelude::*;
use shared::sorted::SortedMap;

/// A few short lines of text.
#[component]
pub(crate) fn Lines(
    id: &'static str,
    label: &'static str,
    value: RwSignal<String>,
    hint: &'static str,
) -> impl IntoView {
    let note = format!("{id}-note");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <textarea
                id=id
                class="input mono"
                rows="3"
                spellcheck="false"
                aria-describedby=note.clone()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
            <p class="note" id=note>{hint}</p>
        </div>
    }
}

/// `"site=berlin"` a line.
pub(crate) fn lines(pairs: &SortedMap<String, String>) -> String {
    let lines: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            if value.is_empty() {
                name.clone()
            } else {
                format!("{name}={value}")
            }
        })
        .collect();
    lines.join("\n")
}

/// Reads `"site=berlin"` a line; `what` begins what is said of a mistake.
pub(crate) fn pairs(text: &str, what: &str) -> Result<SortedMap<String, String>, String> {
    let mut pairs = SortedMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return Err(format!("{what}: “{line}” has no name before its “=”."));
        }
        if pairs.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(format!("{what}: “{name}” is there twice."));
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back() {
        let text = "loose\nsite=berlin";
        assert_eq!(lines(&pairs(text, "Tags").unwrap()), text);
        assert_eq!(pairs(" a = b=c \n\n", "Tags").unwrap()["a"], "b=c");
    }
}
