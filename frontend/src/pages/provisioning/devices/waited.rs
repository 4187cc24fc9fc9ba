//! The devices that were made known and never came.

use crate::api::Api;
use crate::dom::prelude::*;
use crate::live::{Live, Subscription};
use crate::params::Params;
use crate::routing::{ProvisioningPart, Route, Router, device_href};
use crate::ui::{Button, Empty, Load, load, loaded};
use crate::words::counted;
use gloo_timers::callback::Timeout;
use shared::api::{DeviceList, DeviceQuery, DeviceRow};
use shared::live::{ServerFrame, Topic};

const PAGE: u32 = 50;
const QUERY: &str = "state:never_seen";
/// Changes that come together are read once.
const AFTER_MS: u32 = 300;

#[component]
pub(super) fn Waited(made: Trigger) -> impl IntoView {
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let after = router.param("after");
    let list = load(move || {
        made.track();
        let query = DeviceQuery {
            query: Some(QUERY.into()),
            sort: Some("endpoint".into()),
            limit: Some(PAGE),
            cursor: after.get(),
            ..DeviceQuery::default()
        };
        async move { api.devices(&query).await }
    });
    follow(move || list.again());
    let total = move || {
        list.state.with(|state| match state {
            Load::Ready(list) => counted(list.total, "device", "devices"),
            _ => String::new(),
        })
    };
    let all = Route::Devices.href() + &Params::default().with("query", Some(QUERY)).to_query();
    view! {
        <section class="panel pv-column" aria-labelledby="pv-waited">
            <header>
                <h2 id="pv-waited">"Known, never seen"</h2>
                <span class="muted" role="status">{total}</span>
                <a class="link pv-end" href=all>"In Devices"</a>
            </header>
            {loaded(list, "The devices could not be read", move |list| table(list, router))}
        </section>
    }
}

/// Calls back when devices come, go, or change their state.
fn follow(changed: impl Fn() + Clone + 'static) {
    let live = expect_context::<Live>();
    let pending = StoredValue::new(None::<Timeout>);
    let receive = move |frame: ServerFrame| {
        if matches!(
            frame,
            ServerFrame::ListChanged { .. } | ServerFrame::Resync { .. }
        ) {
            let changed = changed.clone();
            pending.set_value(Some(Timeout::new(AFTER_MS, changed)));
        }
    };
    let topic = Topic::Devices {
        endpoints: Vec::new(),
    };
    StoredValue::<Subscription>::new(live.subscribe(topic, receive));
}

fn table(list: DeviceList, router: Router) -> View {
    if list.items.is_empty() {
        return view! {
            <Empty
                icon="check"
                title="Every device that is known has come"
                text="A device that is made known stands here until its first contact."
            />
        };
    }
    let next = list.next_cursor;
    let later = next.is_some();
    let behind = router.param("after");
    let on = Callback::new(move |()| router.set_params(&[("after", next.as_deref())], true));
    let first = Callback::new(move |()| router.set_params(&[("after", None)], true));
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="All that were never seen">
            <table class="table stacked" aria-label="Known, never seen">
                <thead>
                    <tr>
                        <th scope="col">"Endpoint"</th>
                        <th scope="col">"Tags"</th>
                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{list.items.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <Show when=move || later || behind.get().is_some()>
            <p class="more bar">
                <Button disabled=Signal::derive(move || behind.get().is_none()) on_press=first>"From the first"</Button>
                <Button icon="chevron-right" disabled=Signal::derive(move || !later) on_press=on>"Next"</Button>
            </p>
        </Show>
    }
}

fn row(device: &DeviceRow) -> View {
    let endpoint = device.endpoint.clone();
    let connect = ProvisioningPart::Connect.route().href()
        + &Params::default().with("device", Some(&endpoint)).to_query();
    let tags: Vec<String> = device
        .tags
        .iter()
        .map(|(name, value)| {
            if value.is_empty() {
                name.clone()
            } else {
                format!("{name}={value}")
            }
        })
        .collect();
    view! {
        <tr data-row="">
            <td data-label="Endpoint" class="wrap">
                <a class="mono link" href=device_href(&endpoint)>{endpoint.clone()}</a>
                {device.label.clone().map(|label| view! { <span class="muted block">{label}</span> })}
            </td>
            <td data-label="Tags" class="wrap muted">{tags.join(" ")}</td>
            <td class="row-actions">
                <a class="btn s" href=connect aria-label=format!("How to connect {endpoint}")>"Connect"</a>
            </td>
        </tr>
    }
}
