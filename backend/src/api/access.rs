//! `/devices/{endpoint}/access`: who may do what on a device, by its access control objects. They are changed by
//! ordinary writes to `/2`.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath, UrlQuery};
use super::{Failure, Router};
use crate::app::App;
use crate::auth::guard::{Support, Viewer};
use axum::extract::State;
use shared::access::{self, AccessControl, OBJECT_LEVEL, Rights};
use shared::api::{
    AccessChange, AccessPreview, AccessQuery, DeviceAccess, InstanceRights, OperationKind, OperationRequest,
};
use shared::{Path, Value};
use std::collections::BTreeSet;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(rights)).routes(routes!(preview))
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
    let control = Control::read(&app, &endpoint, query.short_server_id)?;
    let rights = if control.is_known() {
        control.table()
    } else {
        Vec::new()
    };
    Ok(Json(DeviceAccess {
        controlled: control.controlled,
        known: control.is_known(),
        unread: control.unread,
        short_server_id: control.own,
        single_server: control.count == 1,
        servers: control.servers.into_iter().collect(),
        entries: control.entries,
        rights,
    }))
}

/// What a change of rights would take, without doing it: the writes to `/2`, and what each server may do then.
#[utoipa::path(post, path = "/devices/{endpoint}/access/preview", tag = "devices", request_body = AccessChange,
    params(("endpoint" = String, Path)),
    responses((status = 200, body = AccessPreview), (status = 400), (status = 404)))]
async fn preview(
    Support(_): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    JsonBody(change): JsonBody<AccessChange>,
) -> Result<Json<AccessPreview>, Failure> {
    let (object, instance) = match *change.path.ids() {
        [object] => (object, OBJECT_LEVEL),
        [object, instance] if object != 2 => (object, instance),
        _ => {
            return Err(Failure::bad_request(
                "rights are on an object or an object instance, and not on /2",
            ));
        }
    };
    let control = Control::read(&app, &endpoint, change.short_server_id)?;
    Ok(Json(control.preview(object, instance, &change)))
}

/// What is known of access control on a device.
struct Control {
    controlled: bool,
    objects: Vec<Path>,
    entries: Vec<AccessControl>,
    /// Registered instances of object 2 that are not among the entries.
    unread: u32,
    /// The short server id of this server.
    own: Option<u16>,
    /// All that occur.
    servers: BTreeSet<u16>,
    /// How many servers the device is known to have; 0 if its Server object was not read.
    count: usize,
}

impl Control {
    fn read(app: &App, endpoint: &str, own: Option<u16>) -> Result<Control, Failure> {
        let device = app
            .core
            .device(endpoint)
            .ok_or_else(|| Failure::no_device(endpoint))?;
        let typed = |object| -> Vec<(Path, Value)> {
            let known = app.core.values(endpoint, Path::object(object));
            known
                .unwrap_or_default()
                .into_iter()
                .filter_map(|view| Some((view.path, view.typed().ok()?)))
                .collect()
        };
        let lists = typed(2);
        let entries = access::entries(lists.iter().map(|(path, value)| (*path, value)));
        let objects = device
            .registration
            .map(|registration| registration.objects)
            .unwrap_or_default();
        let instances_of = |object| {
            let of_it = objects
                .iter()
                .filter(move |path| path.object_id() == Some(object) && path.depth() == 2);
            of_it.count()
        };
        let registered = objects.iter().filter(|path| path.object_id() == Some(2));
        let unread = registered
            .filter_map(Path::instance_id)
            .filter(|id| entries.iter().all(|entry| entry.id != *id))
            .count();
        let ids = server_ids(&typed(1));
        let own = own.or(match ids[..] {
            [id] => Some(id),
            _ => None,
        });
        let mut servers: BTreeSet<u16> = entries
            .iter()
            .flat_map(|entry| entry.list.keys().copied())
            .collect();
        servers.extend(entries.iter().map(|entry| entry.owner));
        servers.extend(ids.iter().copied());
        servers.extend(own);
        servers.retain(|id| !matches!(id, 0 | &u16::MAX));
        Ok(Control {
            controlled: instances_of(2) > 0,
            // A device need not show a server the accounts of others; what its access control names counts, too.
            count: match instances_of(1) {
                1 if servers.len() > 1 => servers.len(),
                count => count,
            },
            objects,
            entries,
            unread: u32::try_from(unread).unwrap_or(u32::MAX),
            own,
            servers,
        })
    }

    fn is_known(&self) -> bool {
        !self.controlled || !self.entries.is_empty()
    }

    fn rights(&self, entries: &[AccessControl], server: u16, object: u16, instance: u16) -> Rights {
        access::rights_among(entries, self.count, server, object, instance)
    }

    fn table(&self) -> Vec<InstanceRights> {
        let instances = self.objects.iter().filter(|path| path.depth() == 2);
        // Access control itself is not controlled by itself.
        let instances = instances.filter(|path| path.object_id() != Some(2));
        let levels = self.entries.iter().filter(|entry| entry.instance == OBJECT_LEVEL);
        let levels = levels.map(|entry| (Path::object(entry.object), OBJECT_LEVEL));
        instances
            .filter_map(|path| Some((*path, path.instance_id()?)))
            .chain(levels)
            .filter_map(|(path, instance)| {
                let object = path.object_id()?;
                let rights = self
                    .servers
                    .iter()
                    .map(|server| (*server, self.rights(&self.entries, *server, object, instance)));
                Some(InstanceRights {
                    path,
                    entry: self.about(object, instance).map(|entry| entry.id),
                    rights: rights.collect(),
                })
            })
            .collect()
    }

    fn about(&self, object: u16, instance: u16) -> Option<&AccessControl> {
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.object == object && entry.instance == instance)
    }

    fn preview(&self, object: u16, instance: u16, change: &AccessChange) -> AccessPreview {
        let entry = self.about(object, instance).map(|entry| entry.id);
        let changed = match self.own {
            Some(own) => access::changed(&self.entries, own, object, instance, change.list.clone())
                .map_err(|refusal| refusal.to_string()),
            None => Err(
                "it is not known which of the device's servers this one is; say its short_server_id".into(),
            ),
        };
        let (changed, refused) = match changed {
            Ok(changed) => (Some(changed), None),
            Err(refused) => (None, Some(refused)),
        };
        let after: Vec<AccessControl> = self
            .entries
            .iter()
            .map(|entry| match &changed {
                Some(changed) if changed.id == entry.id => changed.clone(),
                _ => entry.clone(),
            })
            .collect();
        let named = change.list.keys().copied().filter(|id| *id != 0);
        let servers: BTreeSet<u16> = self.servers.iter().copied().chain(named).collect();
        let rights = servers
            .iter()
            .map(|server| (*server, self.rights(&after, *server, object, instance)));
        let mut warnings = Vec::new();
        if changed.is_some() && self.count == 1 {
            warnings.push("The device has one server alone, so access control is not in force; the list counts when it has another.".into());
        }
        if let Some(own) = self.own {
            let before = access::rights(&self.entries, own, object, instance);
            let lost = before.without(access::rights(&after, own, object, instance));
            if !lost.is_empty() {
                warnings.push(format!(
                    "This server could not {} {} any more. As the owner it could still give itself the right again.",
                    lost.in_words("or"),
                    change.path
                ));
            }
        }
        AccessPreview {
            entry,
            operations: changed.iter().map(written).collect(),
            refused,
            rights: rights.collect(),
            warnings,
        }
    }
}

/// The Write that makes an entry's list what it is here: the whole resource, so that who is left out is removed.
fn written(entry: &AccessControl) -> OperationRequest {
    let list = entry.list.iter();
    let value = list.map(|(server, rights)| (server.to_string(), rights.bits().into()));
    OperationRequest {
        op: OperationKind::Write,
        path: Some(Path::resource(2, entry.id, 2)),
        paths: Vec::new(),
        value: Some(shared::api::JsonValue::Object(value.collect())),
        data_type: None,
        format: None,
        timeout: None,
        expires: None,
    }
}

/// The short server ids of the servers that are known.
fn server_ids(servers: &[(Path, Value)]) -> Vec<u16> {
    let ids = servers.iter().filter(|(path, _)| path.resource_id() == Some(0));
    let ids = ids.filter_map(|(_, value)| match value {
        Value::Integer(number) => u16::try_from(*number).ok(),
        _ => None,
    });
    ids.collect()
}
