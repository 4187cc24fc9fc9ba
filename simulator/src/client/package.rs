//! Fetching a firmware package from a `coap` URI. RFC 7252 §6.4.

use crate::objects::FetchError;
use coap::Request;
use std::net::{IpAddr, SocketAddr};

const DEFAULT_PORT: u16 = 5683;

/// Where the package is and what to ask there. The host has to be an address: the device has no resolver.
///
/// # Errors
/// [`FetchError`] as the firmware object reports it.
pub(super) fn parse(uri: &str) -> Result<(SocketAddr, Request), FetchError> {
    let (scheme, rest) = uri.split_once("://").ok_or(FetchError::Uri)?;
    if !scheme.eq_ignore_ascii_case("coap") {
        return Err(FetchError::Protocol);
    }
    let (authority, rest) = match rest.split_once('/') {
        Some((authority, rest)) => (authority, rest),
        None => (rest, ""),
    };
    let address = authority
        .parse::<SocketAddr>()
        .or_else(|_| {
            let bare = authority.trim_start_matches('[').trim_end_matches(']');
            let host = bare.parse::<IpAddr>();
            host.map(|host| SocketAddr::new(host, DEFAULT_PORT))
        })
        .map_err(|_| FetchError::Uri)?;
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let segments = path.split('/').map(unescaped).collect::<Option<Vec<_>>>();
    let segments = segments.ok_or(FetchError::Uri)?;
    let mut request = Request::get(&segments.join("/"));
    for part in query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|it| !it.is_empty())
    {
        request = request.with_query(&unescaped(part).ok_or(FetchError::Uri)?);
    }
    Ok((address, request))
}

/// `%41` as `A`; `None` if it is not well formed.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after.get(2..)?;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_an_address_a_path_and_queries() {
        let (address, request) = parse("coap://127.0.0.1:5690/firmware/a%20b?x=1&y").unwrap();
        assert_eq!(address, "127.0.0.1:5690".parse().unwrap());
        assert_eq!(request.path(), "/firmware/a b");
        assert_eq!(request.queries().collect::<Vec<_>>(), ["x=1", "y"]);
        assert_eq!(parse("coap://[::1]/p").unwrap().0, "[::1]:5683".parse().unwrap());
        assert_eq!(parse("coap://127.0.0.1").unwrap().0.port(), 5683);
    }

    #[test]
    fn what_cannot_be_fetched_says_why() {
        for (uri, expect) in [
            ("", FetchError::Uri),
            ("firmware.bin", FetchError::Uri),
            ("http://127.0.0.1/x", FetchError::Protocol),
            ("coap://host.example/x", FetchError::Uri),
            ("coap://127.0.0.1/%zz", FetchError::Uri),
            ("coap://127.0.0.1/%4", FetchError::Uri),
        ] {
            assert_eq!(parse(uri).err(), Some(expect), "{uri}");
        }
    }
}
