//! `/devices/{endpoint}/operations`: do something to a device, and what came of it.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath, UrlQuery};
use super::{AuditNote, Failure, Router};
use crate::app::{App, stopped};
use crate::auth::Identity;
use crate::auth::guard::{Support, Viewer};
use crate::core::Ticket;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use shared::api::{
    ErrorCode, OperationKind, OperationList, OperationPreview, OperationRequest, OperationView, Role,
};
use std::time::Duration;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list, begin))
        .routes(routes!(get, cancel))
        .routes(routes!(retry))
        .routes(routes!(preview))
}

/// How long a request may wait for an operation's end, in seconds.
const LONGEST_WAIT: u32 = 60;

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wait {
    /// How many seconds to wait for the operation's end, at most 60; 0 if absent.
    pub(super) wait: Option<u32>,
}

/// The operations that wait and the last ones that ended.
#[utoipa::path(get, path = "/devices/{endpoint}/operations", tag = "operations",
    params(("endpoint" = String, Path)), responses((status = 200, body = OperationList), (status = 404)))]
async fn list(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<OperationList>, Failure> {
    let items = app
        .core
        .operations(&endpoint)
        .await?
        .ok_or_else(|| Failure::no_device(&endpoint))?;
    Ok(Json(OperationList { items }))
}

/// Read, write, execute, … Reading, discovering and observing takes the role support, everything else operator.
#[utoipa::path(post, path = "/devices/{endpoint}/operations", tag = "operations",
    params(("endpoint" = String, Path), Wait), request_body = OperationRequest,
    responses((status = 200, body = OperationView, description = "It has ended"),
        (status = 202, body = OperationView, description = "It has not ended yet"),
        (status = 404), (status = 409, description = "The device is not registered"), (status = 422)))]
async fn begin(
    Support(identity): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    UrlQuery(wait): UrlQuery<Wait>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<OperationRequest>,
) -> Result<(StatusCode, Json<OperationView>), Failure> {
    run(&app, &identity, &endpoint, request, wait.wait.unwrap_or(0), &note).await
}

/// Takes the operation and waits for its end.
pub(super) async fn run(
    app: &App,
    identity: &Identity,
    endpoint: &str,
    request: OperationRequest,
    wait: u32,
    note: &AuditNote,
) -> Result<(StatusCode, Json<OperationView>), Failure> {
    note.about(endpoint);
    note.detail(describe(&request));
    identity.require(least_role(request.op))?;
    let ticket = app.core.operate(endpoint, request, &identity.name).await?;
    answer(app, endpoint, ticket, wait).await
}

/// Waits for the operation's end. One that is still to come is in the store when its answer goes out.
async fn answer(
    app: &App,
    endpoint: &str,
    ticket: Ticket,
    wait: u32,
) -> Result<(StatusCode, Json<OperationView>), Failure> {
    let id = ticket.id;
    let patience = Duration::from_secs(wait.min(LONGEST_WAIT).into());
    let mut stopping = app.stopping.clone();
    let view = tokio::select! {
        view = ticket.wait(patience) => view,
        () = stopped(&mut stopping) => None,
    };
    let view = view.ok_or_else(Failure::stopping)?;
    if view.state.is_final() {
        return Ok((StatusCode::OK, Json(view)));
    }
    app.core.keep_taken().await?;
    let view = app.core.operation(endpoint, id).await?.unwrap_or(view);
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// What an operation would be on the wire: method, path, format, size. Nothing is sent or kept.
#[utoipa::path(post, path = "/devices/{endpoint}/operations/preview", operation_id = "preview_operation", tag = "operations",
    params(("endpoint" = String, Path)), request_body = OperationRequest,
    responses((status = 200, body = OperationPreview), (status = 404), (status = 422)))]
async fn preview(
    Support(_): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<OperationRequest>,
) -> Result<Json<OperationPreview>, Failure> {
    note.about(&endpoint);
    note.changes_nothing();
    Ok(Json(app.core.preview(&endpoint, &request)?))
}

const fn least_role(op: OperationKind) -> Role {
    match op {
        OperationKind::Read
        | OperationKind::Discover
        | OperationKind::Observe
        | OperationKind::CancelObserve
        | OperationKind::ReadComposite
        | OperationKind::ObserveComposite => Role::Support,
        OperationKind::Write
        | OperationKind::Update
        | OperationKind::Execute
        | OperationKind::Create
        | OperationKind::Delete
        | OperationKind::WriteAttributes
        | OperationKind::WriteComposite => Role::Operator,
    }
}

/// The operation in words for the audit log; without its value, which may be a secret.
fn describe(request: &OperationRequest) -> String {
    let paths = request.path.iter().chain(&request.paths);
    paths.fold(request.op.name().to_owned(), |text, path| {
        format!("{text} {path}")
    })
}

/// One operation.
#[utoipa::path(get, path = "/devices/{endpoint}/operations/{id}", tag = "operations",
    params(("endpoint" = String, Path), ("id" = u64, Path)),
    responses((status = 200, body = OperationView), (status = 404)))]
async fn get(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath((endpoint, id)): UrlPath<(String, u64)>,
) -> Result<Json<OperationView>, Failure> {
    app.core
        .operation(&endpoint, id)
        .await?
        .map(Json)
        .ok_or_else(|| missing(&endpoint, id))
}

/// Cancel an operation. One that was sent already may still have its effect.
#[utoipa::path(delete, path = "/devices/{endpoint}/operations/{id}", tag = "operations",
    params(("endpoint" = String, Path), ("id" = u64, Path)),
    responses((status = 200, body = OperationView), (status = 404)))]
async fn cancel(
    Support(identity): Support,
    State(app): State<App>,
    UrlPath((endpoint, id)): UrlPath<(String, u64)>,
    Extension(note): Extension<AuditNote>,
) -> Result<Json<OperationView>, Failure> {
    note.about(&endpoint);
    note.detail(format!("cancel {id}"));
    let known = app
        .core
        .operation(&endpoint, id)
        .await?
        .ok_or_else(|| missing(&endpoint, id))?;
    identity.require(least_role(known.op))?;
    // One that ended long ago is only in the store, and is told as it is.
    let view = app.core.cancel_operation(&endpoint, id, &identity.name).await;
    Ok(Json(view.unwrap_or(known)))
}

/// Do an operation that ended once more: as a new one, behind those that wait.
#[utoipa::path(post, path = "/devices/{endpoint}/operations/{id}/retry", tag = "operations",
    params(("endpoint" = String, Path), ("id" = u64, Path), Wait),
    responses((status = 200, body = OperationView, description = "It has ended"),
        (status = 202, body = OperationView, description = "It has not ended yet"),
        (status = 400, description = "The operation has not ended"), (status = 404)))]
async fn retry(
    Support(identity): Support,
    State(app): State<App>,
    UrlPath((endpoint, id)): UrlPath<(String, u64)>,
    UrlQuery(wait): UrlQuery<Wait>,
    Extension(note): Extension<AuditNote>,
) -> Result<(StatusCode, Json<OperationView>), Failure> {
    note.about(&endpoint);
    note.detail(format!("retry {id}"));
    let known = app
        .core
        .operation(&endpoint, id)
        .await?
        .ok_or_else(|| missing(&endpoint, id))?;
    identity.require(least_role(known.op))?;
    let ticket = app
        .core
        .retry_operation(&endpoint, id, &identity.name)
        .await?
        .ok_or_else(|| missing(&endpoint, id))?;
    answer(&app, &endpoint, ticket, wait.wait.unwrap_or(0)).await
}

fn missing(endpoint: &str, id: u64) -> Failure {
    let shown: String = endpoint.chars().take(200).collect();
    Failure::new(
        ErrorCode::NotFound,
        format!("the device '{shown}' has no operation {id}"),
    )
}
