//! The definitions of objects that the server knows: found by name or number, in every version, and more of them uploaded.

mod one;
mod upload;

use crate::api::Api;
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::params::{Params, path_with};
use crate::routing::{Route, Router};
use crate::session::Session;
use crate::ui::{Button, Empty, Find, Tone, badge, load, loaded_ref};
use crate::words::{around, counted};
use shared::api::{ModelList, ModelSummary, Role};
use upload::Upload;

crate::module::module!(models, page);
crate::module::module!(model, page_of_one);

/// Definitions of a page.
const PAGE: usize = 100;

fn page() -> View {
    view! { <ModelsPage /> }
}

fn page_of_one() -> View {
    view! { <one::ModelPage /> }
}

/// The address of one version of an object's definition.
fn href(model: &ModelSummary) -> String {
    path_with(
        &Route::Model(model.id).href(),
        "version",
        &model.version.to_string(),
    )
}

#[component]
fn ModelsPage() -> impl IntoView {
    set_title("Object models");
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let session = expect_context::<Session>();
    let query = router.param("query");
    let which = router.param("of");
    let offset = router.param("offset");
    let uploading = RwSignal::new(false);
    if session.may(Role::Operator) {
        router.on_asked("upload", move || uploading.set(true));
    }
    let list = load(move || {
        let limit = PAGE.to_string();
        let uploaded = which.get().is_some_and(|of| of == "uploaded").then_some("true");
        let params = Params::default()
            .with("query", query.get().as_deref())
            .with("uploaded", uploaded)
            .with("offset", offset.get().as_deref())
            .with("limit", Some(&limit));
        api.get::<ModelList>(&around("/models", &params.to_query(), ""))
    });
    let only_uploaded = move |event| {
        let of = event_target_checked(&event).then_some("uploaded");
        router.set_params(&[("of", of), ("offset", None)], true);
    };
    let total = move || list.look(|list| counted(list.total, "definition", "definitions"));
    view! {
        <div class="bar page-head">
            <h1>"Object models"</h1>
            <span class="muted" role="status">{total}</span>
            {session
                .may(Role::Operator)
                .then(|| {
                    view! {
                        <div class="end">
                            <Button icon="upload" on_press=Callback::new(move |()| uploading.set(true))>"Upload a definition"</Button>
                        </div>
                    }
                })}
        </div>
        <div class="bar list-bar">
            <Find label="Find a definition" placeholder="Name, description or number" param="query" busy=list.busy />
            <label class="checkbox">
                <input type="checkbox" prop:checked=move || which.get().is_some() on:change=only_uploaded />
                "Uploaded only"
            </label>
        </div>
        <div class="panel scroll" tabindex="0" role="region" aria-label="Object models">
            {loaded_ref(list, "The definitions could not be read", move |list| table(list, offset.get_untracked(), router))}
        </div>
        <Upload open=uploading done=Callback::new(move |()| list.again()) />
    }
}

fn table(list: &ModelList, offset: Option<String>, router: Router) -> View {
    if list.items.is_empty() {
        return view! {
            <Empty
                icon="models"
                title="No definition matches"
                text="All words must occur in the name or the description; a number is an object's id. What is missing can be uploaded as a DDF file."
            />
        };
    }
    let from = offset
        .and_then(|offset| offset.parse::<usize>().ok())
        .unwrap_or(0);
    let shown = from + list.items.len();
    let more = (shown as u64) < list.total;
    let turn = move |to: usize| {
        Callback::new(move |()| {
            let to = (to > 0).then(|| to.to_string());
            router.set_params(&[("offset", to.as_deref())], true);
            crate::keys::focus("#main");
        })
    };
    let turning = (more || from > 0).then(|| {
        view! {
            <p class="more bar">
                <span class="muted">{format!("{}–{shown}", from + 1)}</span>
                <Button icon="chevron-left" disabled=Signal::stored(from == 0) on_press=turn(from.saturating_sub(PAGE))>"Previous"</Button>
                <Button icon="chevron-right" disabled=Signal::stored(!more) on_press=turn(from + PAGE)>"Next"</Button>
            </p>
        }
    });
    view! {
        <table class="table stacked" aria-label="Object models">
            <thead>
                <tr>
                    <th scope="col" class="num">"Object"</th>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Version"</th>
                    <th scope="col">"What it is"</th>
                </tr>
            </thead>
            <tbody>{list.items.iter().map(row).collect_view()}</tbody>
        </table>
        {turning}
    }
}

fn row(model: &ModelSummary) -> View {
    view! {
        <tr data-row="">
            <td class="num mono" data-label="Object">{model.id.to_string()}</td>
            <td data-label="Name">
                <a class="link" href=href(model)>{Text::from(&*model.name)}</a>
                " "
                {model.uploaded.then(|| badge("Uploaded", Tone::Accent, ""))}
            </td>
            <td class="mono" data-label="Version">{model.version.to_string()}</td>
            <td class="wrap muted" data-label="What it is">{model.description.as_deref().map(Text::from)}</td>
        </tr>
    }
}
