//! The devices that were made known and never came.

use crate::api::Api;
use crate::dom::prelude::*;
use crate::live::{Live, Subscription};
use crate::pages::provisioning::connect_href;
use crate::routing::{Router, device_href, devices_href};
use crate::ui::{Empty, lines, load, loaded_ref, turning};
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
    let after = expect_context::<Router>().param("after");
    let list = load(move || {
        made.track();
        let query = DeviceQuery {
            query: Some(QUERY.into()),
            sort: Some("endpoint".into()),
            limit: Some(PAGE),
            cursor: after.get(),
            ..DeviceQuery::default()
        };
        api.devices(&query)
    });
    follow(move || list.again());
    let total = move || list.look(|list| counted(list.total, "device", "devices"));
    view! {
        <section class="panel pv-column" aria-labelledby="pv-waited">
            <header>
                <h2 id="pv-waited">"Known, never seen"</h2>
                <span class="muted" role="status">{total}</span>
                <a class="link pv-end" href=devices_href(QUERY)>"In Devices"</a>
            </header>
            {loaded_ref(list, "The devices could not be read", table)}
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

fn table(list: &DeviceList) -> View {
    if list.items.is_empty() {
        return view! {
            <Empty
                icon="check"
                title="Every device that is known has come"
                text="A device that is made known stands here until its first contact."
            />
        };
    }
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
        {turning(list.next_cursor.clone())}
    }
}

fn row(device: &DeviceRow) -> View {
    let endpoint = &*device.endpoint;
    let tags = lines(&device.tags).replace('\n', " ");
    view! {
        <tr data-row="">
            <td data-label="Endpoint" class="wrap">
                <a class="mono link" href=device_href(endpoint)>{Text::from(endpoint)}</a>
                {device.label.as_deref().map(|label| view! { <span class="muted block">{Text::from(label)}</span> })}
            </td>
            <td data-label="Tags" class="wrap muted">{tags}</td>
            <td class="row-actions">
                <a class="btn s" href=connect_href(endpoint) aria-label=Text::around("How to connect ", endpoint, "")>"Connect"</a>
            </td>
        </tr>
    }
}
