//! `/fleet`: the fleet in numbers.

use super::Router;
use super::answer::Json;
use crate::app::App;
use crate::auth::guard::Viewer;
use axum::extract::State;
use shared::api::{FleetFacets, FleetSummary};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(get)).routes(routes!(facets))
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
