//! What lies around every request: its id, its line in the log, its error in the form that was asked for.

use super::answer::Form;
use super::error::{Failure, from_status};
use super::extract::ClientAddress;
use crate::app::App;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use shared::api::ApiError;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names one request in its answer, in the log and in the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// Different from every other, also after a restart.
    fn next() -> RequestId {
        static RUN: LazyLock<i64> = LazyLock::new(|| crate::clock::now().0);
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        RequestId(format!("{:x}-{count:x}", *RUN))
    }
}

/// The outermost layer.
pub async fn envelope(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = RequestId::next();
    let started = Instant::now();
    let method = request.method().clone();
    let form = Form::wanted(request.headers());
    // Without the query: what people search for is nobody's business in a log.
    let path = request.uri().path().to_owned();
    if let Some(address) = ClientAddress::find(&request, &app.config.http.trusted_proxies) {
        request.extensions_mut().insert(address);
    }
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    let status = response.status();
    app.metrics.answered(&method, status, started.elapsed());
    if status.is_client_error() || status.is_server_error() {
        let failure = response.extensions_mut().remove::<Failure>();
        let failure = failure.unwrap_or_else(|| from_status(status, method.as_str()));
        log(&failure, method.as_str(), &path, &id);
        write_body(&mut response, form, failure, &id);
    } else {
        tracing::debug!(%method, path, status = status.as_u16(), request = id.0, "answered");
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn log(failure: &Failure, method: &str, path: &str, id: &RequestId) {
    let (message, detail) = (&failure.message, failure.detail.as_deref());
    if failure.code.status() >= 500 {
        tracing::error!(method, path, request = id.0, message, detail, "a request failed");
    } else {
        tracing::debug!(
            method,
            path,
            request = id.0,
            message,
            detail,
            "a request was refused"
        );
    }
}

fn write_body(response: &mut Response, form: Form, failure: Failure, id: &RequestId) {
    let error = ApiError {
        code: failure.code,
        message: failure.message,
        request_id: id.0.clone(),
    };
    // These three fields can always be written.
    let body = form.write(&error).unwrap_or_default();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, form.content_type());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = Body::from(body);
}
