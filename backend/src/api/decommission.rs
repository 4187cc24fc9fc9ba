//! `DELETE /devices/{endpoint}` and `/decommissioned`: devices that leave for good.

use super::answer::Json;
use super::extract::{UrlPath, UrlQuery};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::{Operator, Viewer};
use crate::decommission;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::api::{DecommissionedList, ErrorCode};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(remove))
        .routes(routes!(list))
        .routes(routes!(readmit))
        .routes(routes!(archive))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Leave {
    /// Only forget it and its credentials: it is a new device when it comes again.
    forget: bool,
}

/// Decommission a device: its credential is revoked, its observations and queue end, its history is archived, and it is
/// refused when it comes back. The account on the device is deleted when it next asks for its bootstrap.
#[utoipa::path(delete, path = "/devices/{endpoint}", tag = "devices", params(("endpoint" = String, Path), Leave),
    responses((status = 204), (status = 404)))]
async fn remove(
    Operator(identity): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    UrlQuery(leave): UrlQuery<Leave>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.about(&endpoint);
    let was = if leave.forget {
        note.detail("forgotten");
        app.core.forget(&endpoint, &identity.name).await?
    } else {
        note.detail("decommissioned");
        let data_dir = &app.config.data_dir;
        app.core.decommission(&endpoint, data_dir, &identity.name).await?
    };
    if !was {
        return Err(Failure::no_device(&endpoint));
    }
    app.accounts.forget_links(&endpoint).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The devices that were decommissioned, newest first.
#[utoipa::path(get, path = "/decommissioned", tag = "provisioning",
    responses((status = 200, body = DecommissionedList)))]
async fn list(Viewer(_): Viewer, State(app): State<App>) -> Result<Json<DecommissionedList>, Failure> {
    let items = decommission::list(app.core.store()).await?;
    Ok(Json(DecommissionedList { items }))
}

/// Let a decommissioned device come again, as a new device.
#[utoipa::path(delete, path = "/decommissioned/{endpoint}", tag = "provisioning",
    params(("endpoint" = String, Path)), responses((status = 204), (status = 404)))]
async fn readmit(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.about(&endpoint);
    if app.core.let_come_again(vec![endpoint.clone()]).await? > 0 {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(missing(&endpoint))
    }
}

/// The history of a decommissioned device, as JSON lines.
#[utoipa::path(get, path = "/decommissioned/{endpoint}/archive", tag = "provisioning",
    params(("endpoint" = String, Path)),
    responses((status = 200, content_type = "application/x-ndjson", body = String), (status = 404)))]
async fn archive(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Response, Failure> {
    let file = decommission::archive_of(app.core.store(), &app.config.data_dir, &endpoint)
        .await?
        .ok_or_else(|| missing(&endpoint))?;
    let read = file.clone();
    let bytes = tokio::task::spawn_blocking(move || std::fs::read(read))
        .await
        .map_err(|_| Failure::stopping())?
        .map_err(|error| Failure::internal(format!("{}: {error}", file.display())))?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"device.jsonl\"",
        ),
    ];
    Ok((headers, Body::from(bytes)).into_response())
}

fn missing(endpoint: &str) -> Failure {
    let shown: String = endpoint.chars().take(200).collect();
    Failure::new(
        ErrorCode::NotFound,
        format!("no device '{shown}' was decommissioned"),
    )
}
