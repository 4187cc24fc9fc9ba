//! Datagrams to messages and back. RFC 7252 §3.
//!
//! Written by hand because it is on the way of every datagram: reading costs one allocation for all options and one for
//! the payload, writing one for the datagram. coap-lite does the same with one for each option; it is the
//! second opinion in `tests/properties/`, where each reads what the other writes.

use crate::code::Code;
use crate::layout::{self, OptionRanges};
use crate::message::{Kind, MalformedMessage, Message};
use crate::options::Options;
use crate::token::Token;

pub(crate) fn parse(datagram: &[u8]) -> Result<Message, MalformedMessage> {
    let layout = layout::of(datagram)?;
    if layout.code == Code::EMPTY {
        return Ok(Message::empty(layout.kind, layout.message_id));
    }
    let token = Token::new(&datagram[layout.token.clone()]).ok_or(MalformedMessage::TokenTruncated)?;
    // A header of 1 byte in the datagram takes 4 here, and most options are longer than one byte.
    let mut options = Options::with_capacity(2 * layout.options.len());
    for option in OptionRanges::new(datagram, layout.token.end) {
        let option = option?;
        options.push(option.number, &datagram[option.value]);
    }
    Ok(Message {
        kind: layout.kind,
        code: layout.code,
        message_id: layout.message_id,
        token,
        options,
        payload: datagram[layout.payload].to_vec(),
    })
}

pub(crate) fn encode(
    kind: Kind,
    code: Code,
    message_id: u16,
    token: Token,
    options: &Options,
    payload: &[u8],
) -> Vec<u8> {
    let mut header = empty(kind, message_id);
    if code == Code::EMPTY {
        return header.to_vec();
    }
    let token = token.as_bytes();
    // At most 8 bytes of token.
    header[0] |= token.len() as u8;
    header[1] = code.0;
    // What an option costs here is never more than in the list.
    let mut datagram = Vec::with_capacity(header.len() + token.len() + options.bytes() + 1 + payload.len());
    datagram.extend_from_slice(&header);
    datagram.extend_from_slice(token);
    let mut previous = 0;
    for (number, value) in options {
        write_option(&mut datagram, number - previous, value);
        previous = number;
    }
    if !payload.is_empty() {
        datagram.push(0xff);
        datagram.extend_from_slice(payload);
    }
    datagram
}

/// RFC 7252 §3.1: delta and length are a nibble each, and 13 or 14 says that one or two bytes more follow.
fn write_option(datagram: &mut Vec<u8>, delta: u16, value: &[u8]) {
    // A value is never longer than 65,535 bytes.
    let (delta, delta_more) = extended(delta);
    let (length, length_more) = extended(value.len() as u16);
    datagram.push(delta << 4 | length);
    for (nibble, [high, low]) in [(delta, delta_more), (length, length_more)] {
        match nibble {
            13 => datagram.push(low),
            14 => datagram.extend_from_slice(&[high, low]),
            _ => {}
        }
    }
    datagram.extend_from_slice(value);
}

fn extended(number: u16) -> (u8, [u8; 2]) {
    match number {
        0..13 => (number as u8, [0, 0]),
        13..269 => (13, (number - 13).to_be_bytes()),
        269.. => (14, (number - 269).to_be_bytes()),
    }
}

/// The 4 bytes of an Empty message.
pub(crate) fn empty(kind: Kind, message_id: u16) -> [u8; 4] {
    let bits = match kind {
        Kind::Confirmable => 0,
        Kind::NonConfirmable => 1,
        Kind::Acknowledgement => 2,
        Kind::Reset => 3,
    };
    let [high, low] = message_id.to_be_bytes();
    [0x40 | bits << 4, 0, high, low]
}
