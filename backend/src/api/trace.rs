//! `/devices/{endpoint}/trace`: the datagrams of a device, as records and as a capture file; captures armed for a time; and
//! the support bundle. They hold what was read and written, so that all of this takes the role support.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath, UrlQuery};
use super::{AuditNote, Failure, Router, page_size};
use crate::app::App;
use crate::auth::guard::Support;
use crate::bundle;
use crate::core::CaptureRefusal;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use shared::api::{CaptureRequest, CaptureState, CaptureView, ErrorCode, TraceList};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list))
        .routes(routes!(file))
        .routes(routes!(captured, arm, end))
        .routes(routes!(support_bundle))
}

/// The longest capture: a week.
const LONGEST: u32 = 7 * 24 * 3600;

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// The last so many; at most 2000, 200 if absent.
    limit: Option<u32>,
}

/// The last datagrams of a device, oldest first, those of its capture among them.
#[utoipa::path(get, path = "/devices/{endpoint}/trace", tag = "trace",
    params(("endpoint" = String, Path), Query), responses((status = 200, body = TraceList), (status = 404)))]
async fn list(
    Support(_): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    UrlQuery(query): UrlQuery<Query>,
) -> Result<Json<TraceList>, Failure> {
    let limit = page_size(query.limit, 200, 2000)? as usize;
    let items = app
        .core
        .trace(&endpoint, limit)
        .await
        .ok_or_else(|| Failure::no_device(&endpoint))?;
    Ok(Json(TraceList { items }))
}

/// The datagrams of a device as a pcapng file, which Wireshark opens.
#[utoipa::path(get, path = "/devices/{endpoint}/trace.pcapng", operation_id = "get_pcapng", tag = "trace",
    params(("endpoint" = String, Path)),
    responses((status = 200, content_type = "application/x-pcapng", description = "The file"), (status = 404)))]
async fn file(
    Support(_): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<impl IntoResponse, Failure> {
    let (_, raw) = app
        .core
        .recorded_messages(&endpoint)
        .await
        .ok_or_else(|| Failure::no_device(&endpoint))?;
    Ok(download(
        "application/x-pcapng",
        &endpoint,
        "pcapng",
        crate::trace::pcapng(&raw),
    ))
}

/// The capture of a device, running or over.
#[utoipa::path(get, path = "/devices/{endpoint}/capture", operation_id = "get_capture", tag = "trace",
    params(("endpoint" = String, Path)), responses((status = 200, body = CaptureState), (status = 404)))]
async fn captured(
    Support(_): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<CaptureState>, Failure> {
    if app.core.device(&endpoint).is_none() {
        return Err(Failure::no_device(&endpoint));
    }
    let capture = app.core.captured(&endpoint);
    Ok(Json(CaptureState { capture }))
}

/// Keep all messages of a device for a time, in place of what an earlier capture kept.
#[utoipa::path(post, path = "/devices/{endpoint}/capture", operation_id = "begin_capture", tag = "trace",
    params(("endpoint" = String, Path)), request_body = CaptureRequest,
    responses((status = 201, body = CaptureView), (status = 404), (status = 409, description = "There are too many")))]
async fn arm(
    Support(identity): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<CaptureRequest>,
) -> Result<(StatusCode, Json<CaptureView>), Failure> {
    note.about(&endpoint);
    if !(1..=LONGEST).contains(&request.seconds) {
        return Err(Failure::bad_request(format!("seconds: from 1 to {LONGEST}")));
    }
    note.detail(format!("for {} s", request.seconds));
    match app.core.capture(&endpoint, request.seconds, &identity.name) {
        Ok(view) => Ok((StatusCode::CREATED, Json(view))),
        Err(CaptureRefusal::UnknownDevice) => Err(Failure::no_device(&endpoint)),
        Err(CaptureRefusal::Full) => Err(Failure::new(
            ErrorCode::Conflict,
            "there are as many captures as may be; end another first",
        )),
    }
}

/// End the capture of a device and throw away what it kept.
#[utoipa::path(delete, path = "/devices/{endpoint}/capture", operation_id = "end_capture", tag = "trace",
    params(("endpoint" = String, Path)), responses((status = 204), (status = 404)))]
async fn end(
    Support(_): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.about(&endpoint);
    if app.core.end_capture(&endpoint) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        let none = || Failure::new(ErrorCode::NotFound, "this device has no capture");
        Err(app
            .core
            .device(&endpoint)
            .map_or_else(|| Failure::no_device(&endpoint), |_| none()))
    }
}

/// Everything the server knows of a device in a ZIP file, without secrets.
#[utoipa::path(get, path = "/devices/{endpoint}/bundle", operation_id = "get_bundle", tag = "devices",
    params(("endpoint" = String, Path)),
    responses((status = 200, content_type = "application/zip", description = "The file"), (status = 404)))]
async fn support_bundle(
    Support(_): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<impl IntoResponse, Failure> {
    let file = bundle::make(&app, &endpoint).await?;
    let file = file.ok_or_else(|| Failure::no_device(&endpoint))?;
    Ok(download("application/zip", &endpoint, "zip", file))
}

/// A file to be saved under the endpoint's name.
fn download(
    media_type: &'static str,
    endpoint: &str,
    extension: &str,
    file: Vec<u8>,
) -> ([(HeaderName, String); 2], Vec<u8>) {
    let plain = |character: char| {
        if character.is_ascii_alphanumeric() || "-._".contains(character) {
            character
        } else {
            '_'
        }
    };
    let name: String = endpoint.chars().take(100).map(plain).collect();
    (
        [
            (header::CONTENT_TYPE, media_type.to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}.{extension}\""),
            ),
        ],
        file,
    )
}
