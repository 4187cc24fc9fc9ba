//! One line of the list.

use crate::clock::Clock;
use crate::dom::prelude::*;
use crate::routing::device_href;
use crate::ui::{Ago, Badge, Due, StateBadge, Tone};
use crate::words;
use shared::DeviceState;
use shared::api::DeviceRow;

#[component]
pub(super) fn Row(row: ArcRwSignal<DeviceRow>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let row = RwSignal::from(row);
    let endpoint = row.with_untracked(|row| row.endpoint.clone());
    let href = device_href(&endpoint);
    let state = Memo::new(move |_| row.with(|row| row.state));
    let evidence = Signal::derive(move || row.with(|row| row.contact().evidence(|at| clock.short(at))));
    let text =
        move |part: fn(&DeviceRow) -> Option<String>| move || row.with(part).unwrap_or_else(|| "–".into());
    let pending = move || {
        row.with(|row| row.pending > 0).then(|| {
            let count = Signal::derive(move || format!("{} queued", row.with(|row| row.pending)));
            view! { <Badge text=count tone=Tone::Accent /> }
        })
    };
    view! {
        <tr role="row" data-row="" class:overdue=move || state.get() == DeviceState::Late>
            <td role="cell" class="c-state">
                <StateBadge state=state evidence=evidence />
            </td>
            <td role="cell" class="c-endpoint">
                <a class="mono row-link" href=href data-tip-focus=move || evidence.get()>
                    {endpoint}
                </a>
                {pending}
            </td>
            <td role="cell" class="c-label">{text(|row| row.label.clone())}</td>
            <td role="cell" class="c-model">{text(model_words)}</td>
            <td role="cell" class="c-firmware">{text(|row| row.firmware.clone())}</td>
            <td role="cell" class="c-seen num">
                <Ago at=Signal::derive(move || row.with(|row| row.last_seen)) />
            </td>
            <td role="cell" class="c-lifetime num">{text(|row| row.lifetime.map(words::lifetime))}</td>
            <td role="cell" class="c-due num">
                <Due at=Signal::derive(move || row.with(|row| row.next_due.filter(|_| row.state.is_registered()))) />
            </td>
            <td role="cell" class="c-evidence">
                {move || evidence.get().split_once(' ').map(|(_, rest)| rest.to_owned())}
            </td>
        </tr>
    }
}

/// `"Waterline WM-110"`.
fn model_words(row: &DeviceRow) -> Option<String> {
    match (&row.manufacturer, &row.model) {
        (Some(manufacturer), Some(model)) if !model.starts_with(manufacturer.as_str()) => {
            Some(format!("{manufacturer} {model}"))
        }
        (_, Some(model)) => Some(model.clone()),
        (manufacturer, None) => manufacturer.clone(),
    }
}
