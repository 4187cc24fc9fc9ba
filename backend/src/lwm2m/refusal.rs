//! What a device is told when the server does not do what it asks.

use coap::{Code, Response};

/// A refusal: the response code, and the sentence that goes into the diagnostic payload and into the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) reason: String,
    /// After how many seconds the device may try again, if that is said.
    pub(crate) max_age: Option<u32>,
}

impl Refusal {
    pub(crate) fn new(code: Code, reason: impl Into<String>) -> Refusal {
        Refusal {
            code,
            reason: reason.into(),
            max_age: None,
        }
    }

    /// 5.03: the device is to try again after so many seconds. RFC 7252 §5.9.3.4.
    pub(crate) fn busy(seconds: u32, reason: impl Into<String>) -> Refusal {
        Refusal {
            max_age: Some(seconds),
            ..Refusal::new(Code::SERVICE_UNAVAILABLE, reason)
        }
    }

    pub(crate) fn bad_request(reason: impl Into<String>) -> Refusal {
        Refusal::new(Code::BAD_REQUEST, reason)
    }

    pub(crate) fn not_found(reason: impl Into<String>) -> Refusal {
        Refusal::new(Code::NOT_FOUND, reason)
    }

    /// The response, with the reason as its diagnostic payload. RFC 7252 §5.5.2.
    pub(crate) fn response(&self) -> Response {
        let response = Response::diagnostic(self.code, self.reason.as_str());
        match self.max_age {
            Some(seconds) => response.with_max_age(seconds),
            None => response,
        }
    }
}

/// At most 60 characters of a text that came from a device, without control characters, for a sentence.
pub(crate) fn quote(text: &str) -> String {
    let clean: String = text
        .chars()
        .take(60)
        .map(|character| if character.is_control() { '�' } else { character })
        .collect();
    format!("'{clean}'")
}
