//! The links to devices that are out, for operators. They are made on the page of a device.

use super::below;
use super::remove::{Removal, Remove};
use crate::api::Api;
use crate::dom::prelude::*;
use crate::routing::device_href;
use crate::ui::{Button, Empty, Expiry, ago, ago_or_never, load, loaded_ref};
use crate::words::{around, counted};
use shared::api::{LinkList, LinkView};

#[component]
pub(super) fn Links() -> impl IntoView {
    let api = expect_context::<Api>();
    let links = load(move || api.get::<LinkList>("/links"));
    let removal = RwSignal::new(None::<Removal>);
    let changed = Callback::new(move |()| links.again());
    let total = move || links.look(|list| counted(list.items.len() as u64, "link", "links"));
    view! {
        <div class="bar list-bar">
            <span class="muted" role="status">{total}</span>
        </div>
        <div class="panel scroll" tabindex="0" role="region" aria-label="Links to devices">
            {loaded_ref(links, "The links could not be read", move |list| table(list, removal))}
        </div>
        <Remove chosen=removal changed=changed />
    }
}

fn table(list: &LinkList, removal: RwSignal<Option<Removal>>) -> View {
    if list.items.is_empty() {
        return view! {
            <Empty
                icon="link"
                title="No links are out"
                text="A link shows one device to a colleague without an account, to read only, until it expires. Make one at the head of the device's page."
            />
        };
    }
    view! {
        <table class="table stacked" aria-label="Links to devices">
            <thead>
                <tr>
                    <th scope="col">"Device"</th>
                    <th scope="col">"Made"</th>
                    <th scope="col">"Last opened"</th>
                    <th scope="col">"Expires"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{list.items.iter().map(|link| row(link, removal)).collect_view()}</tbody>
        </table>
    }
}

fn row(link: &LinkView, removal: RwSignal<Option<Removal>>) -> View {
    let (id, endpoint) = (link.id, link.endpoint.clone());
    let revoke = Callback::new(move |()| {
        removal.set(Some(Removal {
            title: "Revoke the link".into(),
            text: around(
                "Whoever has this link to ",
                &endpoint,
                " does not see the device any more, at once.",
            ),
            button: "Revoke",
            path: format!("/links/{id}"),
            done: "The link was revoked".into(),
        }));
    });
    let endpoint = &*link.endpoint;
    let label = Text::around("Revoke the link to ", endpoint, "");
    view! {
        <tr data-row="">
            <td data-label="Device" class="wrap">
                <span>
                    <a class="mono link" href=device_href(endpoint)>{Text::from(endpoint)}</a>
                    {link.note.as_deref().map(below)}
                </span>
            </td>
            <td data-label="Made">
                <span>{ago(link.created)}{below(&around("by ", &link.created_by, ""))}</span>
            </td>
            <td data-label="Last opened">{ago_or_never(link.opened)}</td>
            <td data-label="Expires"><Expiry at=Some(link.expires) /></td>
            <td class="row-actions">
                <Button small=true kind="danger" icon="trash" label=label on_press=revoke />
            </td>
        </tr>
    }
}
