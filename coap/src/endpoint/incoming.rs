//! Requests of peers on their way to the application and back. RFC 7252 §5.2, §5.4.

use std::time::Instant;

use super::duplicates::Reply;
use super::unanswered::Incoming;
use super::{Endpoint, Peer};
use crate::block::Block;
use crate::clock::Moment;
use crate::code::Code;
use crate::event::{Event, FailureReason, IncomingId, Refusal};
use crate::message::{Kind, Message};
use crate::options::{Options, number};
use crate::request::Request;
use crate::response::Response;

impl<P: Peer> Endpoint<P> {
    /// Answers a peer's request: in the acknowledgement if it is in time, else in a message of its own. Does nothing if
    /// the request is answered or forgotten.
    pub fn respond(&mut self, now: Instant, id: IncomingId, response: Response) {
        let now = self.clock.read(now);
        let Some(incoming) = self.take_unanswered(id) else {
            return;
        };
        let slot = incoming.slot;
        if self
            .peers
            .get(slot)
            .is_none_or(|it| it.generation != incoming.generation)
        {
            return;
        }
        let mut response = response;
        self.begin_observer(&incoming, &mut response);
        let mut response = self.cut_response(slot, now, incoming.identity, incoming.block2, response);
        if let Some(block1) = incoming.block1 {
            response.options.set_uint(
                number::BLOCK1,
                Block {
                    more: false,
                    ..block1
                }
                .encode(),
            );
        }
        if incoming.acknowledged {
            self.send_separate(now, id, &incoming, &response);
        } else if !self.reply(
            now,
            slot,
            (incoming.kind(), incoming.message_id, incoming.token),
            &response,
        ) {
            let (peer, reason) = (self.peers[slot].key, FailureReason::MessageIdsExhausted);
            self.events.push_back(Event::ResponseLost { id, peer, reason });
        }
        self.settle(slot, now);
    }

    pub(super) fn take_unanswered(&mut self, id: IncomingId) -> Option<Incoming> {
        let incoming = self.unanswered.take(id)?;
        if let Some(state) = self
            .peers
            .get_mut(incoming.slot)
            .filter(|it| it.generation == incoming.generation)
        {
            state.unanswered -= 1;
        }
        Some(incoming)
    }

    pub(super) fn handle_request(&mut self, now: Moment, peer: P, message: Message, fingerprint: u32) {
        let Some(slot) = self.peers.find_or_insert(peer) else {
            return self.refuse_for_overload(peer, &message);
        };
        if let Some(reply) = self.peers[slot]
            .duplicates
            .find(message.message_id, fingerprint, now)
        {
            let reply = reply.clone();
            return self.repeat_reply(peer, message.message_id, reply);
        }
        self.handle_request_of(now, slot, message, fingerprint);
    }

    /// A request that was not there before.
    pub(super) fn handle_request_of(&mut self, now: Moment, slot: u32, message: Message, fingerprint: u32) {
        let stream = self.is_stream(slot);
        let checked = check_options(&message.options, stream);
        let identity = self.identity(&message);
        let further = message
            .options
            .block2()
            .filter(|block| block.number > 0 && checked.is_ok());
        if let Some(block2) = further
            && self.serve_block(now, slot, &message, identity, block2)
        {
            // Not remembered: a repeated request is served the same block again.
            return self.settle(slot, now);
        }
        if !stream {
            let (lifetime, non_lifetime) = self.lifetimes_of(slot);
            let kept = if message.kind == Kind::Confirmable {
                lifetime
            } else {
                non_lifetime
            };
            let until = (now, now.after(kept));
            self.remember(slot, message.message_id, fingerprint, until, Reply::Outstanding);
        }
        if let Err(refusal) = checked {
            return self.refuse(now, slot, &message, refusal);
        }
        if further.is_some() && !is_repeatable(&message) {
            return self.refuse(now, slot, &message, Refusal::BlockOutOfOrder);
        }
        match message.options.block1() {
            Some(block1) => {
                self.handle_block1(now, slot, message, identity, block1);
                self.settle(slot, now);
            }
            None => self.deliver(now, slot, message, identity, None),
        }
    }

    /// Gives a whole request to the application.
    pub(super) fn deliver(
        &mut self,
        now: Moment,
        slot: u32,
        message: Message,
        identity: u64,
        block1: Option<Block>,
    ) {
        if self.unanswered.len() >= self.config.max_unanswered {
            return self.refuse(now, slot, &message, Refusal::Overload);
        }
        let Message {
            kind,
            code,
            message_id,
            token,
            mut options,
            payload,
        } = message;
        let serial = self.next_serial();
        let stream = self.is_stream(slot);
        let state = &mut self.peers[slot];
        state.unanswered += 1;
        let (peer, generation) = (state.key, state.generation);
        let confirmable = kind == Kind::Confirmable;
        let block2 = options.block2();
        let incoming = Incoming {
            serial,
            slot,
            generation,
            message_id,
            token,
            // Nothing is acknowledged on a stream.
            confirmable: confirmable && !stream,
            acknowledged: false,
            block1,
            block2,
            observe: options.observe(),
            identity,
        };
        if block1.is_some() {
            options.remove(number::BLOCK1);
            options.remove(number::SIZE1);
        }
        if block2.is_some() {
            options.remove(number::BLOCK2);
        }
        let id = self
            .unanswered
            .insert(incoming, now.after(self.config.separate_after));
        self.statistics.requests_received += 1;
        let request = Request {
            code,
            options,
            payload,
        };
        self.events.push_back(Event::Request {
            id,
            peer,
            token,
            request,
            confirmable,
        });
    }
}

/// Whether a body that is not held any more can be made again: only if that changes nothing.
fn is_repeatable(message: &Message) -> bool {
    message.code == Code::GET || (message.code == Code::FETCH && !message.payload.is_empty())
}

/// Refuses critical options that are unknown, not well formed or repeated. RFC 7252 §5.4.1, §5.4.3, §5.4.5.
fn check_options(options: &Options, stream: bool) -> Result<(), Refusal> {
    let mut previous = None;
    for (number, value) in options {
        let repeated = previous.replace(number) == Some(number);
        if !number::is_critical(number) {
            continue;
        }
        let fits = number::definition(number).is_some_and(|definition| {
            (usize::from(definition.min)..=usize::from(definition.max)).contains(&value.len())
                && (definition.repeatable || !repeated)
                && definition.understood
        });
        match number {
            number::PROXY_URI | number::PROXY_SCHEME => return Err(Refusal::Proxy),
            _ if !fits => return Err(Refusal::CriticalOption(number)),
            number::BLOCK1 | number::BLOCK2
                if !stream && Block::decode(value).is_none_or(|block| block.size.is_bert()) =>
            {
                return Err(Refusal::BlockSize);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a block of a response has the size that is reserved on datagrams.
pub(super) fn has_reserved_size(options: &Options) -> bool {
    [options.block1(), options.block2()]
        .into_iter()
        .flatten()
        .any(|block| block.size.is_bert())
}

/// The first critical option of a response that is not understood. RFC 7252 §5.4.1.
pub(super) fn unknown_critical(options: &Options) -> Option<u16> {
    let unknown = |number: &u16| {
        number::is_critical(*number)
            && number::definition(*number).is_none_or(|definition| !definition.understood)
    };
    options.iter().map(|(number, _)| number).find(unknown)
}
