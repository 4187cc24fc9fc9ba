//! `/devices/{endpoint}/samples`: the numbers of a path, for a chart.

use super::answer::Json;
use super::extract::{UrlPath, UrlQuery};
use super::{Failure, Router, page_size};
use crate::app::App;
use crate::auth::guard::Viewer;
use axum::extract::State;
use serde::Deserialize;
use shared::api::{Sample, SampleList};
use shared::{Path, Timestamp};
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
    /// Only numbers at or after this time; without it, those of late that are in memory.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Only numbers before this time.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// At most so many, evenly chosen; at most 10000, 2000 if absent.
    limit: Option<u32>,
}

/// The numbers of a path, oldest first: recent ones, or with `from` those of the history.
#[utoipa::path(get, path = "/devices/{endpoint}/samples", tag = "values",
    params(("endpoint" = String, Path), Query), responses((status = 200, body = SampleList), (status = 404)))]
async fn list(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    UrlQuery(query): UrlQuery<Query>,
) -> Result<Json<SampleList>, Failure> {
    let limit = page_size(query.limit, 2000, 10_000)? as usize;
    let samples = match (query.from, query.until) {
        (None, None) => app
            .core
            .device(&endpoint)
            .map(|_| app.core.samples(&endpoint, query.path)),
        (from, until) => {
            let range = (
                from.unwrap_or(Timestamp(i64::MIN)),
                until.unwrap_or(Timestamp(i64::MAX)),
            );
            app.core.history(&endpoint, query.path, range, limit).await?
        }
    };
    let samples = samples.ok_or_else(|| Failure::no_device(&endpoint))?;
    let items = samples
        .into_iter()
        .map(|(at, value)| Sample { at, value })
        .collect();
    Ok(Json(SampleList { items }))
}
