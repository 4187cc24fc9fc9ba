//! Every instance of the device with its owner and what each server may do with it.

use super::super::store::Device;
use super::super::view::below;
use super::{about, owner_word};
use crate::dom::prelude::*;
use crate::routing::DeviceTab;
use crate::ui::{Button, Icon};
use shared::Path;
use shared::access::{OBJECT_LEVEL, Rights};
use shared::api::{DeviceAccess, InstanceRights, OperationKind, Role};
use shared::event::Origin;

pub(super) fn table(device: Device, access: &DeviceAccess, changing: RwSignal<Option<Path>>) -> View {
    let own = access.short_server_id;
    let heads = access.servers.iter().map(|server| {
        let ours = (Some(*server) == own).then(|| view! { <span class="muted block">"this one"</span> });
        view! { <th scope="col">{format!("Server {server}")}{ours}</th> }
    });
    let rows = access
        .rights
        .iter()
        .map(|row| self::row(device, access, row, changing));
    view! {
        <div class="panel scroll" tabindex="0" role="region" aria-label="Access rights">
            <table class="table stacked access" aria-label="Access rights">
                <thead>
                    <tr>
                        <th scope="col">"Instance"</th>
                        {heads.collect_view()}
                        <th scope="col">"All others"</th>
                        <th scope="col">"Owner"</th>
                        <th scope="col">"Said by"</th>
                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
        <p class="quiet access-legend">
            <b class="mono">"R"</b>" read and observe, "<b class="mono">"W"</b>" write, "<b class="mono">"E"</b>" execute, "
            <b class="mono">"D"</b>" delete, "<b class="mono">"C"</b>" create instances. Only the owner of an entry can change it."
        </p>
    }
}

fn row(
    device: Device,
    access: &DeviceAccess,
    row: &InstanceRights,
    changing: RwSignal<Option<Path>>,
) -> View {
    let own = access.short_server_id;
    let path = row.path;
    let entry = row
        .entry
        .and_then(|id| access.entries.iter().find(|entry| entry.id == id));
    let level = matches!(path.instance_id(), None | Some(OBJECT_LEVEL));
    let cells = access.servers.iter().map(|server| {
        let shown = match row.rights.get(server) {
            // Nothing says anything of it, so nobody may do anything; an entry that was not read may say otherwise.
            Some(_) if entry.is_none() && access.unread > 0 => {
                view! { <span class="muted">"Not read"</span> }
            }
            Some(rights) => letters(*rights, level),
            None => view! { <span class="muted">"Not known"</span> },
        };
        let label = format!("Server {server}");
        view! { <td data-label=label class:own=Some(*server) == own>{shown}</td> }
    });
    let others = entry.map(|entry| letters(entry.list.get(&0).copied().unwrap_or_default(), level));
    let owner = entry.map(|entry| owner_word(entry.owner, own));
    let owned = entry.is_some_and(|entry| Some(entry.owner) == own);
    let change = (owned && device.may(Role::Operator)).then(|| {
        let press = Callback::new(move |()| changing.set(Some(path)));
        let label = format!("Change who may do what with {}", about(device, path));
        view! { <Button small=true icon="edit" label=label on_press=press>"Change"</Button> }
    });
    let said = row.entry.map(|entry| said_by(device, entry));
    view! {
        <tr data-row="">
            <td data-label="Instance" class="wrap">
                <span><b class="mono">{path.truncated(2).to_string()}</b>" "{device.name(path.truncated(1))}{level.then_some(", new instances")}</span>
            </td>
            {cells.collect_view()}
            <td data-label="All others">{others}</td>
            <td data-label="Owner" class="wrap">{owner}</td>
            <td data-label="Said by" class="wrap"><span>{said}</span></td>
            <td class="row-actions">{change}</td>
        </tr>
    }
}

/// The rights in their places, so that they stand in columns; in words for those who do not see them.
pub(super) fn letters(rights: Rights, level: bool) -> View {
    let all: &[&'static str] = if level { &["C"] } else { &["R", "W", "E", "D"] };
    let held = rights.to_string();
    let places = all.iter().map(|letter| {
        let (class, text) = if shared::text::holds(&held, letter) {
            ("has", *letter)
        } else {
            ("lacks", "·")
        };
        view! { <i class=class>{text}</i> }
    });
    let words = match rights.in_words("and") {
        words if words.is_empty() => "nothing".into(),
        words => Text::from(words),
    };
    view! {
        <span class="rights mono" data-tip=words.clone() aria-hidden="true">{places.collect_view()}</span>
        <span class="visually-hidden">{words}</span>
    }
}

/// The entry, and whether what is shown of it was told by the device.
fn said_by(device: Device, entry: u16) -> View {
    let path = Path::instance(2, entry);
    let href = format!("{}?path={path}", device.href(DeviceTab::Objects));
    let state = move || {
        let waits = device.waiting(|waiting| {
            waiting
                .values()
                .any(|one| one.op == OperationKind::Write && path.contains(&one.path))
        });
        let written = device.values(|values| {
            let of_entry = below(values, path);
            of_entry.iter().any(|(_, known)| known.origin == Origin::Written)
        });
        match (waits, written) {
            (true, _) => {
                view! { <span class="access-pending"><Icon name="clock" />"A change waits for the device"</span> }
            }
            (_, true) => {
                view! { <span class="access-pending"><Icon name="warning" />"Written, not read back"</span> }
            }
            _ => View::Empty,
        }
    };
    view! { <a class="mono link" href=href>{path.to_string()}</a>{state} }
}
