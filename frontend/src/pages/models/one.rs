//! One version of an object's definition, with its resources.

use crate::api::Api;
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::params::Params;
use crate::reactive::spawn_local;
use crate::routing::{Route, Router};
use crate::session::Session;
use crate::ui::{Badge, Button, Dialog, Toasts, Tone, load, loaded};
use shared::api::{ModelList, ModelSummary, Role};
use shared::model::{ObjectModel, Operations, ResourceModel};

#[component]
pub(super) fn ModelPage() -> impl IntoView {
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let id = match router.route().get_untracked() {
        Route::Model(id) => id,
        _ => 0,
    };
    set_title(&format!("Object {id}"));
    let version = router.param("version");
    let model = load(move || {
        let query = Params::default().with("version", version.get().as_deref());
        async move {
            api.get::<ObjectModel>(&format!("/models/{id}{}", query.to_query()))
                .await
        }
    });
    let versions = load(move || async move {
        let found = api
            .get::<ModelList>(&format!("/models?query={id}&limit=1000"))
            .await?;
        Ok(found
            .items
            .into_iter()
            .filter(|model| model.id == id)
            .collect::<Vec<_>>())
    });
    view! {
        <nav class="crumb" aria-label="You are here">
            <a href=Route::Models.href()>"Object models"</a>
            <span aria-hidden="true">" › "</span>
        </nav>
        {loaded(model, "This definition cannot be shown", move |model| {
            set_title(&model.name);
            view! { <Definition model=model versions=versions.state /> }
        })}
    }
}

#[component]
fn Definition(model: ObjectModel, versions: RwSignal<crate::ui::Load<Vec<ModelSummary>>>) -> impl IntoView {
    let session = expect_context::<Session>();
    let (id, version) = (model.id, model.version);
    let known = move || {
        versions.with(|versions| match versions {
            crate::ui::Load::Ready(versions) => versions.clone(),
            _ => Vec::new(),
        })
    };
    let uploaded = Memo::new(move |_| known().iter().any(|one| one.version == version && one.uploaded));
    let removing = RwSignal::new(false);
    let links = move || {
        known()
            .into_iter()
            .map(|one| {
                let current = (one.version == version).then_some("true");
                view! { <a class="btn s" href=super::href(&one) aria-current=current>{one.version.to_string()}</a> }
            })
            .collect_view()
    };
    let facts = [
        ("Number", id.to_string()),
        ("URN", model.urn()),
        (
            "Instances",
            if model.multiple {
                "Many".into()
            } else {
                "One".into()
            },
        ),
        (
            "Devices have it",
            if model.mandatory {
                "Always".into()
            } else {
                "As they like".into()
            },
        ),
    ];
    view! {
        <div class="bar page-head">
            <h1>{model.name.clone().into_owned()}</h1>
            <Show when=move || uploaded.get()><Badge text="Uploaded" tone=Tone::Accent /></Show>
            <div class="end" role="group" aria-label="Versions">
                {links}
                <Show when=move || uploaded.get() && session.may(Role::Operator)>
                    <Button kind="danger" small=true icon="trash" on_press=Callback::new(move |()| removing.set(true))>"Remove"</Button>
                </Show>
            </div>
        </div>
        {model.description.clone().map(|text| view! { <p class="lead">{text.into_owned()}</p> })}
        <div class="panel">
            <dl class="facts wide-facts">
                {facts.map(|(name, value)| view! { <div><dt>{name}</dt><dd class="mono" title=value.clone()>{value}</dd></div> }).collect_view()}
            </dl>
        </div>
        <h2 class="section">"Resources"</h2>
        <div class="panel scroll" tabindex="0" role="region" aria-label="All resources">
            <table class="table stacked" aria-label="Resources">
                <thead>
                    <tr>
                        <th scope="col" class="num">"Resource"</th>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Operations"</th>
                        <th scope="col">"Type"</th>
                        <th scope="col">"Unit, range"</th>
                        <th scope="col">"What it is"</th>
                    </tr>
                </thead>
                <tbody>{model.resources.iter().map(resource).collect_view()}</tbody>
            </table>
        </div>
        <Remove open=removing id=id version=version.to_string() name=model.name.into_owned() />
    }
}

fn resource(resource: &ResourceModel) -> View {
    let mut kind = resource.data_type.name().to_owned();
    if resource.multiple {
        kind += ", several";
    }
    let limits: Vec<String> = [
        resource.unit.as_ref().map(|unit| unit.clone().into_owned()),
        resource
            .range
            .as_ref()
            .map(|range| range.text.clone().into_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    view! {
        <tr>
            <td class="num mono" data-label="Resource">{resource.id.to_string()}</td>
            <td data-label="Name">
                {resource.name.clone().into_owned()}
                {resource.mandatory.then(|| view! { <span class="faint">" · mandatory"</span> })}
            </td>
            <td data-label="Operations">{operations(resource.operations)}</td>
            <td data-label="Type">{kind}</td>
            <td class="wrap" data-label="Unit, range">{limits.join(", ")}</td>
            <td class="wrap muted" data-label="What it is">{resource.description.clone().map(|text| text.into_owned())}</td>
        </tr>
    }
}

fn operations(operations: Operations) -> String {
    let words: Vec<&str> = [
        (operations.read, "read"),
        (operations.write, "write"),
        (operations.execute, "execute"),
    ]
    .into_iter()
    .filter_map(|(allowed, word)| allowed.then_some(word))
    .collect();
    if words.is_empty() {
        "bootstrap only".into()
    } else {
        words.join(", ")
    }
}

#[component]
fn Remove(open: RwSignal<bool>, id: u16, version: String, name: String) -> impl IntoView {
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let toasts = expect_context::<Toasts>();
    let busy = RwSignal::new(false);
    let text = format!(
        "The definition of object {id} ({name}) in version {version} is forgotten. Devices keep the object; without another definition it is shown by numbers alone."
    );
    let path = format!(
        "/models/{id}{}",
        Params::default().with("version", Some(&version)).to_query()
    );
    let press = Callback::new(move |()| {
        let path = path.clone();
        busy.set(true);
        spawn_local(async move {
            let answer = api.delete(&path).await;
            busy.set(false);
            match answer {
                Ok(()) => {
                    toasts.say(Tone::Good, "The definition was removed");
                    router.go(&Route::Models.href());
                }
                Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
            }
        });
    });
    view! {
        <Dialog open=open title="Remove the definition">
            <p>{text.clone()}</p>
            <div class="actions">
                <Button on_press=Callback::new(move |()| open.set(false))>"Keep it"</Button>
                <Button kind="danger" busy=busy on_press=press>"Remove"</Button>
            </div>
        </Dialog>
    }
}
