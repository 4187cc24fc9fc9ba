//! `/devices/{endpoint}/trace`: the datagrams of a device.

use super::answer::Json;
use super::extract::{UrlPath, UrlQuery};
use super::{Failure, Router, page_size};
use crate::app::App;
use crate::auth::guard::Support;
use axum::extract::State;
use serde::Deserialize;
use shared::api::TraceList;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(list))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// The last so many; at most 2000, 200 if absent.
    limit: Option<u32>,
}

/// The last datagrams of a device, oldest first. They hold what was read and written, so that this takes the role
/// support.
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
