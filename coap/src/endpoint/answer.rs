//! What comes back to our requests: Block1 out, Block2 in, and the end of an exchange. RFC 7252 §5.3, RFC 7959 §3.

use super::exchange::{Download, Exchange, Purpose, State, Upload};
use super::incoming::{has_reserved_size, unknown_critical};
use super::{Endpoint, Peer};
use crate::block::{Block, BlockSize};
use crate::clock::Moment;
use crate::code::Code;
use crate::event::{Event, ExchangeId, FailureReason, Refusal};
use crate::message::{Kind, Message};
use crate::options::number;
use crate::response::Response;

/// What a response means for its exchange.
enum Step {
    /// Send the next block.
    Next,
    /// This is the answer.
    Done(Response),
    /// There will be none.
    Failed(FailureReason),
}

impl<P: Peer> Endpoint<P> {
    pub(super) fn handle_response(&mut self, now: Moment, peer: P, message: Message, fingerprint: u32) {
        let Some(slot) = self.peers.find(peer) else {
            return self.refuse_response(peer, &message);
        };
        if message.kind == Kind::Confirmable
            && self.repeat_if_duplicate(now, slot, message.message_id, fingerprint)
        {
            return;
        }
        self.handle_response_of(now, slot, message, fingerprint);
    }

    /// A response that was not there before.
    pub(super) fn handle_response_of(&mut self, now: Moment, slot: u32, message: Message, fingerprint: u32) {
        if let Some(serial) = self.exchange_awaiting(slot, &message) {
            self.acknowledge(now, slot, &message, fingerprint);
            self.handle_answer(now, slot, serial, message);
            self.settle(slot, now);
        } else if message.kind != Kind::Acknowledgement
            && self.peers[slot]
                .observations
                .iter()
                .any(|it| it.observation.token == message.token)
        {
            self.acknowledge(now, slot, &message, fingerprint);
            self.handle_notification(now, slot, message);
            self.settle(slot, now);
        } else if self.is_stream(slot) {
            // There is no reset on a stream: what is not wanted any more is dropped. RFC 8323 §7.
            self.statistics.unmatched += 1;
        } else {
            self.refuse_response(self.peers[slot].key, &message);
        }
    }

    /// The exchange whose message in flight a response answers: by its token, and in an acknowledgement by its ID too.
    fn exchange_awaiting(&self, slot: u32, message: &Message) -> Option<u64> {
        let awaits = |exchange: &&Exchange| {
            let piggybacked = message.kind == Kind::Acknowledgement;
            // A notification that crosses the request to end its observation does not answer it.
            let crossing = !piggybacked && exchange.request.observe() == Some(1);
            exchange.token == message.token
                && !(crossing && message.options.observe().is_some())
                && exchange.purpose != Purpose::Ping
                && exchange
                    .message_id()
                    .is_some_and(|id| !piggybacked || id == message.message_id)
        };
        self.exchanges(slot)
            .iter()
            .find(awaits)
            .map(|exchange| exchange.serial)
    }

    /// Acknowledges a CON response, and remembers it so that it is acknowledged again if that gets lost.
    fn acknowledge(&mut self, now: Moment, slot: u32, message: &Message, fingerprint: u32) {
        if message.kind != Kind::Confirmable || self.is_stream(slot) {
            return;
        }
        let (lifetime, _) = self.lifetimes_of(slot);
        let reply = super::duplicates::Reply::Acknowledged;
        self.remember(
            slot,
            message.message_id,
            fingerprint,
            (now, now.after(lifetime)),
            reply,
        );
        self.send_empty(self.peers[slot].key, Kind::Acknowledgement, message.message_id);
    }

    /// A response to nothing is reset if it was CON, or a notification, which ends the observation there.
    fn refuse_response(&mut self, peer: P, message: &Message) {
        self.statistics.unmatched += 1;
        let notification = message.kind == Kind::NonConfirmable && message.options.observe().is_some();
        if message.kind == Kind::Confirmable || notification {
            self.send_empty(peer, Kind::Reset, message.message_id);
            self.events.push_back(Event::Malformed {
                peer,
                reason: Refusal::UnknownToken(message.token),
            });
        }
    }

    fn handle_answer(&mut self, now: Moment, slot: u32, serial: u64, message: Message) {
        let limit = self.config.max_body_size;
        let room = self.config.max_reassembly_bytes.saturating_sub(self.reassembling);
        let own = self.parameters_of_exchange(slot, serial).max_block_size;
        let max_size = self.taken_size(slot, own);
        if !self.is_stream(slot) && has_reserved_size(&message.options) {
            return self.fail(
                slot,
                serial,
                FailureReason::Blocks("a block of the reserved size 7"),
            );
        }
        let Some(exchange) = self.exchange_mut(slot, serial) else {
            return;
        };
        if let Some(number) = unknown_critical(&message.options) {
            return self.fail(slot, serial, FailureReason::CriticalOption(number));
        }
        if exchange.repeat_with_echo(&message) {
            exchange.state = State::AwaitingMessageId(now);
            return self.send_exchange(slot, serial, now);
        }
        let sequence = message
            .options
            .observe()
            .filter(|_| exchange.begins_observation(&message));
        if sequence.is_some() {
            exchange.observation = Some(message.token);
        }
        let held = exchange.held();
        let response = Response {
            code: message.code,
            options: message.options,
            payload: message.payload,
        };
        let step = match exchange.advance_upload(response) {
            Step::Done(response) => exchange.advance_download(response, limit, room, max_size),
            step => step,
        };
        self.reassembling = self.reassembling - held + self.exchange_held(slot, serial);
        if let Some(sequence) = sequence {
            self.begin_observation(now, slot, serial, sequence);
        }
        match step {
            Step::Next => {
                if let Some(exchange) = self.exchange_mut(slot, serial) {
                    exchange.state = State::AwaitingMessageId(now);
                }
                self.send_exchange(slot, serial, now);
            }
            Step::Done(response) => self.complete(now, slot, serial, response),
            Step::Failed(reason) => self.fail(slot, serial, reason),
        }
    }

    fn exchange_held(&self, slot: u32, serial: u64) -> usize {
        self.exchanges(slot)
            .iter()
            .find(|it| it.serial == serial)
            .map_or(0, Exchange::held)
    }

    fn complete(&mut self, now: Moment, slot: u32, serial: u64, response: Response) {
        let Some(exchange) = self.take_exchange(slot, serial) else {
            return;
        };
        let peer = self.peers[slot].key;
        let round_trip = exchange.round_trip(now);
        let retransmissions = exchange.retransmissions;
        let mut observation = exchange.observation;
        if !response.code.is_success()
            && let Some(token) = observation.take()
        {
            self.untrack(slot, token);
        }
        match exchange.purpose {
            Purpose::Remainder {
                observation,
                sequence,
                confirmable,
            } => {
                self.complete_notification(slot, observation, response, sequence, confirmable);
            }
            Purpose::Deregistration => {}
            Purpose::Request | Purpose::Ping => self.events.push_back(Event::Response {
                exchange: ExchangeId { slot, serial },
                peer,
                response,
                round_trip,
                retransmissions,
                observation,
            }),
        }
    }
}

impl Exchange {
    /// Whether the peer wants to see that the request is fresh, for which it is sent again, from its first block on, with
    /// the value that the peer gave. Once: a peer that asks again has its refusal believed. RFC 9175 §2.3.
    fn repeat_with_echo(&mut self, message: &Message) -> bool {
        let echo = message.options.first(number::ECHO);
        let Some(echo) = echo.filter(|_| message.code == Code::UNAUTHORIZED && !self.echoed) else {
            return false;
        };
        self.echoed = true;
        self.request.options.set(number::ECHO, echo);
        if let Some(upload) = &mut self.upload {
            upload.offset = 0;
        }
        true
    }

    fn begins_observation(&self, message: &Message) -> bool {
        self.purpose == Purpose::Request
            && self.observation.is_none()
            && self.request.observe() == Some(0)
            && message.code.is_success()
            && message.code != Code::CONTINUE
            && message.options.observe().is_some()
    }

    /// What a response says about the request's blocks. RFC 7959 §2.3, §2.9.
    fn advance_upload(&mut self, response: Response) -> Step {
        let length = self.request.payload.len();
        let echoed = response.options.block1();
        if response.code == Code::REQUEST_ENTITY_TOO_LARGE
            && let Some(size) = self.smaller_size(&response, echoed)
        {
            self.upload = Some(Upload {
                offset: 0,
                end: 0,
                size,
                restarted: false,
            });
            return Step::Next;
        }
        let Some(upload) = &mut self.upload else {
            return match response.code {
                Code::CONTINUE => Step::Failed(FailureReason::Blocks("2.31 without blocks")),
                _ => Step::Done(response),
            };
        };
        let sent = upload.end;
        match response.code {
            Code::REQUEST_ENTITY_INCOMPLETE if !upload.restarted => {
                *upload = Upload {
                    offset: 0,
                    restarted: true,
                    ..*upload
                };
                Step::Next
            }
            code if !code.is_success() => Step::Done(response),
            code if sent == length => {
                if code == Code::CONTINUE {
                    return Step::Failed(FailureReason::Blocks("2.31 to the last block"));
                }
                self.upload = None;
                Step::Done(response)
            }
            _ => match echoed {
                Some(block)
                    if block.number as usize * upload.size.bytes() == upload.offset
                        || block.offset() == upload.offset =>
                {
                    upload.offset = sent;
                    if block.size < upload.size && sent.is_multiple_of(block.size.bytes()) {
                        upload.size = block.size;
                    }
                    Step::Next
                }
                Some(_) => Step::Failed(FailureReason::Blocks("an answer to another block")),
                None if response.code == Code::CONTINUE => {
                    upload.offset = sent;
                    Step::Next
                }
                None => Step::Failed(FailureReason::Blocks("an answer before the last block")),
            },
        }
    }

    /// The size to begin again with after 4.13; `None` if it is the body and not the block that is too large.
    fn smaller_size(&self, response: &Response, echoed: Option<Block>) -> Option<BlockSize> {
        let length = self.request.payload.len();
        if self.upload.is_some_and(|upload| upload.offset > 0)
            || response
                .options
                .size1()
                .is_some_and(|limit| (limit as usize) < length)
        {
            return None;
        }
        let current = self.upload.map(|upload| upload.size);
        let size = match (echoed, current) {
            (Some(block), Some(current)) if block.size < current => Some(block.size),
            (Some(block), None) => Some(block.size),
            (_, Some(current)) => current.smaller(),
            (None, None) => BlockSize::at_most(length.saturating_sub(1)).into(),
        };
        size.filter(|size| size.bytes() < length)
    }

    /// What a response says about its own blocks. RFC 7959 §2.4, §2.6.
    fn advance_download(
        &mut self,
        mut response: Response,
        limit: usize,
        room: usize,
        max_size: BlockSize,
    ) -> Step {
        let raw = response.options.first(number::BLOCK2).map(Block::decode);
        let block = match raw {
            Some(None) => return Step::Failed(FailureReason::Blocks("a Block2 option that does not read")),
            Some(Some(block)) => Some(block),
            None => None,
        };
        if !response.code.is_success() {
            return Step::Done(response);
        }
        response.options.remove(number::BLOCK1);
        let Some(block) = block else {
            return match self.download {
                Some(_) => Step::Failed(FailureReason::Blocks("a block without its number")),
                None => Step::Done(response),
            };
        };
        if !block.fits(response.payload.len()) {
            return Step::Failed(FailureReason::Blocks("a block that is not as long as it says"));
        }
        let announced = response.options.size2().map_or(0, |size| size as usize);
        let total = block.offset().saturating_add(response.payload.len());
        if announced.max(total) > limit || response.payload.len() > room {
            return Step::Failed(FailureReason::BodyTooLarge);
        }
        match &mut self.download {
            // The first block, again: the body is fetched anew.
            Some(download) if download.response.payload.is_empty() && block.number == 0 => {
                self.begin_download(response, block, max_size)
            }
            Some(download) if response.options.etag() != download.response.options.etag() => {
                if download.restarted {
                    return Step::Failed(FailureReason::BodyChanged);
                }
                download.restarted = true;
                download.response.payload.clear();
                Step::Next
            }
            Some(download) => {
                if block.offset() != download.response.payload.len() {
                    return Step::Failed(FailureReason::Blocks("a block that was not asked for"));
                }
                download.response.payload.extend_from_slice(&response.payload);
                download.size = block.size.min(download.size);
                if block.more {
                    return Step::Next;
                }
                // What was held is given away: the caller sees that nothing is held any more.
                match self.download.take() {
                    Some(download) => Step::Done(download.response),
                    None => Step::Failed(FailureReason::Blocks("no block was asked for")),
                }
            }
            None if block.number > 0 => Step::Failed(FailureReason::Blocks("a block that was not asked for")),
            None => self.begin_download(response, block, max_size),
        }
    }

    fn begin_download(&mut self, mut response: Response, block: Block, max_size: BlockSize) -> Step {
        response.options.remove(number::BLOCK2);
        response.options.remove(number::SIZE2);
        let restarted = self.download.take().is_some_and(|download| download.restarted);
        if !block.more {
            return Step::Done(response);
        }
        let size = block.size.min(max_size);
        self.download = Some(Box::new(Download {
            response,
            size,
            restarted,
        }));
        Step::Next
    }
}
