//! The list as a table; on a narrow screen the same rows stack.

use super::query::{SORTS, sort_of};
use super::row::Row;
use super::rows::Rows;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Select, Sort, SortHead};

#[component]
pub(super) fn DeviceTable(rows: Rows) -> impl IntoView {
    let router = expect_context::<Router>();
    let param = router.param("sort");
    let sort = Memo::new(move |_| sort_of(param.get().as_deref()));
    let on_sort = Callback::new(move |sort: Sort| sort_by(router, &sort.to_string()));
    let head = move |label: &'static str, column: &'static str, class: &'static str, num: bool| {
        view! { <SortHead label=label column=column class=class sort=sort on_sort=on_sort num=num /> }
    };
    let labelled = Memo::new(move |_| {
        rows.order().with(|order| {
            order
                .iter()
                .filter_map(|endpoint| rows.get(endpoint))
                .any(|row| row.with(|row| row.label.is_some()))
        })
    });
    view! {
        <div class="panel scroll">
            <table class="table devices" role="table" class:unlabelled=move || !labelled.get() aria-label="Devices">
                <thead role="rowgroup">
                    <tr role="row">
                        {head("State", "state", "c-state", false)}
                        {head("Endpoint", "endpoint", "c-endpoint", false)}
                        {head("Label", "label", "c-label", false)}
                        {head("Model", "model", "c-model", false)}
                        {head("Firmware", "firmware", "c-firmware", false)}
                        {head("Last seen", "last_seen", "c-seen", true)}
                        {head("Lifetime", "lifetime", "c-lifetime", true)}
                        {head("Next due", "next_due", "c-due", true)}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For
                        each=move || rows.order().get()
                        key=String::clone
                        children=move |endpoint| rows.get(&endpoint).map(|row| view! { <Row row=row /> })
                    />
                </tbody>
            </table>
        </div>
    }
}

/// The sort as a list of choices, for where there are no column heads.
#[component]
pub(super) fn SortChoice() -> impl IntoView {
    let router = expect_context::<Router>();
    let param = router.param("sort");
    let value = RwSignal::new(sort_of(param.get_untracked().as_deref()).to_string());
    Effect::new(move |_| value.set(sort_of(param.get().as_deref()).to_string()));
    Effect::new(move |before: Option<()>| {
        let chosen = value.get();
        if before.is_some() && sort_of(param.get_untracked().as_deref()).to_string() != chosen {
            sort_by(router, &chosen);
        }
    });
    let options = SORTS
        .map(|(sort, word)| (sort.to_owned(), word.to_owned()))
        .to_vec();
    view! {
        <div class="sort-choice">
            <Select id="sort" label="Sort by" value=value options=options />
        </div>
    }
}

fn sort_by(router: Router, sort: &str) {
    let sort = (sort != super::query::DEFAULT_SORT).then_some(sort);
    router.set_params(&[("sort", sort), ("cursor", None), ("page", None)], true);
}
