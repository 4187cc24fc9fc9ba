//! `/views`: views of the device list, saved by name, and the columns that an account chose.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::Viewer;
use crate::{clock, saved_views};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use shared::api::{ColumnChoice, DeviceColumn, ErrorCode, Role, SavedView, SavedViewList, SavedViewRequest};
use shared::query::Query;
use utoipa_axum::routes;

const LONGEST_NAME: usize = 80;
const LONGEST_QUERY: usize = 2000;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list, save))
        .routes(routes!(choose_columns))
        .routes(routes!(remove))
}

/// One's own views and the shared ones, and one's own columns.
#[utoipa::path(get, path = "/views", operation_id = "list_views", tag = "views",
    responses((status = 200, body = SavedViewList)))]
async fn list(Viewer(identity): Viewer, State(app): State<App>) -> Result<Json<SavedViewList>, Failure> {
    Ok(Json(saved_views::list(app.core.store(), &identity.name).await?))
}

/// Save a view; a shared one as an operator.
#[utoipa::path(post, path = "/views", operation_id = "save_view", tag = "views", request_body = SavedViewRequest,
    responses((status = 201, body = SavedView), (status = 400), (status = 409, description = "There are too many")))]
async fn save(
    Viewer(identity): Viewer,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(mut request): JsonBody<SavedViewRequest>,
) -> Result<(StatusCode, Json<SavedView>), Failure> {
    request.name = request.name.trim().to_owned();
    check(&request)?;
    if request.shared && identity.role < Role::Operator {
        return Err(Failure::new(
            ErrorCode::Forbidden,
            "a view that everybody sees takes the role operator",
        ));
    }
    note.detail(request.name.clone());
    let saved = saved_views::put(app.core.store(), &identity.name, request, clock::now()).await?;
    let full = || {
        Failure::new(
            ErrorCode::Conflict,
            "you have as many views as one account may; remove one first",
        )
    };
    saved
        .map(|view| (StatusCode::CREATED, Json(view)))
        .ok_or_else(full)
}

/// Choose the columns of one's own list.
#[utoipa::path(put, path = "/views/columns", operation_id = "choose_columns", tag = "views", request_body = ColumnChoice,
    responses((status = 200, body = ColumnChoice), (status = 400)))]
async fn choose_columns(
    Viewer(identity): Viewer,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(choice): JsonBody<ColumnChoice>,
) -> Result<Json<ColumnChoice>, Failure> {
    check_columns(&choice.columns)?;
    note.detail(DeviceColumn::join(&choice.columns));
    saved_views::choose_columns(app.core.store(), &identity.name, &choice.columns).await?;
    Ok(Json(choice))
}

/// Forget a view: one's own, or as an operator any shared one.
#[utoipa::path(delete, path = "/views/{id}", operation_id = "remove_view", tag = "views",
    params(("id" = i64, Path)), responses((status = 204), (status = 404)))]
async fn remove(
    Viewer(identity): Viewer,
    State(app): State<App>,
    UrlPath(id): UrlPath<i64>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    let any = identity.role >= Role::Operator;
    match saved_views::remove(app.core.store(), &identity.name, id, any).await? {
        Some(name) => {
            note.detail(name);
            Ok(StatusCode::NO_CONTENT)
        }
        None => Err(Failure::new(
            ErrorCode::NotFound,
            format!("you have no view {id}"),
        )),
    }
}

/// What is saved can be shown again.
fn check(request: &SavedViewRequest) -> Result<(), Failure> {
    if request.name.is_empty() || request.name.chars().count() > LONGEST_NAME {
        return Err(Failure::bad_request(format!(
            "a name has 1 to {LONGEST_NAME} characters"
        )));
    }
    if request.query.chars().count() > LONGEST_QUERY {
        return Err(Failure::bad_request(format!(
            "the query of a view has at most {LONGEST_QUERY} characters"
        )));
    }
    if let Err(error) = request.query.parse::<Query>() {
        return Err(Failure::bad_request(format!("the query cannot be read: {error}")));
    }
    let column = request.sort.strip_prefix('-').unwrap_or(&request.sort);
    if !DeviceColumn::parse(column).is_some_and(DeviceColumn::is_sortable) {
        return Err(Failure::bad_request("'sort' names no column that sorts"));
    }
    check_columns(&request.columns)
}

fn check_columns(columns: &[DeviceColumn]) -> Result<(), Failure> {
    let twice = |(place, column): (usize, &DeviceColumn)| columns[..place].contains(column);
    if columns.iter().enumerate().any(twice) {
        return Err(Failure::bad_request("a column stands there twice"));
    }
    Ok(())
}
