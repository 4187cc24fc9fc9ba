//! Devices that are selected: by `x`, by a check box, by a range; and what there is to do with them.

use super::listing::Listing;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Button, Copy, Toasts, Tone};
use crate::words::counted;

/// How many devices a range has at most: as many as the server tells at once.
const MOST: usize = 500;

/// Selects the rows from one place up to another. Those that were not read are asked for.
pub(super) fn range(listing: Listing, api: Api, toasts: Toasts, from: usize, until: usize) {
    if until - from > MOST {
        toasts.say(
            Tone::Warning,
            format!("A range has at most {MOST} devices. A query finds any number of them."),
        );
        return;
    }
    let add = move |endpoints: Vec<String>| listing.selected.update(|selected| selected.extend(endpoints));
    if listing.covers(from, until - from) {
        return add(listing.endpoints_of(from, until));
    }
    let router = expect_context::<Router>();
    let which = super::which(router);
    let mut request = which.get_untracked().part(0, 0);
    request.offset = Some(from as u64);
    request.limit = Some((until - from) as u32);
    api.devices(&request).then(move |page| match page {
        Ok(page) => add(page.items.into_iter().map(|row| row.endpoint).collect()),
        Err(failure) => toasts.say(Tone::Bad, format!("Not selected. {failure}")),
    });
}

/// How many are selected, and what to do with them. Not there while none is.
#[component]
pub(super) fn SelectionBar() -> impl IntoView {
    let listing = expect_context::<Listing>();
    let some = Memo::new(move |_| listing.selected.with(|selected| !selected.is_empty()));
    let words = move || {
        listing
            .selected
            .with(|selected| counted(selected.len() as u64, "device selected", "devices selected"))
    };
    let endpoints = Signal::derive(move || {
        listing
            .selected
            .with(|selected| selected.iter().cloned().collect::<Vec<_>>().join("\n"))
    });
    let clear = Callback::new(move |()| listing.selected.set(Default::default()));
    view! {
        <div class="bar selection" role="status" class:none=move || !some.get()>
            <Show when=move || some.get()>
                <b>{words}</b>
                <Copy text=endpoints label="Copy their endpoint names" />
                <Button kind="quiet" small=true icon="cross" on_press=clear>"Select none"</Button>
            </Show>
        </div>
    }
}
