//! Handshake messages on the wire: header, fragmentation and reassembly. RFC 6347 §4.2.2, §4.2.3.

use crate::message::{DecodeError, HandshakeType};
use std::collections::VecDeque;

pub(crate) const HEADER: usize = 12;

/// The largest handshake message that is put together.
const MAX_MESSAGE: usize = 16_384;
/// How many messages ahead of the expected one are kept: the rest of a flight that arrives out of order.
const WINDOW: u16 = 8;
/// How many bytes all unfinished and early messages of a handshake may take.
const MAX_HELD: usize = 32_768;

/// The header of one fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fragment<'a> {
    pub(crate) kind: HandshakeType,
    /// Of the whole message.
    pub(crate) length: usize,
    pub(crate) message_seq: u16,
    pub(crate) offset: usize,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Fragment<'a> {
    /// The first fragment in a record's content, and what follows it.
    pub(crate) fn read(content: &'a [u8]) -> Result<(Fragment<'a>, &'a [u8]), DecodeError> {
        let (head, rest) = content
            .split_first_chunk::<HEADER>()
            .ok_or(DecodeError("a handshake header is cut off"))?;
        let u24 = |at: usize| u32::from_be_bytes([0, head[at], head[at + 1], head[at + 2]]) as usize;
        let (length, offset, size) = (u24(1), u24(6), u24(9));
        let kind = HandshakeType::from_byte(head[0])
            .ok_or(DecodeError("a handshake message has an unknown type"))?;
        if length > MAX_MESSAGE || offset + size > length {
            return Err(DecodeError("a fragment lies outside of its message"));
        }
        let (bytes, rest) = rest
            .split_at_checked(size)
            .ok_or(DecodeError("a fragment is cut off"))?;
        let message_seq = u16::from_be_bytes([head[4], head[5]]);
        Ok((
            Fragment {
                kind,
                length,
                message_seq,
                offset,
                bytes,
            },
            rest,
        ))
    }

    /// Whether the last byte of the message is in it.
    pub(crate) const fn is_last(&self) -> bool {
        self.offset + self.bytes.len() == self.length
    }
}

/// The header of the fragment with `size` bytes from `offset` on.
pub(super) fn header(
    kind: HandshakeType,
    length: usize,
    message_seq: u16,
    offset: usize,
    size: usize,
) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[0] = kind as u8;
    header[1..4].copy_from_slice(&(length as u32).to_be_bytes()[1..]);
    header[4..6].copy_from_slice(&message_seq.to_be_bytes());
    header[6..9].copy_from_slice(&(offset as u32).to_be_bytes()[1..]);
    header[9..].copy_from_slice(&(size as u32).to_be_bytes()[1..]);
    header
}

/// A whole handshake message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) kind: HandshakeType,
    pub(crate) message_seq: u16,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// Appends the fragment with `size` bytes from `offset` on.
    pub(crate) fn write_fragment(&self, offset: usize, size: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&header(
            self.kind,
            self.body.len(),
            self.message_seq,
            offset,
            size,
        ));
        out.extend_from_slice(&self.body[offset..offset + size]);
    }
}

/// A message of which pieces are missing.
#[derive(Debug)]
struct Partial {
    kind: HandshakeType,
    message_seq: u16,
    body: Vec<u8>,
    /// The ranges present, sorted, none touching another.
    present: Vec<(usize, usize)>,
}

impl Partial {
    fn is_complete(&self) -> bool {
        self.present == [(0, self.body.len())] || self.body.is_empty()
    }

    fn insert(&mut self, offset: usize, bytes: &[u8]) {
        let (mut start, mut end) = (offset, offset + bytes.len());
        self.body[start..end].copy_from_slice(bytes);
        self.present.retain(|(from, to)| {
            let touches = *from <= end && start <= *to;
            if touches {
                start = start.min(*from);
                end = end.max(*to);
            }
            !touches
        });
        let position = self.present.partition_point(|(from, _)| *from < start);
        self.present.insert(position, (start, end));
    }
}

/// Puts the messages of a peer together and hands them out in order.
#[derive(Debug, Default)]
pub(crate) struct Reassembly {
    next: u16,
    held: usize,
    partials: VecDeque<Partial>,
}

impl Reassembly {
    /// A reassembly that expects this message next.
    pub(crate) fn starting_at(next: u16) -> Reassembly {
        Reassembly {
            next,
            ..Reassembly::default()
        }
    }

    /// Whether the fragment ends the message handed out last: the peer repeats its flight.
    pub(crate) const fn ends_last_flight(&self, fragment: &Fragment<'_>) -> bool {
        fragment.message_seq.wrapping_add(1) == self.next && fragment.is_last()
    }

    /// Whether the fragment belongs to a message already handed out: the peer repeats a flight.
    pub(crate) const fn is_old(&self, fragment: &Fragment<'_>) -> bool {
        fragment.message_seq < self.next
    }

    /// Takes a fragment. One that contradicts earlier ones, or exceeds the bounds, is dropped: it may be forged, and
    /// the peer repeats what was lost.
    pub(crate) fn insert(&mut self, fragment: &Fragment<'_>) {
        if self.is_old(fragment) || fragment.message_seq - self.next >= WINDOW {
            return;
        }
        let seq = fragment.message_seq;
        let position = self.partials.partition_point(|partial| partial.message_seq < seq);
        if self
            .partials
            .get(position)
            .is_none_or(|partial| partial.message_seq != seq)
        {
            if self.held + fragment.length > MAX_HELD {
                return;
            }
            self.held += fragment.length;
            let body = vec![0; fragment.length];
            let partial = Partial {
                kind: fragment.kind,
                message_seq: seq,
                body,
                present: Vec::new(),
            };
            self.partials.insert(position, partial);
        }
        let partial = &mut self.partials[position];
        if partial.kind == fragment.kind && partial.body.len() == fragment.length {
            partial.insert(fragment.offset, fragment.bytes);
        }
    }

    /// The next message, once it is complete.
    pub(crate) fn pop(&mut self) -> Option<Message> {
        let first = self.partials.front()?;
        if first.message_seq != self.next || !first.is_complete() {
            return None;
        }
        let partial = self.partials.pop_front()?;
        self.held -= partial.body.len();
        self.next = self.next.wrapping_add(1);
        Some(Message {
            kind: partial.kind,
            message_seq: partial.message_seq,
            body: partial.body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fragments(message: &Message, limit: usize) -> Vec<Vec<u8>> {
        let size = limit - HEADER;
        let offsets = (0..message.body.len().div_ceil(size).max(1)).map(|index| index * size);
        let piece = |offset: usize| {
            let mut out = Vec::new();
            message.write_fragment(offset, size.min(message.body.len() - offset), &mut out);
            out
        };
        offsets.map(piece).collect()
    }

    proptest! {
        #[test]
        fn messages_survive_any_fragmentation_order_and_repetition(
            sizes in proptest::collection::vec(0usize..400, 1..6),
            limit in 13usize..120,
            order in any::<u64>(),
        ) {
            let messages: Vec<Message> = sizes
                .iter()
                .enumerate()
                .map(|(index, size)| Message {
                    kind: HandshakeType::Certificate,
                    message_seq: index as u16,
                    body: (0..*size).map(|byte| (byte + index) as u8).collect(),
                })
                .collect();
            let mut pieces: Vec<Vec<u8>> = messages.iter().flat_map(|message| fragments(message, limit)).collect();
            pieces.extend(pieces.clone());
            // A permutation from the seed: enough disorder, and repeatable.
            let mut state = order;
            pieces.sort_by_cached_key(|_| { state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1); state >> 33 });
            let (mut reassembly, mut received) = (Reassembly::default(), Vec::new());
            for piece in &pieces {
                let (fragment, rest) = Fragment::read(piece).unwrap();
                prop_assert!(rest.is_empty() && piece.len() <= limit.max(13));
                reassembly.insert(&fragment);
                received.extend(std::iter::from_fn(|| reassembly.pop()));
            }
            prop_assert_eq!(received, messages);
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok((fragment, _)) = Fragment::read(&bytes) {
                let mut reassembly = Reassembly::default();
                reassembly.insert(&fragment);
                reassembly.pop();
            }
        }
    }
}
