//! One device: what it is, how it is, what it holds, and what it said.
//!
//! - [`store`]: the device as the page knows it, live; [`view`]: how events change it (pure).
//! - [`header`]: name, state with its evidence, identity, lint. [`link`]: showing it to somebody without an account;
//!   [`presence`]: who else looks at it.
//! - [`objects`]: the object browser and its editors; [`chart`]: the Live tab; [`messages`]: the protocol trace;
//!   [`timeline`]: what happened.
//! - [`verdict`], [`queue`], [`security`]: why it is as it is, what waits for it, how it proves who it is, each a [`fold`];
//!   [`behind`]: the devices behind a gateway; [`access`]: which server may do what; [`settings`]: what people say of it;
//!   [`transmission`]: how it is talked to; [`removal`]: how it leaves.
//! - [`actions`]: what the palette offers here. [`operate`]: carrying out operations and telling what came of them; [`show`]: values in words.
//! - [`refusal`]: what a form was refused; [`pause`]: the button that stops what runs.

mod access;
mod actions;
mod behind;
mod chart;
mod fold;
mod header;
mod link;
mod messages;
mod objects;
mod operate;
mod pause;
mod presence;
mod queue;
mod refusal;
mod removal;
mod security;
mod settings;
mod show;
mod store;
mod timeline;
mod transmission;
mod verdict;
mod view;

use crate::app::set_title;
use crate::dom::prelude::*;
use crate::live::FeedState;
use crate::recent::{self, Recent};
use crate::routing::{DeviceTab, Route, Router};
use crate::ui::{Empty, Skeleton, TabItem, Tabs, Trouble};
use header::Header;
use shared::DeviceState;
use store::{Device, Progress};

crate::module::module!(device, page);

/// The page of the device in the address.
fn page() -> View {
    let route = expect_context::<Router>().route();
    let endpoint = route.with_untracked(|route| match route {
        Route::Device { endpoint, .. } => Some(endpoint.clone()),
        _ => None,
    });
    let Some(endpoint) = endpoint else {
        return View::Empty;
    };
    let tab = Memo::new(move |_| {
        route.with(|route| match route {
            Route::Device { tab, .. } => *tab,
            _ => DeviceTab::default(),
        })
    });
    view! { <DevicePage endpoint=endpoint tab=tab /> }
}

#[component]
fn DevicePage(endpoint: String, #[prop(into)] tab: Signal<DeviceTab>) -> impl IntoView {
    set_title(&endpoint);
    let device = Device::open(endpoint);
    provide_context(device);
    actions::offer(device);
    Effect::new(move |_| {
        let known = device.detail(|detail| detail.row.label.clone());
        let endpoint = device.endpoint();
        if let Some(label) = known.clone()
            && !device.is_shown_by_link()
        {
            let (endpoint, label) = (endpoint.clone(), label.unwrap_or_default());
            recent::note(&device.account_name(), Recent { endpoint, label });
        }
        set_title(&known.flatten().unwrap_or(endpoint));
    });
    // What is read again, as after a restart of the server, must not make the page anew: a form may be open in it.
    let progress = Memo::new(move |_| device.loading().get());
    move || match progress.get() {
        Progress::Asking => view! {
            <Crumb named=true />
            <Skeleton lines=9 />
        },
        Progress::Unknown => view! { <Unknown /> },
        Progress::Failed(reason) => {
            let retry = Callback::new(move |()| {
                device.loading().set(Progress::Asking);
                device.load();
            });
            view! {
                <Crumb named=true />
                <Trouble title="This device cannot be shown" text=reason on_retry=retry />
            }
        }
        Progress::Ready => view! { <Open tab=tab /> },
    }
}

/// The way back to the list. Where there is no header of the device yet, this names the page.
#[component]
fn Crumb(#[prop(optional)] named: bool) -> impl IntoView {
    let endpoint = expect_context::<Device>().endpoint();
    let guest = expect_context::<Device>().is_shown_by_link();
    view! {
        {(!guest)
            .then(|| {
                view! {
                    <nav class="crumb" aria-label="You are here">
                        <a href=Route::Devices.href()>"Devices"</a>
                        <span aria-hidden="true">" › "</span>
                    </nav>
                }
            })}
        {named.then(|| view! { <h1 class="visually-hidden">{endpoint}</h1> })}
    }
}

#[component]
fn Unknown() -> impl IntoView {
    let device = expect_context::<Device>();
    let text = format!(
        "No device has registered as “{}”. Names are exact, capital letters included. A device appears here by itself as \
         soon as it registers.",
        device.endpoint()
    );
    let retry = Callback::new(move |()| device.load());
    view! {
        <Crumb named=true />
        <Empty title="No such device" text=text icon="question">
            <p class="bar">
                <a class="btn" href=Route::Devices.href()>"All devices"</a>
                <crate::ui::Button icon="refresh" on_press=retry>"Look again"</crate::ui::Button>
            </p>
        </Empty>
        <verdict::Stranger />
    }
}

#[component]
fn Open(tab: Signal<DeviceTab>) -> impl IntoView {
    let device = expect_context::<Device>();
    let endpoint = device.endpoint();
    let guest = device.is_shown_by_link();
    let items = DeviceTab::ALL
        .into_iter()
        .filter(|tab| !guest || tab.is_shown_by_link())
        .map(|tab| TabItem {
            id: tab.slug(),
            label: tab.word(),
            href: Route::Device {
                endpoint: endpoint.clone(),
                tab,
            }
            .href(),
        })
        .collect();
    view! {
        <Crumb />
        <Header />
        <Standing />
        <behind::Behind />
        <verdict::Verdict />
        <queue::Queue />
        <security::Security />
        <Tabs label="About this device" items=items selected=Signal::derive(move || tab.get().slug()) />
        <section role="tabpanel" id="panel" aria-labelledby=move || format!("tab-{}", tab.get().slug())>
            {move || match tab.get() {
                DeviceTab::Objects => view! { <objects::Objects /> },
                DeviceTab::Live => view! { <chart::Charts /> },
                DeviceTab::Timeline => view! { <timeline::Timeline /> },
                DeviceTab::Messages => view! { <messages::Messages /> },
                DeviceTab::Access => view! { <access::Access /> },
                DeviceTab::Settings => view! { <settings::Settings /> },
            }}
        </section>
    }
}

/// What a person must know before believing the page: the device is gone, or the feed is.
#[component]
fn Standing() -> impl IntoView {
    let device = expect_context::<Device>();
    let state = Memo::new(move |_| device.detail(|detail| detail.row.state));
    let gone = move || match state.get()? {
        DeviceState::SignedOff => Some(
            "This device signed off. What is shown is what was known then; it can be asked again once it registers.",
        ),
        DeviceState::Offline => Some(
            "This device is offline: its lifetime ended without an Update. What is shown is what was known then.",
        ),
        DeviceState::Decommissioned => Some(
            "This device was removed by a person: nothing more can be done with it here. What is shown is what was known then. \
             Let it come again from Provisioning, or go back to the devices.",
        ),
        _ => None,
    };
    let feed = device.feed().state();
    let lost = move || {
        matches!(
            feed.get(),
            FeedState::Reconnecting { .. } | FeedState::Incompatible
        )
        .then_some("The live feed is interrupted. What is shown may be out of date; it catches up by itself.")
    };
    view! {
        <div class="standing" role="status">
            <span class="visually-hidden">{move || state.get().map(|state| format!("State: {}.", state.word()))}</span>
            {move || gone().map(|text| view! { <p class="notice-line tone-warning"><crate::ui::Icon name="warning" />{text}</p> })}
            {move || lost().map(|text| view! { <p class="notice-line tone-warning"><crate::ui::Icon name="refresh" />{text}</p> })}
        </div>
    }
}
