//! The REST interface of the server, typed. What goes wrong comes back as a [`Failure`] in words.
//!
//! Found with `expect_context::<Api>()`. The cookie of the session travels by itself; the CSRF token of the session
//! goes with everything that changes something. An answer that says the session is over marks the session as
//! expired, which asks for the password over the page, so that nothing typed is lost.

use crate::params::{Params, encode_segment};
use crate::session::Session;
use gloo_net::http::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::api::{
    ApiError, DeviceList, DeviceQuery, ErrorCode, LogIn, OperationRequest, OperationView, SessionView,
};
use web_sys::RequestCredentials;

/// Why the server did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
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
    pub(crate) fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Failure::Refused(error) if error.code == code)
    }
}

/// What a request answers.
pub(crate) type Answer<T> = Result<T, Failure>;

/// The client of the REST interface.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api {
    session: Session,
}

impl Api {
    pub(crate) const fn new(session: Session) -> Api {
        Api { session }
    }

    pub(crate) async fn who_am_i(self) -> Answer<SessionView> {
        self.get("/session").await
    }

    pub(crate) async fn log_in(self, request: &LogIn) -> Answer<SessionView> {
        self.post("/session", request).await
    }

    pub(crate) async fn log_out(self) -> Answer<()> {
        self.delete("/session").await
    }

    pub(crate) async fn devices(self, query: &DeviceQuery) -> Answer<DeviceList> {
        let limit = query.limit.map(|limit| limit.to_string());
        let query = Params::default()
            .with("query", query.query.as_deref())
            .with("sort", query.sort.as_deref())
            .with("limit", limit.as_deref())
            .with("cursor", query.cursor.as_deref());
        self.get(&format!("/devices{}", query.to_query())).await
    }

    /// Asks for an operation and waits up to `wait` seconds for its end; it may come back still queued or sent.
    pub(crate) async fn operate(
        self,
        endpoint: &str,
        request: &OperationRequest,
        wait: u32,
    ) -> Answer<OperationView> {
        self.post(
            &device_path(endpoint, &format!("/operations?wait={wait}")),
            request,
        )
        .await
    }

    /// `path` begins after `/api/v1`.
    pub(crate) async fn get<T: DeserializeOwned>(self, path: &str) -> Answer<T> {
        read(&self.send(Method::GET, path, None).await?)
    }

    pub(crate) async fn post<T: DeserializeOwned>(self, path: &str, body: &impl Serialize) -> Answer<T> {
        read(&self.send(Method::POST, path, Some(write(body)?)).await?)
    }

    pub(crate) async fn patch<T: DeserializeOwned>(self, path: &str, body: &impl Serialize) -> Answer<T> {
        read(&self.send(Method::PATCH, path, Some(write(body)?)).await?)
    }

    /// The answer's body, if any, is not looked at.
    pub(crate) async fn delete(self, path: &str) -> Answer<()> {
        self.send(Method::DELETE, path, None).await.map(drop)
    }

    /// Sends anything and returns the text of a success. Not generic, so that it exists once in the bundle.
    async fn send(self, method: Method, path: &str, body: Option<String>) -> Answer<Success> {
        let changes = method != Method::GET;
        let mut request = RequestBuilder::new(&format!("/api/v1{path}"))
            .method(method)
            .credentials(RequestCredentials::SameOrigin)
            .header("Accept", "application/json");
        if let (true, Some(token)) = (changes, self.session.csrf_token()) {
            request = request.header("X-CSRF-Token", &token);
        }
        let sent = match body {
            Some(json) => match request.header("Content-Type", "application/json").body(json) {
                Ok(request) => request.send().await,
                Err(_) => return Err(Failure::Unreachable),
            },
            None => request.send().await,
        };
        let response = sent.map_err(|_| Failure::Unreachable)?;
        let status = response.status();
        let text = text_of(&response).await?;
        if response.ok() {
            return Ok(Success { status, text });
        }
        let failure = refusal(status, &text);
        if failure.is(ErrorCode::Unauthorized) && !path.starts_with("/session") {
            self.session.expire();
        }
        Err(failure)
    }
}

/// `/devices/{endpoint}` and what follows it.
pub(crate) fn device_path(endpoint: &str, rest: &str) -> String {
    format!("/devices/{}{rest}", encode_segment(endpoint))
}

struct Success {
    status: u16,
    text: String,
}

async fn text_of(response: &Response) -> Answer<String> {
    response.text().await.map_err(|_| Failure::Unreachable)
}

fn write(body: &impl Serialize) -> Answer<String> {
    serde_json::to_string(body).map_err(|error| Failure::Unreadable {
        status: 0,
        reason: error.to_string(),
    })
}

fn read<T: DeserializeOwned>(success: &Success) -> Answer<T> {
    serde_json::from_str(&success.text).map_err(|error| Failure::Unreadable {
        status: success.status,
        reason: error.to_string(),
    })
}

/// An answer that is not a success, as a failure in words.
fn refusal(status: u16, text: &str) -> Failure {
    match (serde_json::from_str(text), status) {
        (Ok(error), _) => Failure::Refused(error),
        // A proxy before the server answers these when it cannot reach it.
        (Err(_), 502..=504) => Failure::Unreachable,
        (Err(_), _) => Failure::Unreadable {
            status,
            reason: "it is no error of the API".into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_speaks_the_servers_words() {
        let text = r#"{"code":"conflict","message":"The object exists already.","request_id":"7"}"#;
        let failure = refusal(409, text);
        assert!(failure.is(ErrorCode::Conflict));
        assert_eq!(failure.to_string(), "The object exists already.");
    }

    #[test]
    fn a_proxy_without_a_server_means_unreachable() {
        assert_eq!(refusal(502, "<html>Bad gateway</html>"), Failure::Unreachable);
        assert_eq!(
            refusal(404, "<html>").to_string(),
            "The server's answer (HTTP 404) cannot be read: it is no error of the API."
        );
    }

    #[test]
    fn an_endpoint_name_is_encoded() {
        assert_eq!(device_path("a/b", "/values/3"), "/devices/a%2Fb/values/3");
    }
}
