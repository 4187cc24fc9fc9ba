//! `/credentials`: how devices prove who they are; and the end of a session.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath, UrlQuery};
use super::{AuditNote, Failure, Router, page_size};
use crate::app::App;
use crate::auth::guard::Operator;
use crate::auth::{from_hex, hex};
use crate::clock;
use crate::credential::{CertificateName, Credential, CredentialError, Credentials, Proof};
use crate::lwm2m::quote;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use shared::api::{
    CredentialList, CredentialMode, CredentialRequest, CredentialView, ErrorCode, GenerateCredential,
    GeneratedCredential,
};
use utoipa_axum::routes;
use zeroize::Zeroizing;

/// The length of generated keys: 128 bits, the strength of the suites.
const GENERATED: usize = 16;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list, create))
        .routes(routes!(generate))
        .routes(routes!(get, remove))
        .routes(routes!(end_session))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListQuery {
    /// Only endpoints with this text in their names, or in what their certificates are known by.
    pub(super) query: Option<String>,
    /// Only endpoints behind this one.
    pub(super) after: Option<String>,
    /// At most 500; 100 if absent.
    pub(super) limit: Option<u32>,
}

/// The credentials by endpoint, without what is secret of them.
#[utoipa::path(get, path = "/credentials", operation_id = "list_credentials", tag = "credentials", params(ListQuery),
    responses((status = 200, body = CredentialList)))]
async fn list(
    Operator(_): Operator,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<ListQuery>,
) -> Result<Json<CredentialList>, Failure> {
    page(&app, app.core.credentials(), &query).map(Json)
}

/// A page of a book of credentials.
pub(super) fn page(
    app: &App,
    credentials: &Credentials,
    query: &ListQuery,
) -> Result<CredentialList, Failure> {
    let limit = page_size(query.limit, 100, 500)? as usize;
    let found = credentials.list(
        query.after.as_deref().unwrap_or_default(),
        query.query.as_deref().unwrap_or_default(),
        limit,
    );
    let next = (found.len() == limit)
        .then(|| found.last().map(|last| last.endpoint.to_string()))
        .flatten();
    Ok(CredentialList {
        items: found.iter().map(|credential| view(credential)).collect(),
        next,
        total: credentials.count() as u64,
        server_public_key: hex(app.core.server_key().public_key()),
        server_certificates: app.core.server_key().chain().iter().map(|der| hex(der)).collect(),
    })
}

/// Keep a credential. It takes the place of the endpoint's one before, whose sessions end.
#[utoipa::path(post, path = "/credentials", operation_id = "create_credential", tag = "credentials",
    request_body = CredentialRequest, responses((status = 201, body = CredentialView), (status = 400), (status = 409)))]
async fn create(
    Operator(by): Operator,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<CredentialRequest>,
) -> Result<(StatusCode, Json<CredentialView>), Failure> {
    note.about(&request.endpoint);
    note.detail(summary(&request));
    let credential = read(request)?;
    let view = view(&credential);
    app.core.keep_credentials(vec![credential], &by.name).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Make a pre-shared key for an endpoint. The answer is the only place where it is told.
#[utoipa::path(post, path = "/credentials/generate", operation_id = "generate_credential", tag = "credentials",
    request_body = GenerateCredential, responses((status = 201, body = GeneratedCredential), (status = 400), (status = 409)))]
async fn generate(
    Operator(by): Operator,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<GenerateCredential>,
) -> Result<(StatusCode, Json<GeneratedCredential>), Failure> {
    note.about(&request.endpoint);
    note.detail("psk, generated");
    let mut key = Zeroizing::new(vec![0; GENERATED]);
    getrandom::fill(&mut key).map_err(|error| Failure::internal(error.to_string()))?;
    let identity = request.identity.unwrap_or_else(|| request.endpoint.clone());
    let generated = GeneratedCredential {
        endpoint: request.endpoint.clone(),
        identity: identity.clone(),
        key: hex(&key),
    };
    let credential = Credential {
        endpoint: request.endpoint.into(),
        proof: Proof::Psk {
            identity: identity.into_bytes(),
            key,
        },
        created: clock::now(),
        expires: request.expires,
    };
    app.core.keep_credentials(vec![credential], &by.name).await?;
    Ok((StatusCode::CREATED, Json(generated)))
}

/// The credential of an endpoint, without what is secret of it.
#[utoipa::path(get, path = "/credentials/{endpoint}", operation_id = "get_credential", tag = "credentials",
    params(("endpoint" = String, Path)), responses((status = 200, body = CredentialView), (status = 404)))]
async fn get(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<CredentialView>, Failure> {
    let found = app.core.credentials().get(&endpoint);
    found
        .map(|credential| Json(view(&credential)))
        .ok_or_else(|| none(&endpoint))
}

/// Forget the credential of an endpoint and end its sessions.
#[utoipa::path(delete, path = "/credentials/{endpoint}", operation_id = "remove_credential", tag = "credentials",
    params(("endpoint" = String, Path)), responses((status = 204), (status = 404)))]
async fn remove(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.about(&endpoint);
    if app.core.withdraw(&endpoint).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(none(&endpoint))
    }
}

/// End the security session of a device, which has to make a new one.
#[utoipa::path(delete, path = "/devices/{endpoint}/session", operation_id = "end_session", tag = "credentials",
    params(("endpoint" = String, Path)), responses((status = 204), (status = 404)))]
async fn end_session(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.about(&endpoint);
    let known = app.core.end_session(&endpoint).await;
    known
        .map(|()| StatusCode::NO_CONTENT)
        .ok_or_else(|| Failure::no_device(&endpoint))
}

pub(super) fn none(endpoint: &str) -> Failure {
    let shown: String = endpoint.chars().take(200).collect();
    Failure::new(ErrorCode::NotFound, format!("'{shown}' has no credential"))
}

/// What a request asks for, for the audit log.
pub(super) fn summary(request: &CredentialRequest) -> String {
    match &request.certificate_name {
        Some(name) => format!("{}, known by {}", request.mode.name(), quote(name)),
        None => request.mode.name().to_owned(),
    }
}

/// The credential that a request describes.
pub(super) fn read(request: CredentialRequest) -> Result<Credential, Failure> {
    let key = request.key.map(Zeroizing::new);
    let unwanted = |there: bool, field: &str| {
        there
            .then(|| Failure::bad_request(format!("'{field}' does not go with mode {}", request.mode.name())))
    };
    let is_psk = request.mode == CredentialMode::Psk;
    let surplus = [
        unwanted(!is_psk && request.identity.is_some(), "identity"),
        unwanted(!is_psk && key.is_some(), "key"),
        unwanted(
            request.mode != CredentialMode::Rpk && request.public_key.is_some(),
            "public_key",
        ),
        unwanted(
            request.mode != CredentialMode::X509 && request.certificate_name.is_some(),
            "certificate_name",
        ),
    ];
    if let Some(failure) = surplus.into_iter().flatten().next() {
        return Err(failure);
    }
    let bytes = |text: Option<&str>, field: &str| {
        text.and_then(from_hex)
            .ok_or_else(|| Failure::bad_request(format!("'{field}' is missing or not in hexadecimal")))
    };
    let proof = match request.mode {
        CredentialMode::Psk => Proof::Psk {
            identity: request
                .identity
                .unwrap_or_else(|| request.endpoint.clone())
                .into_bytes(),
            key: bytes(key.as_deref().map(String::as_str), "key")?,
        },
        CredentialMode::Rpk => Proof::Rpk {
            public_key: bytes(request.public_key.as_deref(), "public_key")?.to_vec(),
        },
        CredentialMode::X509 => Proof::X509 {
            certificate_name: request
                .certificate_name
                .as_deref()
                .map(CertificateName::parse)
                .transpose()
                .map_err(Failure::bad_request)?,
        },
        CredentialMode::None => Proof::None,
    };
    Ok(Credential {
        endpoint: request.endpoint.into(),
        proof,
        created: clock::now(),
        expires: request.expires,
    })
}

pub(super) fn view(credential: &Credential) -> CredentialView {
    let (mode, identity, public_key) = match &credential.proof {
        Proof::Psk { identity, .. } => (
            CredentialMode::Psk,
            Some(String::from_utf8_lossy(identity).into_owned()),
            None,
        ),
        Proof::Rpk { public_key } => (CredentialMode::Rpk, None, Some(hex(public_key))),
        Proof::X509 { .. } => (CredentialMode::X509, None, None),
        Proof::None => (CredentialMode::None, None, None),
    };
    CredentialView {
        endpoint: credential.endpoint.to_string(),
        mode,
        identity,
        public_key,
        certificate_name: credential.proof.certificate_name().map(ToString::to_string),
        created: credential.created,
        expires: credential.expires,
    }
}

impl From<CredentialError> for Failure {
    fn from(error: CredentialError) -> Failure {
        match error {
            CredentialError::Unfit(words) => Failure::bad_request(words),
            CredentialError::Taken(_) => Failure::new(ErrorCode::Conflict, error.to_string()),
            CredentialError::Store(error) => error.into(),
            CredentialError::Vault(_) => Failure::internal(error.to_string()),
        }
    }
}
