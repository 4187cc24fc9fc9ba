//! `/fleet`: the fleet in numbers.

use super::Router;
use crate::app::App;
use crate::auth::guard::Viewer;
use axum::Json;
use axum::extract::State;
use shared::api::FleetSummary;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(get))
}

/// How many devices there are, by state.
#[utoipa::path(get, path = "/fleet", tag = "fleet", responses((status = 200, body = FleetSummary)))]
async fn get(Viewer(_): Viewer, State(app): State<App>) -> Json<FleetSummary> {
    Json(app.core.fleet())
}
