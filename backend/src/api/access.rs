//! `/devices/{endpoint}/access`: who may do what on a device, by its access control objects. They are changed by
//! ordinary writes to `/2`.

use super::answer::Json;
use super::extract::{UrlPath, UrlQuery};
use super::{Failure, Router};
use crate::app::App;
use crate::auth::guard::Viewer;
use axum::extract::State;
use shared::api::{AccessQuery, DeviceAccess, InstanceRights};
use shared::{Path, Value, access};
use std::collections::BTreeSet;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(rights))
}

/// What each server may do on each object instance, as far as the values of `/1` and `/2` are known.
#[utoipa::path(get, path = "/devices/{endpoint}/access", tag = "devices",
    params(("endpoint" = String, Path), AccessQuery), responses((status = 200, body = DeviceAccess), (status = 404)))]
async fn rights(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    UrlQuery(query): UrlQuery<AccessQuery>,
) -> Result<Json<DeviceAccess>, Failure> {
    let device = app
        .core
        .device(&endpoint)
        .ok_or_else(|| Failure::no_device(&endpoint))?;
    let values = |object| {
        app.core
            .values(&endpoint, Path::object(object))
            .unwrap_or_default()
    };
    let typed = |object| -> Vec<(Path, Value)> {
        let known = values(object).into_iter();
        known
            .filter_map(|view| Some((view.path, view.typed().ok()?)))
            .collect()
    };
    let lists = typed(2);
    let entries = access::entries(lists.iter().map(|(path, value)| (*path, value)));
    let objects = device
        .registration
        .map(|registration| registration.objects)
        .unwrap_or_default();
    let controlled = objects
        .iter()
        .any(|path| path.object_id() == Some(2) && path.depth() == 2);
    let own = query.short_server_id.or_else(|| own_id(&typed(1)));
    let mut servers: BTreeSet<u16> = entries
        .iter()
        .flat_map(|entry| entry.list.keys().copied())
        .collect();
    servers.extend(entries.iter().map(|entry| entry.owner));
    servers.extend(own);
    servers.retain(|id| !matches!(id, 0 | &u16::MAX));
    let known = !controlled || !entries.is_empty();
    let rights = if known {
        table(&objects, &entries, &servers)
    } else {
        Vec::new()
    };
    Ok(Json(DeviceAccess {
        controlled,
        known,
        short_server_id: own,
        servers: servers.into_iter().collect(),
        entries,
        rights,
    }))
}

/// The short server id of the only server there is.
fn own_id(servers: &[(Path, Value)]) -> Option<u16> {
    let mut ids = servers.iter().filter(|(path, _)| path.resource_id() == Some(0));
    let first = ids.next()?;
    let number = match &first.1 {
        Value::Integer(number) => u16::try_from(*number).ok(),
        _ => None,
    };
    number.filter(|_| ids.next().is_none())
}

fn table(
    objects: &[Path],
    entries: &[access::AccessControl],
    servers: &BTreeSet<u16>,
) -> Vec<InstanceRights> {
    let instances = objects.iter().filter(|path| path.depth() == 2);
    // Access control itself is not controlled by itself.
    let instances = instances.filter(|path| path.object_id() != Some(2));
    let levels = entries
        .iter()
        .filter(|entry| entry.instance == access::OBJECT_LEVEL);
    let levels = levels.map(|entry| (Path::object(entry.object), access::OBJECT_LEVEL));
    instances
        .filter_map(|path| Some((*path, path.instance_id()?)))
        .chain(levels)
        .filter_map(|(path, instance)| {
            let object = path.object_id()?;
            let entry = entries
                .iter()
                .find(|entry| entry.object == object && entry.instance == instance);
            let rights = servers
                .iter()
                .map(|server| (*server, access::rights(entries, *server, object, instance)));
            Some(InstanceRights {
                path,
                entry: entry.map(|entry| entry.id),
                rights: rights.collect(),
            })
        })
        .collect()
}
