//! The page: the files that Trunk built, from inside the binary or from a directory while developing.
//!
//! `index.html` gets a fresh nonce in every answer, because Trunk's loader is an inline script and the policy lets only
//! scripts with the nonce run. Every path that is neither a file nor the API's is a route of the page.

mod embedded;
mod policy;

pub use policy::security_headers;

use crate::api::Failure;
use crate::app::App;
use crate::auth::Secret;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::api::ErrorCode;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// What Trunk leaves in `index.html` where the nonce belongs.
const NONCE_PLACEHOLDER: &str = "{{__TRUNK NONCE__}}";
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Where the page comes from.
#[derive(Debug, Clone)]
pub struct Page {
    directory: Option<PathBuf>,
}

/// A file of the page as it goes out.
struct Found {
    bytes: Cow<'static, [u8]>,
    encoding: Option<&'static str>,
    etag: Option<&'static str>,
    /// Whether the name changes with the content.
    hashed: bool,
}

impl Page {
    /// The page in this directory, or the one built in.
    pub fn new(directory: Option<&Path>) -> Page {
        Page {
            directory: directory.map(Path::to_owned),
        }
    }

    /// What tells this page from another; a directory's changes all the time.
    pub fn hash(&self) -> &'static str {
        if self.directory.is_some() {
            "directory"
        } else {
            embedded::HASH
        }
    }

    /// Whether there is a page at all.
    pub fn exists(&self) -> bool {
        self.directory.is_some() || embedded::find("index.html").is_some()
    }

    async fn find(&self, name: &str, headers: &HeaderMap) -> Option<Found> {
        match &self.directory {
            Some(directory) => from_directory(directory.clone(), name).await,
            None => embedded::find(name).map(|file| {
                let (bytes, encoding) = file.best(headers);
                Found {
                    bytes: bytes.into(),
                    encoding,
                    etag: Some(file.etag),
                    hashed: file.hashed,
                }
            }),
        }
    }

    async fn index(&self) -> Option<String> {
        let bytes = match &self.directory {
            Some(directory) => from_directory(directory.clone(), "index.html").await?.bytes,
            None => embedded::find("index.html")?.plain.into(),
        };
        String::from_utf8(bytes.into_owned()).ok()
    }
}

/// Reads a file below the directory; a name that leads out of it is not found.
async fn from_directory(directory: PathBuf, name: &str) -> Option<Found> {
    let safe = name
        .split('/')
        .all(|part| !part.is_empty() && part != ".." && part != "." && !part.contains('\\'));
    if !safe {
        return None;
    }
    let path = directory.join(name);
    let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
    Some(Found {
        bytes: read.ok()?.ok()?.into(),
        encoding: None,
        etag: None,
        hashed: false,
    })
}

/// Answers everything that no other route does.
pub async fn serve(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let path = request.uri().path();
    let is_api = path == "/api" || path.starts_with("/api/");
    if is_api {
        return Err(Failure::new(
            ErrorCode::NotFound,
            format!("there is nothing under {}", clipped(path)),
        ));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Failure::new(ErrorCode::MethodNotAllowed, "the page is only read"));
    }
    let name = path.trim_start_matches('/');
    if !name.is_empty()
        && name != "index.html"
        && let Some(found) = app.page.find(name, request.headers()).await
    {
        return Ok(file(name, found, request.headers()));
    }
    if name != "index.html" && media_type(name).is_some() && !accepts_html(request.headers()) {
        return Err(Failure::new(
            ErrorCode::NotFound,
            format!("the page has no file {}", clipped(path)),
        ));
    }
    index(&app).await
}

fn clipped(path: &str) -> String {
    path.chars().take(200).collect()
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

async fn index(app: &App) -> Result<Response, Failure> {
    let nonce = Secret::random()?.text();
    let nonce = &nonce[..32];
    let (status, html) = match app.page.index().await {
        Some(html) => (StatusCode::OK, html.replace(NONCE_PLACEHOLDER, nonce)),
        None => (StatusCode::OK, NO_PAGE.to_owned()),
    };
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HTML);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let policy = policy::page(nonce).map_err(|error| Failure::internal(error.to_string()))?;
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// What a binary without a page shows.
const NO_PAGE: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Muster</title></head><body>\
    <h1>Muster is running, without its page</h1>\
    <p>This binary was built without the page. Build both with <code>cargo xtask build</code>, or name the directory of a \
    built page with <code>muster serve --ui-dir DIR</code>.</p>\
    <p>The REST interface is there: <a href=\"/api/openapi.json\">/api/openapi.json</a>.</p></body></html>";

fn file(name: &str, found: Found, request: &HeaderMap) -> Response {
    let unchanged = found.etag.is_some()
        && request.get(header::IF_NONE_MATCH).map(HeaderValue::as_bytes) == found.etag.map(str::as_bytes);
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = match found.bytes {
            Cow::Borrowed(bytes) => Body::from(bytes),
            Cow::Owned(bytes) => Body::from(bytes),
        };
        body.into_response()
    };
    let headers = response.headers_mut();
    let media = media_type(name).unwrap_or("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    let cache = if found.hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(etag) = found.etag {
        headers.insert(header::ETAG, HeaderValue::from_static(etag));
    }
    if let Some(encoding) = found.encoding.filter(|_| !unchanged) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The media type of a file, by the kinds a page is made of.
fn media_type(name: &str) -> Option<&'static str> {
    let extension = name.rsplit('/').next()?.rsplit_once('.')?.1;
    Some(match extension {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}
