//! The imports of late.

use super::report::state;
use crate::dom::prelude::*;
use crate::params::Params;
use crate::routing::ProvisioningPart;
use crate::ui::{Ago, Empty, Loader, loaded};
use crate::words::count;
use shared::api::{ImportList, ImportView};

#[component]
pub(super) fn Latest(list: Loader<ImportList>) -> impl IntoView {
    view! {
        <section class="panel scroll" tabindex="0" aria-labelledby="pv-latest">
            <header><h2 id="pv-latest">"Imports of late"</h2></header>
            {loaded(list, "The imports could not be read", |list| table(&list))}
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
    let href = ProvisioningPart::Import.route().href()
        + &Params::default().with("import", Some(&import.id)).to_query();
    view! {
        <tr data-row="">
            <td data-label="Import" class="wrap"><a class="mono link" href=href>{import.id.clone()}</a></td>
            <td data-label="State">{state(import.state)}</td>
            <td data-label="New" class="num">{count(import.created)}</td>
            <td data-label="Updated" class="num">{count(import.updated)}</td>
            <td data-label="Refused" class="num">{count(import.refused_total)}</td>
            <td data-label="Keys to save" class="num">{count(import.generated)}</td>
            <td data-label="When"><Ago at=Some(import.started_at) focusable=true /></td>
        </tr>
    }
}
