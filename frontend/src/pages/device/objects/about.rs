//! What is told of the selected row: what it is by its model, its whole value, and everything that can be done.

use super::super::store::Device;
use super::super::view::Known;
use super::definition::Definition;
use super::edit::type_word;
use super::row::{ActButton, origin_word};
use super::tree::Row;
use super::{Browser, allowed};
use crate::clock::exact;
use crate::dom::prelude::*;
use crate::routing::{DeviceTab, Route};
use crate::ui::{Ago, Copy, Icon};
use crate::words::counted;
use shared::api::{OperationKind, Role};
use shared::model::ResourceModel;
use shared::{Path, Value};

#[component]
pub(super) fn About(row: Row, known: Memo<Option<Known>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let path = row.path;
    let facts = Memo::new(move |_| device.models(|models| facts(models.resource_model(path))));
    let description = Memo::new(move |_| {
        device.models(|models| {
            let text = match path.depth() {
                1 | 2 => models.object(path.object_id()?)?.description.as_ref(),
                _ => models.resource_model(path)?.description.as_ref(),
            };
            text.map(|text| text.to_string())
        })
    });
    let level = (row.level + 1).to_string();
    view! {
        <tr role="row" class="about" aria-level=level>
            <td role="gridcell" colspan="5">
                {move || description.get().map(|text| view! { <p class="description">{text}</p> })}
                {move || facts.get().map(|text| view! { <p class="quiet">{text}</p> })}
                {move || {
                    let object = path.object_id().filter(|_| path.depth() <= 2)?;
                    let unknown = device.models(|models| models.object(object).is_none());
                    unknown.then(|| view! { <Definition object=object may=device.may(Role::Operator) /> })
                }}
                <Whole known=known />
                <Watched path=path />
                <AllActions row=row />
            </td>
        </tr>
    }
}

/// The type, range and operations of a resource in one line.
fn facts(model: Option<&ResourceModel>) -> Option<String> {
    let model = model?;
    let mut parts = vec![type_word(model.data_type).to_owned()];
    if model.operations.execute {
        parts = vec!["Executable".into()];
    }
    if let Some(range) = &model.range {
        parts.push(format!("range {}", range.text));
    }
    if let Some(unit) = &model.unit {
        parts.push(format!("unit {}", super::tree::unit_word(unit)));
    }
    if model.multiple {
        parts.push("may have several instances".into());
    }
    parts.push(if model.mandatory {
        "every device has it".into()
    } else {
        "optional".into()
    });
    Some(parts.join(" · "))
}

/// The value as a whole, when its row cannot show all of it.
#[component]
fn Whole(known: Memo<Option<Known>>) -> impl IntoView {
    let device = expect_context::<Device>();
    move || {
        let known = known.get()?;
        let text = match &known.value {
            Value::Opaque(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            other => device.show(other),
        };
        let (word, _) = origin_word(known.origin);
        let when = format!("{word} {}", exact(known.at).lines().next().unwrap_or_default());
        let copied = text.clone();
        let long = text.len() > 40;
        Some(view! {
            <div class="whole">
                {long.then(|| view! { <pre class="mono" tabindex="0">{text}</pre> })}
                <span class="quiet">{when}</span>
                <Copy text=Signal::derive(move || copied.clone()) label="Copy the value" />
            </div>
        })
    }
}

/// The observation that brings this path.
#[component]
fn Watched(path: Path) -> impl IntoView {
    let device = expect_context::<Device>();
    let observation = Memo::new(move |_| device.observed(|observed| observed.get(&path).cloned()));
    let since = Signal::derive(move || observation.with(|one| one.as_ref().map(|one| one.since)));
    let told = Memo::new(move |_| {
        observation.with(|one| {
            one.as_ref().map(|one| {
                (
                    counted(one.notifications, "notification", "notifications"),
                    one.established,
                )
            })
        })
    });
    move || {
        let (told, established) = told.get()?;
        let state = if established {
            "Observed for "
        } else {
            "Asked to be observed again, for "
        };
        Some(view! { <p class="quiet watched">{state}<Ago at=since />", "{told}</p> })
    }
}

#[component]
fn AllActions(row: Row) -> impl IntoView {
    let device = expect_context::<Device>();
    let browser = expect_context::<Browser>();
    let actions = allowed(device, row.actions);
    let path = row.path;
    let group = path.depth() < 3;
    let observed = Memo::new(move |_| device.observed(|observed| observed.contains_key(&path)));
    let button = move |op: OperationKind, word: &'static str| {
        let name = row.name.clone();
        let act = Callback::new(move |()| browser.act(device, op, path, &name));
        view! { <ActButton op=op path=path word=word label=format!("{} {path}", word.trim_end_matches('…')) reached=Signal::stored(true) act=act /> }
    };
    let before = [
        (
            actions.read,
            OperationKind::Read,
            if group { "Read all" } else { "Read" },
        ),
        (actions.write, OperationKind::Write, "Write…"),
        (actions.execute, OperationKind::Execute, "Execute…"),
        (actions.create, OperationKind::Create, "Create instance…"),
    ];
    let after = [
        (actions.discover, OperationKind::Discover, "Discover…"),
        (actions.attributes, OperationKind::WriteAttributes, "Attributes…"),
        (actions.delete, OperationKind::Delete, "Delete…"),
    ];
    let make = |list: &[(bool, OperationKind, &'static str)]| {
        list.iter()
            .filter(|(wanted, ..)| *wanted)
            .map(|(_, op, word)| button(*op, word))
            .collect_view()
    };
    let (first, last) = (make(&before), make(&after));
    let watch = move || {
        let (op, word) = match observed.get() {
            true => (OperationKind::CancelObserve, "Stop observing"),
            false => (OperationKind::Observe, "Observe"),
        };
        (actions.observe || observed.get()).then(|| button(op, word))
    };
    let numeric = Memo::new(move |_| {
        device
            .known(path)
            .is_some_and(|known| known.value.as_number().is_some())
    });
    let chart = move || {
        let tab = Route::Device {
            endpoint: device.endpoint.get_value(),
            tab: DeviceTab::Live,
        };
        let href = format!("{}?path={path}", tab.href());
        numeric
            .get()
            .then(|| view! { <a class="btn s" href=href><Icon name="chart" />"Chart"</a> })
    };
    view! {
        <div class="all-actions" role="group" aria-label=format!("Actions of {path}")>
            {first}
            {watch}
            {last}
            {chart}
        </div>
    }
}
