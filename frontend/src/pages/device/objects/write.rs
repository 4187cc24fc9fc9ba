//! Writing: one resource, or the form of a whole instance, which also creates one.

use super::super::operate::request;
use super::super::store::Device;
use super::ask::{Footer, Sending};
use super::draft::Draft;
use super::editor::DraftEditor;
use super::options::{Options, OptionsFields};
use super::preview::Preview;
use crate::dom::prelude::*;
use crate::ui::Field;
use shared::Path;
use shared::api::{JsonValue, OperationKind};
use shared::json::Object;
use shared::sorted::SortedSet;

/// Writes one resource or resource instance.
#[component]
pub(super) fn Write(path: Path) -> impl IntoView {
    let device = expect_context::<Device>();
    let draft = Draft::new(device, path, false);
    let options = Options::new();
    let sending = Sending::new();
    let tried = RwSignal::new(false);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(value) = untrack(|| draft.value()) else {
            return;
        };
        let mut wanted = request(OperationKind::Write, path);
        wanted.value = Some(value);
        wanted.data_type = draft
            .about
            .with_value(Option::is_none)
            .then(|| draft.data_type.get_untracked());
        match untrack(|| options.apply(&mut wanted)) {
            Ok(()) => sending.send(device, wanted),
            Err(words) => sending.refusal.set(Some(words)),
        }
    };
    let preview = Signal::derive(move || {
        let mut wanted = request(OperationKind::Write, path);
        wanted.value = Some(draft.value().ok()?);
        wanted.data_type = draft
            .about
            .with_value(Option::is_none)
            .then(|| draft.data_type.get());
        options.apply(&mut wanted).ok()?;
        Some(wanted)
    });
    let many = draft.many;
    let description = draft
        .about
        .with_value(|about| about.as_ref()?.description.as_ref().map(|text| text.to_string()));
    focus_first_field();
    view! {
        <form class="ask-form" on:submit=submit novalidate=true>
            {description.map(|text| view! { <p class="description">{text}</p> })}
            {many.then(|| view! { <p class="quiet">"All instances are replaced by these."</p> })}
            <DraftEditor draft=draft id="write" tried=tried />
            <OptionsFields options=options />
            <Preview wanted=preview />
            <Footer sending=sending word="Write" />
        </form>
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
    let tried = RwSignal::new(false);
    let replace = RwSignal::new(false);
    let instance = RwSignal::new(String::new());
    let instance_error = move || match instance.get().trim() {
        "" => Ok(None),
        text => match text.parse::<u16>() {
            Ok(id) if id != u16::MAX => Ok(Some(id)),
            _ => Err("A number from 0 to 65534."),
        },
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let op = match (create, replace.get_untracked()) {
            (true, _) => OperationKind::Create,
            (false, true) => OperationKind::Write,
            (false, false) => OperationKind::Update,
        };
        let included = drafts.with_value(|drafts| untrack(|| values(drafts)));
        let Ok(value) = included else { return };
        let Ok(id) = untrack(instance_error) else { return };
        if !create && value.as_object().is_some_and(Object::is_empty) {
            sending.refusal.set(Some("Choose at least one resource.".into()));
            return;
        }
        let target = id.and_then(|id| path.child(id)).unwrap_or(path);
        let mut wanted = request(op, target);
        wanted.value = Some(value);
        match untrack(|| options.apply(&mut wanted)) {
            Ok(()) => sending.send_then(device, wanted, move |view| {
                // The device's Update tells it too, but later.
                if let Some(place) = view
                    .location
                    .or_else(|| (create && target.depth() == 2).then_some(target))
                {
                    device.discovered().update(|known| {
                        known.insert(place);
                    });
                }
            }),
            Err(words) => sending.refusal.set(Some(words)),
        }
    };
    let preview = Signal::derive(move || {
        let value = drafts.with_value(|drafts| values(drafts)).ok()?;
        if value.as_object().is_none_or(Object::is_empty) {
            return None;
        }
        let op = match (create, replace.get()) {
            (true, _) => OperationKind::Create,
            (false, true) => OperationKind::Write,
            (false, false) => OperationKind::Update,
        };
        let id = instance_error().ok()?;
        let mut wanted = request(op, id.and_then(|id| path.child(id)).unwrap_or(path));
        wanted.value = Some(value);
        options.apply(&mut wanted).ok()?;
        Some(wanted)
    });
    let none = drafts.with_value(Vec::is_empty);
    let rows = drafts.with_value(|drafts| {
        drafts
            .iter()
            .map(|draft| view! { <FormRow draft=*draft tried=tried /> })
            .collect_view()
    });
    let error = Signal::derive(move || instance_error().err().map(str::to_owned));
    view! {
        <form class="ask-form" on:submit=submit novalidate=true>
            {if create {
                view! {
                    <Field id="new-instance" label="Instance id" value=instance hint="Empty: the device chooses" error=error code=true />
                }
            } else {
                view! { <Mode replace=replace /> }
            }}
            {none
                .then(|| view! { <p class="quiet">"No model says what can be written here. Write single resources instead."</p> })}
            <div class="form-rows">{rows}</div>
            <OptionsFields options=options />
            <Preview wanted=preview />
            <Footer sending=sending word=if create { "Create" } else { "Write" } />
        </form>
    }
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
    let id = format!("r{}", draft.path.resource_id().unwrap_or_default());
    let name = draft.name.get_value();
    let shown_errors = Signal::derive(move || tried.get());
    view! {
        <div class="form-row">
            <label class="choice">
                <input
                    type="checkbox"
                    prop:checked=move || draft.included.get()
                    on:change=move |event| draft.included.set(event_target_checked(&event))
                />
                <span>{name}<small class="mono">{draft.path.to_string()}</small></span>
            </label>
            <Show when=move || draft.included.get()>
                <DraftEditor draft=draft id=id.clone() tried=shown_errors />
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
    let wanted: Vec<(u16, bool)> = untrack(|| {
        device.models(|models| match models.object(object) {
            Some(model) => {
                let offered = model.resources.iter().filter(|resource| match create {
                    true => !resource.operations.execute,
                    false => resource.operations.write,
                });
                offered
                    .map(|resource| (resource.id, create && resource.mandatory))
                    .collect()
            }
            None => device.values(|values| {
                let ids: SortedSet<u16> = values
                    .keys()
                    .filter(|known| path.contains(known))
                    .filter_map(Path::resource_id)
                    .collect();
                ids.into_iter().map(|id| (id, false)).collect()
            }),
        })
    });
    wanted
        .into_iter()
        .map(|(resource, included)| {
            let draft = Draft::new(device, Path::resource(object, instance, resource), create);
            draft.included.set(included);
            draft
        })
        .collect()
}

/// What goes out: resource id → value.
fn values(drafts: &[Draft]) -> Result<JsonValue, String> {
    let mut resources = Object::new();
    for draft in drafts.iter().filter(|draft| draft.included.get()) {
        let id = draft.path.resource_id().unwrap_or_default();
        resources.insert(id.to_string(), draft.value()?);
    }
    Ok(JsonValue::Object(resources))
}
