//! The imports of late.

use super::report::state;
use crate::dom::prelude::*;
use crate::params::path_with;
use crate::routing::ProvisioningPart;
use crate::ui::{Empty, Loader, ago, loaded_ref};
use crate::words::count;
use shared::api::{ImportList, ImportView};

#[component]
pub(super) fn Latest(list: Loader<ImportList>) -> impl IntoView {
    view! {
        <section class="panel scroll" tabindex="0" aria-labelledby="pv-latest">
            <header><h2 id="pv-latest">"Imports of late"</h2></header>
            {loaded_ref(list, "The imports could not be read", table)}
        </section>
    }
}

fn table(list: &ImportList) -> View {
    if list.items.is_empty() {
        return view! {
            <Empty icon="list" title="No import yet" text="Those since the server started stand here with their reports." />
        };
    }
    view! {
        <table class="table stacked" aria-label="Imports of late">
            <thead>
                <tr>
                    <th scope="col">"Import"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="num">"New"</th>
                    <th scope="col" class="num">"Updated"</th>
                    <th scope="col" class="num">"Refused"</th>
                    <th scope="col" class="num">"Keys to save"</th>
                    <th scope="col">"When"</th>
                </tr>
            </thead>
            <tbody>{list.items.iter().map(row).collect_view()}</tbody>
        </table>
    }
}

fn row(import: &ImportView) -> View {
    let href = path_with(&ProvisioningPart::Import.route().href(), "import", &import.id);
    let number = |label: &'static str, number: u64| {
        view! { <td data-label=label class="num">{count(number)}</td> }
    };
    view! {
        <tr data-row="">
            <td data-label="Import" class="wrap"><a class="mono link" href=href>{Text::from(&*import.id)}</a></td>
            <td data-label="State">{state(import.state)}</td>
            {number("New", import.created)}
            {number("Updated", import.updated)}
            {number("Refused", import.refused_total)}
            {number("Keys to save", import.generated)}
            <td data-label="When">{ago(import.started_at)}</td>
        </tr>
    }
}
