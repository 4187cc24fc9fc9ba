//! The only file that knows the datagram format's library, coap-lite.
//!
//! What the library would let pass (another version, a payload marker without a payload, an Empty message with content)
//! is refused by [`layout`] before it is asked. Block1 and Block2 travel through it as raw bytes: its own block number
//! is a `u16` and wrong from 4096 on.

use coap_lite::{CoapOption, MessageClass, MessageType, Packet};

use crate::code::Code;
use crate::layout;
use crate::message::{Kind, MalformedMessage, Message};
use crate::options::Options;
use crate::token::Token;

pub(crate) fn parse(datagram: &[u8]) -> Result<Message, MalformedMessage> {
    let layout = layout::of(datagram)?;
    if layout.code == Code::EMPTY {
        return Ok(Message::empty(layout.kind, layout.message_id));
    }
    let packet = Packet::from_bytes(datagram).map_err(|_| MalformedMessage::Format)?;
    let mut options = Options::with_capacity(layout.options.len() + 3 * packet.options().len());
    for (number, values) in packet.options() {
        for value in values {
            options.add(*number, value);
        }
    }
    let token = Token::new(packet.get_token()).ok_or(MalformedMessage::TokenTruncated)?;
    Ok(Message {
        kind: layout.kind,
        code: layout.code,
        message_id: layout.message_id,
        token,
        options,
        payload: packet.payload,
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
    if code == Code::EMPTY {
        return empty(kind, message_id).to_vec();
    }
    let mut packet = Packet::new();
    packet.header.set_version(1);
    packet.header.set_type(match kind {
        Kind::Confirmable => MessageType::Confirmable,
        Kind::NonConfirmable => MessageType::NonConfirmable,
        Kind::Acknowledgement => MessageType::Acknowledgement,
        Kind::Reset => MessageType::Reset,
    });
    packet.header.code = MessageClass::from(code.0);
    packet.header.message_id = message_id;
    packet.set_token(token.as_bytes().to_vec());
    for (number, value) in options {
        packet.add_option(CoapOption::from(number), value.to_vec());
    }
    packet.payload = payload.to_vec();
    // Only a limit on the size could fail, and none is set.
    packet.to_bytes_unlimited().unwrap_or_default()
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
