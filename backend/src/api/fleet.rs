//! `/fleet`: the fleet in numbers.

use super::Failure;
use super::Router;
use super::answer::Json;
use super::extract::UrlQuery;
use crate::app::App;
use crate::auth::guard::Viewer;
use axum::extract::State;
use shared::api::{ActivityQuery, FleetActivity, FleetFacets, FleetSummary};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(get))
        .routes(routes!(facets))
        .routes(routes!(activity))
}

/// How many devices there are, by state.
#[utoipa::path(get, path = "/fleet", tag = "fleet", responses((status = 200, body = FleetSummary)))]
async fn get(Viewer(_): Viewer, State(app): State<App>) -> Json<FleetSummary> {
    Json(app.core.fleet())
}

/// The models, firmware versions, LwM2M versions and tags there are, with how many devices have each.
#[utoipa::path(get, path = "/fleet/facets", tag = "fleet", responses((status = 200, body = FleetFacets)))]
async fn facets(Viewer(_): Viewer, State(app): State<App>) -> Json<FleetFacets> {
    Json(app.core.facets())
}

/// A day, and the least span that says something, in seconds.
const DAY: u32 = 86_400;
const LEAST: u32 = 60;

/// Registrations and messages over time.
#[utoipa::path(get, path = "/fleet/activity", tag = "fleet", params(ActivityQuery),
    responses((status = 200, body = FleetActivity), (status = 400)))]
async fn activity(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<ActivityQuery>,
) -> Result<Json<FleetActivity>, Failure> {
    let span = query.span.unwrap_or(DAY);
    if !(LEAST..=DAY).contains(&span) {
        let text = format!("span: {span} is not between {LEAST} and {DAY} seconds");
        return Err(Failure::bad_request(text));
    }
    Ok(Json(app.core.activity(span)))
}
