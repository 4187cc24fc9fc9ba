//! `/devices/{endpoint}/samples`: the last numbers of a path, for a chart to begin with.

use super::answer::Json;
use super::extract::{UrlPath, UrlQuery};
use super::{Failure, Router};
use crate::app::App;
use crate::auth::guard::Viewer;
use axum::extract::State;
use serde::Deserialize;
use shared::Path;
use shared::api::{Sample, SampleList};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(list))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// A numeric path, as in `/3303/0/5700`.
    #[param(value_type = String)]
    path: Path,
}

/// The numbers that recently arrived at a path, oldest first.
#[utoipa::path(get, path = "/devices/{endpoint}/samples", tag = "values",
    params(("endpoint" = String, Path), Query), responses((status = 200, body = SampleList), (status = 404)))]
async fn list(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    UrlQuery(query): UrlQuery<Query>,
) -> Result<Json<SampleList>, Failure> {
    if app.core.device(&endpoint).is_none() {
        return Err(Failure::no_device(&endpoint));
    }
    let samples = app.core.samples(&endpoint, query.path);
    let items = samples
        .into_iter()
        .map(|(at, value)| Sample { at, value })
        .collect();
    Ok(Json(SampleList { items }))
}
