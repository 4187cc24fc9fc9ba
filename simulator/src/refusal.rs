//! Why the device does not do what the server asks: a response code and a sentence.

use coap::{Code, Response};
use std::borrow::Cow;

/// A response code with a diagnostic text for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code the operation's table of the specification has for it.
    pub code: Code,
    /// The sentence that goes into the payload. RFC 7252 §5.5.2.
    pub reason: Cow<'static, str>,
}

impl Refusal {
    /// 4.00
    pub fn bad_request(reason: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(Code::BAD_REQUEST, reason)
    }

    /// 4.04
    pub fn not_found(reason: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(Code::NOT_FOUND, reason)
    }

    /// 4.05
    pub fn not_allowed(reason: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::new(Code::METHOD_NOT_ALLOWED, reason)
    }

    /// Any code.
    pub fn new(code: Code, reason: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal {
            code,
            reason: reason.into(),
        }
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Response {
        Response::diagnostic(refusal.code, refusal.reason)
    }
}
