//! Whether the device came, live.

use crate::clock::Clock;
use crate::dom::prelude::*;
use crate::live::{Live, Subscription};
use crate::routing::device_href;
use crate::ui::{StateBadge, ago};
use shared::DeviceState;
use shared::live::{ServerFrame, Topic};

#[component]
pub(super) fn Here(
    endpoint: String,
    /// What was known when the page was opened.
    state: Option<DeviceState>,
) -> impl IntoView {
    let live = expect_context::<Live>();
    let clock = expect_context::<Clock>();
    let opened = clock.exactly();
    let state = RwSignal::new(state);
    // When it was last heard of since the page was opened.
    let heard = RwSignal::new(None);
    let receive = move |frame: ServerFrame| {
        if let ServerFrame::Rows { rows, .. } = frame
            && let Some(row) = rows.last()
        {
            state.set(Some(row.state));
            heard.set(row.last_seen.filter(|at| at.since(opened) >= 0));
        }
    };
    let topic = Topic::Devices {
        endpoints: vec![endpoint.clone()],
    };
    StoredValue::<Subscription>::new(live.subscribe(topic, receive));
    let here = move || {
        state.get().filter(|state| {
            matches!(
                state,
                DeviceState::Online | DeviceState::Asleep | DeviceState::Bootstrapping
            )
        })
    };
    let href = Text::from(device_href(&endpoint));
    let name = Text::from(endpoint);
    let words = move || match here() {
        Some(_) => view! {
            <StateBadge state=Signal::derive(move || state.get().unwrap_or(DeviceState::NeverSeen)) />
            <span>"It is here: "<a class="mono link" href=href.clone()>{name.clone()}</a></span>
            {move || heard.get().map(|at| view! { <span class="muted">"last heard "{ago(at)}</span> })}
        },
        None => view! {
            <progress class="progress pv-waits" aria-label="Waiting"></progress>
            <span>"Waiting for "<span class="mono">{name.clone()}</span>". It shows here as soon as it comes."</span>
        },
    };
    view! { <div class="panel pv-here" role="status">{words}</div> }
}
