//! The fleet by state: counts that are links to the filtered list.

use super::query::{state_of, with_state};
use crate::dom::prelude::*;
use crate::routing::{Route, Router};
use crate::ui::{Icon, state_icon};
use crate::words::count;
use shared::DeviceState;
use shared::api::FleetSummary;

/// The states as an operator asks for them: what is well, what is not, what never was.
const ORDER: [DeviceState; 9] = [
    DeviceState::Online,
    DeviceState::Asleep,
    DeviceState::Late,
    DeviceState::Offline,
    DeviceState::Refused,
    DeviceState::Bootstrapping,
    DeviceState::SignedOff,
    DeviceState::NeverSeen,
    DeviceState::Decommissioned,
];

/// States that are shown even without a device in them.
const ALWAYS: [DeviceState; 4] = [
    DeviceState::Online,
    DeviceState::Asleep,
    DeviceState::Late,
    DeviceState::Offline,
];

#[component]
pub(crate) fn FleetStrip(#[prop(into)] fleet: Signal<Option<FleetSummary>>) -> impl IntoView {
    let router = expect_context::<Router>();
    let query = router.param("query");
    let chosen = Memo::new(move |_| query.get().as_deref().and_then(state_of).map(str::to_owned));
    let at_list = Memo::new(move |_| router.route().with(|route| *route == Route::Devices));
    let shown = Memo::new(move |_| {
        fleet.with(|fleet| {
            let holds = |state: DeviceState| fleet.as_ref().is_some_and(|fleet| in_state(fleet, state) > 0);
            ORDER
                .into_iter()
                .filter(|state| ALWAYS.contains(state) || holds(*state))
                .collect::<Vec<_>>()
        })
    });
    let link = move |state: Option<DeviceState>| {
        let name = state.map(DeviceState::name);
        let number = move || {
            fleet.with(|fleet| {
                let fleet = fleet.as_ref()?;
                Some(count(state.map_or(fleet.total, |state| in_state(fleet, state))))
            })
        };
        let href = move || {
            let query = with_state(&query.get().unwrap_or_default(), name);
            let query = [("query", Some(query.as_str())), ("cursor", None), ("page", None)];
            router.href_at(&Route::Devices, &query)
        };
        view! {
            <a
                href=href
                class=state.map_or_else(|| "all".to_owned(), |state| format!("of-{}", state.name()))
                aria-current=move || (at_list.get() && chosen.get().as_deref() == name).then_some("true")
            >
                <span>{state.map(|state| view! { <Icon name=state_icon(state) /> })} {state.map_or("All", DeviceState::word)}</span>
                <b>{move || number().unwrap_or_else(|| "–".into())}</b>
            </a>
        }
    };
    view! {
        <nav class="fleet" aria-label="Devices by state">
            {link(None)}
            <For each=move || shown.get() key=|state| *state children=move |state| link(Some(state)) />
        </nav>
    }
}

fn in_state(fleet: &FleetSummary, state: DeviceState) -> u64 {
    fleet.by_state.get(state.name()).copied().unwrap_or(0)
}
