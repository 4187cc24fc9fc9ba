//! `/links` and `/devices/{endpoint}/links`: links that show one device to a colleague without an account.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::Operator;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use shared::api::{LinkCreated, LinkList, NewLink};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list))
        .routes(routes!(of_device, create))
        .routes(routes!(revoke))
}

/// All links, without their secrets; also those that expired in the last 30 days.
#[utoipa::path(get, path = "/links", operation_id = "list_links", tag = "links",
    responses((status = 200, body = LinkList)))]
async fn list(Operator(_): Operator, State(app): State<App>) -> Result<Json<LinkList>, Failure> {
    let items = app.accounts.links(None).await?;
    Ok(Json(LinkList { items }))
}

/// The links to one device.
#[utoipa::path(get, path = "/devices/{endpoint}/links", operation_id = "links_of_device", tag = "links",
    params(("endpoint" = String, Path)), responses((status = 200, body = LinkList)))]
async fn of_device(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<LinkList>, Failure> {
    let items = app.accounts.links(Some(endpoint)).await?;
    Ok(Json(LinkList { items }))
}

/// Make a link that shows the device, and nothing else, to whoever has it. Its secret is told only in this answer; the
/// address is that of the page with `/link#` and the secret.
#[utoipa::path(post, path = "/devices/{endpoint}/links", operation_id = "create_link", tag = "links",
    params(("endpoint" = String, Path)), request_body = NewLink,
    responses((status = 201, body = LinkCreated), (status = 400), (status = 404),
        (status = 409, description = "There are too many")))]
async fn create(
    Operator(identity): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(link): JsonBody<NewLink>,
) -> Result<(StatusCode, Json<LinkCreated>), Failure> {
    note.about(&endpoint);
    note.detail(format!("for {} h", link.hours));
    if app.core.device(&endpoint).is_none() {
        return Err(Failure::no_device(&endpoint));
    }
    let made = app.accounts.create_link(&endpoint, link, &identity.name).await?;
    note.detail(format!("link:{}, for {} h", made.link.id, hours(&made)));
    Ok((StatusCode::CREATED, Json(made)))
}

const fn hours(made: &LinkCreated) -> i64 {
    (made.link.expires.0 - made.link.created.0) / 3_600_000
}

/// Make a link useless, and end the sessions that it began.
#[utoipa::path(delete, path = "/links/{id}", operation_id = "revoke_link", tag = "links",
    params(("id" = i64, Path)), responses((status = 204), (status = 404)))]
async fn revoke(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(id): UrlPath<i64>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.detail(format!("link:{id}"));
    let link = app.accounts.revoke_link(id).await?;
    note.about(&link.endpoint);
    Ok(StatusCode::NO_CONTENT)
}
