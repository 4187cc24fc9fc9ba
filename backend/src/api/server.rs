//! `/server`: the server itself.

use super::Router;
use super::answer::Json;
use crate::app::App;
use crate::auth::guard::{Support, Viewer};
use axum::extract::State;
use shared::api::{RefusalList, ServerIdentity, ServerView};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(get))
        .routes(routes!(identity))
        .routes(routes!(refused))
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

/// What devices are given to know the server by, and whom the server trusts.
#[utoipa::path(get, path = "/server/identity", tag = "server", responses((status = 200, body = ServerIdentity)))]
async fn identity(Viewer(_): Viewer, State(app): State<App>) -> Json<ServerIdentity> {
    Json(app.core.identity())
}

/// The last handshakes, registrations and datagrams that were refused, of devices and of strangers: at most 500, since
/// the server started.
#[utoipa::path(get, path = "/server/refused", tag = "server", responses((status = 200, body = RefusalList)))]
async fn refused(Support(_): Support, State(app): State<App>) -> Json<RefusalList> {
    Json(RefusalList {
        items: app.core.refusals(),
    })
}
