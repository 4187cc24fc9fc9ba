//! The Access tab: what each server may do on the device, by object 2, Access Control. LwM2M Core 1.2 §8.

use super::operate::request;
use super::store::Device;
use crate::dom::prelude::*;
use crate::routing::{DeviceTab, Route};
use crate::ui::{Button, Empty, Load, Loader, Skeleton, Trouble, load};
use shared::Path;
use shared::access::{OBJECT_LEVEL, Rights};
use shared::api::{DeviceAccess, OperationKind, Role};

#[component]
pub(super) fn Access() -> impl IntoView {
    let device = expect_context::<Device>();
    let known = Memo::new(move |_| {
        device.values(|values| {
            let of_access = values
                .keys()
                .filter(|path| matches!(path.object_id(), Some(1 | 2)));
            of_access.count()
        })
    });
    let loader = load(move || {
        known.track();
        async move { device.get::<DeviceAccess>("/access").await }
    });
    move || match loader.state.get() {
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
                <Ask loader=loader />
            </Empty>
        },
        Load::Ready(access) => table(device, loader, &access),
    }
}

/// Reads the entries, and by which short server id the device knows this server.
#[component]
fn Ask(loader: Loader<DeviceAccess>) -> impl IntoView {
    let device = expect_context::<Device>();
    let busy = RwSignal::new(false);
    let press = Callback::new(move |()| {
        busy.set(true);
        leptos::task::spawn_local(async move {
            for object in [1, 2] {
                let wanted = request(OperationKind::Read, Path::object(object));
                let answer = device.operate(&wanted).await;
                if device.is_gone() {
                    return;
                }
                device.say(&device.outcome(&wanted, &answer));
            }
            let _ = busy.try_set(false);
            loader.again();
        });
    });
    device
        .may(Role::Support)
        .then(|| view! { <Button icon="refresh" busy=busy on_press=press>"Read the access control"</Button> })
}

fn table(device: Device, loader: Loader<DeviceAccess>, access: &DeviceAccess) -> View {
    let own = access.short_server_id;
    let heads = access.servers.iter().map(|server| {
        let word = if Some(*server) == own {
            format!("Server {server} (this one)")
        } else {
            format!("Server {server}")
        };
        view! { <th scope="col">{word}</th> }
    });
    let rows = access.rights.iter().map(|row| {
        let instance = row.path.instance_id();
        let name = device.name(row.path.truncated(1)).unwrap_or_default();
        let what = match instance {
            None | Some(OBJECT_LEVEL) => format!("{} new instances of {name}", row.path.truncated(1)),
            Some(_) => format!("{} {name}", row.path),
        };
        let cells = access.servers.iter().map(|server| {
            let rights = row.rights.get(server).copied();
            let (letters, words) = rights.map_or_else(|| ("–".to_owned(), "not known".to_owned()), told);
            view! { <td class="mono"><span data-tip=words.clone() tabindex="0">{letters}</span><span class="visually-hidden">{words}</span></td> }
        });
        let entry = row.entry.map(|entry| {
            let path = format!("/2/{entry}");
            let objects = Route::Device {
                endpoint: device.endpoint.get_value(),
                tab: DeviceTab::Objects,
            };
            view! { <a class="mono" href=format!("{}?path={path}", objects.href())>{path}</a> }
        });
        view! { <tr><td>{what}</td>{cells.collect_view()}<td>{entry}</td></tr> }
    });
    view! {
        <p class="bar access-bar">
            <span class="quiet">"R read and observe, W write, E execute, D delete, C create. An entry is changed where it stands, by writing to it."</span>
            <span class="end"><Ask loader=loader /></span>
        </p>
        <div class="panel scroll" tabindex="0" role="region" aria-label="Access rights">
            <table class="table">
                <thead><tr><th scope="col">"Instance"</th>{heads.collect_view()}<th scope="col">"Said by"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

/// Rights as letters and in words.
fn told(rights: Rights) -> (String, String) {
    let letters = rights.to_string();
    let words: Vec<&str> = [
        ('R', "read and observe"),
        ('W', "write"),
        ('E', "execute"),
        ('D', "delete"),
        ('C', "create"),
    ]
    .into_iter()
    .filter(|(letter, _)| letters.contains(*letter))
    .map(|(_, word)| word)
    .collect();
    let words = if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    };
    (letters, words)
}
