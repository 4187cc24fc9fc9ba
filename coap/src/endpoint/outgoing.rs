//! Our requests: the queue of each peer, transmission, and their end. RFC 7252 §4.2, §4.7, §5.2.

use std::sync::Arc;
use std::time::Instant;

use super::exchange::{Exchange, Purpose, State, Upload};
use super::retransmission::Retransmission;
use super::{Endpoint, Peer};
use crate::clock::Moment;
use crate::event::{Event, ExchangeId, FailureReason, RequestError};
use crate::message::Kind;
use crate::parameters::Parameters;
use crate::request::{Request, RequestOptions};
use crate::stream::frame;
use crate::token::Token;
use crate::wire;

impl<P: Peer> Endpoint<P> {
    /// Asks a peer. The request waits behind those in flight (NSTART); exactly one final event tells its end.
    ///
    /// With Observe 0 in its options a successful answer begins an observation, if the peer agrees.
    ///
    /// # Errors
    /// [`RequestError`] if it cannot be taken; no event follows then.
    pub fn request(
        &mut self,
        now: Instant,
        peer: P,
        request: Request,
        options: RequestOptions,
    ) -> Result<ExchangeId, RequestError> {
        if !request.code.is_request() {
            return Err(RequestError::NotARequest);
        }
        self.enqueue(now, peer, Purpose::Request, request, options, None)
    }

    /// Asks a peer for a sign of life: an Empty CON, to which it answers RST. RFC 7252 §4.3.
    ///
    /// # Errors
    /// As for [`request`](Self::request).
    pub fn ping(
        &mut self,
        now: Instant,
        peer: P,
        options: RequestOptions,
    ) -> Result<ExchangeId, RequestError> {
        let request = Request {
            code: crate::Code::EMPTY,
            options: crate::Options::new(),
            payload: Vec::new(),
        };
        let options = RequestOptions {
            confirmable: true,
            ..options
        };
        self.enqueue(now, peer, Purpose::Ping, request, options, None)
    }

    /// Gives a request or ping up; its event is `Failed` with `Cancelled`. Does nothing if it has ended.
    pub fn cancel(&mut self, now: Instant, exchange: ExchangeId) {
        let now = self.clock.read(now);
        if self.peers.get(exchange.slot).is_some()
            && self.exchange_mut(exchange.slot, exchange.serial).is_some()
        {
            self.fail(exchange.slot, exchange.serial, FailureReason::Cancelled);
            self.settle(exchange.slot, now);
        }
    }

    pub(super) fn enqueue(
        &mut self,
        now: Instant,
        peer: P,
        purpose: Purpose,
        request: Request,
        options: RequestOptions,
        token: Option<Token>,
    ) -> Result<ExchangeId, RequestError> {
        let now = self.clock.read(now);
        let too_many = RequestError::TooManyPeers(self.config.max_peers);
        let slot = self.peers.find_or_insert(peer).ok_or(too_many)?;
        let waiting = self
            .exchanges(slot)
            .iter()
            .filter(|it| it.started.is_none())
            .count();
        if waiting >= self.config.max_queued_per_peer.max(1) {
            return Err(RequestError::QueueFull(waiting));
        }
        let serial = self.next_serial();
        let deadline = options
            .deadline
            .map_or(Moment::NEVER, |deadline| now.after(deadline));
        let (lifetime, _) = self.lifetimes_of(slot);
        if let Some(free) = self.peers[slot].message_ids.exhausted_until(now, lifetime)
            && free >= deadline
        {
            return Err(RequestError::MessageIdsExhausted(free.since(now)));
        }
        let exchange = Exchange {
            serial,
            purpose,
            request,
            confirmable: options.confirmable,
            parameters: options.parameters.map(Box::new),
            deadline,
            started: None,
            sent: 0,
            echoed: false,
            retransmissions: 0,
            state: State::Unsent,
            token: token.unwrap_or_default(),
            fixed_token: token.is_some(),
            upload: None,
            download: None,
            observation: None,
        };
        self.active(slot).exchanges.push(exchange);
        self.settle(slot, now);
        Ok(ExchangeId { slot, serial })
    }

    pub(super) fn exchanges(&self, slot: u32) -> &[Exchange] {
        self.peers[slot]
            .active
            .as_deref()
            .map_or(&[], |active| &active.exchanges)
    }

    pub(super) fn exchange_mut(&mut self, slot: u32, serial: u64) -> Option<&mut Exchange> {
        let active = self.peers.get_mut(slot)?.active.as_deref_mut()?;
        active
            .exchanges
            .iter_mut()
            .find(|exchange| exchange.serial == serial)
    }

    /// Starts the requests that wait while fewer than NSTART are in flight.
    pub(super) fn start_waiting(&mut self, slot: u32, now: Moment) {
        let connection = self.peers[slot].stream.as_deref();
        if connection.is_some_and(|connection| !connection.may_ask()) {
            return;
        }
        let limit = match connection {
            Some(_) => self.config.stream.max_in_flight,
            None => usize::from(self.parameters_of(slot).nstart),
        };
        loop {
            let exchanges = self.exchanges(slot);
            let Some(waiting) = exchanges.iter().find(|it| it.started.is_none()) else {
                return;
            };
            let serial = waiting.serial;
            let in_flight = exchanges.iter().filter(|it| it.started.is_some()).count();
            if in_flight >= limit.max(1) {
                return;
            }
            let own = self.parameters_of_exchange(slot, serial).max_block_size;
            let cut = self.cut(slot, own, &waiting.request.options);
            if let Some(exchange) = self.exchange_mut(slot, serial) {
                exchange.started = Some(now);
                if exchange.request.payload.len() > cut.whole && exchange.download.is_none() {
                    exchange.upload = Some(Upload {
                        offset: 0,
                        end: 0,
                        size: cut.size,
                        restarted: false,
                    });
                }
            }
            self.send_exchange(slot, serial, now);
        }
    }

    /// Sends the next message of an exchange, as soon as there is a message ID for it.
    pub(super) fn send_exchange(&mut self, slot: u32, serial: u64, now: Moment) {
        let stream = self.is_stream(slot);
        let message_id = if stream {
            Ok(0)
        } else {
            self.issue_message_id(now, slot)
        };
        let message_id = match message_id {
            Ok(message_id) => message_id,
            Err(until) => {
                if let Some(exchange) = self.exchange_mut(slot, serial) {
                    exchange.state = State::AwaitingMessageId(until);
                }
                return;
            }
        };
        let parameters = self.parameters_of_exchange(slot, serial);
        let new_token = self.random.token();
        let fraction = self.random.fraction();
        let peer = self.peers[slot].key;
        let Some(exchange) = self.exchanges(slot).iter().find(|it| it.serial == serial) else {
            return;
        };
        let cut = self.cut(slot, parameters.max_block_size, &exchange.request.options);
        let Some(exchange) = self.exchange_mut(slot, serial) else {
            return;
        };
        // The blocks of one request that observes share the token that will name the observation.
        let goes_on = exchange.upload.is_some_and(|upload| upload.offset > 0);
        let shared = goes_on && exchange.request.observe() == Some(0);
        if !exchange.fixed_token && !shared {
            exchange.token = new_token;
        }
        if exchange.sent == 0 {
            exchange.started = Some(now);
        }
        exchange.sent += 1;
        let (code, token, confirmable) = (exchange.code(stream), exchange.token, exchange.confirmable);
        let kind = if confirmable {
            Kind::Confirmable
        } else {
            Kind::NonConfirmable
        };
        let Some((options, payload)) = exchange.next_message(&cut) else {
            return self.fail(slot, serial, FailureReason::TooManyBlocks);
        };
        let datagram: Arc<[u8]> = if stream {
            frame::encode(code, token, &options, payload).into()
        } else {
            wire::encode(kind, code, message_id, token, &options, payload).into()
        };
        exchange.state = if confirmable && !stream {
            let datagram = datagram.clone();
            State::Unacknowledged(Retransmission::new(
                message_id,
                datagram,
                now,
                &parameters,
                fraction,
            ))
        } else {
            State::AwaitingResponse {
                message_id,
                until: now.after(parameters.response_timeout),
            }
        };
        self.statistics.requests_sent += 1;
        self.send(peer, datagram);
    }

    /// The exchange's own parameters, else the peer's.
    pub(super) fn parameters_of_exchange(&self, slot: u32, serial: u64) -> Parameters {
        let exchange = self
            .exchanges(slot)
            .iter()
            .find(|exchange| exchange.serial == serial);
        let own = exchange.and_then(|exchange| exchange.parameters.as_deref());
        *own.unwrap_or_else(|| self.parameters_of(slot))
    }

    /// Ends an exchange without an answer.
    pub(super) fn fail(&mut self, slot: u32, serial: u64, reason: FailureReason) {
        let peer = self.peers[slot].key;
        let Some(exchange) = self.take_exchange(slot, serial) else {
            return;
        };
        // Nobody is told of the observation it began, so nobody can want its notifications.
        if let Some(token) = exchange.observation {
            self.untrack(slot, token);
        }
        let id = ExchangeId { slot, serial };
        self.events.push_back(match exchange.purpose {
            Purpose::Deregistration => return,
            Purpose::Request | Purpose::Ping => Event::Failed {
                exchange: id,
                peer,
                reason,
            },
            Purpose::Remainder { observation, .. } => Event::NotificationLost {
                peer,
                token: observation,
                reason,
            },
        });
    }

    pub(super) fn take_exchange(&mut self, slot: u32, serial: u64) -> Option<Exchange> {
        let active = self.peers.get_mut(slot)?.active.as_deref_mut()?;
        let at = active
            .exchanges
            .iter()
            .position(|exchange| exchange.serial == serial)?;
        let exchange = active.exchanges.remove(at);
        self.reassembling -= exchange.held();
        Some(exchange)
    }

    pub(super) fn handle_acknowledgement(&mut self, now: Moment, peer: P, message_id: u16) {
        let Some(slot) = self.peers.find(peer) else {
            self.statistics.unmatched += 1;
            return;
        };
        if let Some(serial) = self.exchange_of(slot, message_id) {
            let timeout = self.parameters_of_exchange(slot, serial).response_timeout;
            let Some(exchange) = self.exchange_mut(slot, serial) else {
                return;
            };
            match (exchange.purpose, &exchange.state) {
                (Purpose::Ping, _) => self.pong(slot, serial, now),
                (_, State::Unacknowledged(_)) => {
                    exchange.state = State::AwaitingResponse {
                        message_id,
                        until: now.after(timeout),
                    };
                }
                _ => {}
            }
        } else if !self.acknowledged(slot, message_id, now) {
            self.statistics.unmatched += 1;
            return;
        }
        self.settle(slot, now);
    }

    pub(super) fn handle_reset(&mut self, now: Moment, peer: P, message_id: u16) {
        let Some(slot) = self.peers.find(peer) else {
            self.statistics.unmatched += 1;
            return;
        };
        if let Some(serial) = self.exchange_of(slot, message_id) {
            let ping = self
                .exchange_mut(slot, serial)
                .is_some_and(|it| it.purpose == Purpose::Ping);
            if ping {
                self.pong(slot, serial, now);
            } else {
                self.fail(slot, serial, FailureReason::Reset);
            }
        } else if !self.reset(slot, message_id) {
            self.statistics.unmatched += 1;
        }
        self.settle(slot, now);
    }

    fn exchange_of(&self, slot: u32, message_id: u16) -> Option<u64> {
        self.exchanges(slot)
            .iter()
            .find(|it| it.message_id() == Some(message_id))
            .map(|it| it.serial)
    }

    pub(super) fn pong(&mut self, slot: u32, serial: u64, now: Moment) {
        let peer = self.peers[slot].key;
        if let Some(exchange) = self.take_exchange(slot, serial) {
            let round_trip = exchange.round_trip(now);
            self.events.push_back(Event::Pong {
                exchange: ExchangeId { slot, serial },
                peer,
                round_trip,
            });
        }
    }
}
