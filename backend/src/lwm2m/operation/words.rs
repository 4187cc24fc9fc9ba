//! A device's answer in words. LwM2M Core 1.2 §6.7, RFC 7252 §5.9.

use coap::{Code, Response};
use shared::api::OperationKind;

/// What a response code that is no success says, as a sentence; with the device's own words where it gave some.
pub(crate) fn refusal(kind: OperationKind, response: &Response) -> String {
    let sentence = sentence(kind, response.code);
    match response.diagnostic_text() {
        Some(text) if !text.trim().is_empty() => {
            format!("{sentence} It says: {}", crate::lwm2m::quote(text))
        }
        _ => sentence,
    }
}

fn sentence(kind: OperationKind, code: Code) -> String {
    let fixed = match code {
        Code::BAD_REQUEST => match kind {
            OperationKind::Write | OperationKind::Update | OperationKind::Create => {
                "The device does not take this value."
            }
            OperationKind::Execute => "The device does not take these arguments.",
            OperationKind::WriteAttributes => "The device does not take these attributes.",
            _ => "The device does not understand the request.",
        },
        Code::UNAUTHORIZED => "The device does not give this server the right to do this.",
        Code::BAD_OPTION => "The device does not understand an option of the request.",
        Code::FORBIDDEN => "The device forbids this.",
        Code::NOT_FOUND => "The device has nothing at this path.",
        Code::METHOD_NOT_ALLOWED => "The device does not allow this operation here.",
        Code::NOT_ACCEPTABLE => "The device does not offer any of the formats that were asked for.",
        Code::REQUEST_ENTITY_INCOMPLETE => "The device missed a part of the value.",
        Code::CONFLICT => "The request contradicts the state of the device.",
        Code::PRECONDITION_FAILED => "A condition that the device sets is not met.",
        Code::REQUEST_ENTITY_TOO_LARGE => "The value is larger than the device takes.",
        Code::UNSUPPORTED_CONTENT_FORMAT => "The device does not read any of the formats that were tried.",
        Code::TOO_MANY_REQUESTS => "The device is asked too often.",
        Code::INTERNAL_SERVER_ERROR => "The device failed while it carried this out.",
        Code::NOT_IMPLEMENTED => "The device does not implement this.",
        Code::SERVICE_UNAVAILABLE => "The device cannot do this now.",
        Code::GATEWAY_TIMEOUT => "Something behind the device did not answer in time.",
        _ => "",
    };
    if fixed.is_empty() {
        match code.name() {
            Some(name) => format!("The device answered {code} ({name})."),
            None => format!("The device answered {code}."),
        }
    } else {
        fixed.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_sentence_with_the_devices_own_words() {
        let plain = Response::new(Code::METHOD_NOT_ALLOWED);
        assert_eq!(
            refusal(OperationKind::Write, &plain),
            "The device does not allow this operation here."
        );
        let told = Response::diagnostic(Code::BAD_REQUEST, "too hot");
        assert_eq!(
            refusal(OperationKind::Write, &told),
            "The device does not take this value. It says: 'too hot'"
        );
        assert_eq!(
            refusal(OperationKind::Read, &Response::new(Code::new(4, 27))),
            "The device answered 4.27."
        );
    }
}
