//! Which page of the list, and to the next. The server pages by cursor, so the way back is the one that was come.

use super::query::range_words;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::Button;

/// What the paging needs to know of the page in sight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PageFacts {
    pub(super) shown: usize,
    pub(super) total: u64,
    pub(super) next_cursor: Option<String>,
}

#[component]
pub(super) fn Paging(#[prop(into)] facts: Signal<PageFacts>) -> impl IntoView {
    let router = expect_context::<Router>();
    let cursor = router.param("cursor");
    let page_param = router.param("page");
    let page = Memo::new(move |_| {
        page_param
            .get()
            .and_then(|page| page.parse::<u32>().ok())
            .unwrap_or(1)
            .max(1)
    });
    // The cursors of the pages before this one, as far as they were seen.
    let trail = StoredValue::new(Vec::<Option<String>>::new());
    let go = move |to: Option<String>, number: u32| {
        let number = (number > 1).then(|| number.to_string());
        router.set_params(&[("cursor", to.as_deref()), ("page", number.as_deref())], true);
        crate::keys::focus("#main");
    };
    let next = Callback::new(move |()| {
        let Some(to) = facts.with_untracked(|facts| facts.next_cursor.clone()) else {
            return;
        };
        trail.update_value(|trail| trail.push(cursor.get_untracked()));
        go(Some(to), page.get_untracked() + 1);
    });
    let previous = Callback::new(move |()| {
        let number = page.get_untracked().saturating_sub(1);
        // A page that was opened from a link has no trail: then back to the first.
        match trail.try_update_value(Vec::pop).flatten() {
            Some(to) if number > 0 => go(to, number),
            _ => go(None, 1),
        }
    });
    let alone = move || page.get() == 1 && facts.with(|facts| facts.next_cursor.is_none());
    view! {
        <div class="paging">
            <span class="muted">
                {move || facts.with(|facts| range_words(page.get(), facts.shown, facts.total))}
            </span>
            <div class="end" class:gone=alone>
                <Button icon="chevron-left" disabled=Signal::derive(move || page.get() == 1) on_press=previous>
                    "Previous"
                </Button>
                <Button
                    icon="chevron-right"
                    disabled=Signal::derive(move || facts.with(|facts| facts.next_cursor.is_none()))
                    on_press=next
                >
                    "Next"
                </Button>
            </div>
        </div>
    }
}
