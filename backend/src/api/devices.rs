//! `/devices`: the list, one device, what people say of it, its removal.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath, UrlQuery};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::{Operator, Viewer};
use axum::Extension;
use axum::extract::State;
use shared::api::{DeviceDetail, DeviceList, DevicePatch, DeviceQuery};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(list)).routes(routes!(get, change))
}

/// A page of the device list.
#[utoipa::path(get, path = "/devices", tag = "devices", params(DeviceQuery),
    responses((status = 200, body = DeviceList)))]
async fn list(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<DeviceQuery>,
) -> Result<Json<DeviceList>, Failure> {
    Ok(Json(app.core.devices(&query)?))
}

/// One device with its registration and the evidence of its state.
#[utoipa::path(get, path = "/devices/{endpoint}", tag = "devices", params(("endpoint" = String, Path)),
    responses((status = 200, body = DeviceDetail), (status = 404)))]
async fn get(
    Viewer(identity): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<DeviceDetail>, Failure> {
    let device = app.core.device(&endpoint);
    let mut device = device.ok_or_else(|| Failure::no_device(&endpoint))?;
    if identity.only_device().is_some() {
        // Who may see this device alone is not told of others.
        device.children.clear();
    }
    Ok(Json(device))
}

/// Change label, tags, metadata or the awake window.
#[utoipa::path(patch, path = "/devices/{endpoint}", tag = "devices", params(("endpoint" = String, Path)),
    request_body = DevicePatch, responses((status = 200, body = DeviceDetail), (status = 404)))]
async fn change(
    Operator(identity): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(patch): JsonBody<DevicePatch>,
) -> Result<Json<DeviceDetail>, Failure> {
    note.about(&endpoint);
    note.detail(fields(&patch));
    check(&patch)?;
    let device = app.core.describe(&endpoint, patch, &identity.name).await?;
    device.map(Json).ok_or_else(|| Failure::no_device(&endpoint))
}

/// The names of the fields that a patch has, for the audit log.
fn fields(patch: &DevicePatch) -> String {
    let named = [
        (patch.label.is_some(), "label"),
        (patch.tags.is_some(), "tags"),
        (patch.metadata.is_some(), "metadata"),
        (patch.awake_window.is_some(), "awake_window"),
    ];
    let present: Vec<&str> = named
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, name)| name)
        .collect();
    present.join(", ")
}

/// What people say of a device takes a bounded place.
fn check(patch: &DevicePatch) -> Result<(), Failure> {
    const LONGEST: usize = 256;
    const MOST: usize = 64;
    const LONGEST_WINDOW: u32 = 24 * 3600;
    let too_long = |text: &String| text.chars().count() > LONGEST;
    if patch.label.as_ref().is_some_and(too_long) {
        return Err(Failure::bad_request(format!(
            "a label has at most {LONGEST} characters"
        )));
    }
    if let Some(Some(window)) = patch.awake_window
        && !(1..=LONGEST_WINDOW).contains(&window)
    {
        return Err(Failure::bad_request(format!(
            "awake_window is a number of seconds from 1 to {LONGEST_WINDOW}, or null for the usual one"
        )));
    }
    for (what, pairs) in [("tags", &patch.tags), ("metadata", &patch.metadata)] {
        let Some(pairs) = pairs else { continue };
        if pairs.len() > MOST {
            return Err(Failure::bad_request(format!("{what}: at most {MOST} are kept")));
        }
        if pairs
            .iter()
            .any(|(key, value)| key.is_empty() || too_long(key) || too_long(value))
        {
            let words = format!("{what}: keys have 1 and values 0 to {LONGEST} characters");
            return Err(Failure::bad_request(words));
        }
    }
    Ok(())
}
