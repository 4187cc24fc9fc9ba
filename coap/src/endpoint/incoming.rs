//! Requests of peers: duplicates, refusals, and the application's answers. RFC 7252 §4.2, §4.5, §5.2.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::duplicates::Reply;
use super::exchange::{Content, Unacknowledged};
use super::retransmission::Retransmission;
use super::{Endpoint, Peer};
use crate::block::Block;
use crate::clock::Moment;
use crate::code::Code;
use crate::event::{Event, FailureReason, IncomingId, Refusal};
use crate::message::{Kind, Message};
use crate::options::{Options, number};
use crate::request::Request;
use crate::response::Response;
use crate::token::Token;
use crate::wire;

/// What has to be known of a request to answer it.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(super) serial: u64,
    pub(super) slot: u32,
    pub(super) generation: u32,
    pub(super) message_id: u16,
    pub(super) token: Token,
    pub(super) confirmable: bool,
    /// Whether an empty acknowledgement went out, so that the response has to be a message of its own.
    pub(super) acknowledged: bool,
    pub(super) block1: Option<Block>,
    pub(super) block2: Option<Block>,
    pub(super) observe: Option<u32>,
    pub(super) identity: u64,
}

/// The requests that the application has, with the times at which they are acknowledged and given up.
#[derive(Debug, Default)]
pub(crate) struct Unanswered {
    requests: Vec<Option<Incoming>>,
    free: Vec<u32>,
    slow: VecDeque<(Moment, IncomingId)>,
    expiring: VecDeque<(Moment, IncomingId)>,
}

impl Unanswered {
    fn len(&self) -> usize {
        self.requests.len() - self.free.len()
    }

    fn insert(&mut self, incoming: Incoming, slow_at: Moment) -> IncomingId {
        let serial = incoming.serial;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.requests[slot as usize] = Some(incoming);
                slot
            }
            None => {
                self.requests.push(Some(incoming));
                self.requests.len() as u32 - 1
            }
        };
        let id = IncomingId { slot, serial };
        self.slow.push_back((slow_at, id));
        id
    }

    pub(super) fn get_mut(&mut self, id: IncomingId) -> Option<&mut Incoming> {
        self.requests
            .get_mut(id.slot as usize)?
            .as_mut()
            .filter(|it| it.serial == id.serial)
    }

    fn take(&mut self, id: IncomingId) -> Option<Incoming> {
        let entry = self.requests.get_mut(id.slot as usize)?;
        let incoming = entry.take_if(|it| it.serial == id.serial)?;
        self.free.push(id.slot);
        // The usual case, a request that is answered at once, leaves no trace.
        self.slow.pop_back_if(|(_, last)| *last == id);
        self.drop_answered();
        Some(incoming)
    }

    fn drop_answered(&mut self) {
        let requests = &self.requests;
        let answered = |id: &IncomingId| {
            requests
                .get(id.slot as usize)
                .and_then(Option::as_ref)
                .is_none_or(|it| it.serial != id.serial)
        };
        while self.slow.front().is_some_and(|(_, id)| answered(id)) {
            self.slow.pop_front();
        }
        while self.expiring.front().is_some_and(|(_, id)| answered(id)) {
            self.expiring.pop_front();
        }
    }

    /// When the first request is to be acknowledged or given up.
    pub(super) fn next(&self) -> Option<Moment> {
        [&self.slow, &self.expiring]
            .into_iter()
            .filter_map(|queue| queue.front())
            .map(|(at, _)| *at)
            .min()
    }

    /// The next request that is not answered in time for a piggybacked response.
    pub(super) fn pop_slow(&mut self, now: Moment) -> Option<IncomingId> {
        let (at, id) = self.slow.pop_front_if(|(at, _)| *at <= now)?;
        self.expiring.push_back((at.after(UNANSWERED_LIFETIME), id));
        self.drop_answered();
        Some(id)
    }

    /// The next request that nobody waits for any more.
    pub(super) fn pop_expired(&mut self, now: Moment) -> Option<IncomingId> {
        self.expiring.pop_front_if(|(at, _)| *at <= now).map(|(_, id)| id)
    }
}

/// How long a request may stay unanswered: about EXCHANGE_LIFETIME by default.
const UNANSWERED_LIFETIME: Duration = Duration::from_secs(247);

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
        } else {
            self.reply(
                now,
                slot,
                (incoming.kind(), incoming.message_id, incoming.token),
                &response,
            );
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
        let (lifetime, non_lifetime) = self.lifetimes_of(slot);
        let kept = if message.kind == Kind::Confirmable {
            lifetime
        } else {
            non_lifetime
        };
        self.remember(
            slot,
            message.message_id,
            fingerprint,
            (now, now.after(kept)),
            Reply::Outstanding,
        );

        if let Err(refusal) = check_options(&message.options) {
            return self.refuse(now, slot, &message, refusal);
        }
        let identity = self.identity(&message);
        if let Some(block2) = message.options.block2().filter(|block| block.number > 0)
            && message.options.observe().is_none()
        {
            if self.serve_block(now, slot, &message, identity, block2) {
                return self.settle(slot, now);
            }
            // A body that is not held any more can be made again if that changes nothing.
            let repeatable =
                message.code == Code::GET || (message.code == Code::FETCH && !message.payload.is_empty());
            if !repeatable {
                return self.refuse(now, slot, &message, Refusal::BlockOutOfOrder);
            }
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
            confirmable,
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

    /// Answers at once, in the acknowledgement or as NON, and remembers the answer.
    pub(super) fn reply(
        &mut self,
        now: Moment,
        slot: u32,
        (kind, message_id, token): (Kind, u16, Token),
        response: &Response,
    ) {
        let peer = self.peers[slot].key;
        let (kind, own_id) = match kind {
            Kind::Confirmable => (Kind::Acknowledgement, message_id),
            _ => match self.issue_message_id(now, slot) {
                Ok(own_id) => (Kind::NonConfirmable, own_id),
                // The peer counts on nothing: a NON response may get lost anyway.
                Err(_) => return,
            },
        };
        let datagram: Arc<[u8]> = wire::encode(
            kind,
            response.code,
            own_id,
            token,
            &response.options,
            &response.payload,
        )
        .into();
        let reply = match kind {
            Kind::Acknowledgement => Reply::Datagram(datagram.clone()),
            _ => Reply::Nothing,
        };
        self.peers[slot].duplicates.set_reply(message_id, reply);
        self.send(peer, datagram);
    }

    fn send_separate(&mut self, now: Moment, id: IncomingId, incoming: &Incoming, response: &Response) {
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
        }
        let peer = self.peers[slot].key;
        self.events.push_back(Event::Malformed {
            peer,
            reason: refusal,
        });
    }

    /// Refuses a request of a peer for which there is no room, without keeping anything of it.
    fn refuse_for_overload(&mut self, peer: P, message: &Message) {
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

    fn repeat_reply(&mut self, peer: P, message_id: u16, reply: Reply) {
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

    /// Remembers that a message came, within the limits for a peer and in total.
    pub(super) fn remember(
        &mut self,
        slot: u32,
        message_id: u16,
        fingerprint: u32,
        (now, until): (Moment, Moment),
        reply: Reply,
    ) {
        if self.remembered >= self.config.max_duplicates.max(1) {
            let forgotten = self.peers.forget_duplicates(1 + self.config.max_duplicates / 64);
            self.remembered -= forgotten;
            self.statistics.duplicates_forgotten += forgotten as u64;
        }
        let limit = self.config.max_duplicates_per_peer;
        let duplicates = &mut self.peers[slot].duplicates;
        let change = duplicates.insert(message_id, fingerprint, (now, until), reply, limit);
        self.remembered = self.remembered.saturating_add_signed(change);
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

impl Incoming {
    fn kind(&self) -> Kind {
        if self.confirmable {
            Kind::Confirmable
        } else {
            Kind::NonConfirmable
        }
    }
}

fn overloaded() -> Response {
    Response::new(Code::SERVICE_UNAVAILABLE).with_max_age(30)
}

/// Refuses critical options that are unknown, not well formed or repeated. RFC 7252 §5.4.1, §5.4.3, §5.4.5.
fn check_options(options: &Options) -> Result<(), Refusal> {
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
            number::BLOCK1 | number::BLOCK2 if Block::decode(value).is_none() => {
                return Err(Refusal::BlockSize);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The first critical option of a response that is not understood. RFC 7252 §5.4.1.
pub(super) fn unknown_critical(options: &Options) -> Option<u16> {
    let unknown = |number: &u16| {
        number::is_critical(*number)
            && number::definition(*number).is_none_or(|definition| !definition.understood)
    };
    options.iter().map(|(number, _)| number).find(unknown)
}
