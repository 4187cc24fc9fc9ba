//! What the peer says about the connection itself. RFC 8323 §5.

use super::super::exchange::Purpose;
use super::super::{Endpoint, Peer};
use super::connection::Standing;
use crate::code::Code;
use crate::event::ClosingReason;
use crate::stream::StreamMessage;
use crate::stream::signal;
use crate::token::Token;

/// How much of a peer's text is kept.
const TEXT: usize = 200;

impl<P: Peer> Endpoint<P> {
    pub(super) fn handle_signal(&mut self, slot: u32, message: &StreamMessage) {
        let code = message.code;
        let first = self.stream_mut(slot).is_some_and(|stream| stream.peer.is_none());
        if first && !matches!(code, Code::CSM | Code::ABORT | Code::RELEASE) {
            return self.abort(slot, ClosingReason::CsmNotFirst(code));
        }
        if let Some(number) = signal::bad_option(message) {
            return self.abort(
                slot,
                match code {
                    Code::CSM => ClosingReason::BadCsmOption(number),
                    _ => ClosingReason::SignalOption { code, number },
                },
            );
        }
        match code {
            Code::CSM => {
                if let Some(stream) = self.stream_mut(slot) {
                    stream.peer.get_or_insert_default().update(&message.options);
                }
            }
            Code::PING => self.answer_ping(slot, message),
            Code::PONG => self.handle_pong(slot, message.token),
            Code::RELEASE => {
                self.statistics.released += 1;
                if self.standing(slot) == Some(Standing::Open) {
                    self.begin_release(slot);
                }
            }
            Code::ABORT => {
                let text = String::from_utf8_lossy(&message.payload);
                self.close(slot, ClosingReason::Aborted(text.chars().take(TEXT).collect()));
            }
            _ => self.abort(slot, ClosingReason::UnknownSignal(code)),
        }
    }

    /// Custody is confirmed when the application has answered all requests that came before. RFC 8323 §5.4.1.
    fn answer_ping(&mut self, slot: u32, ping: &StreamMessage) {
        let custody = ping.options.contains(signal::CUSTODY);
        let mut plain = (!custody).then_some(ping.token);
        if custody && let Some(stream) = self.stream_mut(slot) {
            // Only one may wait: the one before it is answered without.
            plain = stream.custody.replace(ping.token);
        }
        if let Some(token) = plain {
            self.send_message(slot, &signal::ping_or_pong(Code::PONG, token, false));
        }
        self.settle_stream(slot);
    }

    fn handle_pong(&mut self, slot: u32, token: Token) {
        if let Some(stream) = self.stream_mut(slot)
            && stream.pinged.is_some_and(|(pinged, _)| pinged == token)
        {
            stream.pinged = None;
            return;
        }
        let heard = self.stream_mut(slot).map(|stream| stream.heard);
        let ping = self
            .exchanges(slot)
            .iter()
            .find(|it| it.purpose == Purpose::Ping && it.started.is_some() && it.token == token)
            .map(|it| it.serial);
        match (ping, heard) {
            (Some(serial), Some(now)) => self.pong(slot, serial, now),
            _ => self.statistics.unmatched += 1,
        }
    }
}
