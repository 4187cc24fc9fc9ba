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
    /// By this datagram, which is short, as most are: it costs no allocation.
    Short(Short),
    /// By this datagram.
    Datagram(Arc<[u8]>),
    /// Not at all, and neither are its duplicates: it was non-confirmable.
    Nothing,
}

/// A datagram of at most [`Short::MOST`] bytes.
#[derive(Clone, Debug)]
pub(crate) struct Short {
    length: u8,
    bytes: [u8; Short::MOST],
}

impl Short {
    const MOST: usize = 30;

    fn new(datagram: &[u8]) -> Option<Short> {
        let mut bytes = [0; Short::MOST];
        bytes.get_mut(..datagram.len())?.copy_from_slice(datagram);
        let length = datagram.len() as u8;
        Some(Short { length, bytes })
    }

    pub(crate) fn datagram(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Reply {
    /// By a datagram.
    pub(crate) fn sent(datagram: &Arc<[u8]>) -> Reply {
        Short::new(datagram).map_or_else(|| Reply::Datagram(datagram.clone()), Reply::Short)
    }

    /// The bytes it holds. A datagram is never longer than 65,535.
    fn length(&self) -> usize {
        match self {
            Reply::Short(short) => short.datagram().len(),
            Reply::Datagram(datagram) => datagram.len(),
            _ => 0,
        }
    }
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
    /// The bytes of all replies.
    reply_bytes: u32,
}

/// How much is remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Remembered {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
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

    /// Remembers a message, and forgets what is expired or beyond the limit.
    pub(crate) fn insert(
        &mut self,
        message_id: u16,
        fingerprint: u32,
        (now, expires): (Moment, Moment),
        reply: Reply,
        limit: usize,
    ) {
        let before = self.answered.len();
        if before == 0 {
            self.answered.reserve_exact(1);
        } else {
            let expired = self
                .answered
                .iter()
                .take_while(|it| it.expires.moment() <= now)
                .count();
            let surplus = (before + 1).saturating_sub(limit.max(1));
            let forgotten: usize = self
                .answered
                .drain(..expired.max(surplus))
                .map(|it| it.reply.length())
                .sum();
            self.reply_bytes -= forgotten as u32;
        }
        self.reply_bytes += reply.length() as u32;
        self.answered.push(Answered {
            message_id,
            fingerprint,
            expires: expires.tick(),
            reply,
        });
    }

    /// Replaces the reply of the latest message with the ID.
    pub(crate) fn set_reply(&mut self, message_id: u16, reply: Reply) {
        if let Some(it) = self
            .answered
            .iter_mut()
            .rev()
            .find(|it| it.message_id == message_id)
        {
            self.reply_bytes = self.reply_bytes - it.reply.length() as u32 + reply.length() as u32;
            it.reply = reply;
        }
    }

    /// Until when anything is remembered.
    pub(crate) fn kept_until(&self) -> Option<Moment> {
        self.answered.iter().map(|it| it.expires.moment()).max()
    }

    pub(crate) fn remembered(&self) -> Remembered {
        Remembered {
            messages: self.answered.len(),
            bytes: self.reply_bytes as usize,
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = Duplicates::default();
    }

    /// Forgets everything that is answered.
    pub(crate) fn forget_answered(&mut self) {
        self.answered.retain(|it| matches!(it.reply, Reply::Outstanding));
        self.answered.shrink_to_fit();
        self.reply_bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_held_as_it_was_sent() {
        for length in [0, 4, Short::MOST, Short::MOST + 1, 1000] {
            let datagram: Arc<[u8]> = (0..length).map(|byte| byte as u8).collect();
            let reply = Reply::sent(&datagram);
            let held = match &reply {
                Reply::Short(short) => short.datagram(),
                Reply::Datagram(datagram) => datagram,
                other => panic!("{other:?}"),
            };
            assert_eq!(held, &*datagram);
            assert_eq!(reply.length(), length);
            assert_eq!(matches!(reply, Reply::Short(_)), length <= Short::MOST);
        }
        assert!(size_of::<Answered>() <= 48);
    }
}
