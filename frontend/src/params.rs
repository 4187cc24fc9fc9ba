//! The query of a URL, and percent-encoding. Pure.

use std::fmt::Write;

/// The parameters of a query in their order; a name occurs once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads `"?a=1&b=x+y"`, with or without the question mark. A later one of the same name wins.
    pub(crate) fn parse(query: &str) -> Params {
        let mut params = Params::default();
        let query = query.strip_prefix('?').unwrap_or(query);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            params.set(&decode(name), Some(&decode(value)));
        }
        params
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// Sets a parameter; `None` and an empty text remove it.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        self.0.retain(|(known, _)| known != name);
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.0.push((name.into(), value.into()));
        }
    }

    pub(crate) fn with(mut self, name: &str, value: Option<&str>) -> Params {
        self.set(name, value);
        self
    }

    /// `"?a=1&b=x%20y"`, or nothing.
    pub(crate) fn to_query(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.0 {
            text.push(if text.is_empty() { '?' } else { '&' });
            text.push_str(&encode(name));
            text.push('=');
            text.push_str(&encode(value));
        }
        text
    }
}

/// A path with one parameter.
#[inline(never)]
pub(crate) fn path_with(path: &str, name: &str, value: &str) -> String {
    path.to_owned() + &Params::default().with(name, Some(value)).to_query()
}

/// A path that has a name as a segment, and what follows that.
#[inline(never)]
pub(crate) fn path_of(before: &str, name: &str, after: &str) -> String {
    [before, &encode_segment(name), after].concat()
}

/// Percent-encodes everything but what RFC 3986 leaves unreserved, and `:` and `/` where `keep` has them.
fn encode_keeping(text: &str, keep: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// For a query: `/` and `:` may stand there (RFC 3986 §3.4), and `/3/0/9` reads better so.
pub(crate) fn encode(text: &str) -> String {
    encode_keeping(text, b"/:,")
}

/// For one segment of a path: `urn:imei:…` keeps its colons (RFC 3986 §3.3).
pub(crate) fn encode_segment(text: &str) -> String {
    encode_keeping(text, b":")
}

/// Undoes percent-encoding; `+` is a space. What is not valid is left as it stands.
pub(crate) fn decode(text: &str) -> String {
    decode_bytes(text, true)
}

/// Undoes percent-encoding in a path, where `+` is itself.
pub(crate) fn decode_segment(text: &str) -> String {
    decode_bytes(text, false)
}

fn decode_bytes(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(if byte == b'+' && plus_is_space { b' ' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_reads_back() {
        let params = Params::default()
            .with("query", Some("state:late m & m"))
            .with("path", Some("/3/0/9"))
            .with("sort", None);
        let text = params.to_query();
        assert_eq!(text, "?query=state:late%20m%20%26%20m&path=/3/0/9");
        assert_eq!(Params::parse(&text), params);
    }

    #[test]
    fn an_empty_value_is_no_parameter() {
        assert_eq!(Params::parse("?a=&b=1").to_query(), "?b=1");
        assert_eq!(Params::default().to_query(), "");
    }

    #[test]
    fn what_is_not_valid_is_left_as_it_stands() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz+%41"), "%zz A");
        assert_eq!(decode("%é"), "%é");
        assert_eq!(decode_segment("a+b%2Fc"), "a+b/c");
    }

    #[test]
    fn an_endpoint_name_is_one_segment() {
        assert_eq!(encode_segment("urn:imei:1/2 3?"), "urn:imei:1%2F2%203%3F");
    }
}
