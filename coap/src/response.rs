//! What an application answers and is answered: a code, options and a whole body.

use crate::code::Code;
use crate::options::Options;

/// The Content-Format of plain text. RFC 7252 §12.3.
const TEXT_PLAIN: u16 = 0;

/// A response. The body is whole: the endpoint cuts it in blocks and puts it together again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The response code.
    pub code: Code,
    /// The options. Block1, Block2 and Size2 belong to the endpoint.
    pub options: Options,
    /// The whole body.
    pub payload: Vec<u8>,
}

impl Response {
    /// A response without a body.
    pub fn new(code: Code) -> Response {
        Response {
            code,
            options: Options::new(),
            payload: Vec::new(),
        }
    }

    /// An error with a diagnostic text for people. RFC 7252 §5.5.2.
    pub fn diagnostic(code: Code, text: impl Into<String>) -> Response {
        Response {
            code,
            options: Options::new(),
            payload: text.into().into_bytes(),
        }
    }

    /// Sets the body and its format.
    pub fn with_payload(mut self, content_format: u16, payload: impl Into<Vec<u8>>) -> Response {
        self.options.set_content_format(Some(content_format));
        self.payload = payload.into();
        self
    }

    /// Sets the location of what was created, such as `/rd/5a3f`.
    pub fn with_location(mut self, path: &str) -> Response {
        self.options.set_location_path(path);
        self
    }

    /// Sets how long the response, or a refusal for overload, holds, in seconds.
    pub fn with_max_age(mut self, seconds: u32) -> Response {
        self.options.set_max_age(Some(seconds));
        self
    }

    /// Marks the response as one of an observation; the endpoint puts the sequence number in. RFC 7641 §4.1.
    pub fn observed(mut self) -> Response {
        self.options.set_observe(Some(0));
        self
    }

    /// The format of the body.
    pub fn content_format(&self) -> Option<u16> {
        self.options.content_format()
    }

    /// The location of what was created.
    pub fn location_path(&self) -> Option<String> {
        self.options.location_path()
    }

    /// The sequence number of a notification.
    pub fn observe(&self) -> Option<u32> {
        self.options.observe()
    }

    /// The entity-tag.
    pub fn etag(&self) -> Option<&[u8]> {
        self.options.etag()
    }

    /// How long the response may be used, in seconds.
    pub fn max_age(&self) -> Option<u32> {
        self.options.max_age()
    }

    /// The body as text, if it is an error's diagnostic text. That has no Content-Format (RFC 7252 §5.5.2), but there are
    /// those who call it what it is, text/plain.
    pub fn diagnostic_text(&self) -> Option<&str> {
        let is_text = self.content_format().is_none_or(|format| format == TEXT_PLAIN);
        if self.code.is_success() || !is_text || self.payload.is_empty() {
            return None;
        }
        std::str::from_utf8(&self.payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errors_text_is_for_people_with_and_without_its_format() {
        let plain = Response::diagnostic(Code::BAD_REQUEST, "no room");
        let named = Response::new(Code::BAD_REQUEST).with_payload(TEXT_PLAIN, "no room");
        for told in [plain, named] {
            assert_eq!(told.diagnostic_text(), Some("no room"));
        }
        for silent in [
            Response::new(Code::BAD_REQUEST),
            Response::new(Code::BAD_REQUEST).with_payload(60, "no room"),
            Response::new(Code::BAD_REQUEST).with_payload(TEXT_PLAIN, [0xff]),
            Response::new(Code::CONTENT).with_payload(TEXT_PLAIN, "no room"),
        ] {
            assert_eq!(silent.diagnostic_text(), None);
        }
    }
}
