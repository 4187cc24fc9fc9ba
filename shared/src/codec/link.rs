//! The CoRE link format of registrations and Discover. RFC 6690 §2.
//!
//! What the links of a registration mean is not decided here.

use std::ops::Range;

/// One link, `</3/0>;ver="1.1"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What stands between the angle brackets, as it came.
    pub target: String,
    /// In the order of the text; the value without its quotes, none for a bare name.
    pub attributes: Vec<(String, Option<String>)>,
}

impl Link {
    /// The value of the first attribute of this name; an empty text for a bare name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_deref().unwrap_or(""))
    }
}

/// Why a text is no list of links, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (at byte {offset})")]
pub struct LinkError {
    pub offset: usize,
    pub reason: &'static str,
}

/// Reads a list of links. Spaces around commas and semicolons are passed over, and so is a comma at the end.
pub fn parse(text: &str) -> Result<Vec<Link>, LinkError> {
    let links = parse_placed(text)?;
    Ok(links.into_iter().map(|(_, link)| link).collect())
}

/// As [`parse`], with the place of each link in the text.
pub(super) fn parse_placed(text: &str) -> Result<Vec<(Range<usize>, Link)>, LinkError> {
    let mut reader = Reader { text, at: 0 };
    let mut links = Vec::new();
    reader.skip_spaces();
    while !reader.at_end() {
        let start = reader.at;
        let link = reader.link()?;
        links.push((start..reader.at, link));
        reader.skip_spaces();
        if reader.at_end() {
            break;
        }
        if !reader.take(b',') {
            return Err(reader.error("a comma is missing between two links"));
        }
        reader.skip_spaces();
    }
    Ok(links)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn error(&self, reason: &'static str) -> LinkError {
        LinkError {
            offset: self.at,
            reason,
        }
    }

    /// The text up to the first byte that ends it. All those bytes are ASCII, so the text is cut between characters.
    fn until(&mut self, ends: impl Fn(u8) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.bytes().position(ends).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn link(&mut self) -> Result<Link, LinkError> {
        if !self.take(b'<') {
            return Err(self.error("a link begins with '<'"));
        }
        let target = self.until(|byte| byte == b'>').to_owned();
        if !self.take(b'>') {
            return Err(self.error("the '>' of a link is missing"));
        }
        let mut attributes = Vec::new();
        self.skip_spaces();
        while self.take(b';') {
            self.skip_spaces();
            attributes.push(self.attribute()?);
            self.skip_spaces();
        }
        Ok(Link { target, attributes })
    }

    fn attribute(&mut self) -> Result<(String, Option<String>), LinkError> {
        let name = self.until(|byte| {
            matches!(byte, b'=' | b';' | b',' | b'"' | b'<' | b'>') || byte.is_ascii_whitespace()
        });
        if name.is_empty() {
            return Err(self.error("an attribute has no name"));
        }
        if !self.take(b'=') {
            return Ok((name.into(), None));
        }
        let value = if self.take(b'"') {
            self.quoted()?
        } else {
            self.until(|byte| matches!(byte, b';' | b',' | b'"' | b'<') || byte.is_ascii_whitespace())
                .into()
        };
        Ok((name.into(), Some(value)))
    }

    fn quoted(&mut self) -> Result<String, LinkError> {
        let opened = self.at - 1;
        let mut value = String::new();
        loop {
            value.push_str(self.until(|byte| matches!(byte, b'"' | b'\\')));
            if self.take(b'"') {
                return Ok(value);
            }
            // What follows a backslash stands for itself.
            self.take(b'\\');
            let Some(escaped) = self.text[self.at..].chars().next() else {
                return Err(LinkError {
                    offset: opened,
                    reason: "the quote that opens here is never closed",
                });
            };
            value.push(escaped);
            self.at += escaped.len_utf8();
        }
    }
}

/// Writes a list of links. Values that are no plain number or word are quoted.
pub fn write(links: &[Link]) -> String {
    let mut text = String::new();
    for link in links {
        if !text.is_empty() {
            text.push(',');
        }
        text.push('<');
        text.push_str(&link.target);
        text.push('>');
        for (name, value) in &link.attributes {
            text.push(';');
            text.push_str(name);
            if let Some(value) = value {
                text.push('=');
                write_value(value, &mut text);
            }
        }
    }
    text
}

fn write_value(value: &str, text: &mut String) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if !value.is_empty() && value.bytes().all(plain) {
        text.push_str(value);
        return;
    }
    text.push('"');
    for character in value.chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(target: &str, attributes: &[(&str, Option<&str>)]) -> Link {
        Link {
            target: target.into(),
            attributes: attributes
                .iter()
                .map(|(name, value)| ((*name).into(), value.map(Into::into)))
                .collect(),
        }
    }

    #[test]
    fn links_of_registrations_and_discover() {
        for (text, links) in [
            ("", vec![]),
            (
                "</>;rt=\"oma.lwm2m\";ct=\"60 110 112\",</1/0>",
                vec![
                    link("/", &[("rt", Some("oma.lwm2m")), ("ct", Some("60 110 112"))]),
                    link("/1/0", &[]),
                ],
            ),
            (
                "</3>;ver=1.1, </3/0>\r\n,</5> ",
                vec![
                    link("/3", &[("ver", Some("1.1"))]),
                    link("/3/0", &[]),
                    link("/5", &[]),
                ],
            ),
            (
                "</3/0/9>;pmin=10 ; obs;gt=-1.5e3",
                vec![link(
                    "/3/0/9",
                    &[("pmin", Some("10")), ("obs", None), ("gt", Some("-1.5e3"))],
                )],
            ),
            (
                "</0/0>;uri=\"coaps://a,b;c=\\\"d\\\\\"",
                vec![link("/0/0", &[("uri", Some("coaps://a,b;c=\"d\\"))])],
            ),
            ("</1/0/>,", vec![link("/1/0/", &[])]),
            ("</3>;ver=", vec![link("/3", &[("ver", Some(""))])]),
        ] {
            assert_eq!(parse(text), Ok(links), "{text}");
        }
    }

    #[test]
    fn what_is_no_list_of_links_is_placed() {
        for (text, offset, reason) in [
            ("/3/0", 0, "a link begins with '<'"),
            ("</3/0", 5, "the '>' of a link is missing"),
            ("</3/0></4/0>", 6, "a comma is missing between two links"),
            ("</3/0>,;", 7, "a link begins with '<'"),
            ("</3/0>;", 7, "an attribute has no name"),
            ("</3/0>;=1", 7, "an attribute has no name"),
            ("</3/0>;rt=\"x", 10, "the quote that opens here is never closed"),
            ("</3/0>;rt=\"x\\", 10, "the quote that opens here is never closed"),
            (",</3>", 0, "a link begins with '<'"),
        ] {
            assert_eq!(parse(text), Err(LinkError { offset, reason }), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_list_reads_back(links in proptest::collection::vec(
            ("[a-z0-9/ä ]{0,12}", proptest::collection::vec(("[a-z]{1,5}", proptest::option::of(".{0,12}")), 0..4))
                .prop_map(|(target, attributes)| Link { target, attributes }),
            0..5,
        )) {
            prop_assert_eq!(parse(&write(&links)), Ok(links));
        }

        #[test]
        fn no_text_panics(text in "[</>;,=\"\\\\ a1ä]{0,30}") {
            let _ = parse(&text);
        }
    }
}
