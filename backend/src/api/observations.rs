//! `/devices/{endpoint}/observations`: what the server watches on a device.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath, UrlQuery};
use super::operations::{Wait, run};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::{Support, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use shared::Path;
use shared::api::{ObservationList, ObservationRequest, OperationKind, OperationRequest, OperationView};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(list, begin, end))
}

/// The running observations.
#[utoipa::path(get, path = "/devices/{endpoint}/observations", tag = "observations",
    params(("endpoint" = String, Path)), responses((status = 200, body = ObservationList), (status = 404)))]
async fn list(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<ObservationList>, Failure> {
    let items = app
        .core
        .observations(&endpoint)
        .ok_or_else(|| Failure::no_device(&endpoint))?;
    Ok(Json(ObservationList { items }))
}

/// Observe a path, or several together. The answer is the operation that asks the device.
#[utoipa::path(post, path = "/devices/{endpoint}/observations", tag = "observations",
    params(("endpoint" = String, Path), Wait), request_body = ObservationRequest,
    responses((status = 200, body = OperationView), (status = 202, body = OperationView), (status = 404)))]
async fn begin(
    Support(identity): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    UrlQuery(wait): UrlQuery<Wait>,
    Extension(note): Extension<AuditNote>,
    JsonBody(body): JsonBody<ObservationRequest>,
) -> Result<(StatusCode, Json<OperationView>), Failure> {
    let op = if body.paths.is_empty() {
        OperationKind::Observe
    } else {
        OperationKind::ObserveComposite
    };
    let request = OperationRequest {
        format: body.format,
        value: body.attributes,
        ..request(op, body.path, body.paths)
    };
    run(&app, &identity, &endpoint, request, wait.wait.unwrap_or(0), &note).await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// The observed path, as in `/3/0/9`.
    #[param(value_type = Option<String>)]
    path: Option<Path>,
    /// The paths that are observed together, with commas between them; instead of `path`.
    paths: Option<String>,
    /// How many seconds to wait for the operation's end, at most 60; 0 if absent.
    wait: Option<u32>,
}

/// Stop observing a path, or several that are observed together. The answer is the operation that tells the device.
#[utoipa::path(delete, path = "/devices/{endpoint}/observations", tag = "observations",
    params(("endpoint" = String, Path), Which),
    responses((status = 200, body = OperationView), (status = 202, body = OperationView), (status = 404)))]
async fn end(
    Support(identity): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    UrlQuery(which): UrlQuery<Which>,
    Extension(note): Extension<AuditNote>,
) -> Result<(StatusCode, Json<OperationView>), Failure> {
    let paths = which.paths.as_deref().unwrap_or_default();
    let paths: Result<Vec<Path>, _> = paths
        .split(',')
        .filter(|path| !path.is_empty())
        .map(str::parse)
        .collect();
    let paths = paths.map_err(|error| Failure::bad_request(format!("paths: {error}")))?;
    if which.path.is_none() && paths.is_empty() {
        return Err(Failure::bad_request(
            "'path', or 'paths' for several, says which to end",
        ));
    }
    let request = request(OperationKind::CancelObserve, which.path, paths);
    run(
        &app,
        &identity,
        &endpoint,
        request,
        which.wait.unwrap_or(0),
        &note,
    )
    .await
}

fn request(op: OperationKind, path: Option<Path>, paths: Vec<Path>) -> OperationRequest {
    OperationRequest {
        op,
        path,
        paths,
        value: None,
        data_type: None,
        format: None,
        timeout: None,
        expires: None,
    }
}
