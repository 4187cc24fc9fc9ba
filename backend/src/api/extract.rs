//! Reads requests; what cannot be read becomes a [`Failure`] in words.

use super::error::Failure;
use crate::app::App;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use shared::api::ErrorCode;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// A body that is too large is read on and thrown away up to here, so that the client reads the answer.
const DRAINED: usize = 16 * 1024 * 1024;

/// A JSON body.
#[derive(Debug)]
pub(super) struct JsonBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<JsonBody<T>, Failure> {
        let limit = usize::try_from(app.config.limits.body_bytes).unwrap_or(usize::MAX);
        let is_json = is_json(request.headers());
        let body = tokio::time::timeout(PATIENCE, read(request.into_body(), limit))
            .await
            .map_err(|_| Failure::bad_request("the body did not arrive in time"))??;
        if !is_json {
            return Err(Failure::new(
                ErrorCode::UnsupportedMediaType,
                "a body of type application/json is wanted",
            ));
        }
        serde_json::from_slice(&body)
            .map(JsonBody)
            .map_err(|error| Failure::bad_request(format!("the body is not what is wanted: {error}")))
    }
}

/// An XML body.
#[derive(Debug)]
pub(super) struct XmlBody(pub String);

impl FromRequest<App> for XmlBody {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<XmlBody, Failure> {
        let limit = usize::try_from(app.config.limits.body_bytes).unwrap_or(usize::MAX);
        let is_xml = ["application/xml", "text/xml"]
            .into_iter()
            .any(|name| is_of_type(request.headers(), name));
        let body = tokio::time::timeout(PATIENCE, read(request.into_body(), limit))
            .await
            .map_err(|_| Failure::bad_request("the body did not arrive in time"))??;
        if !is_xml {
            return Err(Failure::new(
                ErrorCode::UnsupportedMediaType,
                "a body of type application/xml is wanted",
            ));
        }
        let text =
            std::str::from_utf8(&body).map_err(|_| Failure::bad_request("the file is not UTF-8 text"))?;
        Ok(XmlBody(text.to_owned()))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    is_of_type(headers, "application/json")
}

fn is_of_type(headers: &HeaderMap, name: &str) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case(name))
}

async fn read(body: Body, limit: usize) -> Result<Bytes, Failure> {
    let mut stream = body.into_data_stream();
    let mut kept = Vec::new();
    let mut seen = 0usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Failure::bad_request("the body ended early"))?;
        seen += chunk.len();
        if seen <= limit {
            kept.extend_from_slice(&chunk);
        } else if seen > DRAINED {
            break;
        }
    }
    if seen > limit {
        let message = format!("the body has more than {limit} bytes");
        return Err(Failure::new(ErrorCode::TooLarge, message));
    }
    Ok(kept.into())
}

/// The parameters of the URL's path, decoded.
#[derive(Debug)]
pub(super) struct UrlPath<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for UrlPath<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<UrlPath<T>, Failure> {
        let axum::extract::Path(value) = axum::extract::Path::from_request_parts(parts, app).await?;
        Ok(UrlPath(value))
    }
}

/// The parameters of the URL's query.
#[derive(Debug)]
pub(super) struct UrlQuery<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for UrlQuery<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<UrlQuery<T>, Failure> {
        let axum::extract::Query(value) = axum::extract::Query::from_request_parts(parts, app).await?;
        Ok(UrlQuery(value))
    }
}

/// The address a request came from.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<ClientAddress, Self::Rejection> {
        Ok(ClientAddress::of(&parts.extensions))
    }
}

impl ClientAddress {
    /// As [`super::envelope`] found it. A request that came over no socket, as in a test, comes from this machine.
    pub fn of(extensions: &axum::http::Extensions) -> ClientAddress {
        let local = ClientAddress(IpAddr::V4(Ipv4Addr::LOCALHOST));
        extensions.get::<ClientAddress>().copied().unwrap_or(local)
    }

    /// The peer's own address, or for a proxy that is trusted the last one that it added.
    pub(super) fn find(request: &Request, trusted: &[IpAddr]) -> Option<ClientAddress> {
        let peer = request.extensions().get::<SocketAddr>()?.ip().to_canonical();
        let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
        let told = forwarded.filter(|_| trusted.contains(&peer)).and_then(|value| {
            let last = value.to_str().ok()?.rsplit(',').next()?;
            last.trim().parse().ok()
        });
        Some(ClientAddress(told.unwrap_or(peer)))
    }
}

/// A path of the resource tree out of a URL: `3/0/9`, with or without the first slash.
pub(super) fn resource_path(text: &str) -> Result<shared::Path, Failure> {
    let absolute = if text.starts_with('/') {
        text.to_owned()
    } else {
        format!("/{text}")
    };
    absolute.parse().map_err(|error| {
        Failure::bad_request(format!(
            "'{}': {error}",
            absolute.chars().take(80).collect::<String>()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let trusted = ["10.0.0.1".parse().unwrap()];
        for (peer, forwarded, wanted) in [
            ("192.0.2.1:9", None, "192.0.2.1"),
            ("192.0.2.1:9", Some("198.51.100.7"), "192.0.2.1"),
            ("10.0.0.1:9", Some("203.0.113.5, 198.51.100.7"), "198.51.100.7"),
            ("[::ffff:10.0.0.1]:9", Some("198.51.100.7"), "198.51.100.7"),
            ("10.0.0.1:9", Some("nonsense"), "10.0.0.1"),
            ("10.0.0.1:9", None, "10.0.0.1"),
        ] {
            let mut request = Request::new(Body::empty());
            request
                .extensions_mut()
                .insert(peer.parse::<SocketAddr>().unwrap());
            if let Some(forwarded) = forwarded {
                request
                    .headers_mut()
                    .insert("x-forwarded-for", forwarded.parse().unwrap());
            }
            let found = ClientAddress::find(&request, &trusted).unwrap();
            assert_eq!(found.0.to_string(), wanted, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn a_path_comes_with_or_without_its_first_slash() {
        assert_eq!(resource_path("3/0/9").unwrap(), resource_path("/3/0/9").unwrap());
        assert_eq!(resource_path("").unwrap(), shared::Path::ROOT);
        assert!(resource_path("3//9").is_err());
    }
}
