//! One message of a stream, which has no type and no message ID. RFC 8323 §3.2.

use super::frame;
use crate::code::Code;
use crate::layout::OptionRanges;
use crate::message::MalformedMessage;
use crate::options::Options;
use crate::token::Token;

/// One message as it stands in a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StreamMessage {
    /// The method, response code or signalling code.
    pub code: Code,
    /// Ties a response to its request, and a Pong to its Ping.
    pub token: Token,
    /// The options, by number. In a signalling message the numbers mean what its code says.
    pub options: Options,
    /// The payload; empty means that there is none.
    pub payload: Vec<u8>,
}

impl StreamMessage {
    /// A message without token, options and payload.
    pub fn new(code: Code) -> StreamMessage {
        StreamMessage {
            code,
            token: Token::EMPTY,
            options: Options::new(),
            payload: Vec::new(),
        }
    }

    /// Reads exactly one message.
    ///
    /// # Errors
    /// [`MalformedMessage`] says in words what is not allowed.
    pub fn parse(frame: &[u8]) -> Result<StreamMessage, MalformedMessage> {
        let layout = frame::layout(frame)?;
        let mut options = Options::with_capacity(layout.payload.start - layout.token.end);
        for option in OptionRanges::new(frame, layout.token.end) {
            let option = option?;
            options.add(option.number, &frame[option.value]);
        }
        Ok(StreamMessage {
            code: layout.code,
            token: Token::new(&frame[layout.token]).ok_or(MalformedMessage::TokenTruncated)?,
            options,
            payload: frame[layout.payload].to_vec(),
        })
    }

    /// Writes the message.
    pub fn encode(&self) -> Vec<u8> {
        frame::encode(self.code, self.token, &self.options, &self.payload)
    }
}
