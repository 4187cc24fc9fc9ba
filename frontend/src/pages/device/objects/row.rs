//! One row of the tree: name, path, value with its age and origin, and what can be done.

use super::super::store::Device;
use super::super::timeline::words::operation_word;
use super::super::view::Known;
use super::about::About;
use super::tree::{Kind, Row};
use super::{Browser, allowed};
use crate::dom::prelude::*;
use crate::ui::{Ago, Icon};
use shared::Path;
use shared::api::OperationKind;
use shared::event::Origin;
use wasm_bindgen::JsCast;

#[component]
pub(super) fn TreeRow(row: Row) -> impl IntoView {
    match row.kind {
        Kind::More(_) => view! { <More row=row /> },
        _ => view! { <Full row=row /> },
    }
}

/// Stands for resources that the device has not shown.
#[component]
fn More(row: Row) -> impl IntoView {
    let browser = expect_context::<Browser>();
    let path = row.path;
    let show = move |_| {
        browser.unfolded.update(|unfolded| {
            unfolded.insert(path);
        });
    };
    view! {
        <tr role="row" class="more-row" aria-level=row.level.to_string()>
            <td role="gridcell" colspan="5" class=format!("level-{}", row.level)>
                <button type="button" class="btn quiet s" on:click=show>
                    <Icon name="plus" />
                    {row.name}
                </button>
            </td>
        </tr>
    }
}

#[component]
fn Full(row: Row) -> impl IntoView {
    let device = expect_context::<Device>();
    let browser = expect_context::<Browser>();
    let path = row.path;
    let known = Memo::new(move |_| device.known(path));
    let open = Memo::new(move |_| {
        browser.rows.with(|rows| {
            rows.iter()
                .find(|one| one.path == path && one.kind == row.kind)?
                .open
        })
    });
    let selected = Memo::new(move |_| browser.selected.get() == Some(path));
    let first = move || browser.rows.with(|rows| rows.first().map(|row| row.path));
    let reached = move || browser.current.get().or_else(first) == Some(path);
    let revision = move || known.with(|known| known.as_ref().map_or(0, |known| known.revision));
    // Two classes in turn, so that the light begins anew with every change.
    let lit = move |parity| revision() > 0 && revision() % 2 == parity;
    let press = move |event: web_sys::MouseEvent| {
        if !on_control(&event) {
            browser.select((!selected.get_untracked()).then_some(path));
        }
    };
    let kind = match row.kind {
        Kind::Object => "is-object",
        Kind::Instance if row.level == 1 => "is-object",
        Kind::Instance => "is-instance",
        _ => "is-resource",
    };
    let about = row.clone();
    let class = format!("{kind} level-{}", row.level);
    let level = row.level.to_string();
    view! {
        <tr
            role="row"
            class=class
            class:lit=move || lit(1)
            class:lit-again=move || lit(0)
            class:unconfirmed=move || {
                known.with(|known| known.as_ref().is_some_and(|known| known.origin == Origin::Written))
            }
            aria-level=level
            aria-expanded=move || open.get().map(|open| if open { "true" } else { "false" })
            aria-selected=move || if selected.get() { "true" } else { "false" }
            data-path=path.to_string()
            data-row=""
            tabindex=move || if reached() { "0" } else { "-1" }
            on:click=press
            on:focusin=move |_| browser.current.set(Some(path))
        >
            <NameCell row=row.clone() open=open />
            <td role="gridcell" class="path">{path.to_string()}</td>
            <ValueCell row=row.clone() known=known />
            <td role="gridcell" class="age"><Age known=known /></td>
            <td role="gridcell" class="ops"><Quick row=row reached=Signal::derive(reached) selected=selected /></td>
        </tr>
        <Show when=move || selected.get()>
            <About row=about.clone() known=known />
        </Show>
    }
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
fn NameCell(row: Row, open: Memo<Option<bool>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let browser = expect_context::<Browser>();
    let path = row.path;
    let toggle = move |_| {
        if let Some(open) = open.get_untracked() {
            browser.toggle(path, !open);
        }
    };
    let chevron = Signal::derive(move || {
        if open.get() == Some(true) {
            "chevron-down"
        } else {
            "chevron-right"
        }
    });
    let observed = Memo::new(move |_| {
        device.observed(|observed| {
            let above = |depth| observed.contains_key(&path.truncated(depth));
            (observed.contains_key(&path), (0..path.depth()).any(above))
        })
    });
    let mark = move || match observed.get() {
        (true, _) => Some(("observed", "Observed: the device tells when it changes")),
        (false, true) => Some(("observed inherited", "Told with what is observed above it")),
        _ => None,
    };
    view! {
        <td role="gridcell" class="name">
            <span class="name-line">
                <Show when=move || open.get().is_some() fallback=|| view! { <span class="no-chevron"></span> }>
                    <button
                        type="button"
                        class="chevron"
                        tabindex="-1"
                        aria-label=move || format!("{} {path}", if open.get() == Some(true) { "Close" } else { "Open" })
                        on:click=toggle
                    >
                        <Icon name=chevron />
                    </button>
                </Show>
                <span class="name-text">{row.name}</span>
                {row.note.map(|note| view! { <span class="note">{note}</span> })}
                {(!row.modelled).then(|| view! { <span class="note">"no model"</span> })}
                {move || {
                    mark()
                        .map(|(class, tip)| {
                            view! {
                                <span class=class data-tip=tip>
                                    <Icon name="eye" />
                                    <span class="visually-hidden">"observed"</span>
                                </span>
                            }
                        })
                }}
            </span>
        </td>
    }
}

#[component]
fn ValueCell(row: Row, known: Memo<Option<Known>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let path = row.path;
    let parts = Memo::new(move |_| match path.depth() {
        3 => device.values(|values| {
            values
                .range(path..)
                .take_while(|(below, _)| path.contains(below))
                .skip(usize::from(values.contains_key(&path)))
                .count()
        }),
        _ => 0,
    });
    let waits = Memo::new(move |_| {
        device.waiting(|waiting| waiting.values().find(|one| one.path == path).map(|one| one.op))
    });
    let unit = row.unit.clone();
    let text = move || match (known.get(), parts.get()) {
        (Some(known), _) => {
            let unit = unit
                .clone()
                .map(|unit| view! { <span class="unit">{unit}</span> });
            view! { <span class="value-text">{device.show(&known.value)}</span>{unit} }
        }
        (None, 1) => view! { <span class="quiet">"1 value"</span> },
        (None, 2..) => view! { <span class="quiet">{format!("{} values", parts.get())}</span> },
        (None, _) if row.kind == Kind::Resource && row.actions.read => {
            view! { <span class="quiet">"not read yet"</span> }
        }
        _ => View::Empty,
    };
    view! {
        <td role="gridcell" class="value">
            {text}
            {move || {
                waits
                    .get()
                    .map(|op| {
                        view! { <span class="badge tone-accent waits"><Icon name="clock" />{format!("{} waits", operation_word(op))}</span> }
                    })
            }}
        </td>
    }
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
    let at = Signal::derive(move || known.with(|known| known.as_ref().map(|known| known.at)));
    let origin = Memo::new(move |_| known.with(|known| known.as_ref().map(|known| known.origin)));
    move || {
        origin.get().map(|origin| {
            let (word, tip) = origin_word(origin);
            view! { <Ago at=at />" "<span class="origin" data-tip=tip>{word}</span> }
        })
    }
}

/// The one or two actions that are wanted most; the others are in what opens below the row.
#[component]
fn Quick(row: Row, reached: Signal<bool>, selected: Memo<bool>) -> impl IntoView {
    let device = expect_context::<Device>();
    let browser = expect_context::<Browser>();
    let actions = allowed(device, row.actions);
    let path = row.path;
    let group = row.path.depth() < 3;
    let mut wanted = Vec::new();
    if actions.execute && row.modelled {
        wanted.push((OperationKind::Execute, "Execute…"));
    }
    if actions.read {
        wanted.push((OperationKind::Read, if group { "Read all" } else { "Read" }));
    }
    if actions.write && !group {
        wanted.push((OperationKind::Write, "Write…"));
    }
    if actions.create && row.kind == Kind::Object {
        wanted.push((OperationKind::Create, "Create…"));
    }
    let buttons = wanted.into_iter().map(|(op, word)| {
        let name = row.name.clone();
        view! {
            <ActButton op=op path=path word=word label=format!("{} {path}", word.trim_end_matches('…')) reached=reached act=Callback::new(move |()| browser.act(device, op, path, &name)) />
        }
    });
    view! {
        <span class="quick">{buttons.collect_view()}</span>
        <button
            type="button"
            class="btn quiet bare s more-actions"
            tabindex=move || if reached.get() { "0" } else { "-1" }
            aria-label=format!("Details and actions of {path}")
            aria-expanded=move || if selected.get() { "true" } else { "false" }
            on:click=move |_| browser.select((!selected.get_untracked()).then_some(path))
        >
            <Icon name="info" />
        </button>
    }
}

/// A button of the tree; busy while its operation is on its way.
#[component]
pub(super) fn ActButton(
    op: OperationKind,
    path: Path,
    word: &'static str,
    label: String,
    reached: Signal<bool>,
    act: Callback<()>,
) -> impl IntoView {
    let device = expect_context::<Device>();
    let busy = Memo::new(move |_| device.busy.is(path, op));
    view! {
        <button
            type="button"
            class="btn s"
            class:busy=move || busy.get()
            aria-busy=move || busy.get().then_some("true")
            aria-label=label
            tabindex=move || if reached.get() { "0" } else { "-1" }
            on:click=move |_| act.run(())
        >
            {word}
        </button>
    }
}
