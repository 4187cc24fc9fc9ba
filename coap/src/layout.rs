//! Where the parts of a datagram stand: the checks before the datagram format's library, and the ranges a trace shows.

use std::ops::Range;

use crate::code::Code;
use crate::message::{Kind, MalformedMessage};

/// The parts of a datagram that is well formed, as ranges of its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) kind: Kind,
    pub(crate) code: Code,
    pub(crate) message_id: u16,
    pub(crate) token: Range<usize>,
    pub(crate) options: Range<usize>,
    pub(crate) payload: Range<usize>,
}

/// One option of a datagram: its header begins at `start`, its value is `value`.
#[derive(Clone, Debug)]
pub(crate) struct OptionRange {
    pub(crate) number: u16,
    pub(crate) start: usize,
    pub(crate) value: Range<usize>,
}

/// The type and message ID, if the datagram has a header of version 1: what a reset needs.
pub(crate) fn header(datagram: &[u8]) -> Option<(Kind, u16)> {
    let header = datagram.first_chunk::<4>()?;
    (header[0] >> 6 == 1).then(|| (kind(header[0]), u16::from_be_bytes([header[2], header[3]])))
}

/// Checks the whole datagram against RFC 7252 §3 and finds its parts.
pub(crate) fn of(datagram: &[u8]) -> Result<Layout, MalformedMessage> {
    let header = datagram
        .first_chunk::<4>()
        .ok_or(MalformedMessage::TooShort(datagram.len()))?;
    let version = header[0] >> 6;
    if version != 1 {
        return Err(MalformedMessage::Version(version));
    }
    let kind = kind(header[0]);
    let code = Code(header[1]);
    let token_length = header[0] & 15;
    if token_length > 8 {
        return Err(MalformedMessage::TokenLength(token_length));
    }
    if code == Code::EMPTY && datagram.len() > 4 {
        return Err(MalformedMessage::EmptyNotEmpty(datagram.len() - 4));
    }
    let token = 4..4 + usize::from(token_length);
    if token.end > datagram.len() || (code == Code::EMPTY && token_length > 0) {
        return Err(MalformedMessage::TokenTruncated);
    }
    check_code(kind, code)?;

    let mut options = OptionRanges::new(datagram, token.end);
    for option in options.by_ref() {
        option?;
    }
    let end = options.at;
    let payload = match datagram.len() - end {
        0 => end..end,
        1 => return Err(MalformedMessage::PayloadMissing),
        _ => end + 1..datagram.len(),
    };
    let message_id = u16::from_be_bytes([header[2], header[3]]);
    Ok(Layout {
        kind,
        code,
        message_id,
        options: token.end..end,
        token,
        payload,
    })
}

fn kind(first: u8) -> Kind {
    match (first >> 4) & 3 {
        0 => Kind::Confirmable,
        1 => Kind::NonConfirmable,
        2 => Kind::Acknowledgement,
        _ => Kind::Reset,
    }
}

/// RFC 7252 §4.2 and §4.3, table 1: which code may be sent as which type.
fn check_code(kind: Kind, code: Code) -> Result<(), MalformedMessage> {
    if code != Code::EMPTY && !code.is_request() && !code.is_response() {
        return Err(MalformedMessage::ReservedCode(code));
    }
    let allowed = match kind {
        Kind::Confirmable => true,
        Kind::NonConfirmable => code != Code::EMPTY,
        Kind::Acknowledgement => !code.is_request(),
        Kind::Reset => code == Code::EMPTY,
    };
    if allowed {
        Ok(())
    } else {
        Err(MalformedMessage::KindOfCode { kind, code })
    }
}

/// Walks the options of a datagram from a position behind the token.
pub(crate) struct OptionRanges<'a> {
    datagram: &'a [u8],
    at: usize,
    number: u16,
}

impl<'a> OptionRanges<'a> {
    pub(crate) fn new(datagram: &'a [u8], at: usize) -> OptionRanges<'a> {
        OptionRanges {
            datagram,
            at,
            number: 0,
        }
    }

    /// Where the options that were walked end.
    pub(crate) fn end(&self) -> usize {
        self.at
    }

    fn read(&mut self) -> Result<Option<OptionRange>, MalformedMessage> {
        let start = self.at;
        let Some(&head) = self.datagram.get(start).filter(|head| **head != 0xff) else {
            return Ok(None);
        };
        let mut at = start + 1;
        let delta = self.extended(head >> 4, start, &mut at)?;
        let length = self.extended(head & 15, start, &mut at)?;
        let number = u16::try_from(usize::from(self.number) + delta)
            .map_err(|_| MalformedMessage::OptionNumber(start))?;
        let end = at + length;
        if end > self.datagram.len() || length > usize::from(u16::MAX) {
            return Err(MalformedMessage::OptionTruncated(start));
        }
        self.number = number;
        self.at = end;
        Ok(Some(OptionRange {
            number,
            start,
            value: at..end,
        }))
    }

    fn extended(&self, nibble: u8, start: usize, at: &mut usize) -> Result<usize, MalformedMessage> {
        let truncated = MalformedMessage::OptionTruncated(start);
        match nibble {
            13 => {
                let byte = *self.datagram.get(*at).ok_or(truncated)?;
                *at += 1;
                Ok(usize::from(byte) + 13)
            }
            14 => {
                let bytes = self.datagram.get(*at..*at + 2).ok_or(truncated)?;
                *at += 2;
                Ok(usize::from(u16::from_be_bytes([bytes[0], bytes[1]])) + 269)
            }
            15 => Err(MalformedMessage::OptionReserved(start)),
            small => Ok(usize::from(small)),
        }
    }
}

impl Iterator for OptionRanges<'_> {
    type Item = Result<OptionRange, MalformedMessage>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.read().transpose();
        if matches!(item, Some(Err(_))) {
            self.at = self.datagram.len();
        }
        item
    }
}
