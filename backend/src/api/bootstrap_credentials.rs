//! `/bootstrap/credentials`: how devices prove who they are when they ask for their bootstrap, where that is another
//! credential than the one they register with. The device need not be known: it waits for approval then.

use super::answer::Json;
use super::credentials::{ListQuery, none, page, read, summary, view};
use super::extract::{JsonBody, UrlPath, UrlQuery};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::Operator;
use crate::credential::Proof;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use shared::api::{CredentialList, CredentialRequest, CredentialView};
use utoipa_axum::routes;

/// LwM2M Core 1.2 §6.1.1: the keys of bootstrap are of high entropy. In bytes.
const SHORTEST: usize = 16;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list, create))
        .routes(routes!(remove))
}

/// The credentials for bootstrap alone by endpoint, without what is secret of them.
#[utoipa::path(get, path = "/bootstrap/credentials", operation_id = "list_bootstrap_credentials", tag = "bootstrap",
    params(ListQuery), responses((status = 200, body = CredentialList)))]
async fn list(
    Operator(_): Operator,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<ListQuery>,
) -> Result<Json<CredentialList>, Failure> {
    page(&app, app.core.bootstrap().credentials(), &query).map(Json)
}

/// Keep a credential for bootstrap alone. A key has at least 16 bytes here.
#[utoipa::path(post, path = "/bootstrap/credentials", operation_id = "create_bootstrap_credential", tag = "bootstrap",
    request_body = CredentialRequest, responses((status = 201, body = CredentialView), (status = 400), (status = 409)))]
async fn create(
    Operator(_): Operator,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<CredentialRequest>,
) -> Result<(StatusCode, Json<CredentialView>), Failure> {
    note.about(&request.endpoint);
    note.detail(format!("{}, for bootstrap", summary(&request)));
    let credential = read(request)?;
    if let Proof::Psk { key, .. } = &credential.proof
        && key.len() < SHORTEST
    {
        return Err(Failure::bad_request(format!(
            "a key for bootstrap has at least {SHORTEST} bytes, so that it cannot be guessed"
        )));
    }
    let view = view(&credential);
    app.core.bootstrap().credentials().put(vec![credential]).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Forget the credential of an endpoint for bootstrap.
#[utoipa::path(delete, path = "/bootstrap/credentials/{endpoint}", operation_id = "remove_bootstrap_credential",
    tag = "bootstrap", params(("endpoint" = String, Path)), responses((status = 204), (status = 404)))]
async fn remove(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.about(&endpoint);
    match app.core.bootstrap().credentials().remove(&endpoint).await? {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(none(&endpoint)),
    }
}
