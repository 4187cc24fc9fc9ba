//! Which columns the list shows, and in which order: kept for the account, and in the address, so that a link shows the same.

use super::query::columns_of;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Button, Dialog, Toasts, Tone};
use shared::api::{ColumnChoice, DeviceColumn};

/// The dialog by which they are chosen. `chosen` is what the account chose before.
#[component]
pub(super) fn ColumnPicker(open: RwSignal<bool>, chosen: RwSignal<Vec<DeviceColumn>>) -> impl IntoView {
    view! {
        <Dialog open=open title="Columns">
            <Picker chosen=chosen />
        </Dialog>
    }
}

#[component]
fn Picker(chosen: RwSignal<Vec<DeviceColumn>>) -> impl IntoView {
    let router = expect_context::<Router>();
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let address = router.param("columns");
    let shown = Memo::new(move |_| chosen.with(|chosen| columns_of(address.get().as_deref(), chosen)));
    let choose = move |columns: Vec<DeviceColumn>| {
        let names = DeviceColumn::join(&columns);
        let usual = columns == DeviceColumn::DEFAULT;
        router.set_params(&[("columns", Some(names.as_str()).filter(|_| !usual))], false);
        let columns = if usual { Vec::new() } else { columns };
        chosen.set(columns.clone());
        let kept = api.put::<ColumnChoice>("/views/columns", &ColumnChoice { columns });
        kept.then(move |kept| {
            if let Err(failure) = kept {
                toasts.say(Tone::Bad, format!("The columns are not kept. {failure}"));
            }
        });
    };
    let toggle = move |column: DeviceColumn| {
        let mut columns = shown.get_untracked();
        match columns.iter().position(|known| *known == column) {
            Some(at) => drop(columns.remove(at)),
            None => columns.push(column),
        }
        choose(columns);
    };
    let shift = move |column: DeviceColumn, by: isize| {
        let mut columns = shown.get_untracked();
        if let Some(at) = columns.iter().position(|known| *known == column)
            && let Some(to) = at.checked_add_signed(by).filter(|to| *to < columns.len())
        {
            columns.swap(at, to);
            choose(columns);
        }
    };
    // The shown ones in their order, then the others.
    let listed = move || {
        let mut columns = shown.get();
        columns.extend(
            DeviceColumn::all().filter(|column| !shown.with_untracked(|shown| shown.contains(column))),
        );
        columns
    };
    let line = move |column: DeviceColumn| {
        let place = Memo::new(move |_| shown.with(|shown| shown.iter().position(|known| *known == column)));
        let last = Memo::new(move |_| place.get().is_none_or(|at| at + 1 == shown.with(Vec::len)));
        view! {
            <li class="column-line">
                <label>
                    <input
                        type="checkbox"
                        prop:checked=move || place.get().is_some()
                        disabled=column == DeviceColumn::Endpoint
                        on:change=move |_| toggle(column)
                    />
                    {column.word()}
                </label>
                <Button
                    kind="quiet"
                    small=true
                    icon="arrow-up"
                    label=format!("Move {} to the left", column.word())
                    disabled=Signal::derive(move || place.get().is_none_or(|at| at == 0))
                    on_press=Callback::new(move |()| shift(column, -1))
                />
                <Button
                    kind="quiet"
                    small=true
                    icon="arrow-down"
                    label=format!("Move {} to the right", column.word())
                    disabled=Signal::derive(move || last.get())
                    on_press=Callback::new(move |()| shift(column, 1))
                />
            </li>
        }
    };
    view! {
        <p class="muted">"From left to right. The choice is kept for your account, and a link to this list shows the same."</p>
        <ul class="column-lines">
            <For each=listed key=|column| *column children=line />
        </ul>
        <div class="actions">
            <Button on_press=Callback::new(move |()| choose(DeviceColumn::DEFAULT.to_vec()))>"Usual columns"</Button>
        </div>
    }
}
