//! Signalling messages: what the two ends of a connection say to each other about it. RFC 8323 §5.
//!
//! The numbers of their options belong to the code they stand with, not to the registry of all other options.

use super::{BASE_MESSAGE_SIZE, StreamMessage};
use crate::code::Code;
use crate::options::Options;
use crate::options::number::{Format, is_critical};
use crate::token::Token;

/// Max-Message-Size, in a CSM. RFC 8323 §5.3.1.
pub const MAX_MESSAGE_SIZE: u16 = 2;
/// Block-Wise-Transfer, in a CSM. RFC 8323 §5.3.2.
pub const BLOCK_WISE_TRANSFER: u16 = 4;
/// Custody, in a Ping or Pong. RFC 8323 §5.4.1.
pub const CUSTODY: u16 = 2;
/// Alternative-Address, in a Release. RFC 8323 §5.5.
pub const ALTERNATIVE_ADDRESS: u16 = 2;
/// Hold-Off, in a Release. RFC 8323 §5.5.
pub const HOLD_OFF: u16 = 4;
/// Bad-CSM-Option, in an Abort. RFC 8323 §5.6.
pub const BAD_CSM_OPTION: u16 = 2;

/// What a peer said of itself in its CSM.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capabilities {
    /// The largest message it takes, in bytes, header included.
    pub max_message_size: usize,
    /// Whether it does block-wise transfers.
    pub block_wise: bool,
}

impl Default for Capabilities {
    fn default() -> Capabilities {
        Capabilities {
            max_message_size: BASE_MESSAGE_SIZE,
            block_wise: false,
        }
    }
}

impl Capabilities {
    /// Whether blocks may carry several times 1024 bytes. RFC 8323 §5.3.2.
    pub fn bert(self) -> bool {
        self.block_wise && self.max_message_size > BASE_MESSAGE_SIZE
    }

    /// Follows a CSM; what it does not mention stays. RFC 8323 §5.3.
    pub(crate) fn update(&mut self, options: &Options) {
        if let Some(size) = options.uint(MAX_MESSAGE_SIZE) {
            self.max_message_size = usize::try_from(size).unwrap_or(usize::MAX);
        }
        self.block_wise |= options.contains(BLOCK_WISE_TRANSFER);
    }

    /// The CSM that says it.
    pub(crate) fn message(self) -> StreamMessage {
        let mut message = StreamMessage::new(Code::CSM);
        let size = u32::try_from(self.max_message_size).unwrap_or(u32::MAX);
        message.options.add_uint(MAX_MESSAGE_SIZE, size);
        if self.block_wise {
            message.options.add(BLOCK_WISE_TRANSFER, &[]);
        }
        message
    }
}

/// A Ping or a Pong.
pub(crate) fn ping_or_pong(code: Code, token: Token, custody: bool) -> StreamMessage {
    let mut message = StreamMessage {
        token,
        ..StreamMessage::new(code)
    };
    if custody {
        message.options.add(CUSTODY, &[]);
    }
    message
}

/// An Abort with a text for people and, if an option of a CSM is to blame, its number.
pub(crate) fn abort(text: &str, bad_option: Option<u16>) -> StreamMessage {
    let mut message = StreamMessage::new(Code::ABORT);
    if let Some(number) = bad_option {
        message.options.add_uint(BAD_CSM_OPTION, u32::from(number));
    }
    message.payload = text.as_bytes().to_vec();
    message
}

/// The name and format of an option of a signalling message, if it has one.
pub fn option(code: Code, number: u16) -> Option<(&'static str, Format)> {
    Some(match (code, number) {
        (Code::CSM, MAX_MESSAGE_SIZE) => ("Max-Message-Size", Format::Uint),
        (Code::CSM, BLOCK_WISE_TRANSFER) => ("Block-Wise-Transfer", Format::Empty),
        (Code::PING | Code::PONG, CUSTODY) => ("Custody", Format::Empty),
        (Code::RELEASE, ALTERNATIVE_ADDRESS) => ("Alternative-Address", Format::String),
        (Code::RELEASE, HOLD_OFF) => ("Hold-Off", Format::Uint),
        (Code::ABORT, BAD_CSM_OPTION) => ("Bad-CSM-Option", Format::Uint),
        _ => return None,
    })
}

/// The first option that makes the message unusable: critical and unknown, or known and not well formed. RFC 8323 §5.2.
pub(crate) fn bad_option(message: &StreamMessage) -> Option<u16> {
    let bad = |(number, value): &(u16, &[u8])| match (message.code, *number) {
        (Code::CSM, MAX_MESSAGE_SIZE) => value.len() > 4,
        _ => is_critical(*number),
    };
    message.options.iter().find(bad).map(|(number, _)| number)
}
