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
use crate::params::path_of;
use crate::ui::Select;
use shared::api::JsonValue;

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
fn names(api: Api) -> RwSignal<Vec<String>> {
    let names = RwSignal::new(Vec::new());
    let asked = api.json(Method::GET, "/bootstrap/configurations", None);
    asked.then(move |answer| {
        if let Ok(list) = answer {
            let found = items(&list["items"]).iter();
            let found = found.filter_map(|item| item["name"].as_str());
            // The page may have been left meanwhile.
            names.set(found.map(str::to_owned).collect());
        }
    });
    names
}

/// The choice of a bootstrap configuration for a device, of those there are.
pub(super) fn configuration_choice(id: Text, value: RwSignal<String>) -> View {
    let names = names(expect_context::<Api>());
    let choice = move || {
        let mut options = vec![(String::new(), "By rule, or none".to_owned())];
        options.extend(names.get().into_iter().map(|name| (name.clone(), name)));
        view! { <Select id=id.clone() label="Bootstrap configuration" value=value options=options /> }
    };
    choice.into_view()
}

/// `/bootstrap/configurations/{name}` and what follows it.
fn path(name: &str, rest: &str) -> String {
    path_of("/bootstrap/configurations/", name, rest)
}

/// The parts of a list; none of what is no list.
fn items(list: &JsonValue) -> &[JsonValue] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A text; nothing of what is none.
fn text(value: &JsonValue) -> &str {
    value.as_str().unwrap_or_default()
}
