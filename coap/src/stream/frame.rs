//! One message of a stream: where its parts stand, and how it is written. RFC 8323 §3.2.
//!
//! ```text
//! Len (4 bits) | TKL (4 bits) | extended length (0, 1, 2 or 4 bytes) | code | token | options | 0xff payload
//! ```
//!
//! The length counts what stands behind the token: the options, the marker and the payload.

use std::ops::Range;

use crate::code::Code;
use crate::layout::OptionRanges;
use crate::message::MalformedMessage;
use crate::options::Options;
use crate::token::Token;

/// The parts of a message that is well formed, as ranges of its bytes.
#[derive(Clone, Debug)]
pub(crate) struct FrameLayout {
    pub(crate) code: Code,
    pub(crate) token: Range<usize>,
    pub(crate) payload: Range<usize>,
}

/// The length of the message that begins here, its header included; `None` while too few bytes are there to tell.
pub(crate) fn length(bytes: &[u8]) -> Result<Option<usize>, MalformedMessage> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    let token_length = first & 15;
    if token_length > 8 {
        return Err(MalformedMessage::TokenLength(token_length));
    }
    let extended = extended_bytes(first);
    let Some(value) = bytes.get(1..1 + extended) else {
        return Ok(None);
    };
    let value = value.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let length = match extended {
        0 => u64::from(first >> 4),
        1 => value + 13,
        2 => value + 269,
        _ => value + 65_805,
    };
    let total = length + 2 + extended as u64 + u64::from(token_length);
    Ok(Some(usize::try_from(total).unwrap_or(usize::MAX)))
}

/// Checks one whole message and finds its parts.
pub(crate) fn layout(frame: &[u8]) -> Result<FrameLayout, MalformedMessage> {
    let announced = length(frame)?.ok_or(MalformedMessage::TooShort(frame.len()))?;
    if announced != frame.len() {
        return Err(MalformedMessage::Length {
            announced,
            length: frame.len(),
        });
    }
    // The length is right, so a first byte, a code and a token are there.
    let first = frame.first().copied().unwrap_or_default();
    let code_at = 1 + extended_bytes(first);
    let code = Code(frame.get(code_at).copied().unwrap_or_default());
    let token = code_at + 1..code_at + 1 + usize::from(first & 15);
    if !code.is_request() && !code.is_response() && !code.is_signal() && code != Code::EMPTY {
        return Err(MalformedMessage::ReservedCode(code));
    }
    let mut options = OptionRanges::new(frame, token.end);
    for option in options.by_ref() {
        option?;
    }
    let end = options.end();
    let payload = match frame.len() - end {
        0 => end..end,
        1 => return Err(MalformedMessage::PayloadMissing),
        _ => end + 1..frame.len(),
    };
    Ok(FrameLayout { code, token, payload })
}

/// Writes one message.
pub(crate) fn encode(code: Code, token: Token, options: &Options, payload: &[u8]) -> Vec<u8> {
    let marked = if payload.is_empty() { 0 } else { 1 + payload.len() };
    let length = options_length(options) + marked;
    let token = token.as_bytes();
    let mut frame = Vec::with_capacity(6 + token.len() + length);
    let token_length = token.len() as u8;
    match length {
        0..13 => frame.push((length as u8) << 4 | token_length),
        13..269 => frame.extend_from_slice(&[13 << 4 | token_length, (length - 13) as u8]),
        269..65_805 => {
            frame.push(14 << 4 | token_length);
            frame.extend_from_slice(&((length - 269) as u16).to_be_bytes());
        }
        _ => {
            frame.push(15 << 4 | token_length);
            frame.extend_from_slice(&((length - 65_805) as u32).to_be_bytes());
        }
    }
    frame.push(code.0);
    frame.extend_from_slice(token);
    let mut previous = 0;
    for (number, value) in options {
        write_option(&mut frame, number - previous, value);
        previous = number;
    }
    if !payload.is_empty() {
        frame.push(0xff);
        frame.extend_from_slice(payload);
    }
    frame
}

/// How many bytes a message with these options takes at most beside its payload, when the endpoint adds its own block
/// and size options.
pub(crate) fn overhead(options: &Options) -> usize {
    /// Header and extended length, token, payload marker; Block1, Block2, Size1 or Size2, ETag and Observe.
    const BESIDE: usize = 6 + 8 + 1 + 5 + 5 + 6 + 10 + 5;
    BESIDE + options_length(options)
}

fn options_length(options: &Options) -> usize {
    let mut previous = 0;
    let mut length = 0;
    for (number, value) in options {
        length += 1 + extended_length(number - previous) + extended_length(cut_length(value)) + value.len();
        previous = number;
    }
    length
}

fn write_option(frame: &mut Vec<u8>, delta: u16, value: &[u8]) {
    let length = cut_length(value);
    frame.push(nibble(delta) << 4 | nibble(length));
    for number in [delta, length] {
        match number {
            0..13 => {}
            13..269 => frame.push((number - 13) as u8),
            _ => frame.extend_from_slice(&(number - 269).to_be_bytes()),
        }
    }
    frame.extend_from_slice(value);
}

/// [`Options`] hold no longer values than a `u16` counts.
fn cut_length(value: &[u8]) -> u16 {
    u16::try_from(value.len()).unwrap_or(u16::MAX)
}

fn nibble(number: u16) -> u8 {
    match number {
        0..13 => number as u8,
        13..269 => 13,
        _ => 14,
    }
}

fn extended_length(number: u16) -> usize {
    match number {
        0..13 => 0,
        13..269 => 1,
        _ => 2,
    }
}

/// How many bytes of length follow the first byte.
fn extended_bytes(first: u8) -> usize {
    match first >> 4 {
        13 => 1,
        14 => 2,
        15 => 4,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_as_soon_as_its_bytes_are_there() {
        for (bytes, expect) in [
            (&[][..], Ok(None)),
            (&[0x00], Ok(Some(2))),
            (&[0xc8], Ok(Some(22))),
            (&[0xd0], Ok(None)),
            (&[0xd0, 0], Ok(Some(3 + 13))),
            (&[0xe1, 0], Ok(None)),
            (&[0xe1, 0, 0], Ok(Some(4 + 1 + 269))),
            (&[0xf0, 0, 0, 0], Ok(None)),
            (&[0xf0, 0, 0, 0, 0], Ok(Some(6 + 65_805))),
            (&[0x09], Err(MalformedMessage::TokenLength(9))),
        ] {
            assert_eq!(length(bytes), expect, "{bytes:?}");
        }
    }

    #[test]
    fn every_length_is_written_as_it_is_read() {
        for length in [0, 1, 11, 12, 13, 267, 268, 269, 65_803, 65_804, 65_805, 70_000] {
            let frame = encode(
                Code::CONTENT,
                Token::from([1; 8]),
                &Options::new(),
                &vec![7; length],
            );
            let layout = layout(&frame).unwrap();
            assert_eq!((layout.payload.len(), layout.token.len()), (length, 8));
        }
    }
}
