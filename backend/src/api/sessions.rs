//! `/sessions` and `/session/password`: what everybody may change of their own account.

use super::answer::Json;
use super::extract::{ClientAddress, JsonBody, UrlPath};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::Viewer;
use crate::auth::{Identity, Proof, SessionKey};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use shared::api::{AccountSessionList, ChangePassword, ErrorCode};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list))
        .routes(routes!(end))
        .routes(routes!(change_password))
}

/// One's own sessions.
#[utoipa::path(get, path = "/sessions", operation_id = "list_sessions", tag = "session",
    responses((status = 200, body = AccountSessionList),
        (status = 409, description = "An API token has no sessions")))]
async fn list(Viewer(identity): Viewer, State(app): State<App>) -> Result<Json<AccountSessionList>, Failure> {
    let own = own_session(&identity)?;
    let items = app.accounts.sessions(&identity.name, own).await?;
    Ok(Json(AccountSessionList { items }))
}

/// End one of one's own sessions, with its live feeds.
#[utoipa::path(delete, path = "/sessions/{id}", operation_id = "end_session", tag = "session",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "An API token has no sessions")))]
async fn end(
    Viewer(identity): Viewer,
    State(app): State<App>,
    UrlPath(id): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.detail(id.clone());
    let own = own_session(&identity)?;
    app.accounts.end_session(&identity.name, own, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change one's own password. All other sessions end; wrong guesses at the old password count as failed log-ins do.
#[utoipa::path(post, path = "/session/password", operation_id = "change_password", tag = "session",
    request_body = ChangePassword,
    responses((status = 204), (status = 400, description = "The old password is wrong, or the new one does not do"),
        (status = 409, description = "An API token has no password"), (status = 429)))]
async fn change_password(
    Viewer(identity): Viewer,
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    JsonBody(change): JsonBody<ChangePassword>,
) -> Result<StatusCode, Failure> {
    let own = own_session(&identity)?;
    app.accounts
        .change_password(&identity.name, change, own, address)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The session of a user; an API token has none.
fn own_session(identity: &Identity) -> Result<SessionKey, Failure> {
    match identity.proof {
        Proof::Session { key, .. } => Ok(key),
        Proof::Token { .. } | Proof::Link { .. } => Err(Failure::new(
            ErrorCode::Conflict,
            "only a user who logged in has sessions and a password",
        )),
    }
}
