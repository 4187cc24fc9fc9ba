//! `/devices/{endpoint}/events`: what happened to a device; `/events`: to any.

use super::answer::Json;
use super::extract::{UrlPath, UrlQuery};
use super::{Failure, Router, page_size};
use crate::app::App;
use crate::auth::guard::Viewer;
use crate::core::EventQuery;
use axum::extract::State;
use serde::Deserialize;
use shared::Timestamp;
use shared::api::EventList;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(list)).routes(routes!(of_fleet))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// Only events after this sequence number, oldest first.
    since: Option<u64>,
    /// Only events before this sequence number.
    before: Option<u64>,
    /// Only events at or after this time.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Only events before this time.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// Only these kinds, with commas between them: `registered,operation`.
    kinds: Option<String>,
    /// At most 1000; 100 if absent.
    limit: Option<u32>,
}

impl Query {
    /// What is looked for, of one device or of all.
    fn of(self, endpoint: Option<String>) -> Result<EventQuery, Failure> {
        let kinds = self.kinds.unwrap_or_default();
        let kinds = kinds.split(',').map(str::trim).filter(|kind| !kind.is_empty());
        Ok(EventQuery {
            endpoint,
            since: self.since,
            before: self.before,
            from: self.from,
            until: self.until,
            kinds: kinds.map(str::to_owned).collect(),
            limit: page_size(self.limit, 100, 1000)? as usize,
        })
    }
}

/// What happened to a device, newest first; oldest first with `since`.
#[utoipa::path(get, path = "/devices/{endpoint}/events", tag = "events",
    params(("endpoint" = String, Path), Query), responses((status = 200, body = EventList), (status = 404)))]
async fn list(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    UrlQuery(query): UrlQuery<Query>,
) -> Result<Json<EventList>, Failure> {
    let wanted = query.of(Some(endpoint.clone()))?;
    if app.core.device(&endpoint).is_none() {
        return Err(Failure::no_device(&endpoint));
    }
    answer(&app, wanted).await
}

/// What happened in the fleet, newest first; oldest first with `since`.
#[utoipa::path(get, path = "/events", operation_id = "list_fleet_events", tag = "events", params(Query),
    responses((status = 200, body = EventList)))]
async fn of_fleet(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<Query>,
) -> Result<Json<EventList>, Failure> {
    answer(&app, query.of(None)?).await
}

async fn answer(app: &App, wanted: EventQuery) -> Result<Json<EventList>, Failure> {
    let limit = wanted.limit;
    let items = app.core.events(wanted).await?;
    let next = items
        .last()
        .filter(|_| items.len() == limit)
        .map(|event| event.sequence);
    Ok(Json(EventList { items, next }))
}
