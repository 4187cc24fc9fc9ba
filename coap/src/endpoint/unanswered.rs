//! The peers' requests that the application has not answered, and when each is acknowledged or given up.

use std::collections::VecDeque;
use std::time::Duration;

use crate::block::Block;
use crate::clock::Moment;
use crate::event::IncomingId;
use crate::message::Kind;
use crate::token::Token;

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
    pub(super) fn len(&self) -> usize {
        self.requests.len() - self.free.len()
    }

    pub(super) fn insert(&mut self, incoming: Incoming, slow_at: Moment) -> IncomingId {
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

    pub(super) fn take(&mut self, id: IncomingId) -> Option<Incoming> {
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
    pub(super) fn pop_slow(&mut self, now: Moment, lifetime: Duration) -> Option<IncomingId> {
        let (at, id) = self.slow.pop_front_if(|(at, _)| *at <= now)?;
        self.expiring.push_back((at.after(lifetime), id));
        self.drop_answered();
        Some(id)
    }

    /// The next request that nobody waits for any more.
    pub(super) fn pop_expired(&mut self, now: Moment) -> Option<IncomingId> {
        self.expiring.pop_front_if(|(at, _)| *at <= now).map(|(_, id)| id)
    }
}

impl Incoming {
    /// CON or NON.
    pub(super) fn kind(&self) -> Kind {
        if self.confirmable {
            Kind::Confirmable
        } else {
            Kind::NonConfirmable
        }
    }
}
