//! What an application asks and is asked: a method, options and a whole body.

use crate::code::Code;
use crate::options::Options;

/// A request. The body is whole: the endpoint cuts it in blocks and puts it together again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// The method.
    pub code: Code,
    /// The options. Block1, Block2 and Size1 belong to the endpoint.
    pub options: Options,
    /// The whole body.
    pub payload: Vec<u8>,
}

impl Request {
    /// A request of the method for the path, such as `/3/0/9`.
    pub fn new(code: Code, path: &str) -> Request {
        let mut options = Options::new();
        options.set_path(path);
        Request {
            code,
            options,
            payload: Vec::new(),
        }
    }

    /// A GET of the path.
    pub fn get(path: &str) -> Request {
        Request::new(Code::GET, path)
    }

    /// A POST to the path.
    pub fn post(path: &str) -> Request {
        Request::new(Code::POST, path)
    }

    /// A PUT to the path.
    pub fn put(path: &str) -> Request {
        Request::new(Code::PUT, path)
    }

    /// A DELETE of the path.
    pub fn delete(path: &str) -> Request {
        Request::new(Code::DELETE, path)
    }

    /// Adds a query.
    pub fn with_query(mut self, query: &str) -> Request {
        self.options.add_query(query);
        self
    }

    /// Sets the body and its format.
    pub fn with_payload(mut self, content_format: u16, payload: impl Into<Vec<u8>>) -> Request {
        self.options.set_content_format(Some(content_format));
        self.payload = payload.into();
        self
    }

    /// Sets the format wanted for the response.
    pub fn with_accept(mut self, content_format: u16) -> Request {
        self.options.set_accept(Some(content_format));
        self
    }

    /// Asks for notifications of every change. RFC 7641 §3.1.
    pub fn observing(mut self) -> Request {
        self.options.set_observe(Some(0));
        self
    }

    /// The path as one text, such as `/3/0/9`.
    pub fn path(&self) -> String {
        self.options.path()
    }

    /// The segments of the path.
    pub fn path_segments(&self) -> impl Iterator<Item = &str> {
        self.options.path_segments()
    }

    /// The queries.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        self.options.queries()
    }

    /// The format of the body.
    pub fn content_format(&self) -> Option<u16> {
        self.options.content_format()
    }

    /// The format wanted for the response.
    pub fn accept(&self) -> Option<u16> {
        self.options.accept()
    }

    /// 0 to register for notifications, 1 to end them.
    pub fn observe(&self) -> Option<u32> {
        self.options.observe()
    }
}

/// How a request is to be carried.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RequestOptions {
    /// Whether it goes as CON and is sent again until it is acknowledged. True by default.
    pub confirmable: bool,
    /// The time from now, waiting in the queue included, after which it fails with `DeadlineExceeded`.
    pub deadline: Option<std::time::Duration>,
    /// Parameters for this request only, in place of the peer's.
    pub parameters: Option<crate::parameters::Parameters>,
}

impl Default for RequestOptions {
    fn default() -> RequestOptions {
        RequestOptions {
            confirmable: true,
            deadline: None,
            parameters: None,
        }
    }
}
