//! `/tokens`: what scripts show in the place of a log-in. For administrators.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::Admin;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use shared::api::{NewToken, TokenCreated, TokenList};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
}

/// All API tokens, without their secrets; also those that expired.
#[utoipa::path(get, path = "/tokens", operation_id = "list_tokens", tag = "accounts",
    responses((status = 200, body = TokenList)))]
async fn list(Admin(_): Admin, State(app): State<App>) -> Result<Json<TokenList>, Failure> {
    let items = app.accounts.tokens().await?;
    Ok(Json(TokenList { items }))
}

/// Make an API token. Its secret is told only in this answer.
#[utoipa::path(post, path = "/tokens", operation_id = "create_token", tag = "accounts", request_body = NewToken,
    responses((status = 201, body = TokenCreated), (status = 400), (status = 409, description = "There are too many")))]
async fn create(
    Admin(identity): Admin,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(token): JsonBody<NewToken>,
) -> Result<(StatusCode, Json<TokenCreated>), Failure> {
    note.detail(format!("{}, {}", token.name, token.role.name()));
    let made = app.accounts.create_token(token, &identity.name).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Make an API token useless.
#[utoipa::path(delete, path = "/tokens/{id}", operation_id = "revoke_token", tag = "accounts",
    params(("id" = i64, Path)), responses((status = 204), (status = 404)))]
async fn revoke(
    Admin(_): Admin,
    State(app): State<App>,
    UrlPath(id): UrlPath<i64>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.detail(format!("{id}"));
    let name = app.accounts.revoke_token(id).await?;
    note.detail(format!("{id}, {name}"));
    Ok(StatusCode::NO_CONTENT)
}
