//! What is told of the selected row: what it is by its model, its whole value, and everything that can be done.

use super::super::store::Device;
use super::super::view::Known;
use super::allowed;
use super::definition::Definition;
use super::edit::type_word;
use super::row::{act_button, act_buttons, origin_word};
use super::tree::Item;
use crate::clock::exact;
use crate::dom::prelude::*;
use crate::routing::DeviceTab;
use crate::ui::{Ago, Copy, Icon};
use crate::words::counted;
use shared::api::{OperationKind, Role};
use shared::model::ResourceModel;
use shared::{Path, Value};
use std::rc::Rc;

#[component]
pub(super) fn About(item: Rc<Item>, known: Memo<Option<Known>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let path = item.path;
    let facts = Memo::new(move |_| device.models(|models| facts(models.resource_model(path)?)));
    let description = Memo::new(move |_| {
        device.models(|models| {
            let text = match path.depth() {
                1 | 2 => &models.object(path.object_id()?)?.description,
                _ => &models.resource_model(path)?.description,
            };
            text.as_ref().map(|text| text.to_string())
        })
    });
    let line = |class: &'static str, text: Memo<Option<String>>| {
        move || text.get().map(|text| view! { <p class=class>{text}</p> })
    };
    view! {
        <tr role="row" class="about" aria-level=(item.level + 1).to_string()>
            <td role="gridcell" colspan="5">
                {line("description", description)}
                {line("quiet", facts)}
                {move || {
                    let object = path.object_id().filter(|_| path.depth() <= 2)?;
                    let unknown = device.models(|models| models.object(object).is_none());
                    unknown.then(|| view! { <Definition object=object may=device.may(Role::Operator) /> })
                }}
                <Whole known=known />
                <Watched path=path />
                <AllActions item=item />
            </td>
        </tr>
    }
}

/// The type, range and operations of a resource in one line.
fn facts(model: &ResourceModel) -> Option<String> {
    let mut facts = if model.operations.execute {
        "Executable".to_owned()
    } else {
        type_word(model.data_type).to_owned()
    };
    let mut add = |word: &str, what: &str| {
        facts.push_str(" · ");
        facts.push_str(word);
        facts.push_str(what);
    };
    if let Some(range) = &model.range {
        add("range ", &range.text);
    }
    if let Some(unit) = &model.unit {
        add("unit ", &super::tree::unit_word(unit));
    }
    if model.multiple {
        add("may have several instances", "");
    }
    let presence = if model.mandatory {
        "every device has it"
    } else {
        "optional"
    };
    add(presence, "");
    Some(facts)
}

/// The value as a whole, when its row cannot show all of it.
#[component]
fn Whole(known: Memo<Option<Known>>) -> impl IntoView {
    let device = expect_context::<Device>();
    move || {
        let (text, origin, at) = known.with(|known| {
            let known = known.as_ref()?;
            let text = match &known.value {
                Value::Opaque(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
                other => device.show(other),
            };
            Some((text, known.origin, known.at))
        })?;
        let (word, _) = origin_word(origin);
        let exactly = exact(at);
        let long = (text.len() > 40).then(|| {
            let text = Text::from(text.as_str());
            view! { <pre class="mono" tabindex="0">{text}</pre> }
        });
        Some(view! {
            <div class="whole">
                {long}
                <span class="quiet">{word}" "{Text::from(exactly.lines().next().unwrap_or_default())}</span>
                <Copy text=text label="Copy the value" />
            </div>
        })
    }
}

/// The observation that brings this path.
#[component]
fn Watched(path: Path) -> impl IntoView {
    let device = expect_context::<Device>();
    let look = move || {
        device.observed(|observed| {
            let one = observed.get(&path)?;
            Some((one.since, one.notifications, one.established))
        })
    };
    let since = Signal::derive(move || look().map(|(since, ..)| since));
    let told = Memo::new(move |_| look().map(|(_, count, established)| (count, established)));
    move || {
        let (count, established) = told.get()?;
        let state = if established {
            "Observed for "
        } else {
            "Asked to be observed again, for "
        };
        let told = counted(count, "notification", "notifications");
        Some(view! { <p class="quiet watched">{state}<Ago at=since />", "{told}</p> })
    }
}

#[component]
fn AllActions(item: Rc<Item>) -> impl IntoView {
    let device = expect_context::<Device>();
    let actions = allowed(device, item.actions);
    let path = item.path;
    let read = if path.depth() < 3 { "Read all" } else { "Read" };
    let reached = Signal::stored("0");
    let before = [
        (actions.read, OperationKind::Read, read),
        (actions.write, OperationKind::Write, "Write…"),
        (actions.execute, OperationKind::Execute, "Execute…"),
        (actions.create, OperationKind::Create, "Create instance…"),
    ];
    let after = [
        (actions.discover, OperationKind::Discover, "Discover…"),
        (actions.attributes, OperationKind::WriteAttributes, "Attributes…"),
        (actions.delete, OperationKind::Delete, "Delete…"),
    ];
    let before = act_buttons(&item, &before, reached);
    let after = act_buttons(&item, &after, reached);
    let observed = Memo::new(move |_| device.is_observed(path));
    let watch = move || {
        let observed = observed.get();
        let (op, word) = if observed {
            (OperationKind::CancelObserve, "Stop observing")
        } else {
            (OperationKind::Observe, "Observe")
        };
        (actions.observe || observed).then(|| act_button(&item, op, word, reached))
    };
    let numeric = Memo::new(move |_| {
        device.values(|values| {
            values
                .get(&path)
                .is_some_and(|known| known.value.as_number().is_some())
        })
    });
    let chart = move || {
        let href = format!("{}?path={path}", device.href(DeviceTab::Live));
        numeric
            .get()
            .then(|| view! { <a class="btn s" href=href><Icon name="chart" />"Chart"</a> })
    };
    view! {
        <div class="all-actions" role="group" aria-label=format!("Actions of {path}")>
            {before}
            {watch}
            {after}
            {chart}
        </div>
    }
}
