//! `/session`: log in, who am I, log out.

use super::answer::Json;
use super::extract::{ClientAddress, JsonBody};
use super::{AuditNote, Failure, Router};
use crate::app::App;
use crate::auth::guard::{COOKIE, Viewer};
use crate::auth::{Identity, Proof, origin};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use shared::api::{ErrorCode, LogIn, SessionView};
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(log_in, who_am_i, log_out))
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
    if !origin::is_own(&headers, &app.config.http.allowed_origins) {
        return Err(Failure::new(
            ErrorCode::Forbidden,
            "the request comes from a page of another site",
        ));
    }
    let session = app.accounts.log_in(body, address).await?;
    note.by(&session.identity.name);
    let hours = app.config.auth.session_absolute_hours;
    let cookie = cookie(&session.secret.text(), u64::from(hours) * 3600, &headers);
    Ok((
        AppendHeaders([(header::SET_COOKIE, cookie)]),
        Json(view(session.identity)),
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
    let Proof::Session { key, .. } = identity.proof else {
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
    SessionView {
        username: identity.name,
        role: identity.role,
        csrf_token: match identity.proof {
            Proof::Session { csrf_token, .. } => Some(csrf_token),
            Proof::Token { .. } => None,
        },
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
