//! One CoAP message, as it stands in one datagram. RFC 7252 §3.

use crate::code::Code;
use crate::options::Options;
use crate::token::Token;
use crate::wire;

/// The type of a message. RFC 7252 §4.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Kind {
    /// CON: to be acknowledged or reset.
    Confirmable,
    /// NON: sent once.
    NonConfirmable,
    /// ACK.
    Acknowledgement,
    /// RST.
    Reset,
}

impl Kind {
    /// The usual three letters.
    pub const fn abbreviation(self) -> &'static str {
        match self {
            Kind::Confirmable => "CON",
            Kind::NonConfirmable => "NON",
            Kind::Acknowledgement => "ACK",
            Kind::Reset => "RST",
        }
    }
}

/// One message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// The type.
    pub kind: Kind,
    /// The method or response code.
    pub code: Code,
    /// Ties an acknowledgement or reset to its message, and tells duplicates.
    pub message_id: u16,
    /// Ties a response to its request.
    pub token: Token,
    /// The options, by number.
    pub options: Options,
    /// The payload; empty means that there is none.
    pub payload: Vec<u8>,
}

impl Message {
    /// An Empty message: a ping as CON, an empty acknowledgement, or a reset.
    pub fn empty(kind: Kind, message_id: u16) -> Message {
        Message {
            kind,
            code: Code::EMPTY,
            message_id,
            token: Token::EMPTY,
            options: Options::new(),
            payload: Vec::new(),
        }
    }

    /// Reads one datagram.
    ///
    /// # Errors
    /// [`MalformedMessage`] says in words what RFC 7252 §3 does not allow.
    pub fn parse(datagram: &[u8]) -> Result<Message, MalformedMessage> {
        wire::parse(datagram)
    }

    /// Writes the message as one datagram.
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(
            self.kind,
            self.code,
            self.message_id,
            self.token,
            &self.options,
            &self.payload,
        )
    }
}

/// Why a datagram is not a CoAP message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MalformedMessage {
    /// Less than the 4 bytes of the header.
    #[error("a message needs a header of 4 bytes, this datagram has {0}")]
    TooShort(usize),
    /// Not version 1. RFC 7252 §3: such messages are ignored in silence.
    #[error("version {0} is unknown, only version 1 exists")]
    Version(u8),
    /// The token length is 9 to 15.
    #[error("the token length {0} is reserved, at most 8 is allowed")]
    TokenLength(u8),
    /// The datagram ends within the token.
    #[error("the message ends within the token")]
    TokenTruncated,
    /// An Empty message with bytes after its message ID.
    #[error("an Empty message must end after its message ID, this one has {0} more bytes")]
    EmptyNotEmpty(usize),
    /// An option's delta or length is the reserved 15.
    #[error("the option header at byte {0} uses the reserved value 15")]
    OptionReserved(usize),
    /// An option's header or value goes beyond the datagram.
    #[error("the option at byte {0} goes beyond the end of the message")]
    OptionTruncated(usize),
    /// The option numbers add up to more than 65,535.
    #[error("the option number at byte {0} is above 65535")]
    OptionNumber(usize),
    /// A payload marker with nothing behind it.
    #[error("there is a payload marker but no payload")]
    PayloadMissing,
    /// The code is of a class that has no meaning: 1, 3 or 6, and in a datagram 7.
    #[error("the code {0} is of a reserved class")]
    ReservedCode(Code),
    /// The type and the code do not go together, such as a request in an acknowledgement.
    #[error("{code} must not be sent as {}", .kind.abbreviation())]
    KindOfCode {
        /// The type.
        kind: Kind,
        /// The code.
        code: Code,
    },
    /// A message of a stream is longer or shorter than its header says.
    #[error("the header says {announced} bytes, the message has {length}")]
    Length {
        /// What the header says.
        announced: usize,
        /// How many bytes there are.
        length: usize,
    },
    /// A message of a stream is larger than what was said to be taken. RFC 8323 §5.3.1.
    #[error("a message of {length} bytes is announced, at most {limit} are taken")]
    TooLarge {
        /// What its header says.
        length: usize,
        /// The Max-Message-Size of this end.
        limit: usize,
    },
    /// The datagram format's library refuses what the checks before it accepted.
    #[error("the datagram is not well formed")]
    Format,
}
