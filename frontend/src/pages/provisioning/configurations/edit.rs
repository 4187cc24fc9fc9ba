//! One configuration, as a form or as JSON, with its devices, its findings and a dry run.

use super::bound::{AppliesTo, Chosen};
use super::document::{Document, number};
use super::dry_run::DryRun;
use super::findings::{Findings, Summary};
use super::form::Form;
use super::json::{Json, Typed};
use super::{NEW, list, names, path, text};
use crate::api::Api;
use crate::api::Method;
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::pages::provisioning::may_provision;
use crate::routing::{ProvisioningPart, Router};
use crate::ui::{Button, Choice, Deed, Dialog, Field, Toasts, Tone, alert, load, loaded_ref};
use crate::words::around;
use shared::api::JsonValue;
use shared::json::Object;

/// What a new configuration begins with: one account of this server, with a key of each device's own.
const BEGIN: &str = r#"{
  "applies_to": {"all": false}, "description": "", "priority": 0,
  "configuration": {
    "delete": ["/0", "/1"],
    "servers": [{"short_server_id": 101, "uri": "${coaps_uri}", "security": {"mode": "psk"}, "lifetime": 86400}],
    "pack": true
  }
}"#;

#[component]
pub(super) fn Edit(name: String) -> impl IntoView {
    let api = expect_context::<Api>();
    let is_new = name == NEW;
    set_title(&if is_new {
        "New configuration".to_owned()
    } else {
        format!("{name} · Configurations")
    });
    let asked = name.clone();
    let stored = load(move || {
        let stored = (!is_new).then(|| api.json(Method::GET, &path(&asked, ""), None));
        async move {
            match stored {
                Some(stored) => stored.await,
                // What stands there is JSON.
                None => Ok(shared::json::parse(BEGIN.as_bytes()).unwrap_or_default()),
            }
        }
    });
    let title = if is_new {
        "New configuration".to_owned()
    } else {
        name.clone()
    };
    view! {
        <nav class="crumb" aria-label="You are here">
            <a href=ProvisioningPart::Configurations.route().href()>"Configurations"</a>
            <span aria-hidden="true">" › "</span>
            <span>{title}</span>
        </nav>
        {loaded_ref(stored, "This configuration cannot be shown", move |value| view! { <Editor name=&name value=value /> })}
    }
}

/// Everything that is edited.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edited {
    pub(super) name: RwSignal<String>,
    pub(super) is_new: bool,
    pub(super) description: RwSignal<String>,
    pub(super) priority: RwSignal<String>,
    pub(super) who: RwSignal<String>,
    pub(super) group: RwSignal<String>,
    pub(super) query: RwSignal<String>,
    pub(super) document: Document,
}

impl Edited {
    fn new(name: &str, value: &JsonValue) -> Edited {
        let is_new = name == NEW;
        let text = |value: &JsonValue| RwSignal::new(text(value).to_owned());
        let applies_to = &value["applies_to"];
        let who = if !applies_to["group"].is_null() {
            "group"
        } else if !applies_to["query"].is_null() {
            "query"
        } else if applies_to["all"] == true {
            "all"
        } else {
            ""
        };
        Edited {
            name: RwSignal::new(if is_new { String::new() } else { name.to_owned() }),
            is_new,
            description: text(&value["description"]),
            priority: RwSignal::new(value["priority"].to_string()),
            who: RwSignal::new(who.to_owned()),
            group: text(&applies_to["group"]),
            query: text(&applies_to["query"]),
            document: Document::new(value["configuration"].clone()),
        }
    }

    /// The body of a request. The configuration comes first, so that lines in the server's words are its lines.
    fn body(self) -> String {
        let given = |text: RwSignal<String>| JsonValue::from(text.get().trim());
        let mut applies_to = Object::new();
        match self.who.get().as_str() {
            "all" => drop(applies_to.insert("all".into(), true.into())),
            "group" => drop(applies_to.insert("group".into(), given(self.group))),
            "query" => {
                // A query within a group is kept as it came.
                let group = given(self.group);
                if group != "" {
                    applies_to.insert("group".into(), group);
                }
                applies_to.insert("query".into(), given(self.query));
            }
            _ => {}
        }
        let priority = number(self.priority.get().trim()).unwrap_or_else(|| 0.into());
        [
            "{\"configuration\":",
            &self.document.text(),
            ",\"applies_to\":",
            &JsonValue::Object(applies_to).pretty(),
            ",\"priority\":",
            &priority.to_string(),
            ",\"description\":",
            &given(self.description).to_string(),
            "}",
        ]
        .concat()
    }
}

#[component]
fn Editor(name: &str, value: &JsonValue) -> impl IntoView {
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let toasts = expect_context::<Toasts>();
    let edited = Edited::new(name, value);
    let typed = Typed::new();
    let body = Memo::new(move |_| edited.body());
    provide_context(Findings::follow(api, body));
    let as_json = router.param("as");
    let as_json = Memo::new(move |_| as_json.get().as_deref() == Some("json"));
    let name_wrong = RwSignal::new(None::<String>);
    let deed = Deed::new();
    let taken = names(api);
    let save = Callback::new(move |()| {
        let name = edited.name.get_untracked().trim().to_owned();
        let known = edited.is_new && taken.with_untracked(|names| names.contains(&name));
        let wrong = if name.is_empty() {
            "Give it a name."
        } else if known {
            "A configuration of this name is there already."
        } else {
            ""
        };
        name_wrong.set((!wrong.is_empty()).then(|| wrong.into()));
        if !deed.may_begin(wrong.is_empty()) {
            return;
        }
        if let Some(words) = typed.wrong.get_untracked() {
            return deed.refuse(around("The JSON cannot be read. ", &words, ""));
        }
        deed.busy.set(true);
        let asked = api.json(Method::PUT, &path(&name, ""), Some(body.get_untracked()));
        asked.then(move |answer| {
            if deed.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => {
                    toasts.say(Tone::Good, around("The configuration ", &name, " is kept"));
                    if edited.is_new {
                        router.replace(&list::href(&name));
                    }
                }
                Err(failure) => deed.refuse(format!("Not kept. {failure}")),
            }
        });
    });
    let may = may_provision();
    let segment = move |word: &'static str, json: bool| {
        let here = move || as_json.get() == json;
        let href = move || router.href_with(&[("as", json.then_some("json"))]);
        view! { <a class="btn s" href=href aria-current=move || here().then_some("true")>{word}</a> }
    };
    let content = move || {
        if as_json.get() {
            return view! { <Json document=edited.document typed=typed /> };
        }
        if let Some(words) = typed.wrong.get() {
            return alert(around(
                "The JSON cannot be read, so there is no form of it. ",
                &words,
                " What you typed is kept in the JSON view.",
            ));
        }
        view! { <Form document=edited.document /> }
    };
    view! {
        <div class="pv-edit">
            <div class="pv-column">
                <section class="panel pv-body" aria-label="The configuration">
                    {edited.is_new.then(|| view! { <Field id="pv-name" label="Name" value=edited.name error=name_wrong code=true autofocus=true hint="By which it is found and chosen: main, meters-north." /> })}
                    <Field id="pv-description" label="Description" value=edited.description hint="For people." />
                    <AppliesTo edited=edited />
                </section>
                <section class="panel pv-body" aria-label="What a device gets">
                    <div class="bar">
                        <h2>"What a device gets"</h2>
                        <span class="pv-end pv-segments">{segment("Form", false)}{segment("JSON", true)}</span>
                    </div>
                    {content}
                </section>
            </div>
            <div class="pv-column">
                <section class="panel pv-body" aria-label="Check and keep">
                    <h2>"Check"</h2>
                    <Summary all=as_json />
                    {deed.notice()}
                    {if may {
                        view! {
                            <div class="actions">
                                {(!edited.is_new).then(|| view! { <Delete edited=edited /> })}
                                <Button kind="primary" busy=deed.busy on_press=save>"Keep"</Button>
                            </div>
                        }
                    } else {
                        view! { <p class="muted">"Keeping it takes the role operator."</p> }
                    }}
                </section>
                {(!edited.is_new && may).then(|| view! { <Chosen edited=edited count=value["chosen_for"].as_u64().unwrap_or_default() /> })}
                <DryRun document=edited.document />
            </div>
        </div>
    }
}

/// Deletes the configuration, once it was asked again.
#[component]
fn Delete(edited: Edited) -> impl IntoView {
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let open = RwSignal::new(false);
    let deed = Deed::new();
    let delete = Callback::new(move |()| {
        let asked = api.delete(&path(&edited.name.get_untracked(), ""));
        deed.begin(asked, move |()| {
            if !deed.is_gone() {
                router.go(&ProvisioningPart::Configurations.route().href());
            }
        });
    });
    let back = Callback::new(move |()| open.set(false));
    view! {
        <Button kind="danger" icon="trash" on_press=Callback::new(move |()| open.set(true))>"Delete…"</Button>
        <Dialog open=open title="Delete this configuration?">
            <p>"Devices that have it already keep what they have. Those that ask for their bootstrap from now on get what another configuration says, or nothing."</p>
            {deed.notice()}
            <Choice back="Cancel" on_back=back busy=deed.busy on_press=delete button="Delete" />
        </Dialog>
    }
}
