//! The REST interface of the server, typed. What goes wrong comes back as a [`Failure`] in words.
//!
//! Found with `expect_context::<Api>()`. The cookie of the session travels by itself; the CSRF token of the session
//! goes with everything that changes something. An answer that says the session is over marks the session as
//! expired, which asks for the password over the page, so that nothing typed is lost and what was begun goes on.

mod fetch;

use crate::params::{Params, encode_segment};
use crate::reactive::spawn_local;
use crate::session::Session;
pub(crate) use fetch::Method;
use fetch::{Request, fetch};
use serde::Serialize;
use shared::api::{
    ApiError, COMPACT, DeviceList, DeviceQuery, ErrorCode, JsonValue, LogIn, OpenLink, OperationRequest,
    OperationView, SessionView,
};
use shared::compact::{self, Compact};
use shared::json;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasm_bindgen::JsValue;

/// Why the server did not do what it was asked, in words. One number: most of the page passes it on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failure(Box<Cause>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Cause {
    #[error("The server cannot be reached. Is it running, and is the network up?")]
    Unreachable,
    /// The server's own words.
    #[error("{}", .0.message)]
    Refused(ApiError),
    /// Something between the page and the server answered, or the two are of different versions.
    #[error("The server's answer (HTTP {status}) cannot be read: {reason}.")]
    Unreadable { status: u16, reason: String },
}

impl Failure {
    #[inline(never)]
    fn of(cause: Cause) -> Failure {
        Failure(Box::new(cause))
    }

    #[inline(never)]
    pub(crate) fn unreachable() -> Failure {
        Failure::of(Cause::Unreachable)
    }

    pub(crate) fn is_unreachable(&self) -> bool {
        *self.0 == Cause::Unreachable
    }

    pub(crate) fn is(&self, code: ErrorCode) -> bool {
        matches!(&*self.0, Cause::Refused(error) if error.code == code)
    }
}

/// The media type of what is sent.
const JSON: &str = "application/json";

/// What a request answers.
pub(crate) type Answer<T> = Result<T, Failure>;

/// What becomes of a request when the session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// It is sent once more after the log in, so that what a person began goes on.
    Waits,
    /// It fails: whoever shows what is only read reads it again after the log in.
    Fails,
}

impl Over {
    fn of(method: Method) -> Over {
        if method == Method::GET {
            Over::Fails
        } else {
            Over::Waits
        }
    }
}

/// An answer on its way. Boxed, so that what waits for it does not contain all that happens until then.
pub(crate) type Soon<T> = Pin<Box<dyn Future<Output = Answer<T>>>>;

/// What is sent, with its media type.
type Body = Option<(&'static str, JsValue)>;

/// An answer of a known type on its way: waited for in an `async` block, or followed by what is done [`Asked::then`].
#[must_use]
pub(crate) struct Asked<T> {
    sent: Soon<Received>,
    read: fn(Received) -> Answer<T>,
}

impl<T> Asked<T> {
    /// What is not asked for, because it cannot be answered.
    pub(crate) fn failed(failure: Failure) -> Asked<T> {
        Asked {
            sent: Box::pin(std::future::ready(Err(failure))),
            read: |_| Err(Failure::unreachable()),
        }
    }

    /// Does something with the answer once it is here. Less code than a future of its own, which is a machine of its states.
    pub(crate) fn then(self, act: impl FnOnce(Answer<T>) + 'static)
    where
        T: 'static,
    {
        let read = self.read;
        follow(self.sent, Box::new(move |received| act(received.and_then(read))));
    }
}

impl<T> fmt::Debug for Asked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
    }
}

impl<T> Future for Asked<T> {
    type Output = Answer<T>;

    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer<T>> {
        self.sent
            .as_mut()
            .poll(context)
            .map(|received| received.and_then(self.read))
    }
}

fn follow(sent: Soon<Received>, act: Box<dyn FnOnce(Answer<Received>)>) {
    spawn_local(async move { act(sent.await) });
}

/// The client of the REST interface.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api {
    session: Session,
}

impl Api {
    pub(crate) const fn new(session: Session) -> Api {
        Api { session }
    }

    pub(crate) fn who_am_i(self) -> Asked<SessionView> {
        self.get("/session")
    }

    pub(crate) fn log_in(self, request: &LogIn) -> Asked<SessionView> {
        self.post("/session", request)
    }

    pub(crate) fn open_link(self, request: &OpenLink) -> Asked<SessionView> {
        self.post("/session/link", request)
    }

    pub(crate) fn log_out(self) -> Asked<()> {
        self.delete("/session")
    }

    pub(crate) fn devices(self, query: &DeviceQuery) -> Asked<DeviceList> {
        let limit = query.limit.map(|limit| limit.to_string());
        let offset = query.offset.map(|offset| offset.to_string());
        let query = Params::default()
            .with("query", query.query.as_deref())
            .with("sort", query.sort.as_deref())
            .with("limit", limit.as_deref())
            .with("cursor", query.cursor.as_deref())
            .with("offset", offset.as_deref())
            .with("around", query.around.as_deref());
        self.get(&format!("/devices{}", query.to_query()))
    }

    /// Asks for an operation and waits up to `wait` seconds for its end; it may come back still queued or sent.
    pub(crate) fn operate(
        self,
        endpoint: &str,
        request: &OperationRequest,
        wait: u32,
    ) -> Asked<OperationView> {
        let path = device_path(endpoint, &format!("/operations?wait={wait}"));
        self.post(&path, request)
    }

    /// `path` begins after `/api/v1`.
    pub(crate) fn get<T: Compact>(self, path: &str) -> Asked<T> {
        self.ask(Over::Fails, Method::GET, path, Ok(None))
    }

    /// As [`Api::get`], as a step of what a person began: it waits for the password like a change, since nobody else
    /// would read it again.
    pub(crate) fn get_for_deed<T: Compact>(self, path: &str) -> Asked<T> {
        self.ask(Over::Waits, Method::GET, path, Ok(None))
    }

    pub(crate) fn post<T: Compact>(self, path: &str, body: &impl Serialize) -> Asked<T> {
        self.ask(Over::Waits, Method::POST, path, write(body))
    }

    pub(crate) fn put<T: Compact>(self, path: &str, body: &impl Serialize) -> Asked<T> {
        self.ask(Over::Waits, Method::PUT, path, write(body))
    }

    pub(crate) fn patch<T: Compact>(self, path: &str, body: &impl Serialize) -> Asked<T> {
        self.ask(Over::Waits, Method::PATCH, path, write(body))
    }

    /// Sends a text, or a file, as it is. The browser reads a file while it sends it.
    pub(crate) fn upload<T: Compact>(
        self,
        path: &str,
        media_type: &'static str,
        content: impl Into<JsValue>,
    ) -> Asked<T> {
        let body = Some((media_type, content.into()));
        self.ask(Over::Waits, Method::POST, path, Ok(body))
    }

    /// Asks for a file, which is answered in the form that it has.
    pub(crate) fn file(self, method: Method, path: &str) -> Asked<Vec<u8>> {
        Asked {
            sent: self.send(Over::of(method), COMPACT, method, path, Ok(None)),
            read: |received| Ok(received.body),
        }
    }

    /// Sends JSON, if any, as it is written, and reads an answer that has no compact form as JSON.
    pub(crate) fn json(self, method: Method, path: &str, body: Option<String>) -> Asked<JsonValue> {
        let body = body.map(|text| (JSON, text.into()));
        Asked {
            sent: self.send(Over::of(method), JSON, method, path, Ok(body)),
            read: |received| {
                json::parse(&received.body).map_err(|mistake| received.unreadable(mistake.to_string()))
            },
        }
    }

    /// Sends something whose answer has no body.
    pub(crate) fn tell(self, method: Method, path: &str, body: &impl Serialize) -> Asked<()> {
        self.told(method, path, write(body))
    }

    /// The answer's body, if any, is not looked at.
    pub(crate) fn delete(self, path: &str) -> Asked<()> {
        self.told(Method::DELETE, path, Ok(None))
    }

    fn told(self, method: Method, path: &str, body: Answer<Body>) -> Asked<()> {
        Asked {
            sent: self.send(Over::Waits, COMPACT, method, path, body),
            read: |_| Ok(()),
        }
    }

    fn ask<T: Compact>(self, over: Over, method: Method, path: &str, body: Answer<Body>) -> Asked<T> {
        Asked {
            sent: self.send(over, COMPACT, method, path, body),
            read,
        }
    }

    fn send(
        self,
        over: Over,
        accept: &'static str,
        method: Method,
        path: &str,
        body: Answer<Body>,
    ) -> Soon<Received> {
        let path = path.to_owned();
        Box::pin(async move { self.send_for(over, accept, method, &path, body?).await })
    }

    /// Sends anything and returns a success. When the session is over, the page asks for the password.
    async fn send_for(
        self,
        over: Over,
        accept: &str,
        method: Method,
        path: &str,
        body: Body,
    ) -> Answer<Received> {
        let session = self.session.csrf_token();
        let answer = self.send_once(accept, method, path, body.clone()).await;
        match answer {
            Err(failure) if failure.is(ErrorCode::Unauthorized) && !is_log_in(path) => {
                // An answer may be so late that somebody logged in again meanwhile.
                if self.session.csrf_token() == session {
                    self.session.expire();
                }
                if over == Over::Waits && self.session.renewed().await {
                    self.send_once(accept, method, path, body).await
                } else {
                    Err(failure)
                }
            }
            answer => answer,
        }
    }

    /// Not generic, so that it exists once in the bundle.
    async fn send_once(self, accept: &str, method: Method, path: &str, body: Body) -> Answer<Received> {
        let changes = method != Method::GET;
        let reply = fetch(Request {
            method,
            address: &format!("/api/v1{path}"),
            accept,
            csrf_token: self.session.csrf_token().filter(|_| changes),
            body,
        })
        .await?;
        let answer = Received {
            status: reply.status,
            compact: reply.media_type.as_deref() == Some(COMPACT),
            body: reply.body,
        };
        if matches!(answer.status, 200..=299) {
            Ok(answer)
        } else {
            Err(refusal(&answer))
        }
    }
}

/// What is asked for before there is a session: that there is none is no news then.
fn is_log_in(path: &str) -> bool {
    matches!(path, "/session" | "/session/link")
}

/// `/devices/{endpoint}` and what follows it.
pub(crate) fn device_path(endpoint: &str, rest: &str) -> String {
    format!("/devices/{}{rest}", encode_segment(endpoint))
}

/// What came back.
struct Received {
    status: u16,
    /// Whether it is in the form that was asked for; if not, something else than the server answered.
    compact: bool,
    body: Vec<u8>,
}

impl Received {
    #[inline(never)]
    fn unreadable(&self, reason: String) -> Failure {
        let status = self.status;
        Failure::of(Cause::Unreadable { status, reason })
    }

    /// What went wrong, as the server tells it.
    fn error(&self) -> Result<ApiError, String> {
        if self.compact {
            self.decode()
        } else {
            let told = json::parse(&self.body).ok();
            let told = told.as_ref().and_then(ApiError::from_json);
            told.ok_or_else(|| "it is no answer of the API".into())
        }
    }

    fn decode<T: Compact>(&self) -> Result<T, String> {
        if !self.compact {
            return Err("it is no answer of the API".into());
        }
        compact::decode(&self.body).map_err(|_| "it is of another version of Muster".into())
    }
}

fn write(body: &impl Serialize) -> Answer<Body> {
    written(json::body(body))
}

#[inline(never)]
fn written(json: Option<String>) -> Answer<Body> {
    match json {
        Some(text) => Ok(Some((JSON, text.into()))),
        None => Err(Failure::of(Cause::Unreadable {
            status: 0,
            reason: "what was to be sent is no JSON".into(),
        })),
    }
}

#[inline(never)]
#[expect(clippy::needless_pass_by_value, reason = "what reads a file takes its bytes")]
fn read<T: Compact>(success: Received) -> Answer<T> {
    success.decode().map_err(|reason| success.unreadable(reason))
}

/// An answer that is not a success, as a failure in words.
fn refusal(answer: &Received) -> Failure {
    match (answer.error(), answer.status) {
        (Ok(error), _) => Failure::of(Cause::Refused(error)),
        // A proxy before the server answers these when it cannot reach it.
        (Err(_), 502..=504) => Failure::unreachable(),
        (Err(reason), _) => answer.unreadable(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(status: u16, compact: bool, body: &[u8]) -> Received {
        Received {
            status,
            compact,
            body: body.to_vec(),
        }
    }

    #[test]
    fn a_refusal_speaks_the_servers_words() {
        let error = ApiError {
            code: ErrorCode::Conflict,
            message: "The object exists already.".into(),
            request_id: "7".into(),
        };
        let body = shared::live::encode(&error).expect("an error can be written");
        let failure = refusal(&received(409, true, &body));
        assert!(failure.is(ErrorCode::Conflict));
        assert_eq!(failure.to_string(), "The object exists already.");
    }

    #[test]
    fn a_proxy_without_a_server_means_unreachable() {
        let page = b"<html>Bad gateway</html>";
        assert_eq!(refusal(&received(502, false, page)), Failure::unreachable());
        assert_eq!(
            refusal(&received(404, false, page)).to_string(),
            "The server's answer (HTTP 404) cannot be read: it is no answer of the API."
        );
    }

    #[test]
    fn an_endpoint_name_is_encoded() {
        assert_eq!(device_path("a/b", "/values/3"), "/devices/a%2Fb/values/3");
    }
}
