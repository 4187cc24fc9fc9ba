//! `/profiles`: Profile IDs, which stand for an object list in a registration.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::{Operator, Viewer};
use crate::core::ProfileError;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use shared::api::{ErrorCode, ProfileList, ProfileRequest, ProfileView};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(list)).routes(routes!(set, remove))
}

/// The Profile IDs that are known, provisioned or learnt from registrations that carried an object list beside one.
#[utoipa::path(get, path = "/profiles", tag = "profiles", responses((status = 200, body = ProfileList)))]
async fn list(Viewer(_): Viewer, State(app): State<App>) -> Json<ProfileList> {
    Json(ProfileList {
        items: app.core.profiles(),
    })
}

/// Say which object list a Profile ID stands for, in place of what is known.
#[utoipa::path(put, path = "/profiles/{id}", tag = "profiles", params(("id" = String, Path)),
    request_body = ProfileRequest,
    responses((status = 200, body = ProfileView), (status = 400)))]
async fn set(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(id): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(body): JsonBody<ProfileRequest>,
) -> Result<Json<ProfileView>, Failure> {
    note.detail(format!("profile {id}"));
    let view = app.core.set_profile(&id, &body.links).await.map_err(failure)?;
    Ok(Json(view))
}

/// Forget a Profile ID. Registrations that were made with it stay.
#[utoipa::path(delete, path = "/profiles/{id}", tag = "profiles", params(("id" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn remove(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(id): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.detail(format!("profile {id}"));
    if app.core.remove_profile(&id).await.map_err(failure)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        let shown: String = id.chars().take(60).collect();
        Err(Failure::new(
            ErrorCode::NotFound,
            format!("there is no profile '{shown}'"),
        ))
    }
}

fn failure(error: ProfileError) -> Failure {
    match error {
        ProfileError::Store(error) => Failure::internal(error.to_string()),
        error => Failure::bad_request(error.to_string()),
    }
}
