//! Answers in the form that was asked for: JSON, or postcard for a page of this build ([`COMPACT`]).

use super::compact;
use super::error::Failure;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::api::COMPACT;
use std::sync::Arc;

/// What a handler answers; [`write`] gives it its form. Called by the form that the public interface has.
#[derive(Debug)]
pub(super) struct Json<T>(pub T);

impl<T: Serialize + Send + Sync + 'static> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Answer(Arc::new(self.0)));
        response
    }
}

/// An answer on its way from the handler to [`write`].
#[derive(Clone)]
struct Answer(Arc<dyn Writable>);

trait Writable: Send + Sync {
    fn write(&self, form: Form) -> Result<Vec<u8>, String>;
}

impl<T: Serialize + Send + Sync> Writable for T {
    fn write(&self, form: Form) -> Result<Vec<u8>, String> {
        form.write(self)
    }
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Compact,
}

impl Form {
    /// What the `Accept` header wants: JSON, unless the compact form is all that is named.
    pub(super) fn wanted(headers: &HeaderMap) -> Form {
        match headers.get(header::ACCEPT) {
            Some(accept) if accept == COMPACT => Form::Compact,
            _ => Form::Json,
        }
    }

    pub(super) const fn content_type(self) -> HeaderValue {
        match self {
            Form::Json => HeaderValue::from_static("application/json"),
            Form::Compact => HeaderValue::from_static(COMPACT),
        }
    }

    pub(super) fn write(self, answer: &impl Serialize) -> Result<Vec<u8>, String> {
        match self {
            Form::Json => serde_json::to_vec(answer).map_err(|error| error.to_string()),
            Form::Compact => compact::to_vec(answer).map_err(|error| error.to_string()),
        }
    }
}

/// Writes what a handler answered. The innermost layer, so that all others see a whole response.
pub(super) async fn write(request: Request, next: Next) -> Response {
    let form = Form::wanted(request.headers());
    let mut response = next.run(request).await;
    let Some(Answer(answer)) = response.extensions_mut().remove::<Answer>() else {
        return response;
    };
    match answer.write(form) {
        Ok(body) => {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, form.content_type());
            headers.insert(header::VARY, HeaderValue::from_static("accept"));
            *response.body_mut() = Body::from(body);
            response
        }
        Err(detail) => Failure::internal(detail).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_what_is_answered_unless_only_the_compact_form_is_named() {
        for (accept, wanted) in [
            (None, Form::Json),
            (Some("*/*"), Form::Json),
            (Some("application/json"), Form::Json),
            (Some("application/vnd.muster+postcard"), Form::Compact),
            (Some("application/vnd.muster+postcard, */*"), Form::Json),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(Form::wanted(&headers), wanted, "{accept:?}");
        }
    }
}
