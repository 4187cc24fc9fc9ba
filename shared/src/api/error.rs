//! What the REST interface answers when it cannot do what was asked.

use crate::compact::Compact;
use crate::json::{self, Json};
use serde::{Deserialize, Serialize};

/// The closed set of error codes; the HTTP status follows from the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErrorCode {
    /// 400: the request does not say what it must, or says it wrongly.
    BadRequest,
    /// 401: no session or token, or a wrong password.
    Unauthorized,
    /// 403: the role does not allow it, or the CSRF check failed.
    Forbidden,
    /// 404
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 409: it contradicts what is there.
    Conflict,
    /// 413: the body is larger than the server takes.
    TooLarge,
    /// 415
    UnsupportedMediaType,
    /// 422: the value does not fit its object model.
    DoesNotFitModel,
    /// 429: too many attempts, or a bounded queue is full.
    TooMany,
    /// 500
    Internal,
    /// 503: the server is starting or stopping.
    Unavailable,
}

impl ErrorCode {
    pub const ALL: [ErrorCode; 12] = [
        ErrorCode::BadRequest,
        ErrorCode::Unauthorized,
        ErrorCode::Forbidden,
        ErrorCode::NotFound,
        ErrorCode::MethodNotAllowed,
        ErrorCode::Conflict,
        ErrorCode::TooLarge,
        ErrorCode::UnsupportedMediaType,
        ErrorCode::DoesNotFitModel,
        ErrorCode::TooMany,
        ErrorCode::Internal,
        ErrorCode::Unavailable,
    ];

    pub const fn status(self) -> u16 {
        match self {
            ErrorCode::BadRequest => 400,
            ErrorCode::Unauthorized => 401,
            ErrorCode::Forbidden => 403,
            ErrorCode::NotFound => 404,
            ErrorCode::MethodNotAllowed => 405,
            ErrorCode::Conflict => 409,
            ErrorCode::TooLarge => 413,
            ErrorCode::UnsupportedMediaType => 415,
            ErrorCode::DoesNotFitModel => 422,
            ErrorCode::TooMany => 429,
            ErrorCode::Internal => 500,
            ErrorCode::Unavailable => 503,
        }
    }
}

/// The body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiError {
    pub code: ErrorCode,
    /// A sentence for the person who asked.
    pub message: String,
    /// The same id stands in the server's log.
    pub request_id: String,
}

impl ApiError {
    /// What an answer in JSON says, if it is an error of the API.
    pub fn from_json(answer: &Json) -> Option<ApiError> {
        let code = answer["code"].to_string();
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        Some(ApiError {
            code: ErrorCode::ALL
                .into_iter()
                .find(|known| json::body(known).is_some_and(|known| known == code))?,
            message: text("message")?,
            request_id: text("request_id")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_read_from_json() {
        for (number, code) in ErrorCode::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, number);
            let error = ApiError {
                code,
                message: "Why.".into(),
                request_id: "7".into(),
            };
            let text = serde_json::to_vec(&error).unwrap();
            assert_eq!(ApiError::from_json(&json::parse(&text).unwrap()), Some(error));
        }
        let other = json::parse(br#"{"code":"teapot","message":"","request_id":""}"#).unwrap();
        assert_eq!(ApiError::from_json(&other), None);
    }
}
