//! What was answered to the messages of one peer, so that a repeated message is answered the same. RFC 7252 §4.5.

use std::sync::Arc;

use crate::clock::{Moment, Tick};

/// How a message was answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Not yet: the application has it.
    Outstanding,
    /// By an empty acknowledgement.
    Acknowledged,
    /// By this datagram.
    Datagram(Arc<[u8]>),
    /// Not at all, and neither are its duplicates: it was non-confirmable.
    Nothing,
}

#[derive(Debug)]
struct Answered {
    message_id: u16,
    fingerprint: u32,
    expires: Tick,
    reply: Reply,
}

/// The last messages of a peer, oldest first. There are few, so they are searched one by one.
///
/// A message counts as a duplicate if its ID and its bytes are the same (by a keyed 32-bit hash): a retransmission is
/// the same datagram. A device that restarts and counts from the same ID again is served and not shown old answers.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    answered: Vec<Answered>,
}

impl Duplicates {
    pub(crate) fn find(&self, message_id: u16, fingerprint: u32, now: Moment) -> Option<&Reply> {
        self.answered
            .iter()
            .rev()
            .find(|it| {
                it.message_id == message_id && it.fingerprint == fingerprint && it.expires.moment() > now
            })
            .map(|it| &it.reply)
    }

    /// Remembers a message; returns how many are kept more (1) or fewer than before.
    pub(crate) fn insert(
        &mut self,
        message_id: u16,
        fingerprint: u32,
        (now, expires): (Moment, Moment),
        reply: Reply,
        limit: usize,
    ) -> isize {
        let before = self.answered.len();
        if before > 0 {
            let expired = self
                .answered
                .iter()
                .take_while(|it| it.expires.moment() <= now)
                .count();
            self.answered
                .drain(..expired.max((before + 1).saturating_sub(limit.max(1))));
        } else {
            self.answered.reserve_exact(1);
        }
        self.answered.push(Answered {
            message_id,
            fingerprint,
            expires: expires.tick(),
            reply,
        });
        self.answered.len() as isize - before as isize
    }

    /// Replaces the reply of the latest message with the ID.
    pub(crate) fn set_reply(&mut self, message_id: u16, reply: Reply) {
        if let Some(it) = self
            .answered
            .iter_mut()
            .rev()
            .find(|it| it.message_id == message_id)
        {
            it.reply = reply;
        }
    }

    /// Until when anything is remembered.
    pub(crate) fn kept_until(&self) -> Option<Moment> {
        self.answered.iter().map(|it| it.expires.moment()).max()
    }

    pub(crate) fn len(&self) -> usize {
        self.answered.len()
    }

    /// Forgets everything that is answered, or all of it; returns how many.
    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.answered).len()
    }
}
