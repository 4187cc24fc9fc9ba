//! `/bootstrap` and `/devices/{endpoint}/bootstrap`: configurations, sessions, the waiting list.

use super::answer::Json;
use super::extract::{JsonBody, UrlPath, UrlQuery};
use super::{AuditNote, Failure, Router, page_size};
use crate::app::App;
use crate::auth::guard::{Operator, Support, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use shared::Path;
use shared::api::{
    Approval, ApprovalRules, BeginBootstrap, BootstrapBegun, ChooseConfiguration, ConfigurationBody,
    ConfigurationList, ConfigurationView, DeviceBootstrap, DryRun, DryRunRequest, ErrorCode, FindingList,
    OperationKind, OperationRequest, SessionList, SessionQuery, WaitingList,
};
use shared::bootstrap::SessionView;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list))
        .routes(routes!(get, put, remove))
        .routes(routes!(check))
        .routes(routes!(dry_run))
        .routes(routes!(sessions))
        .routes(routes!(session))
        .routes(routes!(waiting))
        .routes(routes!(approve, dismiss))
        .routes(routes!(rules, set_rules))
        .routes(routes!(of_device, choose, begin))
}

/// The bootstrap configurations, without their secrets.
#[utoipa::path(get, path = "/bootstrap/configurations", tag = "bootstrap",
    responses((status = 200, body = ConfigurationList)))]
async fn list(Viewer(_): Viewer, State(app): State<App>) -> Json<ConfigurationList> {
    Json(ConfigurationList {
        items: app.core.bootstrap().configurations(),
    })
}

/// One configuration, without its secrets.
#[utoipa::path(get, path = "/bootstrap/configurations/{name}", tag = "bootstrap", params(("name" = String, Path)),
    responses((status = 200, body = ConfigurationView), (status = 404)))]
async fn get(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(name): UrlPath<String>,
) -> Result<Json<ConfigurationView>, Failure> {
    let found = app.core.bootstrap().configuration(&name);
    found.map(Json).ok_or_else(|| no_configuration(&name))
}

/// Keep a configuration under this name. One that would lock devices out is refused; secrets that are `(stored)` stay.
#[utoipa::path(put, path = "/bootstrap/configurations/{name}", tag = "bootstrap", params(("name" = String, Path)),
    request_body = ConfigurationBody,
    responses((status = 200, body = ConfigurationView), (status = 422, description = "It is not fit to be sent")))]
async fn put(
    Operator(identity): Operator,
    State(app): State<App>,
    UrlPath(name): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(body): JsonBody<ConfigurationBody>,
) -> Result<Json<ConfigurationView>, Failure> {
    note.detail(name.as_str());
    Ok(Json(app.core.bootstrap().put(&name, body, &identity.name).await?))
}

/// Delete a configuration that is chosen for no device.
#[utoipa::path(delete, path = "/bootstrap/configurations/{name}", tag = "bootstrap", params(("name" = String, Path)),
    responses((status = 204), (status = 404), (status = 409)))]
async fn remove(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(name): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.detail(name.as_str());
    if app.core.bootstrap().delete(&name).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(no_configuration(&name))
    }
}

/// Look at a configuration of this name without keeping it: what is wrong with it.
#[utoipa::path(post, path = "/bootstrap/configurations/{name}/check", tag = "bootstrap",
    params(("name" = String, Path)), request_body = ConfigurationBody,
    responses((status = 200, body = FindingList)))]
async fn check(
    Support(_): Support,
    State(app): State<App>,
    UrlPath(name): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(body): JsonBody<ConfigurationBody>,
) -> Json<FindingList> {
    note.changes_nothing();
    Json(app.core.bootstrap().check(Some(&name), &body.configuration))
}

/// The exact messages that a device would get, without sending them.
#[utoipa::path(post, path = "/bootstrap/dry-run", tag = "bootstrap", request_body = DryRunRequest,
    responses((status = 200, body = DryRun), (status = 404)))]
async fn dry_run(
    Support(_): Support,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    JsonBody(request): JsonBody<DryRunRequest>,
) -> Result<Json<DryRun>, Failure> {
    note.about(&request.endpoint);
    Ok(Json(app.core.bootstrap().dry_run(&request)?))
}

/// Bootstrap sessions, newest first.
#[utoipa::path(get, path = "/bootstrap/sessions", tag = "bootstrap", params(SessionQuery),
    responses((status = 200, body = SessionList)))]
async fn sessions(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<SessionQuery>,
) -> Result<Json<SessionList>, Failure> {
    let limit = page_size(query.limit, 50, 500)?;
    let items = app.core.bootstrap().sessions(query, limit).await?;
    Ok(Json(SessionList { items }))
}

/// One session with its steps.
#[utoipa::path(get, path = "/bootstrap/sessions/{id}", tag = "bootstrap", params(("id" = u64, Path)),
    responses((status = 200, body = SessionView), (status = 404)))]
async fn session(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(id): UrlPath<u64>,
) -> Result<Json<SessionView>, Failure> {
    let missing = || Failure::new(ErrorCode::NotFound, format!("there is no bootstrap session {id}"));
    app.core
        .bootstrap()
        .session(id)
        .await?
        .map(Json)
        .ok_or_else(missing)
}

/// Unknown devices that asked for their bootstrap and wait for approval.
#[utoipa::path(get, path = "/bootstrap/waiting", tag = "bootstrap",
    responses((status = 200, body = WaitingList)))]
async fn waiting(Viewer(_): Viewer, State(app): State<App>) -> Json<WaitingList> {
    Json(WaitingList {
        items: app.core.bootstrap().waiting(),
    })
}

/// Let a waiting device in. It gets its configuration when it asks again.
#[utoipa::path(post, path = "/bootstrap/waiting/{endpoint}", tag = "bootstrap",
    params(("endpoint" = String, Path)), request_body = Approval, responses((status = 204), (status = 404)))]
async fn approve(
    Operator(identity): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(approval): JsonBody<Approval>,
) -> Result<StatusCode, Failure> {
    note.about(&endpoint);
    let approved = app
        .core
        .bootstrap()
        .approve(&endpoint, approval, &identity.name)
        .await?;
    if approved {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_waiting(&endpoint))
    }
}

/// Strike a device off the waiting list.
#[utoipa::path(delete, path = "/bootstrap/waiting/{endpoint}", tag = "bootstrap",
    params(("endpoint" = String, Path)), responses((status = 204), (status = 404)))]
async fn dismiss(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    note.about(&endpoint);
    if app.core.bootstrap().dismiss(&endpoint).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_waiting(&endpoint))
    }
}

/// The rules by which unknown devices are let in.
#[utoipa::path(get, path = "/bootstrap/rules", tag = "bootstrap",
    responses((status = 200, body = ApprovalRules)))]
async fn rules(Viewer(_): Viewer, State(app): State<App>) -> Json<ApprovalRules> {
    Json(app.core.bootstrap().rules())
}

/// Replace the rules.
#[utoipa::path(put, path = "/bootstrap/rules", tag = "bootstrap", request_body = ApprovalRules,
    responses((status = 200, body = ApprovalRules), (status = 404)))]
async fn set_rules(
    Operator(_): Operator,
    State(app): State<App>,
    JsonBody(rules): JsonBody<ApprovalRules>,
) -> Result<Json<ApprovalRules>, Failure> {
    const MOST: usize = 1_000;
    if rules.items.len() > MOST {
        return Err(Failure::bad_request(format!("at most {MOST} rules are kept")));
    }
    app.core.bootstrap().set_rules(rules).await?;
    Ok(Json(app.core.bootstrap().rules()))
}

/// Which configuration a device gets, why, and its sessions.
#[utoipa::path(get, path = "/devices/{endpoint}/bootstrap", tag = "bootstrap",
    params(("endpoint" = String, Path)), responses((status = 200, body = DeviceBootstrap), (status = 404)))]
async fn of_device(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<DeviceBootstrap>, Failure> {
    let found = app.core.bootstrap().of_device(&endpoint).await?;
    found.map(Json).ok_or_else(|| Failure::no_device(&endpoint))
}

/// Choose a configuration for a device, or leave it to the rules again.
#[utoipa::path(put, path = "/devices/{endpoint}/bootstrap", tag = "bootstrap",
    params(("endpoint" = String, Path)), request_body = ChooseConfiguration,
    responses((status = 200, body = DeviceBootstrap), (status = 404)))]
async fn choose(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(chosen): JsonBody<ChooseConfiguration>,
) -> Result<Json<DeviceBootstrap>, Failure> {
    note.about(&endpoint);
    note.detail(chosen.configuration.as_deref().unwrap_or("by rule"));
    let bootstrap = app.core.bootstrap();
    if app.core.device(&endpoint).is_none() {
        return Err(Failure::no_device(&endpoint));
    }
    bootstrap
        .choose(&endpoint, chosen.configuration.as_deref())
        .await?;
    let found = bootstrap.of_device(&endpoint).await?;
    found.map(Json).ok_or_else(|| Failure::no_device(&endpoint))
}

/// Have a device ask for its bootstrap (it is executed `/1/x/9`), or begin to write to it at once.
#[utoipa::path(post, path = "/devices/{endpoint}/bootstrap", tag = "bootstrap",
    params(("endpoint" = String, Path)), request_body = BeginBootstrap,
    responses((status = 202, body = BootstrapBegun), (status = 404), (status = 409)))]
async fn begin(
    Operator(identity): Operator,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
    Extension(note): Extension<AuditNote>,
    JsonBody(begin): JsonBody<BeginBootstrap>,
) -> Result<(StatusCode, Json<BootstrapBegun>), Failure> {
    note.about(&endpoint);
    let begun = if begin.direct {
        note.detail("direct");
        BootstrapBegun {
            operation: None,
            session: Some(app.core.bootstrap().begin(&endpoint).await?),
        }
    } else {
        let instance = match begin.instance {
            Some(instance) => instance,
            None => only_server(&app, &endpoint)?,
        };
        let request = OperationRequest {
            op: OperationKind::Execute,
            path: Some(Path::resource(1, instance, 9)),
            paths: Vec::new(),
            value: None,
            data_type: None,
            format: None,
            timeout: None,
            expires: begin.expires,
        };
        let ticket = app.core.operate(&endpoint, request, &identity.name).await?;
        BootstrapBegun {
            operation: Some(ticket.id),
            session: None,
        }
    };
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// The one instance of Server that the device registered.
fn only_server(app: &App, endpoint: &str) -> Result<u16, Failure> {
    let device = app
        .core
        .device(endpoint)
        .ok_or_else(|| Failure::no_device(endpoint))?;
    let objects = device
        .registration
        .map(|registration| registration.objects)
        .unwrap_or_default();
    let instances: Vec<u16> = objects
        .iter()
        .filter(|path| path.object_id() == Some(1))
        .filter_map(Path::instance_id)
        .collect();
    match instances[..] {
        [instance] => Ok(instance),
        [] => Err(Failure::new(
            ErrorCode::Conflict,
            "the device registered no instance of Server (/1); say which with 'instance'",
        )),
        _ => Err(Failure::bad_request(
            "the device has several servers; say which instance of /1 is this one with 'instance'",
        )),
    }
}

fn no_configuration(name: &str) -> Failure {
    let shown: String = name.chars().take(64).collect();
    Failure::new(
        ErrorCode::NotFound,
        format!("there is no bootstrap configuration '{shown}'"),
    )
}

fn not_waiting(endpoint: &str) -> Failure {
    let shown: String = endpoint.chars().take(200).collect();
    Failure::new(ErrorCode::NotFound, format!("no device '{shown}' waits"))
}
