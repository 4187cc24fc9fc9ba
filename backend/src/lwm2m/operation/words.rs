//! A device's answer in words. LwM2M Core 1.2 §6.7, RFC 7252 §5.9.

use coap::{Code, Response};
use shared::Timestamp;
use shared::api::OperationKind;

/// What a response code that is no success says, as a sentence; with the device's own words where it gave some.
pub(crate) fn refusal(kind: OperationKind, response: &Response) -> String {
    let mut sentence = sentence(kind, response.code);
    if response.code == Code::REQUEST_ENTITY_TOO_LARGE
        && let Some(most) = response.options.size1()
    {
        sentence = format!("The value is larger than the device takes, which is at most {most} bytes.");
    }
    match response.diagnostic_text() {
        Some(text) if !text.trim().is_empty() => {
            format!("{sentence} It says: {}", crate::lwm2m::quote(text))
        }
        _ => sentence,
    }
}

/// That the device wants to be asked again later.
pub(crate) fn deferred(code: Code, now: Timestamp, until: Timestamp) -> String {
    let seconds = (until.0 - now.0).max(0) / 1000;
    let why = match code {
        Code::TOO_MANY_REQUESTS => "is asked too often",
        _ => "cannot do this now",
    };
    format!("The device {why} ({code}). It is asked again after {seconds} s, as it says.")
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
        let mut limited = Response::new(Code::REQUEST_ENTITY_TOO_LARGE);
        limited.options.set_uint(coap::number::SIZE1, 512);
        assert_eq!(
            refusal(OperationKind::Write, &limited),
            "The value is larger than the device takes, which is at most 512 bytes."
        );
        assert_eq!(
            deferred(Code::SERVICE_UNAVAILABLE, Timestamp(1000), Timestamp(31_000)),
            "The device cannot do this now (5.03). It is asked again after 30 s, as it says."
        );
        assert_eq!(
            refusal(OperationKind::Read, &Response::new(Code::new(4, 27))),
            "The device answered 4.27."
        );
    }
}
