//! A secret that is shown this once.

use super::{Button, Copy, Icon};
use crate::dom::prelude::*;

/// Lines to copy, with the warning that they are not shown again. `on_done` closes what it stands in.
#[component]
pub(crate) fn Told(
    /// What to do now, and why.
    text: &'static str,
    /// A name and its text.
    lines: Vec<(&'static str, String)>,
    on_done: Callback<()>,
) -> impl IntoView {
    let line = |(name, text): (&'static str, String)| {
        view! {
            <div class="key-line">
                <span class="label">{name}</span>
                <code tabindex="0">{text.clone()}</code>
                <Copy text=text label=format!("Copy: {name}") />
            </div>
        }
    };
    view! {
        <p class="notice tone-warning" role="alert"><Icon name="warning" />{text}</p>
        <div class="stack">{lines.into_iter().map(line).collect_view()}</div>
        <div class="actions">
            <Button kind="primary" on_press=on_done>"I have it"</Button>
        </div>
    }
}
