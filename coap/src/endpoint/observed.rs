//! The observed role: the peers' observations here, and what we notify. RFC 7641 §4.

use std::time::Instant;

use super::exchange::{Content, Observer};
use super::unanswered::Incoming;
use super::{Endpoint, Peer};
use crate::block::Block;
use crate::clock::Moment;
use crate::event::{Event, FailureReason, NotificationId};
use crate::message::Kind;
use crate::response::Response;
use crate::token::Token;

impl<P: Peer> Endpoint<P> {
    /// Notifies an observer. The endpoint numbers the notifications.
    ///
    /// A confirmable one ends with `NotificationAcknowledged` or `NotificationRejected`, unless a newer one takes its
    /// place while it waits for the one before it to be acknowledged. A response that is no success ends the
    /// observation. RFC 7641 §4.2, §4.5.
    pub fn notify(
        &mut self,
        now: Instant,
        peer: P,
        token: Token,
        response: Response,
        confirmable: bool,
    ) -> NotificationId {
        let now = self.clock.read(now);
        let id = NotificationId(self.next_serial());
        let Some(slot) = self.observer_slot(peer, token) else {
            let reason = FailureReason::TooManyObservers;
            self.events.push_back(Event::NotificationRejected {
                id: Some(id),
                peer,
                token,
                reason,
            });
            return id;
        };
        let notifying = self.is_notifying(slot, token);
        match self.observer_mut(slot, token) {
            // An older state must not be sent behind a newer one: whatever is new takes the place of what waits.
            Some(observer) if observer.next.is_some() || (confirmable && notifying) => {
                observer.next = Some((id, response));
            }
            _ => self.send_notification(now, slot, token, id, response, confirmable),
        }
        self.settle(slot, now);
        id
    }

    /// Forgets an observer, as after a request with Observe 1, which the endpoint sees by itself.
    pub fn forget_observer(&mut self, peer: P, token: Token) {
        if let Some(slot) = self.peers.find(peer) {
            self.drop_observer(slot, token);
        }
    }

    /// The peer's observer, made if there is room: after a restart it is known to the application alone.
    fn observer_slot(&mut self, peer: P, token: Token) -> Option<u32> {
        let slot = self.peers.find_or_insert(peer)?;
        self.add_observer(slot, token, None).then_some(slot)
    }

    fn add_observer(&mut self, slot: u32, token: Token, registered: Option<(u64, Option<Block>)>) -> bool {
        let limit = self.config.max_observers_per_peer;
        if let Some(observer) = self.observer_mut(slot, token) {
            observer.registered = registered.or(observer.registered);
            return true;
        }
        let observers = &mut self.active(slot).observers;
        if observers.len() >= limit {
            return false;
        }
        observers.push(Observer {
            token,
            registered,
            recent: [None; 4],
            next: None,
        });
        true
    }

    fn observer_mut(&mut self, slot: u32, token: Token) -> Option<&mut Observer> {
        let active = self.peers[slot].active.as_deref_mut()?;
        active
            .observers
            .iter_mut()
            .find(|observer| observer.token == token)
    }

    pub(super) fn drop_observer(&mut self, slot: u32, token: Token) {
        if let Some(active) = self.peers[slot].active.as_deref_mut() {
            active.observers.retain(|observer| observer.token != token);
        }
        // Nothing else may keep the peer: have it looked at.
        self.arm(slot, self.clock.last());
    }

    fn is_notifying(&self, slot: u32, token: Token) -> bool {
        self.peers[slot].active.as_deref().is_some_and(|active| {
            active
                .unacknowledged
                .iter()
                .any(|it| matches!(it.content, Content::Notification { token: other, .. } if other == token))
        })
    }

    /// Follows what the answer to a request says about observation, and numbers it.
    pub(super) fn begin_observer(&mut self, incoming: &Incoming, response: &mut Response) {
        let observing = incoming.observe == Some(0)
            && response.code.is_success()
            && response.observe().is_some()
            && self.add_observer(
                incoming.slot,
                incoming.token,
                Some((incoming.identity, incoming.block2)),
            );
        if observing {
            let sequence = self.next_sequence();
            response.options.set_observe(Some(sequence));
            return;
        }
        if response.observe().is_some() {
            response.options.set_observe(None);
        }
        if incoming.observe.is_some() {
            self.drop_observer(incoming.slot, incoming.token);
        }
    }

    fn next_sequence(&mut self) -> u32 {
        self.sequence = (self.sequence + 1) & 0x00ff_ffff;
        self.sequence
    }

    fn send_notification(
        &mut self,
        now: Moment,
        slot: u32,
        token: Token,
        id: NotificationId,
        mut response: Response,
        confirmable: bool,
    ) {
        let peer = self.peers[slot].key;
        let goes_on = response.code.is_success();
        let sequence = if goes_on { Some(self.next_sequence()) } else { None };
        response.options.set_observe(sequence);
        // Without the request's identity, as after a restart, further blocks are asked of the application.
        let registered = self
            .observer_mut(slot, token)
            .and_then(|observer| observer.registered);
        let (identity, block2) = registered.unwrap_or_else(|| (self.random.u64(), None));
        let block2 = block2.filter(|block| block.number == 0 && response.payload.len() > block.size.bytes());
        let Response {
            code,
            options,
            payload,
        } = self.cut_response(slot, now, identity, block2, response);
        let stream = self.is_stream(slot);
        let message_id = if stream {
            Ok(0)
        } else {
            self.issue_message_id(now, slot)
        };
        let Ok(message_id) = message_id else {
            let reason = FailureReason::MessageIdsExhausted;
            self.events.push_back(Event::NotificationRejected {
                id: Some(id),
                peer,
                token,
                reason,
            });
            return;
        };
        let kind = if confirmable {
            Kind::Confirmable
        } else {
            Kind::NonConfirmable
        };
        let datagram = self.encode(slot, (kind, message_id), (code, token), &options, &payload);
        self.send(peer, datagram.clone());
        if confirmable && stream {
            // The stream sees to it that it arrives, or ends.
            self.events
                .push_back(Event::NotificationAcknowledged { id, peer, token });
        } else if confirmable {
            let content = Content::Notification { id, token };
            self.await_acknowledgement(now, slot, message_id, datagram, content);
        }
        match self.observer_mut(slot, token) {
            Some(observer) if goes_on => {
                observer.recent.rotate_right(1);
                observer.recent[0] = Some((message_id, id));
            }
            _ => self.drop_observer(slot, token),
        }
    }

    /// An acknowledgement of a separate response or notification. Whether it was one.
    pub(super) fn acknowledged(&mut self, slot: u32, message_id: u16, now: Moment) -> bool {
        let Some(content) = self.take_unacknowledged(slot, message_id) else {
            return false;
        };
        if let Content::Notification { id, token } = content {
            let peer = self.peers[slot].key;
            self.events
                .push_back(Event::NotificationAcknowledged { id, peer, token });
            let next = self
                .observer_mut(slot, token)
                .and_then(|observer| observer.next.take());
            if let Some((id, response)) = next {
                self.send_notification(now, slot, token, id, response, true);
            }
        }
        true
    }

    /// A reset of a separate response or notification. Whether it was one. RFC 7641 §3.6.
    pub(super) fn reset(&mut self, slot: u32, message_id: u16) -> bool {
        if let Some(content) = self.take_unacknowledged(slot, message_id) {
            self.not_acknowledged(slot, content, FailureReason::Reset);
            return true;
        }
        let Some(active) = self.peers[slot].active.as_deref() else {
            return false;
        };
        let rejected = active.observers.iter().find_map(|observer| {
            let recent = observer
                .recent
                .iter()
                .flatten()
                .find(|(id, _)| *id == message_id)?;
            Some((observer.token, recent.1))
        });
        let Some((token, id)) = rejected else { return false };
        self.not_acknowledged(slot, Content::Notification { id, token }, FailureReason::Reset);
        true
    }

    fn take_unacknowledged(&mut self, slot: u32, message_id: u16) -> Option<Content> {
        let active = self.peers[slot].active.as_deref_mut()?;
        let at = active
            .unacknowledged
            .iter()
            .position(|it| it.retransmission.message_id == message_id)?;
        Some(active.unacknowledged.swap_remove(at).content)
    }
}
