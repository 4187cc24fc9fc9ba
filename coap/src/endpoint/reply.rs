//! Answers of the moment, refusals, and what is repeated to a repeated message. RFC 7252 §4.2, §4.5, §5.2.

use std::sync::Arc;

use super::duplicates::{Duplicates, Remembered, Reply};
use super::exchange::{Content, Unacknowledged};
use super::retransmission::Retransmission;
use super::unanswered::Incoming;
use super::{Endpoint, Peer};
use crate::clock::Moment;
use crate::code::Code;
use crate::config::Config;
use crate::event::{Event, FailureReason, IncomingId, Refusal};
use crate::message::{Kind, Message};
use crate::options::number;
use crate::response::Response;
use crate::token::Token;
use crate::wire;

impl<P: Peer> Endpoint<P> {
    /// Answers at once and remembers the answer. Whether it could be sent: a NON needs a message ID.
    pub(super) fn reply(
        &mut self,
        now: Moment,
        slot: u32,
        (kind, message_id, token): (Kind, u16, Token),
        response: &Response,
    ) -> bool {
        let Some(datagram) = self.reply_unremembered(now, slot, (kind, message_id, token), response) else {
            self.leave_unanswered(slot, message_id);
            return false;
        };
        let reply = match kind {
            Kind::Confirmable => Reply::Datagram(datagram),
            _ => Reply::Nothing,
        };
        self.change_duplicates(slot, |duplicates| duplicates.set_reply(message_id, reply));
        self.make_room(0);
        true
    }

    /// Answers at once, in the acknowledgement or as NON; gives what was sent.
    pub(super) fn reply_unremembered(
        &mut self,
        now: Moment,
        slot: u32,
        (kind, message_id, token): (Kind, u16, Token),
        response: &Response,
    ) -> Option<Arc<[u8]>> {
        let (kind, own_id) = match kind {
            _ if self.is_stream(slot) => (kind, 0),
            Kind::Confirmable => (Kind::Acknowledgement, message_id),
            _ => (Kind::NonConfirmable, self.issue_message_id(now, slot).ok()?),
        };
        let Response {
            code,
            options,
            payload,
        } = response;
        let datagram = self.encode(slot, (kind, own_id), (*code, token), options, payload);
        self.send(self.peers[slot].key, datagram.clone());
        Some(datagram)
    }

    pub(super) fn send_separate(
        &mut self,
        now: Moment,
        id: IncomingId,
        incoming: &Incoming,
        response: &Response,
    ) {
        let slot = incoming.slot;
        let peer = self.peers[slot].key;
        let Ok(message_id) = self.issue_message_id(now, slot) else {
            let reason = FailureReason::MessageIdsExhausted;
            self.events.push_back(Event::ResponseLost { id, peer, reason });
            return;
        };
        let Response {
            code,
            options,
            payload,
        } = response;
        let datagram: Arc<[u8]> = wire::encode(
            Kind::Confirmable,
            *code,
            message_id,
            incoming.token,
            options,
            payload,
        )
        .into();
        self.send(peer, datagram.clone());
        self.await_acknowledgement(now, slot, message_id, datagram, Content::Response(id));
    }

    /// Sends a confirmable response or notification again until it is acknowledged.
    pub(super) fn await_acknowledgement(
        &mut self,
        now: Moment,
        slot: u32,
        message_id: u16,
        datagram: Arc<[u8]>,
        content: Content,
    ) {
        let fraction = self.random.fraction();
        let retransmission =
            Retransmission::new(message_id, datagram, now, self.parameters_of(slot), fraction);
        self.active(slot).unacknowledged.push(Unacknowledged {
            retransmission,
            content,
        });
    }

    /// Answers a refused request, if it was CON, and tells the application.
    pub(super) fn refuse(&mut self, now: Moment, slot: u32, message: &Message, refusal: Refusal) {
        let response = match refusal {
            Refusal::CriticalOption(_) => Response::diagnostic(Code::BAD_OPTION, refusal.to_string()),
            Refusal::Proxy => Response::new(Code::PROXYING_NOT_SUPPORTED),
            Refusal::BlockOutOfOrder => Response::new(Code::REQUEST_ENTITY_INCOMPLETE),
            Refusal::BodyTooLarge(limit) => {
                let mut response = Response::new(Code::REQUEST_ENTITY_TOO_LARGE);
                response
                    .options
                    .set_uint(number::SIZE1, u32::try_from(limit).unwrap_or(u32::MAX));
                response
            }
            Refusal::Overload => overloaded(),
            _ => Response::diagnostic(Code::BAD_REQUEST, refusal.to_string()),
        };
        if refusal == Refusal::Overload {
            self.statistics.refused_overload += 1;
        }
        let mut response = response;
        if let Some(block1) = message.options.block1() {
            response.options.set_uint(number::BLOCK1, block1.encode());
        }
        if message.kind == Kind::Confirmable {
            self.reply(
                now,
                slot,
                (message.kind, message.message_id, message.token),
                &response,
            );
        } else {
            self.leave_unanswered(slot, message.message_id);
        }
        let peer = self.peers[slot].key;
        self.events.push_back(Event::Malformed {
            peer,
            reason: refusal,
        });
    }

    /// Refuses a request of a peer for which there is no room, without keeping anything of it.
    pub(super) fn refuse_for_overload(&mut self, peer: P, message: &Message) {
        self.statistics.refused_overload += 1;
        if message.kind == Kind::Confirmable {
            let Response {
                code,
                options,
                payload,
            } = overloaded();
            let kind = Kind::Acknowledgement;
            let datagram = wire::encode(kind, code, message.message_id, message.token, &options, &payload);
            self.send(peer, datagram.into());
        }
        self.events.push_back(Event::Malformed {
            peer,
            reason: Refusal::Overload,
        });
    }

    pub(super) fn repeat_reply(&mut self, peer: P, message_id: u16, reply: Reply) {
        self.statistics.duplicates += 1;
        match reply {
            Reply::Datagram(datagram) => {
                self.statistics.replayed += 1;
                self.send(peer, datagram);
            }
            Reply::Acknowledged => {
                self.statistics.replayed += 1;
                self.send_empty(peer, Kind::Acknowledgement, message_id);
            }
            Reply::Outstanding | Reply::Nothing => {}
        }
    }

    /// Notes that a message gets no answer, so that it can be forgotten like those that got one.
    pub(super) fn leave_unanswered(&mut self, slot: u32, message_id: u16) {
        self.change_duplicates(slot, |duplicates| {
            duplicates.set_reply(message_id, Reply::Nothing);
        });
    }

    /// Changes what is remembered of a peer and keeps count of it.
    pub(super) fn change_duplicates(&mut self, slot: u32, change: impl FnOnce(&mut Duplicates)) {
        let duplicates = &mut self.peers[slot].duplicates;
        let before = duplicates.remembered();
        change(duplicates);
        let after = duplicates.remembered();
        self.remembered.messages = self.remembered.messages - before.messages + after.messages;
        self.remembered.bytes = self.remembered.bytes - before.bytes + after.bytes;
    }

    /// Forgets answered messages, of some peers at a time, when there are too many in total with those to come, or when
    /// their answers are too long.
    fn make_room(&mut self, coming: usize) {
        let Config {
            max_duplicates,
            max_duplicate_bytes,
            ..
        } = self.config;
        let Remembered { messages, bytes } = self.remembered;
        // Some more than have to be, so that it is not done for every message.
        let beyond = |held: usize, limit: usize| match held.checked_sub(limit) {
            None | Some(0) => 0,
            Some(excess) => excess + limit / 64,
        };
        let wanted = Remembered {
            messages: beyond(messages + coming, max_duplicates.max(1)),
            bytes: beyond(bytes, max_duplicate_bytes),
        };
        if wanted == Remembered::default() {
            return;
        }
        let forgotten = self.peers.forget_answered(wanted);
        self.remembered.messages -= forgotten.messages;
        self.remembered.bytes -= forgotten.bytes;
        self.statistics.duplicates_forgotten += forgotten.messages as u64;
    }

    /// Remembers that a message came, within the limits for a peer and in total.
    pub(super) fn remember(
        &mut self,
        slot: u32,
        message_id: u16,
        fingerprint: u32,
        (now, until): (Moment, Moment),
        reply: Reply,
    ) {
        self.make_room(1);
        let limit = self.config.max_duplicates_per_peer;
        self.change_duplicates(slot, |duplicates| {
            duplicates.insert(message_id, fingerprint, (now, until), reply, limit);
        });
        self.arm(slot, until);
    }

    /// A repeated message that is no request: acknowledged again if it was the first time.
    pub(super) fn repeat_if_duplicate(
        &mut self,
        now: Moment,
        slot: u32,
        message_id: u16,
        fingerprint: u32,
    ) -> bool {
        let state = &self.peers[slot];
        let Some(reply) = state.duplicates.find(message_id, fingerprint, now).cloned() else {
            return false;
        };
        self.repeat_reply(state.key, message_id, reply);
        true
    }
}

fn overloaded() -> Response {
    Response::new(Code::SERVICE_UNAVAILABLE).with_max_age(30)
}
