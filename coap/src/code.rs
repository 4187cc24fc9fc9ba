//! The code of a message: a method, a response code, or Empty. RFC 7252 §3, §12.1.

use std::fmt;

/// The 8-bit code: 3 bits of class and 5 bits of detail, written `c.dd`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Code(pub u8);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $class:literal / $detail:literal, $text:literal;)*) => {
        impl Code {
            $($(#[$doc])* pub const $name: Code = Code::new($class, $detail);)*

            /// The name of the code in words, such as `Content`, or `None` for a code that is not assigned.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(Code::$name => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// No request and no response: an empty acknowledgement, a reset or a ping.
    EMPTY = 0/0, "Empty";
    /// RFC 7252 §5.8.1.
    GET = 0/1, "GET";
    /// RFC 7252 §5.8.2.
    POST = 0/2, "POST";
    /// RFC 7252 §5.8.3.
    PUT = 0/3, "PUT";
    /// RFC 7252 §5.8.4.
    DELETE = 0/4, "DELETE";
    /// RFC 8132 §2.
    FETCH = 0/5, "FETCH";
    /// RFC 8132 §3.
    PATCH = 0/6, "PATCH";
    /// RFC 8132 §3.
    IPATCH = 0/7, "iPATCH";
    /// 2.01.
    CREATED = 2/1, "Created";
    /// 2.02.
    DELETED = 2/2, "Deleted";
    /// 2.03.
    VALID = 2/3, "Valid";
    /// 2.04.
    CHANGED = 2/4, "Changed";
    /// 2.05.
    CONTENT = 2/5, "Content";
    /// 2.31: send the next block. RFC 7959 §2.9.1.
    CONTINUE = 2/31, "Continue";
    /// 4.00.
    BAD_REQUEST = 4/0, "Bad Request";
    /// 4.01.
    UNAUTHORIZED = 4/1, "Unauthorized";
    /// 4.02.
    BAD_OPTION = 4/2, "Bad Option";
    /// 4.03.
    FORBIDDEN = 4/3, "Forbidden";
    /// 4.04.
    NOT_FOUND = 4/4, "Not Found";
    /// 4.05.
    METHOD_NOT_ALLOWED = 4/5, "Method Not Allowed";
    /// 4.06.
    NOT_ACCEPTABLE = 4/6, "Not Acceptable";
    /// 4.08: a block is missing, start again. RFC 7959 §2.9.2.
    REQUEST_ENTITY_INCOMPLETE = 4/8, "Request Entity Incomplete";
    /// 4.09. RFC 8132 §4.
    CONFLICT = 4/9, "Conflict";
    /// 4.12.
    PRECONDITION_FAILED = 4/12, "Precondition Failed";
    /// 4.13.
    REQUEST_ENTITY_TOO_LARGE = 4/13, "Request Entity Too Large";
    /// 4.15.
    UNSUPPORTED_CONTENT_FORMAT = 4/15, "Unsupported Content-Format";
    /// 4.22. RFC 8132 §4.
    UNPROCESSABLE_ENTITY = 4/22, "Unprocessable Entity";
    /// 4.29. RFC 8516.
    TOO_MANY_REQUESTS = 4/29, "Too Many Requests";
    /// 5.00.
    INTERNAL_SERVER_ERROR = 5/0, "Internal Server Error";
    /// 5.01.
    NOT_IMPLEMENTED = 5/1, "Not Implemented";
    /// 5.02.
    BAD_GATEWAY = 5/2, "Bad Gateway";
    /// 5.03.
    SERVICE_UNAVAILABLE = 5/3, "Service Unavailable";
    /// 5.04.
    GATEWAY_TIMEOUT = 5/4, "Gateway Timeout";
    /// 5.05.
    PROXYING_NOT_SUPPORTED = 5/5, "Proxying Not Supported";
    /// 5.08. RFC 8768.
    HOP_LIMIT_REACHED = 5/8, "Hop Limit Reached";
    /// 7.01: capabilities and settings. RFC 8323 §5.3.
    CSM = 7/1, "CSM";
    /// 7.02. RFC 8323 §5.4.
    PING = 7/2, "Ping";
    /// 7.03. RFC 8323 §5.4.
    PONG = 7/3, "Pong";
    /// 7.04: the connection is to be closed in order. RFC 8323 §5.5.
    RELEASE = 7/4, "Release";
    /// 7.05: the connection is closed for an error. RFC 8323 §5.6.
    ABORT = 7/5, "Abort";
}

impl Code {
    /// The code `class.detail`; only the low 3 and 5 bits are used.
    pub const fn new(class: u8, detail: u8) -> Code {
        Code((class & 7) << 5 | (detail & 31))
    }

    /// The class: 0 request, 2 success, 4 client error, 5 server error, 7 signalling.
    pub const fn class(self) -> u8 {
        self.0 >> 5
    }

    /// The two digits after the dot.
    pub const fn detail(self) -> u8 {
        self.0 & 31
    }

    /// Whether this is a method, 0.01 to 0.31.
    pub const fn is_request(self) -> bool {
        self.class() == 0 && self.detail() != 0
    }

    /// Whether this is a response code, 2.xx, 4.xx or 5.xx.
    pub const fn is_response(self) -> bool {
        matches!(self.class(), 2 | 4 | 5)
    }

    /// Whether this is a signalling code, 7.xx, which exists on streams only. RFC 8323 §5.1.
    pub const fn is_signal(self) -> bool {
        self.class() == 7
    }

    /// Whether this is a 2.xx response.
    pub const fn is_success(self) -> bool {
        self.class() == 2
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.class(), self.detail())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{self} {name}"),
            None => write!(f, "{self}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_with_its_class_and_two_digits() {
        for (code, expect) in [
            (Code::CONTENT, "2.05"),
            (Code::GET, "0.01"),
            (Code::CONTINUE, "2.31"),
            (Code(0xff), "7.31"),
        ] {
            assert_eq!(code.to_string(), expect);
        }
        assert_eq!(Code::BAD_OPTION.0, 0x82);
        assert_eq!(Code::IPATCH.name(), Some("iPATCH"));
    }
}
