//! Writing: one resource, or the form of a whole instance, which also creates one.

use super::super::operate::request;
use super::super::store::Device;
use super::super::view::below;
use super::ask::{AskForm, Sending};
use super::draft::Draft;
use super::editor::DraftEditor;
use super::options::{Options, OptionsFields};
use crate::dom::prelude::*;
use crate::ui::Field;
use shared::Path;
use shared::api::{JsonValue, OperationKind, OperationView};
use shared::json::Object;
use shared::sort::sort_dedup;
use std::rc::Rc;

/// Writes one resource or resource instance.
#[component]
pub(super) fn Write(path: Path) -> impl IntoView {
    let device = expect_context::<Device>();
    let draft = Draft::new(device, path, false);
    let options = Options::new();
    let sending = Sending::new();
    let wanted = Signal::derive(move || {
        let mut wanted = request(OperationKind::Write, path);
        wanted.value = Some(draft.value().map_err(|_| None)?);
        wanted.data_type = draft
            .about()
            .with_value(Option::is_none)
            .then(|| draft.data_type().get());
        options.applied(wanted)
    });
    let many = draft.many();
    let description = draft
        .about()
        .with_value(|about| about.as_ref()?.description.as_ref().map(|text| text.to_string()));
    focus_first_field();
    view! {
        <AskForm sending=sending wanted=wanted preview=wanted word="Write">
            {description.map(|text| view! { <p class="description">{text}</p> })}
            {many.then(|| view! { <p class="quiet">"All instances are replaced by these."</p> })}
            <DraftEditor draft=draft id="write" tried=sending.tried />
            <OptionsFields options=options />
        </AskForm>
    }
}

/// The first field of a dialog is where one types; without this its Close button would have the focus.
pub(super) fn focus_first_field() {
    request_animation_frame(|| {
        crate::keys::focus("dialog[open] .dialog-body :is(input:not([type=radio]), textarea, select)");
    });
}

/// Writes several resources of an instance at once, or creates an instance from them.
#[component]
pub(super) fn WriteInstance(path: Path, create: bool) -> impl IntoView {
    let device = expect_context::<Device>();
    let drafts = StoredValue::new(drafts(device, path, create));
    let options = Options::new();
    let sending = Sending::new();
    let replace = RwSignal::new(false);
    let instance = RwSignal::new(String::new());
    let instance_id = move || instance.with(|text| instance_id(text));
    let wanted = Signal::derive(move || {
        let value = drafts.with_value(|drafts| values(drafts)).map_err(|_| None)?;
        let id = instance_id().map_err(|_| None)?;
        if !create && is_empty(&value) {
            return Err(Some("Choose at least one resource.".to_owned()));
        }
        let op = match (create, replace.get()) {
            (true, _) => OperationKind::Create,
            (false, true) => OperationKind::Write,
            (false, false) => OperationKind::Update,
        };
        let mut wanted = request(op, id.and_then(|id| path.child(id)).unwrap_or(path));
        wanted.value = Some(value);
        options.applied(wanted)
    });
    // Nothing is shown of an instance that is created from nothing.
    let preview = Signal::derive(move || {
        let wanted = wanted.get()?;
        match &wanted.value {
            Some(value) if is_empty(value) => Err(None),
            _ => Ok(wanted),
        }
    });
    // The device's Update tells it too, but later.
    let then = move |view: &OperationView| {
        let place = view
            .location
            .or_else(|| (create && view.path.depth() == 2).then_some(view.path));
        if let Some(place) = place {
            device.discovered().update(|known| {
                known.insert(place);
            });
        }
    };
    let none = drafts.with_value(Vec::is_empty);
    let rows = drafts.with_value(|drafts| {
        drafts
            .iter()
            .map(|draft| view! { <FormRow draft=*draft tried=sending.tried /> })
            .collect_view()
    });
    let error = Signal::derive(move || instance_id().err().map(str::to_owned));
    let begin = if create {
        view! {
            <Field id="new-instance" label="Instance id" value=instance hint="Empty: the device chooses" error=error code=true />
        }
    } else {
        view! { <Mode replace=replace /> }
    };
    view! {
        <AskForm sending=sending wanted=wanted preview=preview then=Rc::new(then) word=if create { "Create" } else { "Write" }>
            {begin}
            {none
                .then(|| view! { <p class="quiet">"No model says what can be written here. Write single resources instead."</p> })}
            <div class="form-rows">{rows}</div>
            <OptionsFields options=options />
        </AskForm>
    }
}

/// The id that is typed for a new instance; none leaves it to the device.
fn instance_id(text: &str) -> Result<Option<u16>, &'static str> {
    match (text.trim(), text.trim().parse()) {
        ("", _) => Ok(None),
        (_, Ok(id)) if id != u16::MAX => Ok(Some(id)),
        _ => Err("A number from 0 to 65534."),
    }
}

fn is_empty(value: &JsonValue) -> bool {
    value.as_object().is_some_and(Object::is_empty)
}

/// Partial or replace. LwM2M Core 1.2 §6.3.3.
#[component]
fn Mode(replace: RwSignal<bool>) -> impl IntoView {
    let choice = move |value: bool, word: &'static str, note: &'static str| {
        view! {
            <label class="choice">
                <input type="radio" name="write-mode" prop:checked=move || replace.get() == value on:change=move |_| replace.set(value) />
                <span>{word}<small>{note}</small></span>
            </label>
        }
    };
    view! {
        <fieldset class="modes">
            <legend>"How"</legend>
            {choice(false, "Partial update", "Only what is chosen changes")}
            {choice(true, "Replace", "What is not chosen is removed from the instance")}
        </fieldset>
    }
}

/// One resource of the form: whether it goes out, and its value.
#[component]
fn FormRow(draft: Draft, tried: RwSignal<bool>) -> impl IntoView {
    let id = format!("r{}", draft.path().resource_id().unwrap_or_default());
    let name = draft.name();
    view! {
        <div class="form-row">
            <label class="choice">
                <input
                    type="checkbox"
                    prop:checked=move || draft.included().get()
                    on:change=move |event| draft.included().set(event_target_checked(&event))
                />
                <span>{name}<small class="mono">{draft.path().to_string()}</small></span>
            </label>
            <Show when=move || draft.included().get()>
                <DraftEditor draft=draft id=id.clone() tried=tried />
            </Show>
        </div>
    }
}

/// The resources that the form offers: by the model, and by what is known of the instance.
fn drafts(device: Device, path: Path, create: bool) -> Vec<Draft> {
    let Some(object) = path.object_id() else {
        return Vec::new();
    };
    // The place of a new instance is not known yet; its drafts stand at instance 0 of the object.
    let instance = path.instance_id().unwrap_or(0);
    let mut resources = Vec::new();
    untrack(|| {
        device.models(|models| match models.object(object) {
            Some(model) => {
                for resource in &model.resources {
                    let operations = &resource.operations;
                    let fits = if create {
                        !operations.execute
                    } else {
                        operations.write
                    };
                    if fits {
                        resources.push((resource.id, create && resource.mandatory));
                    }
                }
            }
            None => device.values(|values| {
                let ids = below(values, path)
                    .iter()
                    .filter_map(|(known, _)| known.resource_id());
                resources.extend(ids.map(|id| (id, false)));
                sort_dedup(&mut resources);
            }),
        });
    });
    let mut drafts = Vec::new();
    for (resource, included) in resources {
        let draft = Draft::new(device, Path::resource(object, instance, resource), create);
        draft.included().set(included);
        drafts.push(draft);
    }
    drafts
}

/// What goes out: resource id → value.
fn values(drafts: &[Draft]) -> Result<JsonValue, String> {
    let mut resources = Object::new();
    for draft in drafts.iter().filter(|draft| draft.included().get()) {
        let id = draft.path().resource_id().unwrap_or_default();
        resources.insert(id.to_string(), draft.value()?);
    }
    Ok(JsonValue::Object(resources))
}
