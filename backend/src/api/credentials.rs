//! `/credentials`: how devices prove who they are. Keys go in and are never told again.

use super::extract::{JsonBody, UrlPath, UrlQuery};
use super::{AuditNote, Failure, Router, page_size};
use crate::app::App;
use crate::auth::guard::{Operator, Support};
use crate::credential::{Credential, CredentialError, Proof, from_hex, hex};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use shared::Timestamp;
use shared::api::{
    CredentialList, CredentialMode, CredentialRequest, CredentialView, ErrorCode, GenerateRequest,
    GeneratedCredential,
};
use utoipa_axum::routes;
use zeroize::Zeroizing;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, remove))
        .routes(routes!(generate))
        .routes(routes!(forget_session))
}

/// The bytes of a key that the server makes.
const GENERATED: usize = 16;

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// At most 500; 100 if absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of the credentials, without their keys.
#[utoipa::path(get, path = "/credentials", tag = "credentials", params(Query),
    responses((status = 200, body = CredentialList)))]
async fn list(
    Support(_): Support,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<Query>,
) -> Result<Json<CredentialList>, Failure> {
    let limit = page_size(query.limit, 100, 500)? as usize;
    let now = crate::clock::now();
    let credentials = app.core.credentials();
    let found = credentials.list(query.cursor.as_deref().unwrap_or_default(), limit);
    let next = found.last().filter(|_| found.len() == limit);
    Ok(Json(CredentialList {
        next_cursor: next.map(|credential| credential.endpoint.to_string()),
        total: credentials.count() as u64,
        items: found.iter().map(|credential| credential.view(now)).collect(),
    }))
}

/// Give a device a credential; one that it had is replaced, and the session that rests on that ends.
#[utoipa::path(post, path = "/credentials", tag = "credentials",
    request_body = CredentialRequest, responses((status = 201, body = CredentialView), (status = 409)))]
async fn create(
    Operator(by): Operator,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<CredentialRequest>,
) -> Result<(StatusCode, Json<CredentialView>), Failure> {
    Ok((StatusCode::CREATED, set(&app, &note, &by.name, request).await?))
}

/// A device's credential, without its key.
#[utoipa::path(get, path = "/credentials/{endpoint}", tag = "credentials",
    params(("endpoint" = String, Path)), responses((status = 200, body = CredentialView), (status = 404)))]
async fn get(
    Support(_): Support,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<CredentialView>, Failure> {
    let found = app.core.credentials().get(&endpoint);
    let view = found.map(|credential| Json(credential.view(crate::clock::now())));
    view.ok_or_else(|| no_credential(&endpoint))
}

/// Replace a device's credential. The endpoint in the body has to be the one in the path.
#[utoipa::path(put, path = "/credentials/{endpoint}", tag = "credentials",
    params(("endpoint" = String, Path)), request_body = CredentialRequest,
    responses((status = 200, body = CredentialView), (status = 409)))]
async fn replace(
    Operator(by): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<CredentialRequest>,
) -> Result<Json<CredentialView>, Failure> {
    if request.endpoint != endpoint {
        return Err(Failure::bad_request(
            "the endpoint in the body is not the one in the path",
        ));
    }
    set(&app, &note, &by.name, request).await
}

/// Take a device's credential. Its session ends.
#[utoipa::path(delete, path = "/credentials/{endpoint}", tag = "credentials",
    params(("endpoint" = String, Path)), responses((status = 204), (status = 404)))]
async fn remove(
    Operator(by): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.about(&endpoint);
    if app.core.remove_credential(&endpoint, &by.name).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(no_credential(&endpoint))
    }
}

/// Have a pre-shared key made for a device. The answer tells it, this once.
#[utoipa::path(post, path = "/credentials/{endpoint}/generate", tag = "credentials", params(("endpoint" = String, Path)), request_body = GenerateRequest,
    responses((status = 201, body = GeneratedCredential), (status = 409)))]
async fn generate(
    Operator(by): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<GenerateRequest>,
) -> Result<(StatusCode, Json<GeneratedCredential>), Failure> {
    let mut key = Zeroizing::new([0; GENERATED]);
    getrandom::fill(key.as_mut()).map_err(|error| Failure::internal(error.to_string()))?;
    let text = hex(key.as_ref());
    let request = CredentialRequest {
        endpoint,
        mode: CredentialMode::Psk,
        identity: request.identity,
        key: Some(text.clone()),
        public_key: None,
        expires: request.expires,
    };
    let Json(credential) = set(&app, &note, &by.name, request).await?;
    Ok((
        StatusCode::CREATED,
        Json(GeneratedCredential {
            credential,
            key: text,
        }),
    ))
}

/// Forget a device's security session, so that it has to prove anew who it is.
#[utoipa::path(delete, path = "/devices/{endpoint}/session", tag = "credentials",
    params(("endpoint" = String, Path)), responses((status = 204), (status = 404)))]
async fn forget_session(
    Operator(by): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.about(&endpoint);
    if app.core.forget_session(&endpoint, &by.name).await {
        Ok(StatusCode::NO_CONTENT)
    } else {
        let words = format!("'{}' has no security session", shown(&endpoint));
        Err(Failure::new(ErrorCode::NotFound, words))
    }
}

async fn set(
    app: &App,
    note: &AuditNote,
    by: &str,
    request: CredentialRequest,
) -> Result<Json<CredentialView>, Failure> {
    note.about(&request.endpoint);
    note.detail(request.mode.name());
    let credential = read(request, crate::clock::now())?;
    let mut views = app.core.set_credentials(vec![credential], by).await?;
    views
        .pop()
        .map(Json)
        .ok_or_else(|| Failure::internal("no credential was set"))
}

/// The credential that a request describes.
fn read(request: CredentialRequest, now: Timestamp) -> Result<Credential, Failure> {
    let unwanted = |given: bool, name: &str| {
        given.then(|| Failure::bad_request(format!("'{name}' is not for the mode {}", request.mode.name())))
    };
    let psk = request.mode == CredentialMode::Psk;
    let wrong = unwanted(!psk && request.key.is_some(), "key")
        .or_else(|| unwanted(!psk && request.identity.is_some(), "identity"))
        .or_else(|| {
            unwanted(
                request.mode != CredentialMode::Rpk && request.public_key.is_some(),
                "public_key",
            )
        });
    if let Some(failure) = wrong {
        return Err(failure);
    }
    if request.expires.is_some_and(|expires| expires <= now) {
        return Err(Failure::bad_request("expires: that time has passed"));
    }
    let bytes = |text: Option<String>, name: &str| {
        let text = text.ok_or_else(|| Failure::bad_request(format!("'{name}' is missing")))?;
        from_hex(&text)
            .ok_or_else(|| Failure::bad_request(format!("{name}: these are no hexadecimal digits")))
    };
    let proof = match request.mode {
        CredentialMode::Psk => Proof::Psk {
            identity: request
                .identity
                .unwrap_or_else(|| request.endpoint.clone())
                .into_bytes(),
            key: bytes(request.key, "key")?.into(),
        },
        CredentialMode::Rpk => Proof::Rpk {
            public_key: bytes(request.public_key, "public_key")?,
        },
        CredentialMode::X509 => Proof::X509,
        CredentialMode::None => Proof::None,
    };
    Ok(Credential {
        endpoint: request.endpoint.into(),
        proof,
        created: now,
        expires: request.expires,
    })
}

fn no_credential(endpoint: &str) -> Failure {
    let words = format!("'{}' has no credential", shown(endpoint));
    Failure::new(ErrorCode::NotFound, words)
}

fn shown(endpoint: &str) -> String {
    endpoint.chars().take(200).collect()
}

impl From<CredentialError> for Failure {
    fn from(error: CredentialError) -> Failure {
        match error {
            CredentialError::Unfit(_) => Failure::bad_request(error.to_string()),
            CredentialError::Taken(_) => Failure::new(ErrorCode::Conflict, error.to_string()),
            CredentialError::TooMany => Failure::new(ErrorCode::TooMany, error.to_string()),
            CredentialError::Store(error) => error.into(),
            CredentialError::Vault(_) => Failure::internal(error.to_string()),
        }
    }
}
