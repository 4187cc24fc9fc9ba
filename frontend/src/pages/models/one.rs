//! One version of an object's definition, with its resources.

use crate::api::Api;
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::params::{Params, path_with};
use crate::routing::{Route, Router};
use crate::session::Session;
use crate::ui::{Button, Choice, Deed, Dialog, Toasts, Tone, badge, load, loaded_ref};
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
        api.get::<ObjectModel>(&format!("/models/{id}{}", query.to_query()))
    });
    let found = load(move || api.get::<ModelList>(&format!("/models?query={id}&limit=1000")));
    let versions = Memo::new(move |_| {
        let of_this = |list: &ModelList| {
            let of_this = list.items.iter().filter(|model| model.id == id);
            of_this.cloned().collect::<Vec<_>>()
        };
        found.look(of_this).unwrap_or_default()
    });
    view! {
        <nav class="crumb" aria-label="You are here">
            <a href=Route::Models.href()>"Object models"</a>
            <span aria-hidden="true">" › "</span>
        </nav>
        {loaded_ref(model, "This definition cannot be shown", move |model| {
            set_title(&model.name);
            definition(model, versions)
        })}
    }
}

fn definition(model: &ObjectModel, versions: Memo<Vec<ModelSummary>>) -> View {
    let session = expect_context::<Session>();
    let (id, version) = (model.id, model.version);
    let uploaded = Memo::new(move |_| {
        versions.with(|known| known.iter().any(|one| one.version == version && one.uploaded))
    });
    let removing = RwSignal::new(false);
    let link = move |one: &ModelSummary| {
        let current = (one.version == version).then_some("true");
        view! { <a class="btn s" href=super::href(one) aria-current=current>{one.version.to_string()}</a> }
    };
    let links = move || versions.with(|known| known.iter().map(link).collect_view());
    let fact = |name: &'static str, value: Text| {
        view! { <div><dt>{name}</dt><dd class="mono" title=value.clone()>{value}</dd></div> }
    };
    let instances = if model.multiple { "Many" } else { "One" };
    let had = if model.mandatory { "Always" } else { "As they like" };
    view! {
        <div class="bar page-head">
            <h1>{Text::from(&*model.name)}</h1>
            <Show when=move || uploaded.get()>{badge("Uploaded", Tone::Accent, "")}</Show>
            <div class="end" role="group" aria-label="Versions">
                {links}
                <Show when=move || uploaded.get() && session.may(Role::Operator)>
                    <Button kind="danger" small=true icon="trash" on_press=Callback::new(move |()| removing.set(true))>"Remove"</Button>
                </Show>
            </div>
        </div>
        {model.description.as_deref().map(|text| view! { <p class="lead">{Text::from(text)}</p> })}
        <div class="panel">
            <dl class="facts wide-facts">
                {fact("Number", id.to_string().into())}
                {fact("URN", model.urn().into())}
                {fact("Instances", instances.into())}
                {fact("Devices have it", had.into())}
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
        <Remove open=removing id=id version=version.to_string() name=&model.name />
    }
}

fn resource(resource: &ResourceModel) -> View {
    let several = resource.multiple.then_some(", several");
    let unit = resource.unit.as_deref().map(Text::from);
    let range = resource.range.as_ref().map(|range| Text::from(&*range.text));
    let between = (unit.is_some() && range.is_some()).then_some(", ");
    view! {
        <tr>
            <td class="num mono" data-label="Resource">{resource.id.to_string()}</td>
            <td data-label="Name">
                {Text::from(&*resource.name)}
                {resource.mandatory.then(|| view! { <span class="faint">" · mandatory"</span> })}
            </td>
            <td data-label="Operations">{operations(resource.operations)}</td>
            <td data-label="Type">{resource.data_type.name()}{several}</td>
            <td class="wrap" data-label="Unit, range">{unit}{between}{range}</td>
            <td class="wrap muted" data-label="What it is">{resource.description.as_deref().map(Text::from)}</td>
        </tr>
    }
}

/// What is allowed, as its words.
const fn operations(operations: Operations) -> &'static str {
    match (operations.read, operations.write, operations.execute) {
        (false, false, false) => "bootstrap only",
        (true, false, false) => "read",
        (false, true, false) => "write",
        (false, false, true) => "execute",
        (true, true, false) => "read, write",
        (true, false, true) => "read, execute",
        (false, true, true) => "write, execute",
        (true, true, true) => "read, write, execute",
    }
}

#[component]
fn Remove(open: RwSignal<bool>, id: u16, version: String, name: &str) -> impl IntoView {
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let toasts = expect_context::<Toasts>();
    let deed = Deed::new();
    let text = Text::from(format!(
        "The definition of object {id} ({name}) in version {version} is forgotten. Devices keep the object; without another definition it is shown by numbers alone."
    ));
    let path = path_with(&format!("/models/{id}"), "version", &version);
    let press = Callback::new(move |()| {
        deed.begin_or_say(toasts, api.delete(&path), move |()| {
            toasts.say(Tone::Good, "The definition was removed");
            router.go(&Route::Models.href());
        });
    });
    let keep = Callback::new(move |()| open.set(false));
    view! {
        <Dialog open=open title="Remove the definition">
            <p>{text.clone()}</p>
            <Choice back="Keep it" on_back=keep busy=deed.busy on_press=press button="Remove" />
        </Dialog>
    }
}
