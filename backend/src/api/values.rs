//! `/devices/{endpoint}/values`: what is known of a device's resources.

use super::answer::Json;
use super::extract::{UrlPath, resource_path};
use super::{Failure, Router};
use crate::app::App;
use crate::auth::guard::Viewer;
use axum::extract::State;
use shared::Path;
use shared::api::ValueList;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(all))
        .routes(routes!(below))
        // The root as a path: `{*path}` is never empty.
        .route("/devices/{endpoint}/values/", axum::routing::get(all))
}

/// All known values of a device.
#[utoipa::path(get, path = "/devices/{endpoint}/values", tag = "values", params(("endpoint" = String, Path)),
    responses((status = 200, body = ValueList), (status = 404)))]
async fn all(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<ValueList>, Failure> {
    values(&app, &endpoint, Path::ROOT)
}

/// The known values at and below a path.
#[utoipa::path(get, path = "/devices/{endpoint}/values/{*path}", tag = "values",
    params(("endpoint" = String, Path), ("path" = String, Path, description = "As in 3/0/9")),
    responses((status = 200, body = ValueList), (status = 400), (status = 404)))]
async fn below(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath((endpoint, path)): UrlPath<(String, String)>,
) -> Result<Json<ValueList>, Failure> {
    values(&app, &endpoint, resource_path(&path)?)
}

fn values(app: &App, endpoint: &str, path: Path) -> Result<Json<ValueList>, Failure> {
    let items = app
        .core
        .values(endpoint, path)
        .ok_or_else(|| Failure::no_device(endpoint))?;
    Ok(Json(ValueList { items }))
}
