//! `/session`: log in, open a link, who am I, log out.

use super::answer::Json;
use super::extract::{ClientAddress, JsonBody};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::{COOKIE, Viewer, identify};
use crate::auth::{Identity, Proof, Visitor, agent, origin};
use crate::clock;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use shared::api::{ErrorCode, LogIn, OpenLink, SessionView};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(log_in, who_am_i, log_out))
        .routes(routes!(open_link))
}

/// Log in. The answer sets the session's cookie.
#[utoipa::path(post, path = "/session", tag = "session", request_body = LogIn, security(()),
    responses((status = 200, body = SessionView), (status = 401, description = "A wrong name or password")))]
async fn log_in(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    Extension(note): Extension<AuditNote>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<LogIn>,
) -> Result<impl IntoResponse, Failure> {
    note.detail(format!("as {}", body.username));
    check_origin(&app, &headers)?;
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .and_then(agent::in_words);
    let session = app.accounts.log_in(body, Visitor { address, agent }).await?;
    note.by(&session.identity.name);
    let hours = app.config.auth.session_absolute_hours;
    let cookie = cookie(&session.secret.text(), u64::from(hours) * 3600, &headers);
    Ok((
        AppendHeaders([(header::SET_COOKIE, cookie)]),
        Json(view(session.identity)),
    ))
}

/// Open a link to a device: the answer sets the cookie of a session that sees this device and nothing else. Whoever has a
/// session of an account keeps it, and is only told which device it is.
#[utoipa::path(post, path = "/session/link", tag = "session", request_body = OpenLink, security(()),
    responses((status = 200, body = SessionView),
        (status = 401, description = "The link expired, was revoked or is not complete")))]
async fn open_link(
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<OpenLink>,
) -> Result<Response, Failure> {
    check_origin(&app, &headers)?;
    let link = app.accounts.link(&body.secret).await?;
    note.about(&link.endpoint);
    note.detail(format!("link:{}", link.id));
    // A cookie or token that holds no more is as good as none here.
    let own = identify(&app, &headers).await.ok().flatten();
    if let Some(own) = own.filter(|own| own.only_device().is_none()) {
        note.by(&own.name);
        let device = Some(link.endpoint);
        return Ok(Json(SessionView { device, ..view(own) }).into_response());
    }
    let session = app.accounts.open_link(&body.secret).await?;
    note.by(&session.identity.name);
    let left = u64::try_from(link.expires.since(clock::now()) / 1000).unwrap_or(0);
    let cookie = cookie(&session.secret.text(), left, &headers);
    Ok((
        AppendHeaders([(header::SET_COOKIE, cookie)]),
        Json(view(session.identity)),
    )
        .into_response())
}

fn check_origin(app: &App, headers: &HeaderMap) -> Result<(), Failure> {
    if origin::is_own(headers, &app.config.http.allowed_origins) {
        return Ok(());
    }
    Err(Failure::new(
        ErrorCode::Forbidden,
        "the request comes from a page of another site",
    ))
}

/// Who is logged in, and the session's CSRF token.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = SessionView)))]
async fn who_am_i(Viewer(identity): Viewer) -> Json<SessionView> {
    Json(view(identity))
}

/// Log out. The session's live feeds end with it.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204)))]
async fn log_out(
    Viewer(identity): Viewer,
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Failure> {
    let (Proof::Session { key, .. } | Proof::Link { key, .. }) = identity.proof else {
        return Err(Failure::new(
            ErrorCode::Conflict,
            "an API token has no session to end",
        ));
    };
    app.accounts.log_out(key).await?;
    let cookie = cookie("", 0, &headers);
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(header::SET_COOKIE, cookie)]),
    ))
}

fn view(identity: Identity) -> SessionView {
    let csrf_token = identity.proof.csrf_token().map(str::to_owned);
    let (device, expires) = match identity.proof {
        Proof::Link { device, expires, .. } => (Some(device), Some(expires)),
        Proof::Session { .. } | Proof::Token { .. } => (None, None),
    };
    SessionView {
        username: identity.name,
        role: identity.role,
        csrf_token,
        device,
        expires,
    }
}

/// The browser says itself whether the page came over TLS; then the cookie must not go without.
fn cookie(value: &str, max_age: u64, headers: &HeaderMap) -> String {
    let origin = headers.get(header::ORIGIN).map(|origin| origin.as_bytes());
    let secure = if origin.is_some_and(|origin| origin.starts_with(b"https://")) {
        "; Secure"
    } else {
        ""
    };
    format!("{COOKIE}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}")
}
