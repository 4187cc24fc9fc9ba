//! `/devices/{endpoint}/diagnosis`: why a device is in the state it is in.

use super::answer::Json;
use super::extract::UrlPath;
use super::{Failure, Router};
use crate::app::App;
use crate::auth::guard::Viewer;
use axum::extract::State;
use shared::api::{CheckKind, Diagnosis};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(get))
}

/// Ordered checks with what each looked at, and the likeliest reason. Also for an endpoint that never registered, if it
/// has a credential or something of it was refused.
#[utoipa::path(get, path = "/devices/{endpoint}/diagnosis", operation_id = "get_diagnosis", tag = "devices",
    params(("endpoint" = String, Path)), responses((status = 200, body = Diagnosis), (status = 404)))]
async fn get(
    Viewer(identity): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<Diagnosis>, Failure> {
    let diagnosis = app.core.diagnosis(&endpoint).await?;
    let mut diagnosis = diagnosis.ok_or_else(|| Failure::no_device(&endpoint))?;
    if identity.only_device().is_some() {
        // Who may see this device alone is not told of others.
        diagnosis.checks.retain(|check| check.kind != CheckKind::Peers);
    }
    Ok(Json(diagnosis))
}
