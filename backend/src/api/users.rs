//! `/users`: who may log in, and with which role. For administrators.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::Admin;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use shared::api::{NewUser, PasswordSet, ResetPassword, UserList, UserPatch};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
        .routes(routes!(reset_password))
}

/// All users.
#[utoipa::path(get, path = "/users", operation_id = "list_users", tag = "accounts",
    responses((status = 200, body = UserList)))]
async fn list(Admin(_): Admin, State(app): State<App>) -> Result<Json<UserList>, Failure> {
    let items = app.accounts.users().await?;
    Ok(Json(UserList { items }))
}

/// Add a user. Without a password one is made up and told.
#[utoipa::path(post, path = "/users", operation_id = "add_user", tag = "accounts", request_body = NewUser,
    responses((status = 201, body = PasswordSet), (status = 400),
        (status = 409, description = "There is a user of this name, or there are too many")))]
async fn add(
    Admin(_): Admin,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(user): JsonBody<NewUser>,
) -> Result<(StatusCode, Json<PasswordSet>), Failure> {
    note.detail(format!("{}, {}", user.name, user.role.name()));
    let set = app.accounts.add_user(user).await?;
    Ok((StatusCode::CREATED, Json(set)))
}

/// Give a user another role. The user's sessions end, so that it counts at once.
#[utoipa::path(patch, path = "/users/{name}", operation_id = "change_user", tag = "accounts",
    params(("name" = String, Path)), request_body = UserPatch,
    responses((status = 204), (status = 404), (status = 409, description = "It is the last administrator")))]
async fn change(
    Admin(_): Admin,
    State(app): State<App>,
    UrlPath(name): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(patch): JsonBody<UserPatch>,
) -> Result<StatusCode, Failure> {
    note.detail(format!("{name}, {}", patch.role.name()));
    app.accounts.set_role(&name, patch.role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a user. The user's sessions end, and the links that the user gave out hold no more.
#[utoipa::path(delete, path = "/users/{name}", operation_id = "remove_user", tag = "accounts",
    params(("name" = String, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "It is the last administrator")))]
async fn remove(
    Admin(_): Admin,
    State(app): State<App>,
    UrlPath(name): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.detail(name.clone());
    app.accounts.remove_user(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a user another password, which ends the user's sessions. Without a password one is made up and told.
#[utoipa::path(post, path = "/users/{name}/password", operation_id = "reset_password", tag = "accounts",
    params(("name" = String, Path)), request_body = ResetPassword,
    responses((status = 200, body = PasswordSet), (status = 400), (status = 404)))]
async fn reset_password(
    Admin(_): Admin,
    State(app): State<App>,
    UrlPath(name): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(reset): JsonBody<ResetPassword>,
) -> Result<Json<PasswordSet>, Failure> {
    note.detail(name.clone());
    Ok(Json(app.accounts.set_password(&name, reset.password).await?))
}
