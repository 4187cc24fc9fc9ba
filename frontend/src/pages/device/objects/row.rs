//! One row of the tree: name, path, value with its age and origin, and what can be done.

use super::super::store::Device;
use super::super::timeline::words::operation_word;
use super::super::view::{Known, below};
use super::about::About;
use super::tree::{Item, Kind};
use super::{Browser, allowed};
use crate::dom::prelude::*;
use crate::ui::{Ago, Icon};
use crate::words::true_or_false;
use shared::api::OperationKind;
use shared::event::Origin;
use std::rc::Rc;
use wasm_bindgen::JsCast;

#[component]
pub(super) fn TreeRow(item: Rc<Item>) -> impl IntoView {
    match item.kind {
        Kind::More(_) => view! { <More item=item /> },
        _ => view! { <Full item=item /> },
    }
}

/// Stands for resources that the device has not shown.
#[component]
fn More(item: Rc<Item>) -> impl IntoView {
    let browser = expect_context::<Browser>();
    let path = item.path;
    let show = move |_| {
        browser.unfolded().update(|unfolded| {
            unfolded.insert(path);
        });
    };
    view! {
        <tr role="row" class="more-row" aria-level=item.level.to_string()>
            <td role="gridcell" colspan="5" class=format!("level-{}", item.level)>
                <button type="button" class="btn quiet s" on:click=show>
                    <Icon name="plus" />
                    {item.name.clone()}
                </button>
            </td>
        </tr>
    }
}

#[component]
fn Full(item: Rc<Item>) -> impl IntoView {
    let device = expect_context::<Device>();
    let browser = expect_context::<Browser>();
    let (path, kind) = (item.path, item.kind);
    let known = Memo::new(move |_| device.known(path));
    let open = Memo::new(move |_| {
        browser
            .rows()
            .with(|rows| rows.iter().find(|one| one.path == path && one.kind == kind)?.open)
    });
    let selected = Memo::new(move |_| browser.is_selected(path));
    let tab = Memo::new(move |_| {
        let first = || browser.rows().with(|rows| rows.first().map(|row| row.path));
        tab_index(browser.current().get().or_else(first) == Some(path))
    });
    let press = move |event: web_sys::MouseEvent| {
        if !on_control(&event) {
            browser.press(path);
        }
    };
    let class = match kind {
        Kind::Object => "is-object",
        Kind::Instance if item.level == 1 => "is-object",
        Kind::Instance => "is-instance",
        _ => "is-resource",
    };
    let class = format!("{class} level-{}", item.level);
    let about = Rc::clone(&item);
    view! {
        <tr
            role="row"
            class=move || format!("{class}{}", known.with(light))
            aria-level=item.level.to_string()
            aria-expanded=move || open.get().map(true_or_false)
            aria-selected=move || true_or_false(selected.get())
            data-path=path.to_string()
            data-row=""
            tabindex=tab
            on:click=press
            on:focusin=move |_| browser.current().set(Some(path))
        >
            <NameCell item=Rc::clone(&item) open=open />
            <td role="gridcell" class="path">{path.to_string()}</td>
            <ValueCell item=Rc::clone(&item) known=known />
            <td role="gridcell" class="age"><Age known=known /></td>
            <td role="gridcell" class="ops"><Quick item=item tab=tab selected=selected /></td>
        </tr>
        <Show when=move || selected.get()>
            <About item=Rc::clone(&about) known=known />
        </Show>
    }
}

/// The classes for what was told of the value. Two in turn, so that the light begins anew with every change.
fn light(known: &Option<Known>) -> &'static str {
    let Some(known) = known else { return "" };
    let lit = (known.revision > 0).then_some(known.revision % 2);
    match (lit, known.origin == Origin::Written) {
        (Some(1), false) => " lit",
        (Some(1), true) => " lit unconfirmed",
        (Some(_), false) => " lit-again",
        (Some(_), true) => " lit-again unconfirmed",
        (None, false) => "",
        (None, true) => " unconfirmed",
    }
}

/// The `tabindex` of what Tab reaches, or not.
const fn tab_index(reached: bool) -> &'static str {
    if reached { "0" } else { "-1" }
}

/// Whether a press on the row was meant for a control inside it.
fn on_control(event: &web_sys::MouseEvent) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| element.closest("button, a, input").ok().flatten())
        .is_some()
}

#[component]
fn NameCell(item: Rc<Item>, open: Memo<Option<bool>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let browser = expect_context::<Browser>();
    let path = item.path;
    let toggle = move |_| {
        if let Some(open) = open.get_untracked() {
            browser.toggle(path, !open);
        }
    };
    let chevron = Signal::derive(move || match open.get() {
        Some(true) => "chevron-down",
        _ => "chevron-right",
    });
    let word = move || match open.get() {
        Some(true) => format!("Close {path}"),
        _ => format!("Open {path}"),
    };
    // How deep the path is that is observed, at it or above it.
    let observed = Memo::new(move |_| {
        device.observed(|observed| {
            let is_observed = |depth: &usize| observed.contains_key(&path.truncated(*depth));
            (0..=path.depth()).rev().find(is_observed)
        })
    });
    let mark = move || {
        let (class, tip) = if observed.get()? == path.depth() {
            ("observed", "Observed: the device tells when it changes")
        } else {
            ("observed inherited", "Told with what is observed above it")
        };
        Some(view! {
            <span class=class data-tip=tip>
                <Icon name="eye" />
                <span class="visually-hidden">"observed"</span>
            </span>
        })
    };
    let note = |note: &str| {
        let note = Text::from(note);
        view! { <span class="note">{note}</span> }
    };
    view! {
        <td role="gridcell" class="name">
            <span class="name-line">
                <Show when=move || open.get().is_some() fallback=|| view! { <span class="no-chevron"></span> }>
                    <button
                        type="button"
                        class="chevron"
                        tabindex="-1"
                        aria-label=word
                        on:click=toggle
                    >
                        <Icon name=chevron />
                    </button>
                </Show>
                <span class="name-text">{Text::from(item.name.as_str())}</span>
                {item.note.as_deref().map(note)}
                {(!item.modelled).then(|| note("no model"))}
                {mark}
            </span>
        </td>
    }
}

#[component]
fn ValueCell(item: Rc<Item>, known: Memo<Option<Known>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let path = item.path;
    let parts = Memo::new(move |_| match path.depth() {
        3 => device.values(|values| {
            let below = below(values, path).iter();
            below.filter(|(below, _)| *below != path).count()
        }),
        _ => 0,
    });
    let waits = Memo::new(move |_| {
        device.waiting(|waiting| waiting.values().find(|one| one.path == path).map(|one| one.op))
    });
    let text = move || {
        if let Some(value) = known.with(|known| Some(device.show(&known.as_ref()?.value))) {
            let unit = item.unit.as_deref().map(Text::from);
            let unit = unit.map(|unit| view! { <span class="unit">{unit}</span> });
            return view! { <span class="value-text">{value}</span>{unit} };
        }
        let words = match parts.get() {
            0 if item.kind == Kind::Resource && item.actions.read => "not read yet".into(),
            0 => return View::Empty,
            1 => "1 value".into(),
            many => format!("{many} values"),
        };
        view! { <span class="quiet">{words}</span> }
    };
    let waits = move || {
        let word = operation_word(waits.get()?);
        Some(view! { <span class="badge tone-accent waits"><Icon name="clock" />{word}" waits"</span> })
    };
    view! { <td role="gridcell" class="value">{text}{waits}</td> }
}

/// How the page came to know a value: the word, and what it means.
pub(super) const fn origin_word(origin: Origin) -> (&'static str, &'static str) {
    match origin {
        Origin::Read => ("read", "The device answered a Read with it"),
        Origin::Notify => ("notified", "The device told it by itself, because it is observed"),
        Origin::Send => ("sent", "The device sent it by itself"),
        Origin::Written => (
            "written, not confirmed",
            "Written and accepted by the device, not read back since",
        ),
    }
}

#[component]
fn Age(known: Memo<Option<Known>>) -> impl IntoView {
    let at = Signal::derive(move || known.with(|known| Some(known.as_ref()?.at)));
    let origin = Memo::new(move |_| known.with(|known| Some(known.as_ref()?.origin)));
    move || {
        let (word, tip) = origin_word(origin.get()?);
        Some(view! { <Ago at=at />" "<span class="origin" data-tip=tip>{word}</span> })
    }
}

/// The one or two actions that are wanted most; the others are in what opens below the row.
#[component]
fn Quick(item: Rc<Item>, tab: Memo<&'static str>, selected: Memo<bool>) -> impl IntoView {
    let device = expect_context::<Device>();
    let browser = expect_context::<Browser>();
    let actions = allowed(device, item.actions);
    let path = item.path;
    let group = path.depth() < 3;
    let read = if group { "Read all" } else { "Read" };
    let buttons = [
        (
            actions.execute && item.modelled,
            OperationKind::Execute,
            "Execute…",
        ),
        (actions.read, OperationKind::Read, read),
        (actions.write && !group, OperationKind::Write, "Write…"),
        (
            actions.create && item.kind == Kind::Object,
            OperationKind::Create,
            "Create…",
        ),
    ];
    view! {
        <span class="quick">{act_buttons(&item, &buttons, tab.into())}</span>
        <button
            type="button"
            class="btn quiet bare s more-actions"
            tabindex=tab
            aria-label=format!("Details and actions of {path}")
            aria-expanded=move || true_or_false(selected.get())
            on:click=move |_| browser.press(path)
        >
            <Icon name="info" />
        </button>
    }
}

/// The buttons that are wanted, each with its word.
#[inline(never)]
pub(super) fn act_buttons(
    item: &Rc<Item>,
    buttons: &[(bool, OperationKind, &'static str)],
    tab: Signal<&'static str>,
) -> View {
    let wanted = buttons.iter().filter(|(wanted, ..)| *wanted);
    wanted
        .map(|(_, op, word)| act_button(item, *op, word, tab))
        .collect_view()
}

/// A button of the tree; busy while its operation is on its way.
#[inline(never)]
pub(super) fn act_button(
    item: &Rc<Item>,
    op: OperationKind,
    word: &'static str,
    tab: Signal<&'static str>,
) -> View {
    let device = expect_context::<Device>();
    let browser = expect_context::<Browser>();
    let item = Rc::clone(item);
    let path = item.path;
    let busy = Memo::new(move |_| device.busy().is(path, op));
    view! {
        <button
            type="button"
            class="btn s"
            class:busy=busy
            aria-busy=move || busy.get().then_some("true")
            aria-label=format!("{} {path}", word.trim_end_matches('…'))
            tabindex=tab
            on:click=move |_| browser.act(device, op, path, &item.name)
        >
            {word}
        </button>
    }
}
