//! The files of the page inside the binary, as the build script found them.

use axum::http::{HeaderMap, header};

include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// One file, plain and compressed.
#[derive(Debug)]
pub(super) struct File {
    /// The path below the page's root, without a first slash.
    pub(super) name: &'static str,
    pub(super) etag: &'static str,
    /// Whether the name changes with the content.
    pub(super) hashed: bool,
    pub(super) plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// The file of this name.
pub(super) fn find(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

impl File {
    /// The smallest form that the asker takes, with the name of its encoding.
    pub(super) fn best(&self, headers: &HeaderMap) -> (&'static [u8], Option<&'static str>) {
        let accepted = headers
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let takes = |name: &str| {
            accepted.split(',').any(|item| {
                let (encoding, weight) = item.split_once(';').unwrap_or((item, ""));
                encoding.trim() == name && weight.trim() != "q=0"
            })
        };
        match (self.brotli, self.gzip) {
            (Some(bytes), _) if takes("br") => (bytes, Some("br")),
            (_, Some(bytes)) if takes("gzip") => (bytes, Some("gzip")),
            _ => (self.plain, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_accepted_form_goes_out() {
        let file = File {
            name: "a.js",
            etag: "\"1\"",
            hashed: true,
            plain: b"plain",
            brotli: Some(b"br"),
            gzip: Some(b"gzip"),
        };
        for (accepted, wanted) in [
            ("gzip, deflate, br", Some("br")),
            ("gzip", Some("gzip")),
            ("br;q=0, gzip;q=0.5", Some("gzip")),
            ("", None),
            ("brx", None),
        ] {
            let headers = [(header::ACCEPT_ENCODING, accepted.parse().unwrap())]
                .into_iter()
                .collect();
            assert_eq!(file.best(&headers).1, wanted, "{accepted}");
        }
    }
}
