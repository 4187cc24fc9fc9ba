//! The one place where errors become HTTP.
//!
//! A handler returns a [`Failure`]; [`super::envelope`] gives it its body with the request's id. What the person is
//! told and what the log keeps are apart.

use crate::auth::AuthError;
use crate::bootstrap::BootstrapError;
use crate::core::{ModelError, OperateError, QueryError};
use crate::store::StoreError;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::api::ErrorCode;

/// Why a request is not answered with what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub code: ErrorCode,
    /// A sentence for the person who asked.
    pub message: String,
    /// What the log keeps besides.
    pub detail: Option<String>,
    /// In how many seconds it is worth trying again.
    pub retry_after: Option<u64>,
}

impl Failure {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Failure {
        Failure {
            code,
            message: message.into(),
            detail: None,
            retry_after: None,
        }
    }

    pub fn bad_request(message: impl Into<String>) -> Failure {
        Failure::new(ErrorCode::BadRequest, message)
    }

    pub fn no_device(endpoint: &str) -> Failure {
        let shown: String = endpoint.chars().take(200).collect();
        Failure::new(ErrorCode::NotFound, format!("there is no device '{shown}'"))
    }

    /// Something that is not the asker's fault.
    pub fn internal(detail: impl Into<String>) -> Failure {
        Failure {
            code: ErrorCode::Internal,
            message: "the server failed at this; its log says more under the request's id".into(),
            detail: Some(detail.into()),
            retry_after: None,
        }
    }

    pub fn stopping() -> Failure {
        Failure::new(ErrorCode::Unavailable, "the server is stopping")
    }
}

/// Carries the failure to [`super::envelope`], which writes the body.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        match error {
            StoreError::Stopped => Failure::stopping(),
            error => Failure::internal(error.to_string()),
        }
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Failure {
        let code = match &error {
            AuthError::WrongPassword | AuthError::NoSuchLink | AuthError::LinkExpired(_) => {
                ErrorCode::Unauthorized
            }
            AuthError::Throttled { .. } | AuthError::Busy => ErrorCode::TooMany,
            AuthError::UserExists(_) | AuthError::LastAdmin | AuthError::Full(_) => ErrorCode::Conflict,
            AuthError::UnknownUser(_)
            | AuthError::UnknownToken(_)
            | AuthError::UnknownLink(_)
            | AuthError::UnknownSession(_) => ErrorCode::NotFound,
            AuthError::BadName
            | AuthError::BadPassword
            | AuthError::BadNote
            | AuthError::Past
            | AuthError::BadLifetime
            | AuthError::WrongOldPassword => ErrorCode::BadRequest,
            AuthError::Hash(_) | AuthError::Randomness(_) => return Failure::internal(error.to_string()),
            AuthError::Store(_) => {
                let AuthError::Store(error) = error else {
                    return Failure::internal(error.to_string());
                };
                return error.into();
            }
        };
        let retry_after = match &error {
            AuthError::Throttled { seconds } => Some(*seconds),
            AuthError::Busy => Some(1),
            _ => None,
        };
        Failure {
            retry_after,
            ..Failure::new(code, error.to_string())
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Failure {
        Failure::bad_request(error.to_string())
    }
}

impl From<OperateError> for Failure {
    fn from(error: OperateError) -> Failure {
        let code = match &error {
            OperateError::UnknownDevice => ErrorCode::NotFound,
            OperateError::NotRegistered(_) => ErrorCode::Conflict,
            OperateError::BadRequest(_) => ErrorCode::BadRequest,
            OperateError::DoesNotFitModel(_) => ErrorCode::DoesNotFitModel,
            OperateError::QueueFull(_) => ErrorCode::TooMany,
            OperateError::Stopping => ErrorCode::Unavailable,
        };
        Failure::new(code, error.to_string())
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Failure {
        let code = match error {
            ModelError::Definition(_) | ModelError::Twice(..) => ErrorCode::BadRequest,
            ModelError::Contradicts { .. } | ModelError::BuiltIn(..) | ModelError::WhichVersion(_) => {
                ErrorCode::Conflict
            }
            ModelError::NotUploaded { .. } => ErrorCode::NotFound,
            ModelError::Full => ErrorCode::TooMany,
            ModelError::Store(error) => return error.into(),
        };
        Failure::new(code, error.to_string())
    }
}

impl From<BootstrapError> for Failure {
    fn from(error: BootstrapError) -> Failure {
        let code = match &error {
            BootstrapError::UnknownConfiguration(_) => ErrorCode::NotFound,
            BootstrapError::BadName
            | BootstrapError::Query(_)
            | BootstrapError::BadRequest(_)
            | BootstrapError::NoStoredSecret(_) => ErrorCode::BadRequest,
            BootstrapError::Unfit(_) => ErrorCode::DoesNotFitModel,
            BootstrapError::InUse { .. }
            | BootstrapError::NoAddress
            | BootstrapError::NotServed
            | BootstrapError::Key(_)
            | BootstrapError::Refused(_) => ErrorCode::Conflict,
            BootstrapError::TooManyDevices => ErrorCode::TooMany,
            BootstrapError::Stopping => ErrorCode::Unavailable,
            BootstrapError::Store(_) => {
                let BootstrapError::Store(error) = error else {
                    return Failure::internal(error.to_string());
                };
                return error.into();
            }
        };
        Failure::new(code, error.to_string())
    }
}

impl From<PathRejection> for Failure {
    fn from(rejection: PathRejection) -> Failure {
        Failure::bad_request(format!(
            "the URL's path cannot be read: {}",
            rejection.body_text()
        ))
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Failure {
        Failure::bad_request(format!(
            "the URL's query cannot be read: {}",
            rejection.body_text()
        ))
    }
}

/// The failure behind a status that no handler of ours chose: the router's or a library's.
pub(super) fn from_status(status: StatusCode, method: &str) -> Failure {
    let (code, words) = match status {
        StatusCode::NOT_FOUND => (ErrorCode::NotFound, "there is nothing under this path".to_owned()),
        StatusCode::METHOD_NOT_ALLOWED => (
            ErrorCode::MethodNotAllowed,
            format!("{method} is not possible here; the Allow header says what is"),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (ErrorCode::TooLarge, "the body is too large".to_owned()),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            ErrorCode::UnsupportedMediaType,
            "this media type is not taken here".to_owned(),
        ),
        StatusCode::UNAUTHORIZED => (ErrorCode::Unauthorized, "log in, or send an API token".to_owned()),
        StatusCode::FORBIDDEN => (ErrorCode::Forbidden, "this is not allowed".to_owned()),
        StatusCode::TOO_MANY_REQUESTS => (ErrorCode::TooMany, "too many requests".to_owned()),
        StatusCode::SERVICE_UNAVAILABLE => (ErrorCode::Unavailable, "the server is not ready".to_owned()),
        status if status.is_client_error() => (
            ErrorCode::BadRequest,
            format!("the request cannot be understood ({status})"),
        ),
        status => return Failure::internal(format!("a library answered {status}")),
    };
    Failure::new(code, words)
}
