//! The datagrams that the generator's devices send.

use coap::{Code, Kind, Message, Options, Token};
use std::fmt::Write as _;

/// What is watched on the devices that notify.
pub(super) const WATCHED: &str = "/3303/0/5700";

/// Object links as devices in the field have. The Device object is left out, because the server reads it of its own
/// accord after a Register, at a limited pace, which would mix with what is measured after it.
const LINKS: &str = "</>;rt=\"oma.lwm2m\";ct=\"60 110 112 11542\",</1>;ver=1.1,</1/0>,</4>;ver=1.2,</4/0>,</5/0>,</6/0>,</7/0>,</3303/0>,\
                     </3303/1>,</3304/0>,</3311/0>,</3311/1>,</3315/0>,</3323/0>,</3340/0>,</3347/0>";

/// The endpoint name of a device.
pub(super) fn endpoint(device: u32) -> String {
    format!("bench-{device:07}")
}

pub(super) fn register(device: u32, message_id: u16) -> Message {
    let mut options = Options::new();
    options.set_path("/rd");
    options.set_content_format(Some(40));
    options.add_query(&format!("ep={}", endpoint(device)));
    options.add_query("lt=86400");
    options.add_query("lwm2m=1.1");
    options.add_query("b=U");
    request(options, message_id, LINKS.as_bytes().to_vec())
}

/// An Update that changes nothing: what a device sends to be kept.
pub(super) fn update(location: &str, message_id: u16) -> Message {
    let mut options = Options::new();
    options.set_path(location);
    request(options, message_id, Vec::new())
}

fn request(options: Options, message_id: u16, payload: Vec<u8>) -> Message {
    let [high, low] = message_id.to_be_bytes();
    Message {
        kind: Kind::Confirmable,
        code: Code::POST,
        message_id,
        token: Token::new(&[0xbe, 0x9c, high, low]).unwrap_or_default(),
        options,
        payload,
    }
}

/// A notification with another value than the one before.
pub(super) fn notification(token: Token, sequence: u32, message_id: u16) -> Message {
    Message {
        kind: Kind::Confirmable,
        code: Code::CONTENT,
        message_id,
        token,
        options: observed(sequence),
        payload: value(sequence),
    }
}

/// The answer to whatever the server asks: the watched value, or that there is nothing else.
pub(super) fn answer(request: &Message, sequence: u32) -> Message {
    let watched = request.code == Code::GET && request.options.path() == WATCHED;
    let (code, options, payload) = if watched && request.options.observe() == Some(0) {
        (Code::CONTENT, observed(sequence), value(sequence))
    } else {
        (Code::NOT_FOUND, Options::new(), Vec::new())
    };
    Message {
        kind: Kind::Acknowledgement,
        code,
        message_id: request.message_id,
        token: request.token,
        options,
        payload,
    }
}

fn observed(sequence: u32) -> Options {
    let mut options = Options::new();
    options.set_observe(Some(sequence));
    options.set_content_format(Some(0));
    options
}

fn value(sequence: u32) -> Vec<u8> {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(text, "{}.{:02}", 15 + sequence % 20, sequence % 100);
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_is_as_large_as_one_in_the_field() {
        let length = register(1, 1).encode().len();
        assert!((240..280).contains(&length), "{length}");
        assert_eq!(LINKS.split(',').count(), 17);
    }
}
