//! What the passing of time does: late acknowledgements, retransmissions, deadlines, forgetting.

use std::time::Instant;

use super::duplicates::{Duplicates, Reply};
use super::exchange::{Content, Exchange, State};
use super::{Endpoint, Peer};
use crate::clock::Moment;
use crate::event::{Event, FailureReason};
use crate::message::Kind;

/// How many peers one call looks at.
const PEERS_AT_A_TIME: usize = 1024;

impl<P: Peer> Endpoint<P> {
    /// Does what is due. To be called at or after the time that [`poll_timeout`](Self::poll_timeout) says.
    ///
    /// If very many peers have something due at once it does a part of it, so that datagrams can be taken in between:
    /// `poll_timeout` says then that it wants to be called at once.
    pub fn handle_timeout(&mut self, now: Instant) {
        let now = self.clock.read(now);
        self.acknowledge_slow_requests(now);
        for _ in 0..PEERS_AT_A_TIME {
            let Some((at, slot)) = self.timers.pop_due(now) else {
                return;
            };
            let Some(state) = self.peers.get_mut(slot) else {
                continue;
            };
            if state.armed != at {
                continue;
            }
            state.armed = Moment::NEVER;
            self.run_exchanges(slot, now);
            self.run_unacknowledged(slot, now);
            self.expire_bodies(slot, now);
            self.run_stream(slot, now);
            self.settle(slot, now);
            self.forget_if_unused(slot, now);
        }
    }

    /// Starts what can start, and sets the next wake-up of a peer after something changed.
    pub(super) fn settle(&mut self, slot: u32, now: Moment) {
        self.start_waiting(slot, now);
        self.settle_stream(slot);
        let connection = self.peers[slot].stream.as_deref();
        let due = connection.map_or(Moment::NEVER, |connection| connection.due(&self.config.stream));
        self.arm(slot, due);
        let state = &mut self.peers[slot];
        if state.active.as_deref().is_some_and(super::Active::is_empty) {
            state.active = None;
        }
        let Some(active) = &state.active else { return };
        let next = (active.exchanges.iter().map(Exchange::due))
            .chain(active.unacknowledged.iter().map(|it| it.retransmission.due))
            .chain(active.reassemblies.iter().map(|it| it.expires))
            .chain(active.served.iter().map(|it| it.expires))
            .min();
        if let Some(next) = next {
            self.arm(slot, next);
        }
    }

    fn run_exchanges(&mut self, slot: u32, now: Moment) {
        loop {
            let due = self.exchanges(slot).iter().find(|exchange| exchange.due() <= now);
            let Some(exchange) = due else { return };
            let serial = exchange.serial;
            if exchange.deadline <= now {
                let reason = match exchange.state {
                    State::AwaitingMessageId(_) => FailureReason::MessageIdsExhausted,
                    _ => FailureReason::DeadlineExceeded,
                };
                self.fail(slot, serial, reason);
                continue;
            }
            match exchange.state {
                State::AwaitingMessageId(_) => self.send_exchange(slot, serial, now),
                State::Unacknowledged(_) => self.retransmit(slot, serial, now),
                State::AwaitingResponse { .. } | State::Unsent => {
                    self.fail(slot, serial, FailureReason::Timeout);
                }
            }
        }
    }

    fn retransmit(&mut self, slot: u32, serial: u64, now: Moment) {
        let peer = self.peers[slot].key;
        let Some(exchange) = self.exchange_mut(slot, serial) else {
            return;
        };
        let State::Unacknowledged(retransmission) = &mut exchange.state else {
            return;
        };
        if retransmission.next(now) {
            exchange.retransmissions += 1;
            let datagram = retransmission.datagram.clone();
            self.statistics.retransmitted += 1;
            self.send(peer, datagram);
        } else {
            self.fail(slot, serial, FailureReason::Timeout);
        }
    }

    fn run_unacknowledged(&mut self, slot: u32, now: Moment) {
        let peer = self.peers[slot].key;
        loop {
            let Some(active) = &mut self.peers[slot].active else {
                return;
            };
            let Some(at) = active
                .unacknowledged
                .iter()
                .position(|it| it.retransmission.due <= now)
            else {
                return;
            };
            let retransmission = &mut active.unacknowledged[at].retransmission;
            if retransmission.next(now) {
                let datagram = retransmission.datagram.clone();
                self.statistics.retransmitted += 1;
                self.send(peer, datagram);
                continue;
            }
            let content = active.unacknowledged.remove(at).content;
            self.not_acknowledged(slot, content, FailureReason::Timeout);
        }
    }

    /// A confirmable response or notification of ours was given up or reset.
    pub(super) fn not_acknowledged(&mut self, slot: u32, content: Content, reason: FailureReason) {
        let peer = self.peers[slot].key;
        match content {
            Content::Response(id) => self.events.push_back(Event::ResponseLost { id, peer, reason }),
            Content::Notification { id, token } => {
                self.drop_observer(slot, token);
                self.events.push_back(Event::NotificationRejected {
                    id: Some(id),
                    peer,
                    token,
                    reason,
                });
            }
        }
    }

    fn expire_bodies(&mut self, slot: u32, now: Moment) {
        let Some(active) = &mut self.peers[slot].active else {
            return;
        };
        let mut expired = 0;
        active.reassemblies.retain(|it| {
            let keep = it.expires > now;
            expired += if keep { 0 } else { it.body.len() };
            keep
        });
        self.reassembling -= expired;
        let mut expired = 0;
        active.served.retain(|it| {
            let keep = it.expires > now;
            expired += if keep { 0 } else { it.response.payload.len() };
            keep
        });
        self.serving -= expired;
    }

    /// Drops a peer of which nothing has to be remembered; otherwise has it looked at again when that may be so.
    fn forget_if_unused(&mut self, slot: u32, now: Moment) {
        if self.is_stream(slot) {
            return;
        }
        let (lifetime, _) = self.lifetimes_of(slot);
        let state = &mut self.peers[slot];
        let kept = state
            .duplicates
            .kept_until()
            .max(state.message_ids.used_until(lifetime));
        match kept.filter(|until| *until > now) {
            Some(until) => self.arm(slot, until),
            None => {
                self.change_duplicates(slot, Duplicates::clear);
                let state = &self.peers[slot];
                if state.active.is_none() && state.observations.is_empty() && state.unanswered == 0 {
                    self.remove_peer(slot);
                }
            }
        }
    }

    /// Sends the empty acknowledgements that are due, and forgets requests that were never answered.
    fn acknowledge_slow_requests(&mut self, now: Moment) {
        while let Some(id) = self.unanswered.pop_slow(now, self.lifetimes.0) {
            let Some(incoming) = self.unanswered.get_mut(id) else {
                continue;
            };
            if !incoming.confirmable || incoming.acknowledged {
                continue;
            }
            incoming.acknowledged = true;
            let (slot, message_id) = (incoming.slot, incoming.message_id);
            let generation = incoming.generation;
            let Some(peer) = self
                .peers
                .get(slot)
                .filter(|it| it.generation == generation)
                .map(|it| it.key)
            else {
                continue;
            };
            self.change_duplicates(slot, |duplicates| {
                duplicates.set_reply(message_id, Reply::Acknowledged);
            });
            self.send_empty(peer, Kind::Acknowledgement, message_id);
        }
        while let Some(id) = self.unanswered.pop_expired(now) {
            let Some(incoming) = self.take_unanswered(id) else {
                continue;
            };
            self.statistics.never_answered += 1;
            let state = self.peers.get(incoming.slot);
            if state.is_some_and(|it| it.generation == incoming.generation) {
                self.leave_unanswered(incoming.slot, incoming.message_id);
                self.settle(incoming.slot, now);
                // It may be the last that was held of the peer, of which no timer is set then.
                self.forget_if_unused(incoming.slot, now);
            }
        }
    }
}
