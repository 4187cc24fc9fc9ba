//! Bootstrap configurations: their list ([`list`]), and one as a form ([`form`]) or as JSON ([`json`]), looked at by the
//! server while it is typed ([`findings`]), bound to devices ([`bound`]), and tried on one of them ([`dry_run`]).
//!
//! The page keeps a configuration as the JSON that it is ([`document`]): what the form does not know stays as it is.

mod bound;
mod document;
mod dry_run;
mod edit;
mod findings;
mod form;
mod json;
mod list;

use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::reactive::spawn_local;

/// The name in the address under which a new configuration is made. A stored one has at least one letter more.
const NEW: &str = "+";

#[component]
pub(super) fn Configurations(item: Option<String>) -> impl IntoView {
    match item {
        None => view! { <list::List /> },
        Some(name) => view! { <edit::Edit name=name /> },
    }
}

/// The names of the configurations there are; empty until they are read, and where they cannot be.
pub(super) fn names(api: Api) -> RwSignal<Vec<String>> {
    let names = RwSignal::new(Vec::new());
    spawn_local(async move {
        let answer = api.json(Method::GET, "/bootstrap/configurations", None).await;
        if let Ok(list) = answer {
            let items = list["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            let found = items.iter().filter_map(|item| item["name"].as_str());
            // The page may have been left meanwhile.
            names.set(found.map(str::to_owned).collect());
        }
    });
    names
}

/// `/bootstrap/configurations/{name}` and what follows it.
fn path(name: &str, rest: &str) -> String {
    format!(
        "/bootstrap/configurations/{}{rest}",
        crate::params::encode_segment(name)
    )
}
