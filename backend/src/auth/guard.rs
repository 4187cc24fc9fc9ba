//! The door: a request is let in only with an [`Identity`], and a handler says by its argument which role it takes.
//!
//! [`recognise`] lies over every route of the REST interface. It closes all of them but logging in, so that a route
//! without a role in its signature is still not open.

use super::secret::same;
use super::{Identity, Proof, origin, scope};
use crate::api::{AuditNote, Failure};
use crate::app::App;
use axum::RequestExt;
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use shared::api::{ErrorCode, Role};

/// The cookie of the page's session.
pub const COOKIE: &str = "muster_session";
/// The header that shows the session's CSRF token.
pub const CSRF_HEADER: &str = "x-csrf-token";

/// Who these headers speak for; `None` if they show nothing.
///
/// # Errors
/// [`ErrorCode::Unauthorized`] if they show something that is not known.
pub async fn identify(app: &App, headers: &HeaderMap) -> Result<Option<Identity>, Failure> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let token = value
            .to_str()
            .ok()
            .and_then(|text| text.strip_prefix("Bearer "))
            .unwrap_or("");
        let identity = app.accounts.by_token(token.trim()).await?;
        let refused = || Failure::new(ErrorCode::Unauthorized, "this token is not known");
        return identity.ok_or_else(refused).map(Some);
    }
    match cookie(headers) {
        Some(secret) => Ok(app.accounts.by_cookie(secret).await?),
        None => Ok(None),
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}

/// Lets a request pass with its identity, or answers it here.
pub async fn recognise(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    if !is_open(&request) {
        let identity = identify(&app, request.headers()).await?;
        let wanted = || Failure::new(ErrorCode::Unauthorized, "log in, or send an API token");
        let identity = identity.ok_or_else(wanted)?;
        if let Some(note) = request.extensions().get::<AuditNote>() {
            note.by(&identity.name);
        }
        let parameters = request.extract_parts::<RawPathParams>().await.ok();
        let route = request.extensions().get::<MatchedPath>();
        scope::check(&identity, request.method(), route, parameters.as_ref())?;
        if !request.method().is_safe() {
            check_forgery(
                &identity.proof,
                request.headers(),
                &app.config.http.allowed_origins,
            )?;
        }
        request.extensions_mut().insert(identity);
    }
    Ok(next.run(request).await)
}

/// Only logging in is open, and opening a link.
fn is_open(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>();
    let open = ["/api/v1/session", "/api/v1/session/link"];
    request.method() == Method::POST && path.is_some_and(|path| open.contains(&path.as_str()))
}

/// A browser sends the cookie with whatever any page asks for; only our page knows the token, and the browser tells
/// where the request comes from.
fn check_forgery(proof: &Proof, headers: &HeaderMap, allowed: &[String]) -> Result<(), Failure> {
    let Some(csrf_token) = proof.csrf_token() else {
        return Ok(());
    };
    if !origin::is_own(headers, allowed) {
        return Err(Failure::new(
            ErrorCode::Forbidden,
            "the request comes from a page of another site",
        ));
    }
    let shown = headers
        .get(CSRF_HEADER)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    if same(shown, csrf_token) {
        Ok(())
    } else {
        Err(Failure::new(
            ErrorCode::Forbidden,
            "the X-CSRF-Token header does not carry the token of the session",
        ))
    }
}

fn admit(parts: &Parts, least: Role) -> Result<Identity, Failure> {
    let identity = parts.extensions.get::<Identity>();
    let missing = || Failure::new(ErrorCode::Unauthorized, "log in, or send an API token");
    let identity = identity.ok_or_else(missing)?;
    identity.require(least)?;
    Ok(identity.clone())
}

impl Identity {
    /// # Errors
    /// [`ErrorCode::Forbidden`] if the role is less than this one.
    pub fn require(&self, least: Role) -> Result<(), Failure> {
        if self.role >= least {
            return Ok(());
        }
        let words = format!(
            "this needs the role {}; {} has the role {}",
            least.name(),
            self.name,
            self.role.name()
        );
        Err(Failure::new(ErrorCode::Forbidden, words))
    }
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name(pub Identity);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Failure;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<$name, Failure> {
                admit(parts, Role::$name).map($name)
            }
        }
    )*};
}

roles! {
    /// Takes everybody who is logged in.
    Viewer,
    /// Takes support staff, operators and admins.
    Support,
    /// Takes operators and admins.
    Operator,
    /// Takes admins.
    Admin
}
