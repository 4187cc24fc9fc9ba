//! Provisioning: devices that are made known before they come, what they get at their bootstrap, and how they leave.
//!
//! - [`devices`]: one device and its credential; those that were never seen. [`import`]: a CSV file of many.
//! - [`configurations`]: what a device is told at its bootstrap. [`waiting`]: unknown devices that asked for it.
//!   [`sessions`]: each bootstrap, step by step.
//! - [`connect`]: command lines for clients there are. [`decommissioned`]: devices that left for good.

mod configurations;
mod connect;
mod decommissioned;
mod devices;
mod import;
mod sessions;
mod waiting;

use crate::app::set_title;
use crate::dom::prelude::*;
use crate::live::{Live, Subscription};
use crate::params::path_with;
use crate::routing::{ProvisioningPart, Route, Router};
use crate::session::Session;
use crate::ui::{Loader, TabItem, Tabs};
use shared::api::{Provisioned, Role};
use shared::live::{ServerFrame, Topic};

crate::module::module!(provisioning, page);

fn page() -> View {
    view! { <Provisioning /> }
}

/// What was made last for a device, with the keys that are told only once; as long as it is shown. Found with
/// `expect_context::<JustMade>()`.
#[derive(Debug, Clone, Copy)]
struct JustMade(RwSignal<Option<Provisioned>>);

/// What of Provisioning the address names.
fn place(route: &Route) -> (ProvisioningPart, Option<String>) {
    match route {
        Route::Provisioning { part, item } => (*part, item.clone()),
        _ => (ProvisioningPart::default(), None),
    }
}

#[component]
fn Provisioning() -> impl IntoView {
    provide_context(JustMade(RwSignal::new(None)));
    let route = expect_context::<Router>().route();
    let here = Memo::new(move |_| route.with(place));
    let part = move || here.with(|(part, _)| *part);
    Effect::new(move |_| set_title(&format!("{} · Provisioning", part().word())));
    let items = ProvisioningPart::ALL
        .into_iter()
        .map(|part| TabItem {
            id: part.slug(),
            label: part.word(),
            href: part.route().href(),
        })
        .collect();
    view! {
        <div class="bar page-head">
            <h1>"Provisioning"</h1>
            <span class="muted">"Make devices known, say what they get, let them go"</span>
        </div>
        <Tabs label="Parts of provisioning" items=items selected=Signal::derive(move || part().slug()) />
        <section role="tabpanel" id="panel" class="pv-panel" aria-labelledby=move || format!("tab-{}", part().slug())>
            {move || match here.get() {
                (ProvisioningPart::Devices, _) => view! { <devices::Devices /> },
                (ProvisioningPart::Import, _) => view! { <import::Import /> },
                (ProvisioningPart::Configurations, item) => view! { <configurations::Configurations item=item /> },
                (ProvisioningPart::Waiting, _) => view! { <waiting::Waiting /> },
                (ProvisioningPart::Sessions, item) => view! { <sessions::Sessions item=item /> },
                (ProvisioningPart::Connect, _) => view! { <connect::Connect /> },
                (ProvisioningPart::Decommissioned, _) => view! { <decommissioned::Decommissioned /> },
            }}
        </section>
    }
}

/// Whether who is logged in may provision.
fn may_provision() -> bool {
    expect_context::<Session>().may(Role::Operator)
}

/// What was typed; nothing if that is nothing.
#[inline(never)]
fn given(text: RwSignal<String>) -> Option<String> {
    Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
}

/// The address of how a device is connected.
fn connect_href(endpoint: &str) -> String {
    path_with(&ProvisioningPart::Connect.route().href(), "device", endpoint)
}

/// Reads again whenever the waiting list or an import changed, until the reactive owner ends; what changes during a
/// reading is read after it.
fn follow<T: Send + Sync + 'static>(loader: Loader<T>) {
    let live = expect_context::<Live>();
    let missed = StoredValue::new(false);
    Effect::new(move |_| {
        if !loader.busy.get() && missed.get_value() {
            missed.set_value(false);
            loader.again();
        }
    });
    let receive = move |frame: ServerFrame| match frame {
        ServerFrame::ProvisioningChanged { .. } | ServerFrame::Resync { .. } => {
            if loader.busy.get_untracked() {
                missed.set_value(true);
            } else {
                loader.again();
            }
        }
        _ => {}
    };
    StoredValue::<Subscription>::new(live.subscribe(Topic::Provisioning, receive));
}

/// Hexadecimal with a space between bytes.
fn spaced(hex: &str) -> String {
    let mut text = String::with_capacity(hex.len() * 3 / 2);
    for (index, digit) in hex.chars().enumerate() {
        if index > 0 && index % 2 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_apart() {
        assert_eq!(spaced("00a1ff"), "00 a1 ff");
        assert_eq!(spaced(""), "");
    }
}
