//! `/server`: the server itself.

use super::Router;
use super::answer::Json;
use crate::app::App;
use crate::auth::guard::Viewer;
use axum::extract::State;
use shared::api::ServerView;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(get))
}

/// Version, listeners, uptime.
#[utoipa::path(get, path = "/server", tag = "server", responses((status = 200, body = ServerView)))]
async fn get(Viewer(_): Viewer, State(app): State<App>) -> Json<ServerView> {
    Json(ServerView {
        version: env!("CARGO_PKG_VERSION").into(),
        build: app.build(),
        listeners: app.listeners.clone(),
        uptime: app.started.elapsed().as_secs(),
        devices: app.core.fleet().total,
    })
}
