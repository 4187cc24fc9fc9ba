//! The configurations there are.

use super::{NEW, items, text};
use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::pages::provisioning::may_provision;
use crate::routing::{ProvisioningPart, Route};
use crate::ui::{Empty, Icon, Tone, badge, load, loaded_ref};
use crate::words::{around, count, counted};
use shared::api::JsonValue;

#[component]
pub(super) fn List() -> impl IntoView {
    let api = expect_context::<Api>();
    let list = load(move || api.json(Method::GET, "/bootstrap/configurations", None));
    view! {
        <section class="panel scroll" tabindex="0" aria-labelledby="pv-configurations">
            <header>
                <h2 id="pv-configurations">"Bootstrap configurations"</h2>
                {may_provision().then(|| view! { <a class="btn primary pv-end" href=href(NEW)><Icon name="plus" />"New configuration"</a> })}
            </header>
            {loaded_ref(list, "The configurations could not be read", |list| table(items(&list["items"])))}
        </section>
    }
}

/// Where a configuration is opened.
pub(super) fn href(name: &str) -> String {
    let part = ProvisioningPart::Configurations;
    Route::Provisioning {
        part,
        item: Some(name.to_owned()),
    }
    .href()
}

fn table(items: &[JsonValue]) -> View {
    if items.is_empty() {
        return view! {
            <Empty
                icon="settings"
                title="No configuration yet"
                text="A configuration says what a device is told at its bootstrap: which servers it registers with, with which key, and whatever else it should have. Variables stand for what differs by device."
            />
        };
    }
    view! {
        <table class="table stacked" aria-label="Bootstrap configurations">
            <thead>
                <tr>
                    <th scope="col">"Configuration"</th>
                    <th scope="col">"Who gets it"</th>
                    <th scope="col" class="num">"Priority"</th>
                    <th scope="col" class="num">"Chosen for"</th>
                    <th scope="col">"Checked"</th>
                </tr>
            </thead>
            <tbody>{items.iter().map(row).collect_view()}</tbody>
        </table>
    }
}

fn row(item: &JsonValue) -> View {
    let name = text(&item["name"]);
    let warnings = items(&item["findings"]).len() as u64;
    let checked = if warnings == 0 {
        badge("Good", Tone::Good, "check")
    } else {
        badge(
            &counted(warnings, "warning", "warnings"),
            Tone::Warning,
            "warning",
        )
    };
    let description = text(&item["description"]);
    view! {
        <tr data-row="">
            <td data-label="Configuration" class="wrap">
                <a class="mono link" href=href(name)>{Text::from(name)}</a>
                {(!description.is_empty()).then(|| view! { <span class="muted block">{Text::from(description)}</span> })}
            </td>
            <td data-label="Who gets it" class="wrap">{who(&item["applies_to"])}</td>
            <td data-label="Priority" class="num">{item["priority"].to_string()}</td>
            <td data-label="Chosen for" class="num">{count(item["chosen_for"].as_u64().unwrap_or_default())}</td>
            <td data-label="Checked">{checked}</td>
        </tr>
    }
}

/// For which devices a configuration is, in words.
fn who(applies_to: &JsonValue) -> String {
    let group = applies_to["group"].as_str();
    let query = applies_to["query"].as_str();
    match (applies_to["all"] == true, group, query) {
        (_, Some(group), Some(query)) => format!("The group {group}, of it {query}"),
        (_, Some(group), None) => around("The group ", group, ""),
        (_, None, Some(query)) => around("Devices that ", query, " finds"),
        (true, None, None) => "Every device".into(),
        (false, None, None) => "Those it is chosen for".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_it_is_said_in_words() {
        for (json, words) in [
            (r#"{"all":true}"#, "Every device"),
            (r#"{"all":false}"#, "Those it is chosen for"),
            (r#"{"all":false,"group":"pumps"}"#, "The group pumps"),
            (
                r#"{"query":"tag:site=north"}"#,
                "Devices that tag:site=north finds",
            ),
        ] {
            let value = shared::json::parse(json.as_bytes()).expect("the test's JSON is JSON");
            assert_eq!(who(&value), words);
        }
    }
}
