//! `/server`: the server itself.

use super::extract::UrlQuery;
use super::{Failure, Router, page_size};
use crate::app::App;
use crate::auth::guard::{Support, Viewer};
use crate::core::EventQuery;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::api::{EventList, ServerIdentity, ServerView};
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

/// What devices are given so that they know the server: its public key and its certificate.
#[utoipa::path(get, path = "/server/identity", tag = "server", responses((status = 200, body = ServerIdentity)))]
async fn identity(Viewer(_): Viewer, State(app): State<App>) -> Json<ServerIdentity> {
    Json(app.core.identity())
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// At most 500; 100 if absent.
    limit: Option<u32>,
    /// Only events with a smaller number: `next` of the page before.
    before: Option<u64>,
}

/// What came from senders that are no known device and was refused: registrations, handshakes, datagrams. Newest first.
#[utoipa::path(get, path = "/server/refused", tag = "server", params(Query),
    responses((status = 200, body = EventList)))]
async fn refused(
    Support(_): Support,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<Query>,
) -> Result<Json<EventList>, Failure> {
    let limit = page_size(query.limit, 100, 500)? as usize;
    let wanted = EventQuery {
        strangers: true,
        before: query.before,
        limit,
        ..EventQuery::default()
    };
    let items = app.core.events(wanted).await?;
    let next = items
        .last()
        .filter(|_| items.len() == limit)
        .map(|event| event.sequence);
    Ok(Json(EventList { items, next }))
}
