//! One request and its answer, by the browser's own fetch.

use super::{Answer, Body, Failure};
use crate::dom::prelude::window;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestCredentials, RequestInit, Response};

/// What is done with what is at an address (RFC 9110 §9, RFC 5789).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::upper_case_acronyms, reason = "as the protocol writes them")]
pub(crate) enum Method {
    GET,
    POST,
    PUT,
    PATCH,
    DELETE,
}

impl Method {
    const fn word(self) -> &'static str {
        match self {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
        }
    }
}

/// What is asked for.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) address: &'a str,
    /// The media type that is wanted.
    pub(super) accept: &'a str,
    pub(super) csrf_token: Option<String>,
    pub(super) body: Body,
}

/// What came back, whatever its status.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) media_type: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Asks the server. The cookie of the session travels by itself.
pub(super) async fn fetch(request: Request<'_>) -> Answer<Reply> {
    let sent = begin(request).map_err(unreachable)?;
    let response: Response = JsFuture::from(sent).await.map_err(unreachable)?.unchecked_into();
    let body = response.array_buffer().map_err(unreachable)?;
    let body: ArrayBuffer = JsFuture::from(body).await.map_err(unreachable)?.unchecked_into();
    Ok(Reply {
        status: response.status(),
        // The browser refuses only names that are none.
        media_type: response.headers().get("Content-Type").ok().flatten(),
        body: Uint8Array::new(&body).to_vec(),
    })
}

/// The browser does not tell why it could not reach a server, so that no page learns of a network it does not belong to.
fn unreachable(_: JsValue) -> Failure {
    Failure::unreachable()
}

fn begin(request: Request<'_>) -> Result<js_sys::Promise, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", request.accept)?;
    if let Some(token) = request.csrf_token {
        headers.set("X-CSRF-Token", &token)?;
    }
    let how = RequestInit::new();
    if let Some((media_type, content)) = request.body {
        headers.set("Content-Type", media_type)?;
        how.set_body(&content);
    }
    how.set_method(request.method.word());
    how.set_credentials(RequestCredentials::SameOrigin);
    how.set_headers(&headers);
    Ok(window().fetch_with_str_and_init(request.address, &how))
}
