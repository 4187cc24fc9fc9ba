//! `/path-sets`: sets of paths that are read, written or observed together, saved by name.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::{Support, Viewer};
use crate::{clock, path_sets};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use shared::api::{ErrorCode, PathSet, PathSetList, PathSetRequest, Role};
use utoipa_axum::routes;

const LONGEST_NAME: usize = 80;
const MOST_PATHS: usize = 64;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(list, save)).routes(routes!(remove))
}

/// One's own sets and the shared ones.
#[utoipa::path(get, path = "/path-sets", operation_id = "list_path_sets", tag = "path sets",
    responses((status = 200, body = PathSetList)))]
async fn list(Viewer(identity): Viewer, State(app): State<App>) -> Result<Json<PathSetList>, Failure> {
    let items = path_sets::list(app.core.store(), &identity.name).await?;
    Ok(Json(PathSetList { items }))
}

/// Save a set.
#[utoipa::path(post, path = "/path-sets", operation_id = "save_path_set", tag = "path sets", request_body = PathSetRequest,
    responses((status = 201, body = PathSet), (status = 400), (status = 409, description = "There are too many")))]
async fn save(
    Support(identity): Support,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(mut request): JsonBody<PathSetRequest>,
) -> Result<(StatusCode, Json<PathSet>), Failure> {
    request.name = request.name.trim().to_owned();
    if request.name.is_empty() || request.name.chars().count() > LONGEST_NAME {
        return Err(Failure::bad_request(format!(
            "a name has 1 to {LONGEST_NAME} characters"
        )));
    }
    if request.paths.is_empty() || request.paths.len() > MOST_PATHS {
        return Err(Failure::bad_request(format!("a set has 1 to {MOST_PATHS} paths")));
    }
    note.detail(request.name.clone());
    let saved = path_sets::put(app.core.store(), &identity.name, request, clock::now()).await?;
    let full = || {
        Failure::new(
            ErrorCode::Conflict,
            "you have as many sets as one account may; remove one first",
        )
    };
    saved.map(|set| (StatusCode::CREATED, Json(set))).ok_or_else(full)
}

/// Forget a set: one's own, or as an operator any shared one.
#[utoipa::path(delete, path = "/path-sets/{id}", operation_id = "remove_path_set", tag = "path sets",
    params(("id" = i64, Path)), responses((status = 204), (status = 404)))]
async fn remove(
    Support(identity): Support,
    State(app): State<App>,
    UrlPath(id): UrlPath<i64>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    let any = identity.role >= Role::Operator;
    match path_sets::remove(app.core.store(), &identity.name, id, any).await? {
        Some(name) => {
            note.detail(name);
            Ok(StatusCode::NO_CONTENT)
        }
        None => Err(Failure::new(ErrorCode::NotFound, format!("you have no set {id}"))),
    }
}
