//! What arrives on a stream: bytes, messages, and what may follow what. RFC 8323 §3.3, §3.4, §5.3.

use std::time::Instant;

use super::super::{Endpoint, Peer};
use super::connection::Standing;
use crate::clock::Moment;
use crate::event::ClosingReason;
use crate::message::{Kind, Message};
use crate::stream::StreamMessage;

impl<P: Peer> Endpoint<P> {
    /// Takes bytes from a connected peer, in whatever pieces they come. What is not CoAP ends the connection: the peer
    /// is told why, and [`Event::Closing`](crate::Event::Closing) follows.
    pub fn handle_stream(&mut self, now: Instant, peer: P, bytes: &[u8]) {
        self.handle_stream_seen(now, peer, bytes, |_| {});
    }

    /// Like [`handle_stream`](Self::handle_stream), and shows every whole message before it is acted on.
    pub fn handle_stream_seen(&mut self, now: Instant, peer: P, bytes: &[u8], mut seen: impl FnMut(&[u8])) {
        let now = self.clock.read(now);
        let Some(slot) = self.peers.find(peer) else { return };
        let limit = self.config.stream.max_message_size;
        let Some(stream) = self.stream_mut(slot) else {
            return;
        };
        stream.heard = now;
        let mut framing = std::mem::take(&mut stream.framing);
        self.partial -= framing.held();
        let mut rest = bytes;
        while self
            .standing(slot)
            .is_some_and(|standing| standing != Standing::Closing)
        {
            match framing.next(&mut rest, limit) {
                Ok(Some(message)) => {
                    seen(&message);
                    self.statistics.datagrams_received += 1;
                    self.handle_frame(now, slot, &message);
                    // Between two messages as between two pieces: a Release may end the connection here.
                    self.settle_stream(slot);
                }
                Ok(None) => break,
                Err(reason) => {
                    self.statistics.malformed += 1;
                    self.abort(slot, ClosingReason::Malformed(reason));
                }
            }
        }
        if let Some(stream) = self.stream_mut(slot)
            && stream.state != Standing::Closing
        {
            stream.framing = framing;
            self.partial += stream.held();
            if self.partial > self.config.max_reassembly_bytes {
                self.abort(slot, ClosingReason::Overload);
            }
        }
        self.settle(slot, now);
    }

    fn handle_frame(&mut self, now: Moment, slot: u32, frame: &[u8]) {
        if self.events.len().max(self.transmits.len()) >= self.config.max_pending {
            self.statistics.dropped_overload += 1;
            return self.abort(slot, ClosingReason::Overload);
        }
        let message = match StreamMessage::parse(frame) {
            Ok(message) => message,
            Err(reason) => {
                self.statistics.malformed += 1;
                return self.abort(slot, ClosingReason::Malformed(reason));
            }
        };
        if message.code.is_signal() {
            return self.handle_signal(slot, &message);
        }
        if self.stream_mut(slot).is_some_and(|stream| stream.peer.is_none()) {
            return self.abort(slot, ClosingReason::CsmNotFirst(message.code));
        }
        let StreamMessage {
            code,
            token,
            options,
            payload,
        } = message;
        let message = Message {
            kind: Kind::Confirmable,
            code,
            message_id: 0,
            token,
            options,
            payload,
        };
        if code.is_request() {
            self.handle_request_of(now, slot, message, 0);
        } else if code.is_response() {
            self.handle_response_of(now, slot, message, 0);
        }
        // An Empty message only keeps the connection alive. RFC 8323 §3.4.
    }
}
