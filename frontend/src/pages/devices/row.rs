//! One line of the list: a slot that shows one device after another.

use super::listing::{Listing, Slot};
use super::note;
use crate::clock::Clock;
use crate::dom::prelude::*;
use crate::routing::{Router, device_href};
use crate::ui::{Ago, Badge, Due, Icon, StateBadge, Tone};
use crate::words;
use shared::DeviceState;
use shared::api::{DeviceColumn, DeviceRow};

#[component]
pub(super) fn Row(
    slot: Slot,
    columns: Vec<DeviceColumn>,
    on_select: Callback<(usize, bool)>,
) -> impl IntoView {
    let listing = expect_context::<Listing>();
    let clock = expect_context::<Clock>();
    let router = expect_context::<Router>();
    let row = RwSignal::from(slot.row);
    let index = RwSignal::from(slot.index);
    let of = move |part: fn(&DeviceRow) -> String| {
        move || row.with(|row| row.as_ref().map(part).unwrap_or_default())
    };
    let endpoint = Memo::new(move |_| of(|row| row.endpoint.clone())());
    let evidence = Memo::new(move |_| {
        row.with(|row| {
            let contact = row.as_ref()?.contact();
            Some(contact.evidence(|at| clock.short(at)))
        })
        .unwrap_or_default()
    });
    let is_late = move || row.with(|row| row.as_ref().is_some_and(|row| row.state == DeviceState::Late));
    let is_selected = Memo::new(move |_| {
        let endpoint = endpoint.get();
        listing
            .selected
            .with(|selected| selected.contains(endpoint.as_str()))
    });
    let is_active = Memo::new(move |_| listing.active.get() == Some(index.get()));
    // One row of the list is reached by Tab: the active one, or the first on the screen.
    let is_stop = Memo::new(move |_| {
        let shown = listing.shown.get();
        let active = listing.active.get();
        let active = active.filter(|at| (shown.first..shown.first + shown.count).contains(at));
        active.unwrap_or(shown.first) == index.get()
    });
    let press = move |event: web_sys::MouseEvent| on_select.run((index.get_untracked(), event.shift_key()));
    let cells = columns.into_iter().map(|column| match column {
        DeviceColumn::State => {
            let state = Memo::new(move |_| row.with(|row| row.as_ref().map_or(DeviceState::NeverSeen, |row| row.state)));
            view! {
                <div role="gridcell" class="cell c-state">
                    <StateBadge state=state evidence=Signal::derive(move || evidence.get()) />
                </div>
            }
        }
        DeviceColumn::Endpoint => {
            let pending = Memo::new(move |_| row.with(|row| row.as_ref().map_or(0, |row| row.pending)));
            view! {
                <div role="gridcell" class="cell c-endpoint">
                    <a
                        class="mono row-link"
                        href=move || device_href(&endpoint.get())
                        tabindex=move || if is_stop.get() { "0" } else { "-1" }
                        data-tip-focus=move || evidence.get()
                        on:focus=move |_| listing.active.set(Some(index.get_untracked()))
                        // The way back leads to this row.
                        on:click=move |_| note(router, Some(&endpoint.get_untracked()))
                    >
                        {move || endpoint.get()}
                    </a>
                    {move || {
                        (pending.get() > 0)
                            .then(|| view! { <Badge text=format!("{} queued", pending.get()) tone=Tone::Accent /> })
                    }}
                </div>
            }
        }
        DeviceColumn::LastSeen => {
            let at = Signal::derive(move || row.with(|row| row.as_ref()?.last_seen));
            view! { <div role="gridcell" class="cell num c-seen"><Ago at=at /></div> }
        }
        DeviceColumn::NextDue => {
            let at = Signal::derive(move || {
                row.with(|row| row.as_ref().filter(|row| row.state.is_registered())?.next_due)
            });
            view! { <div role="gridcell" class="cell num c-due"><Due at=at /></div> }
        }
        DeviceColumn::Security => {
            let mode = Memo::new(move |_| row.with(|row| row.as_ref()?.security.clone()));
            let secured = move || match mode.get() {
                None => "–".into_view(),
                Some(mode) => view! {
                    <span class="lock-word" class:open=mode == "none">
                        <Icon name=words::lock(Some(&mode)) />
                        {words::security_word(&mode).to_owned()}
                    </span>
                },
            };
            view! { <div role="gridcell" class="cell c-plain">{secured}</div> }
        }
        other => {
            let part = text_of(other);
            let text = move || {
                let text = row.with(|row| row.as_ref().and_then(part));
                text.unwrap_or_else(|| "–".into())
            };
            view! { <div role="gridcell" class=format!("cell {}", class_of(other))>{text}</div> }
        }
    });
    view! {
        <div
            role="row"
            class="list-row"
            class:blank=move || row.with(Option::is_none)
            class:overdue=is_late
            class:unlabelled=move || row.with(|row| row.as_ref().is_some_and(|row| row.label.is_none()))
            class:active=move || is_active.get()
            data-row=""
            data-index=move || index.get().to_string()
            aria-rowindex=move || (index.get() + 2).to_string()
            aria-selected=move || words::true_or_false(is_selected.get())
        >
            <div role="gridcell" class="cell c-select">
                <input
                    type="checkbox"
                    tabindex="-1"
                    aria-label=move || format!("Select {}", endpoint.get())
                    prop:checked=move || is_selected.get()
                    on:click=press
                />
            </div>
            {cells.collect_view()}
            // What a narrow screen shows in the place of most columns.
            <div role="gridcell" class="cell c-evidence">
                {move || evidence.with(|evidence| shared::text::cut(evidence, ". ").map(|(_, rest)| rest.to_owned()))}
            </div>
        </div>
    }
}

/// Whether a column's texts end at a common edge.
pub(super) const fn is_number(column: DeviceColumn) -> bool {
    matches!(
        column,
        DeviceColumn::LastSeen
            | DeviceColumn::NextDue
            | DeviceColumn::Lifetime
            | DeviceColumn::Battery
            | DeviceColumn::Signal
            | DeviceColumn::Pending
    )
}

const fn class_of(column: DeviceColumn) -> &'static str {
    match column {
        DeviceColumn::Label => "c-label",
        DeviceColumn::Model => "c-model",
        DeviceColumn::Firmware | DeviceColumn::Version => "c-plain",
        DeviceColumn::Parent => "c-plain mono",
        other if is_number(other) => "c-plain num",
        _ => "c-plain",
    }
}

/// What a column of text shows of a row.
fn text_of(column: DeviceColumn) -> fn(&DeviceRow) -> Option<String> {
    match column {
        DeviceColumn::Label => |row| row.label.clone(),
        DeviceColumn::Manufacturer => |row| row.manufacturer.clone(),
        DeviceColumn::Model => model_words,
        DeviceColumn::Firmware => |row| row.firmware.clone(),
        DeviceColumn::Signal => |row| row.signal.map(|dbm| format!("{dbm} dBm")),
        DeviceColumn::Battery => |row| row.battery.map(|percent| format!("{percent} %")),
        DeviceColumn::Pending => |row| (row.pending > 0).then(|| row.pending.to_string()),
        DeviceColumn::Tags => |row| {
            let tags = row.tags.iter().map(|(name, value)| format!("{name}={value}"));
            let tags = tags.collect::<Vec<_>>().join(" ");
            (!tags.is_empty()).then_some(tags)
        },
        DeviceColumn::Lifetime => |row| row.lifetime.map(words::lifetime),
        DeviceColumn::Version => |row| row.version.map(|version| version.as_str().to_owned()),
        DeviceColumn::QueueMode => |row| row.queue_mode.then(|| "yes".to_owned()),
        DeviceColumn::Parent => |row| row.parent.clone(),
        // Shown by a view of their own.
        DeviceColumn::State
        | DeviceColumn::Endpoint
        | DeviceColumn::Security
        | DeviceColumn::LastSeen
        | DeviceColumn::NextDue => |_| None,
    }
}

/// `"WM-110, Waterline"`: what tells devices apart comes first, the column is narrow.
fn model_words(row: &DeviceRow) -> Option<String> {
    match (&row.manufacturer, &row.model) {
        (Some(manufacturer), Some(model)) if !model.starts_with(manufacturer.as_str()) => {
            Some(format!("{model}, {manufacturer}"))
        }
        (_, Some(model)) => Some(model.clone()),
        (manufacturer, None) => manufacturer.clone(),
    }
}
