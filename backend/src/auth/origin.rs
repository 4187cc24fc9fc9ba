//! Whether a request of a browser comes from a page of this server.

use axum::http::{HeaderMap, header};

/// What the browser says of the page behind a request: nothing, or that it is ours.
///
/// `Sec-Fetch-Site` cannot be set by a page; browsers send it to this machine and over TLS. Elsewhere `Origin` has to
/// name the host that was asked, or one that the configuration allows.
pub fn is_own(headers: &HeaderMap, allowed: &[String]) -> bool {
    let origin = headers
        .get(header::ORIGIN)
        .map(|value| value.to_str().unwrap_or("?"));
    if origin.is_some_and(|origin| allowed.iter().any(|known| known == origin)) {
        return true;
    }
    match headers.get("sec-fetch-site").map(|value| value.as_bytes()) {
        Some(b"same-origin" | b"none") => return true,
        Some(_) => return false,
        None => {}
    }
    let Some(origin) = origin else { return true };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    authority.is_some() && authority == host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_pages_and_programs_pass() {
        let allowed = ["https://muster.example".to_owned()];
        for (pairs, wanted) in [
            (&[][..], true),
            (&[("origin", "http://a:8080"), ("host", "a:8080")][..], true),
            (&[("origin", "http://b:8080"), ("host", "a:8080")][..], false),
            (&[("origin", "null"), ("host", "a:8080")][..], false),
            (&[("origin", "http://a:8080")][..], false),
            (
                &[("origin", "https://muster.example"), ("host", "10.0.0.1")][..],
                true,
            ),
            (
                &[("sec-fetch-site", "same-origin"), ("origin", "http://a")][..],
                true,
            ),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "http://a"),
                    ("host", "a"),
                ][..],
                false,
            ),
            (&[("sec-fetch-site", "same-site")][..], false),
        ] {
            let headers = pairs
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect::<HeaderMap>();
            assert_eq!(is_own(&headers, &allowed), wanted, "{pairs:?}");
        }
    }
}
