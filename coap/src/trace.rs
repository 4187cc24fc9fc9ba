//! A message taken apart for people: what a protocol trace shows, and which bytes say it.
//!
//! ```
//! let datagram = [0x41, 0x01, 0x12, 0x34, 0xaa, 0xb1, b'3', 0x01, b'0'];
//! let seen = coap::trace::dissect(&datagram)?;
//! assert_eq!((seen.code.as_str(), seen.code_name), ("0.01", Some("GET")));
//! assert_eq!(seen.options[1].name, "Uri-Path");
//! assert_eq!(seen.options[1].range, 7..9);
//! # Ok::<(), coap::MalformedMessage>(())
//! ```

use std::fmt::Write as _;
use std::ops::Range;

use crate::block::Block;
use crate::code::Code;
use crate::layout::{self, OptionRanges};
use crate::message::{Kind, MalformedMessage};
use crate::options::number::{self, Format};
use crate::stream::{frame, signal};
use crate::token::Token;

/// A message's parts in words, each with its range of bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dissection {
    /// The type; `None` on a stream.
    pub kind: Option<Kind>,
    /// The code as `c.dd`, such as `2.05`.
    pub code: String,
    /// The code in words, such as `Content`, if it is assigned.
    pub code_name: Option<&'static str>,
    /// The message ID; `None` on a stream.
    pub message_id: Option<u16>,
    /// The token.
    pub token: Token,
    /// Where the token stands.
    pub token_range: Range<usize>,
    /// The options in their order.
    pub options: Vec<DissectedOption>,
    /// Where the payload stands, without its marker; empty if there is none.
    pub payload: Range<usize>,
}

/// One option in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DissectedOption {
    /// The number.
    pub number: u16,
    /// The registered name, or `Option 2049`.
    pub name: String,
    /// The value as its format reads; hex where it is opaque or does not read.
    pub text: String,
    /// Where the option stands, its header included.
    pub range: Range<usize>,
    /// Where its value stands.
    pub value: Range<usize>,
}

/// Takes a datagram apart.
///
/// # Errors
/// [`MalformedMessage`] as for [`Message::parse`](crate::Message::parse).
pub fn dissect(datagram: &[u8]) -> Result<Dissection, MalformedMessage> {
    let layout = layout::of(datagram)?;
    Ok(Dissection {
        kind: Some(layout.kind),
        message_id: Some(layout.message_id),
        ..parts(datagram, layout.code, layout.token, layout.payload)?
    })
}

/// Takes one message of a stream apart, as `Endpoint::handle_stream_seen` shows it and `Transmit` carries it.
///
/// # Errors
/// [`MalformedMessage`] as for [`StreamMessage::parse`](crate::StreamMessage::parse).
pub fn dissect_stream(message: &[u8]) -> Result<Dissection, MalformedMessage> {
    let layout = frame::layout(message)?;
    parts(message, layout.code, layout.token, layout.payload)
}

fn parts(
    message: &[u8],
    code: Code,
    token: Range<usize>,
    payload: Range<usize>,
) -> Result<Dissection, MalformedMessage> {
    let mut options = Vec::new();
    for option in OptionRanges::new(message, token.end) {
        let option = option?;
        let value = &message[option.value.clone()];
        let (name, text) = match signal::option(code, option.number) {
            _ if !code.is_signal() => (option_name(option.number), option_text(option.number, value)),
            Some((name, format)) => (name.to_owned(), text_of(format, value)),
            None => (format!("Option {}", option.number), hex(value)),
        };
        options.push(DissectedOption {
            number: option.number,
            name,
            text,
            range: option.start..option.value.end,
            value: option.value,
        });
    }
    Ok(Dissection {
        kind: None,
        code: code.to_string(),
        code_name: code.name(),
        message_id: None,
        token: Token::new(&message[token.clone()]).unwrap_or_default(),
        token_range: token,
        options,
        payload,
    })
}

/// The registered name of an option, or `Option` with its number.
pub fn option_name(number: u16) -> String {
    match number::definition(number) {
        Some(definition) => definition.name.to_owned(),
        None => format!("Option {number}"),
    }
}

/// The value of an option as its format reads; hex where it is opaque or does not read.
pub fn option_text(number: u16, value: &[u8]) -> String {
    text_of(
        number::definition(number).map_or(Format::Opaque, |definition| definition.format),
        value,
    )
}

fn text_of(format: Format, value: &[u8]) -> String {
    match format {
        Format::Empty if value.is_empty() => String::new(),
        Format::Uint if value.len() <= 8 => value
            .iter()
            .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte))
            .to_string(),
        Format::Block => Block::decode(value).map_or_else(|| hex(value), |block| block.to_string()),
        Format::String => std::str::from_utf8(value).map_or_else(|_| hex(value), str::to_owned),
        Format::Empty | Format::Uint | Format::Opaque => hex(value),
    }
}

/// An option as `Name: text`.
pub fn describe(number: u16, value: &[u8]) -> String {
    format!("{}: {}", option_name(number), option_text(number, value))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a String does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
