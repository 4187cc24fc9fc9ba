//! `/audit`, and the layer that writes it.

use super::answer::Json;
use super::envelope::RequestId;
use super::extract::{ClientAddress, UrlQuery};
use super::{Failure, Router};
use crate::app::App;
use crate::auth::audit::{self, AuditQuery};
use crate::auth::guard::Admin;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;
use shared::api::{AuditEntry, AuditList};
use std::sync::{Arc, Mutex, PoisonError};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(list))
}

/// What the layers below tell the audit log of a request.
#[derive(Debug, Clone, Default)]
pub struct AuditNote(Arc<Mutex<Note>>);

#[derive(Debug, Default)]
struct Note {
    who: Option<String>,
    device: Option<String>,
    detail: Option<String>,
    changes_nothing: bool,
}

impl AuditNote {
    /// The request only asks, by a method with a body: it is not logged if it succeeds.
    pub fn changes_nothing(&self) {
        self.note().changes_nothing = true;
    }

    pub fn by(&self, who: &str) {
        self.note().who = Some(clipped(who));
    }

    pub fn about(&self, endpoint: &str) {
        self.note().device = Some(clipped(endpoint));
    }

    pub fn detail(&self, detail: impl Into<String>) {
        self.note().detail = Some(clipped(&detail.into()));
    }

    fn note(&self) -> std::sync::MutexGuard<'_, Note> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What comes from outside takes a bounded place in the log.
fn clipped(text: &str) -> String {
    text.chars().take(300).collect()
}

/// Writes every request that changes something, or wanted to, into the audit log.
pub(super) async fn keep(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let note = AuditNote::default();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", |path| path.as_str());
    let action = format!("{} {route}", request.method());
    let address = ClientAddress::of(request.extensions()).0.to_string();
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    request.extensions_mut().insert(note.clone());
    let response = next.run(request).await;
    let told = std::mem::take(&mut *note.note());
    if told.changes_nothing && response.status().is_success() {
        return response;
    }
    let entry = AuditEntry {
        id: 0,
        at: crate::clock::now(),
        who: told.who.unwrap_or_else(|| "-".into()),
        address,
        action,
        device: told.device,
        detail: told.detail,
        status: response.status().as_u16(),
        request_id: request_id.unwrap_or_default(),
    };
    if let Err(error) = audit::record(app.core.store(), entry, app.config.limits.audit_rows).await {
        tracing::error!(%error, "the audit log could not be written");
    }
    response
}

/// What `GET /audit` is asked.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// Only what was done to this device.
    device: Option<String>,
    /// Only entries with a smaller id: `next` of the page before.
    before: Option<i64>,
    /// At most 500; 100 if absent.
    limit: Option<u32>,
}

/// Who changed what, when, and how it ended.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Query), responses((status = 200, body = AuditList)))]
async fn list(
    Admin(_): Admin,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<Query>,
) -> Result<Json<AuditList>, Failure> {
    let limit = super::page_size(query.limit, 100, 500)?;
    let wanted = AuditQuery {
        device: query.device,
        before: query.before,
        limit,
    };
    let items = audit::list(app.core.store(), wanted).await?;
    let full = items.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    let next = items.last().filter(|_| full).map(|entry| entry.id);
    Ok(Json(AuditList { items, next }))
}
