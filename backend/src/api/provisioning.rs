//! `POST /devices`, `/devices/import` and `/imports`: devices that are made known before they come.

use super::answer::Json;
use super::csv::quoted;
use super::extract::{JsonBody, UrlPath, UrlQuery};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::{Operator, Viewer};
use crate::provision::{Check, ImportError, Row};
use axum::Extension;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::Deserialize;
use shared::api::{ErrorCode, ImportCheck, ImportList, ImportView, ProvisionRequest, Provisioned};
use std::fmt::Write;
use std::time::Duration;
use utoipa_axum::routes;

/// How long the next piece of a file may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(provision))
        .routes(routes!(import))
        .routes(routes!(check))
        .routes(routes!(imports))
        .routes(routes!(progress))
        .routes(routes!(credentials))
}

/// Make a device known before it comes, or describe a known one anew. A key that was generated is told only here.
#[utoipa::path(post, path = "/devices", tag = "provisioning", request_body = ProvisionRequest,
    responses((status = 201, body = Provisioned), (status = 200, body = Provisioned, description = "It was known"),
        (status = 400)))]
async fn provision(
    Operator(identity): Operator,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<ProvisionRequest>,
) -> Result<(StatusCode, Json<Provisioned>), Failure> {
    note.about(&request.endpoint);
    let endpoint = request.endpoint.clone();
    let row = Row::new(request).map_err(Failure::bad_request)?;
    let outcome = app.core.provision(vec![row], &identity.name).await?;
    let taken = outcome
        .into_iter()
        .next()
        .ok_or_else(Failure::stopping)?
        .map_err(Failure::bad_request)?;
    // The device is there when this is answered.
    app.core.flush().await?;
    let status = if taken.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let answer = Provisioned {
        endpoint,
        created: taken.created,
        generated: taken.generated.server,
        generated_bootstrap: taken.generated.bootstrap,
    };
    Ok((status, Json(answer)))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// A name for the import, by which its progress can be asked for while it runs; made up if absent.
    id: Option<String>,
}

/// Make the devices of a CSV file known. The first line names the columns: endpoint, mode, identity, key, public_key,
/// certificate_name (of a certificate that does not name the endpoint), generate (yes: with mode x509 a certificate is made),
/// label, tags and metadata (`name=value;…`), group, configuration, and bootstrap_mode, bootstrap_identity, bootstrap_key,
/// bootstrap_public_key, bootstrap_certificate_name, bootstrap_generate of a credential for bootstrap alone; only endpoint is
/// needed. Bad rows are told by line.
#[utoipa::path(post, path = "/devices/import", tag = "provisioning", params(ImportQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportView), (status = 400), (status = 415)))]
async fn import(
    Operator(identity): Operator,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<ImportQuery>,
    Extension(note): Extension<AuditNote>,
    request: Request,
) -> Result<Json<ImportView>, Failure> {
    csv_is_wanted(request.headers())?;
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
    let id = match query.id {
        Some(id) if id.is_empty() || id.len() > 64 => {
            return Err(Failure::bad_request("the id of an import has 1 to 64 bytes"));
        }
        Some(id) => id,
        None => random_id()?,
    };
    let now = crate::clock::now();
    let mut running = app.imports.begin(&app.core, id, &identity.name, length, now)?;
    let mut stream = request.into_body().into_data_stream();
    loop {
        let fed = match next_piece(&mut stream).await {
            Ok(None) => break,
            Ok(Some(bytes)) => running.feed(&bytes).await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        if let Err(failure) = fed {
            running.fail(&failure.message);
            return Err(failure);
        }
    }
    let view = running.finish().await?;
    note.detail(format!(
        "{} created, {} updated, {} refused",
        view.created, view.updated, view.refused_total
    ));
    Ok(Json(view))
}

/// Look at a CSV file without taking it: its columns, its first rows without their keys, and the rows that would be
/// refused. What only the fleet knows, an identity that is another device's, is told by the import alone.
#[utoipa::path(post, path = "/devices/import/check", operation_id = "check_import", tag = "provisioning",
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportCheck), (status = 400), (status = 415)))]
async fn check(
    Operator(_): Operator,
    Extension(note): Extension<AuditNote>,
    request: Request,
) -> Result<Json<ImportCheck>, Failure> {
    note.changes_nothing();
    csv_is_wanted(request.headers())?;
    let mut check = Check::default();
    let mut stream = request.into_body().into_data_stream();
    while let Some(bytes) = next_piece(&mut stream).await? {
        check.feed(&bytes)?;
        // A long file leaves room for others.
        tokio::task::yield_now().await;
    }
    Ok(Json(check.finish()?))
}

/// The next piece of a file; nothing at its end.
async fn next_piece(stream: &mut BodyDataStream) -> Result<Option<Bytes>, Failure> {
    match tokio::time::timeout(PATIENCE, stream.next()).await {
        Err(_) => Err(Failure::bad_request("the file did not arrive in time")),
        Ok(None) => Ok(None),
        Ok(Some(Err(_))) => Err(Failure::bad_request("the file ended early")),
        Ok(Some(Ok(bytes))) => Ok(Some(bytes)),
    }
}

fn csv_is_wanted(headers: &HeaderMap) -> Result<(), Failure> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if content_type.to_ascii_lowercase().starts_with("text/csv") {
        Ok(())
    } else {
        Err(Failure::new(
            ErrorCode::UnsupportedMediaType,
            "a body of type text/csv is wanted",
        ))
    }
}

/// The imports of this run of the server, newest first, without their refused rows.
#[utoipa::path(get, path = "/imports", tag = "provisioning", responses((status = 200, body = ImportList)))]
async fn imports(Viewer(_): Viewer, State(app): State<App>) -> Json<ImportList> {
    Json(ImportList {
        items: app.imports.list(),
    })
}

/// How far an import is, or how it went.
#[utoipa::path(get, path = "/imports/{id}", tag = "provisioning", params(("id" = String, Path)),
    responses((status = 200, body = ImportView), (status = 404)))]
async fn progress(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(id): UrlPath<String>,
) -> Result<Json<ImportView>, Failure> {
    app.imports.get(&id).map(Json).ok_or_else(|| no_import(&id))
}

/// The keys that an import generated, as CSV. They are told once: a second request finds none.
#[utoipa::path(post, path = "/imports/{id}/credentials", tag = "provisioning", params(("id" = String, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404)))]
async fn credentials(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(id): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<Response, Failure> {
    let keys = app.imports.take_generated(&id).ok_or_else(|| no_import(&id))?;
    note.detail(format!("{} generated keys fetched", keys.len()));
    let mut text = String::from("endpoint,use,mode,identity,key,public_key,private_key,certificate\r\n");
    for told in keys {
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "{},{},{},{},{},{},{},{}\r\n",
            quoted(&told.endpoint),
            told.purpose,
            told.key.mode,
            quoted(&told.key.identity),
            told.key.key,
            told.key.public_key,
            told.key.private_key,
            told.key.certificate
        );
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"credentials.csv\"",
        ),
    ];
    Ok((headers, Body::from(text)).into_response())
}

fn random_id() -> Result<String, Failure> {
    let number = getrandom::u64().map_err(|error| Failure::internal(error.to_string()))?;
    Ok(format!("{number:016x}"))
}

fn no_import(id: &str) -> Failure {
    let shown: String = id.chars().take(64).collect();
    Failure::new(ErrorCode::NotFound, format!("there is no import '{shown}'"))
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Failure {
        let code = match &error {
            ImportError::Exists(_) => ErrorCode::Conflict,
            ImportError::TooMany => ErrorCode::TooMany,
            ImportError::TooManyRows => ErrorCode::TooLarge,
            ImportError::Header(_) | ImportError::Empty => ErrorCode::BadRequest,
            ImportError::Store(_) => {
                let ImportError::Store(error) = error else {
                    return Failure::internal(error.to_string());
                };
                return error.into();
            }
        };
        Failure::new(code, error.to_string())
    }
}
