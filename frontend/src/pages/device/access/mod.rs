//! The Access tab: what each server may do on the device, by object 2, Access Control ([`table`]), and changing it
//! ([`edit`]). LwM2M Core 1.2 §8.

mod edit;
mod table;

use super::operate::request;
use super::store::Device;
use crate::dom::prelude::*;
use crate::params::Params;
use crate::routing::Router;
use crate::ui::{Button, Empty, Icon, Load, Loader, Select, Skeleton, Trouble, load};
use crate::words::counted;
use shared::Path;
use shared::access::{OBJECT_LEVEL, Rights};
use shared::api::{DeviceAccess, OperationKind, Role};

/// By which short server id the device knows this server, where it has several and does not tell. In the address.
const WE_ARE: &str = "server";

#[component]
pub(super) fn Access() -> impl IntoView {
    let device = expect_context::<Device>();
    let we_are = expect_context::<Router>().param(WE_ARE);
    // What is known of accounts and lists, and how often it changed.
    let known = Memo::new(move |_| {
        device.values(|values| {
            let (mut count, mut changes) = (0, 0);
            for (path, known) in values.iter() {
                if matches!(path.object_id(), Some(1 | 2)) {
                    count += 1;
                    changes += known.revision;
                }
            }
            (count, changes)
        })
    });
    let registered = Memo::new(move |_| device.registered());
    let loader = load(move || {
        known.track();
        registered.track();
        let query = Params::default().with("short_server_id", we_are.get().as_deref());
        device.get::<DeviceAccess>(&format!("/access{}", query.to_query()))
    });
    // The entry that is being changed: of this row of the table.
    let changing = RwSignal::new(None::<Path>);
    let shown = move || {
        loader.state.with(|state| match state {
            Load::Loading => view! { <Skeleton lines=5 /> },
            Load::Failed(failure) => {
                let again = Callback::new(move |()| loader.again());
                view! { <Trouble title="Who may do what cannot be shown" text=failure.to_string() on_retry=again /> }
            }
            Load::Ready(access) if !access.controlled => view! {
                <Empty
                    title="Every server may do everything"
                    text="The device has no access control (object 2). With one server that is usual; several share a device by it."
                    icon="lock-open"
                />
            },
            Load::Ready(access) if !access.known => view! {
                <Empty title="Not read yet" text="The device has access control, but its entries were not read yet." icon="lock">
                    <Ask loader=loader primary=true />
                </Empty>
            },
            Load::Ready(access) => view! {
                {head(access, loader)}
                {table::table(device, access, changing)}
            },
        })
    };
    view! {
        {shown}
        <edit::Change changing=changing loader=loader />
    }
}

/// Reads the entries, and by which short server id the device knows this server.
#[component]
fn Ask(loader: Loader<DeviceAccess>, #[prop(optional)] primary: bool) -> impl IntoView {
    let device = expect_context::<Device>();
    let busy = RwSignal::new(false);
    let press = Callback::new(move |()| {
        busy.set(true);
        device.operate(&request(OperationKind::Read, Path::object(1)), move |ended| {
            device.say(&ended.outcome);
            device.operate(&request(OperationKind::Read, Path::object(2)), move |ended| {
                device.say(&ended.outcome);
                let _ = busy.try_set(false);
                loader.again();
            });
        });
    });
    let kind = if primary { "primary" } else { "" };
    device.may(Role::Support).then(
        || view! { <Button icon="refresh" kind=kind busy=busy on_press=press>"Read the access control"</Button> },
    )
}

/// What this server may do in all, and what is not known.
fn head(access: &DeviceAccess, loader: Loader<DeviceAccess>) -> View {
    let words = match access.short_server_id {
        Some(own) => standing(access, own),
        None => "It is not known which of the device's servers this one is.".to_owned(),
    };
    let unread = (access.unread > 0).then(|| {
        let entries = counted(access.unread.into(), "new entry is", "new entries are");
        view! {
            <p class="notice tone-warning"><Icon name="warning" />
                {entries}" of object 2 not read yet, so what they say does not show here."
            </p>
        }
    });
    let single = access.single_server.then(|| {
        view! {
            <p class="notice"><Icon name="info" />
                "The device has one server alone, so access control is not in force: this server may do everything. The lists count when it has another."
            </p>
        }
    });
    view! {
        <div class="access-head">
            <div class="bar access-bar">
                <p>{words}</p>
                <span class="end"><Ask loader=loader /></span>
            </div>
            {untrack(|| who_we_are(access))}
            {single}
            {unread}
        </div>
    }
}

/// `"This server is 101 on the device. It may do everything with 3 of 8 instances, something with 4, nothing with 1."`
fn standing(access: &DeviceAccess, own: u16) -> String {
    let (mut everything, mut something, mut nothing) = (0, 0, 0);
    for row in &access.rights {
        if row.path.instance_id().is_none_or(|id| id == OBJECT_LEVEL) {
            continue;
        }
        let rights = row.rights.get(&own).copied().unwrap_or_default();
        if rights.contains(Rights::OWNER) {
            everything += 1;
        } else if rights.is_empty() {
            nothing += 1;
        } else {
            something += 1;
        }
    }
    format!(
        "This server is {own} on the device. Of {} it may do everything with {everything}, something with {something}, nothing with {nothing}.",
        counted(
            everything + something + nothing,
            "object instance",
            "object instances"
        ),
    )
}

/// The choice of the short server id, where the device does not tell which one is ours.
fn who_we_are(access: &DeviceAccess) -> View {
    let router = expect_context::<Router>();
    let chosen = router.param(WE_ARE).get_untracked();
    if (access.short_server_id.is_some() && chosen.is_none()) || access.servers.len() < 2 {
        return View::Empty;
    }
    let value = RwSignal::new(chosen.unwrap_or_default());
    Effect::new(move |_| {
        let chosen = value.get();
        let chosen = Some(chosen.as_str()).filter(|chosen| !chosen.is_empty());
        router.set_params(&[(WE_ARE, chosen)], false);
    });
    let mut options = vec![(String::new(), "As the device tells".to_owned())];
    for id in &access.servers {
        options.push((id.to_string(), format!("Server {id}")));
    }
    view! { <Select id="access-we-are" label="This server is" value=value options=options /> }
}

/// Who an owner is, in words.
fn owner_word(owner: u16, own: Option<u16>) -> String {
    match owner {
        u16::MAX => "The bootstrap server".into(),
        owner if Some(owner) == own => "This server".into(),
        owner => format!("Server {owner}"),
    }
}

/// What a row is about, in words: `"/3/0 Device"`, `"/3311, new instances"`.
fn about(device: Device, path: Path) -> String {
    let name = device.name(path.truncated(1)).unwrap_or_default();
    match path.instance_id() {
        None | Some(OBJECT_LEVEL) => format!("{} {name}, new instances", path.truncated(1)),
        Some(_) => format!("{path} {name}"),
    }
}
