//! `/devices/{endpoint}/transmission`: how a device is talked to where that differs from the usual.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::{Operator, Viewer};
use crate::core::TransmissionError;
use axum::Extension;
use axum::extract::State;
use shared::api::{ErrorCode, TransmissionSettings, TransmissionView};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(get, set, reset))
}

/// What was set for the device, what is usual, and what is in effect.
#[utoipa::path(get, path = "/devices/{endpoint}/transmission", tag = "transmission", params(("endpoint" = String, Path)),
    responses((status = 200, body = TransmissionView), (status = 404)))]
async fn get(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<TransmissionView>, Failure> {
    let view = app.core.transmission(&endpoint);
    view.map(Json).ok_or_else(|| Failure::no_device(&endpoint))
}

/// Set how the device is talked to: CoAP parameters, block size, content format and quirks. Absent fields are as usual.
/// In effect from the next message on.
#[utoipa::path(put, path = "/devices/{endpoint}/transmission", tag = "transmission", params(("endpoint" = String, Path)),
    request_body = TransmissionSettings,
    responses((status = 200, body = TransmissionView), (status = 400), (status = 404), (status = 409)))]
async fn set(
    Operator(identity): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(settings): JsonBody<TransmissionSettings>,
) -> Result<Json<TransmissionView>, Failure> {
    note.about(&endpoint);
    note.detail("transmission");
    change(&app, &endpoint, Some(settings), &identity.name).await
}

/// Talk to the device as usual again.
#[utoipa::path(delete, path = "/devices/{endpoint}/transmission", tag = "transmission", params(("endpoint" = String, Path)),
    responses((status = 200, body = TransmissionView), (status = 404), (status = 409)))]
async fn reset(
    Operator(identity): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<Json<TransmissionView>, Failure> {
    note.about(&endpoint);
    note.detail("transmission as usual");
    change(&app, &endpoint, None, &identity.name).await
}

async fn change(
    app: &App,
    endpoint: &str,
    settings: Option<TransmissionSettings>,
    by: &str,
) -> Result<Json<TransmissionView>, Failure> {
    let view = app.core.set_transmission(endpoint, settings, by).await;
    let view = view.map_err(|error| match error {
        TransmissionError::Store(error) => error.into(),
        TransmissionError::Wrong(words) => Failure::bad_request(words),
        error @ TransmissionError::BehindGateway(_) => Failure::new(ErrorCode::Conflict, error.to_string()),
    })?;
    view.map(Json).ok_or_else(|| Failure::no_device(endpoint))
}
