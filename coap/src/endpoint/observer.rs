//! The observer's role: our observations at peers, and what they notify. RFC 7641 §3.

use std::time::{Duration, Instant};

use super::exchange::{Download, Exchange, Purpose, State};
use super::incoming::{has_reserved_size, unknown_critical};
use super::{Endpoint, Peer};
use crate::clock::Moment;
use crate::event::{Event, ExchangeId, FailureReason, RequestError};
use crate::message::{Kind, Message};
use crate::options::number;
use crate::request::{Request, RequestOptions};
use crate::response::Response;
use crate::token::Token;

/// An observation of ours: what has to be kept to take its notifications after a restart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observation {
    /// The token, which the peer repeats in every notification.
    pub token: Token,
    /// The request that registered it, with its Observe option.
    pub request: Request,
}

/// An observation with the newest notification seen.
#[derive(Debug)]
pub(crate) struct Tracked {
    pub(super) observation: Observation,
    last: Option<(u32, Moment)>,
}

/// After this time a notification is newer whatever its number. RFC 7641 §3.4.
const REORDERING: Duration = Duration::from_secs(128);

impl<P: Peer> Endpoint<P> {
    /// Our observations at the peer.
    pub fn observations(&self, peer: P) -> impl Iterator<Item = &Observation> {
        let state = self.peers.find(peer).and_then(|slot| self.peers.get(slot));
        state
            .into_iter()
            .flat_map(|state| &state.observations)
            .map(|tracked| &tracked.observation)
    }

    /// Takes an observation up again after a restart, so that its next notification is accepted.
    ///
    /// # Errors
    /// [`RequestError`] if a limit is reached.
    pub fn adopt_observation(
        &mut self,
        now: Instant,
        peer: P,
        observation: Observation,
    ) -> Result<(), RequestError> {
        let now = self.clock.read(now);
        let too_many = RequestError::TooManyPeers(self.config.max_peers);
        let slot = self.peers.find_or_insert(peer).ok_or(too_many)?;
        let tracked = self.track(slot, observation, None);
        if tracked.is_err() {
            // Nothing else may keep the peer: have it looked at.
            self.arm(slot, now);
        }
        tracked
    }

    /// Forgets an observation of ours; the peer's next notification is reset, which ends it there. On a stream, where
    /// nothing can be reset, a request with Observe 1 goes out. Whether there was one. RFC 7641 §3.6, RFC 8323 §7.4.
    pub fn forget_observation(&mut self, now: Instant, peer: P, token: Token) -> bool {
        let Some(slot) = self.peers.find(peer) else {
            return false;
        };
        if self.is_stream(slot)
            && let Some(request) = self.deregistration(slot, token)
        {
            let options = RequestOptions::default();
            // Without room for it the notifications that still come are dropped.
            let _ = self.enqueue(now, peer, Purpose::Deregistration, request, options, Some(token));
        }
        self.stop_observing(now, slot, token)
    }

    /// The request that ends an observation.
    fn deregistration(&self, slot: u32, token: Token) -> Option<Request> {
        let at = self.tracked(slot, token)?;
        let mut request = self.peers[slot].observations[at].observation.request.clone();
        request.options.set_observe(Some(1));
        Some(request)
    }

    fn stop_observing(&mut self, now: Instant, slot: u32, token: Token) -> bool {
        let now = self.clock.read(now);
        if !self.untrack(slot, token) {
            return false;
        }
        self.supersede(slot, token);
        self.settle(slot, now);
        self.arm(slot, now);
        true
    }

    /// Ends an observation of ours by a request with Observe 1 and the same token and options. Notifications are
    /// reset from now on. RFC 7641 §3.6.
    ///
    /// # Errors
    /// [`RequestError::UnknownObservation`] and as for [`request`](Self::request).
    pub fn cancel_observation(
        &mut self,
        now: Instant,
        peer: P,
        token: Token,
        options: RequestOptions,
    ) -> Result<ExchangeId, RequestError> {
        let slot = self.peers.find(peer).ok_or(RequestError::UnknownObservation)?;
        let request = self
            .deregistration(slot, token)
            .ok_or(RequestError::UnknownObservation)?;
        let exchange = self.enqueue(now, peer, Purpose::Request, request, options, Some(token))?;
        self.stop_observing(now, slot, token);
        Ok(exchange)
    }

    fn tracked(&self, slot: u32, token: Token) -> Option<usize> {
        self.peers[slot]
            .observations
            .iter()
            .position(|it| it.observation.token == token)
    }

    /// Stops taking notifications of an observation. Whether there was one.
    pub(super) fn untrack(&mut self, slot: u32, token: Token) -> bool {
        let at = self.tracked(slot, token);
        at.map(|at| self.peers[slot].observations.swap_remove(at))
            .is_some()
    }

    fn track(
        &mut self,
        slot: u32,
        observation: Observation,
        last: Option<(u32, Moment)>,
    ) -> Result<(), RequestError> {
        let limit = self.config.max_observations_per_peer;
        let known = self.tracked(slot, observation.token);
        let observations = &mut self.peers[slot].observations;
        match known {
            Some(at) => observations[at] = Tracked { observation, last },
            None if observations.len() >= limit => return Err(RequestError::TooManyObservations(limit)),
            None => {
                if observations.is_empty() {
                    observations.reserve_exact(1);
                }
                observations.push(Tracked { observation, last });
            }
        }
        Ok(())
    }

    /// The first response of an observing request came: from now on its token is that of an observation.
    pub(super) fn begin_observation(&mut self, now: Moment, slot: u32, serial: u64, sequence: u32) {
        let Some(exchange) = self.exchange_mut(slot, serial) else {
            return;
        };
        let Some(token) = exchange.observation else { return };
        let observation = Observation {
            token,
            request: exchange.request.clone(),
        };
        if self.track(slot, observation, Some((sequence, now))).is_err()
            && let Some(exchange) = self.exchange_mut(slot, serial)
        {
            exchange.observation = None;
        }
    }

    pub(super) fn handle_notification(&mut self, now: Moment, slot: u32, message: Message) {
        let Message {
            kind,
            code,
            token,
            options,
            payload,
            ..
        } = message;
        let peer = self.peers[slot].key;
        let Some(at) = self.tracked(slot, token) else {
            return;
        };
        let sequence = options.observe();
        let stream = self.is_stream(slot);
        let refused = unknown_critical(&options);
        let reserved = !stream && has_reserved_size(&options);
        let mut response = Response {
            code,
            options,
            payload,
        };
        let Some(sequence) = sequence.filter(|_| code.is_success()) else {
            self.untrack(slot, token);
            self.supersede(slot, token);
            // It may be the last that was held of the peer, of which no timer is set then.
            self.arm(slot, now);
            self.events.push_back(Event::ObservationEnded {
                peer,
                token,
                response,
            });
            return;
        };
        if let Some(number) = refused {
            let reason = FailureReason::CriticalOption(number);
            self.events
                .push_back(Event::NotificationLost { peer, token, reason });
            return;
        }
        if reserved {
            let reason = FailureReason::Blocks("a block of the reserved size 7");
            self.events
                .push_back(Event::NotificationLost { peer, token, reason });
            return;
        }
        let tracked = &mut self.peers[slot].observations[at];
        // A stream keeps the order by itself. RFC 8323 §7.1.
        if !stream && !tracked.last.is_none_or(|last| is_newer(last, (sequence, now))) {
            self.statistics.notifications_outdated += 1;
            return;
        }
        tracked.last = Some((sequence, now));
        let request = tracked.observation.request.clone();
        self.supersede(slot, token);
        let confirmable = kind == Kind::Confirmable;
        match response.options.block2() {
            Some(block) if block.more && block.number == 0 => {
                let purpose = Purpose::Remainder {
                    observation: token,
                    sequence,
                    confirmable,
                };
                response.options.remove(number::BLOCK2);
                self.fetch_remainder(slot, purpose, request, response, block);
            }
            _ => {
                response.options.remove(number::BLOCK2);
                self.complete_notification(slot, token, response, sequence, confirmable);
            }
        }
    }

    pub(super) fn complete_notification(
        &mut self,
        slot: u32,
        token: Token,
        response: Response,
        sequence: u32,
        confirmable: bool,
    ) {
        let peer = self.peers[slot].key;
        self.statistics.notifications_received += 1;
        self.events.push_back(Event::Notification {
            peer,
            token,
            response,
            sequence,
            confirmable,
        });
    }

    /// Gives up fetching the rest of an older notification of the observation.
    fn supersede(&mut self, slot: u32, token: Token) {
        let older = self.exchanges(slot).iter().find(|exchange| {
            matches!(exchange.purpose, Purpose::Remainder { observation, .. } if observation == token)
        });
        if let Some(serial) = older.map(|exchange| exchange.serial) {
            self.fail(slot, serial, FailureReason::Superseded);
        }
    }

    /// Asks for the blocks behind the first of a notification, before other requests that wait. RFC 7959 §2.6.
    fn fetch_remainder(
        &mut self,
        slot: u32,
        purpose: Purpose,
        request: Request,
        response: Response,
        block: crate::Block,
    ) {
        let Purpose::Remainder {
            observation: token, ..
        } = purpose
        else {
            return;
        };
        let peer = self.peers[slot].key;
        let announced = response.options.size2().map_or(0, |size| size as usize);
        let reason = if !block.fits(response.payload.len()) {
            Some(FailureReason::Blocks("a block that is not as long as it says"))
        } else if announced > self.config.max_body_size
            || self.reassembling + response.payload.len() > self.config.max_reassembly_bytes
        {
            Some(FailureReason::BodyTooLarge)
        } else {
            None
        };
        if let Some(reason) = reason {
            self.events
                .push_back(Event::NotificationLost { peer, token, reason });
            return;
        }
        self.reassembling += response.payload.len();
        let own = self.parameters_of(slot).max_block_size;
        let size = block.size.min(self.taken_size(slot, own));
        let serial = self.next_serial();
        let exchange = Exchange {
            serial,
            purpose,
            request,
            confirmable: true,
            parameters: None,
            deadline: Moment::NEVER,
            started: None,
            sent: 0,
            echoed: false,
            retransmissions: 0,
            state: State::Unsent,
            token: Token::EMPTY,
            fixed_token: false,
            upload: None,
            download: Some(Box::new(Download {
                response,
                size,
                restarted: false,
            })),
            observation: None,
        };
        let exchanges = &mut self.active(slot).exchanges;
        let at = exchanges
            .iter()
            .position(|it| it.started.is_none())
            .unwrap_or(exchanges.len());
        exchanges.insert(at, exchange);
    }
}

/// Whether a notification is newer than the last one. RFC 7641 §3.4.
fn is_newer((v1, t1): (u32, Moment), (v2, t2): (u32, Moment)) -> bool {
    const HALF: u32 = 1 << 23;
    (v1 < v2 && v2 - v1 < HALF) || (v1 > v2 && v1 - v2 > HALF) || t2.since(t1) > REORDERING
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn the_reorder_rule_of_the_specification() {
        let start = Instant::now();
        let mut clock = Clock::default();
        let t0 = clock.read(start);
        for (v1, v2, seconds, newer) in [
            (1, 2, 0, true),
            (2, 1, 0, false),
            (2, 2, 0, false),
            (0xff_ffff, 0, 0, true),
            (0, 0xff_ffff, 0, false),
            (0, 1 << 23, 0, false),
            (2, 1, 128, false),
            (2, 1, 129, true),
        ] {
            assert_eq!(
                is_newer((v1, t0), (v2, t0.after(Duration::from_secs(seconds)))),
                newer,
                "{v1} {v2} {seconds}"
            );
        }
    }
}
