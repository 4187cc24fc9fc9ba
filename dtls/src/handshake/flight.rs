//! Flights: messages that are sent, and repeated, together. RFC 6347 §4.2.4.

use super::fragment::Message;
use std::time::{Duration, Instant};

/// A part of a flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// A handshake message, in epoch 0 or, if protected, 1.
    Message {
        message: Message,
        protected: bool,
    },
    ChangeCipherSpec,
}

/// When a flight is sent again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retransmission {
    pub(crate) at: Instant,
    wait: Duration,
    left: u8,
}

/// The wait between two retransmissions never exceeds this. RFC 6347 §4.2.4.1.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Retransmission {
    pub(crate) fn start(now: Instant, wait: Duration, tries: u8) -> Retransmission {
        Retransmission {
            at: now + wait,
            wait,
            left: tries,
        }
    }

    /// The next one, or `None` after the last.
    pub(crate) fn again(self, now: Instant) -> Option<Retransmission> {
        let wait = (self.wait * 2).min(LONGEST_WAIT);
        Some(Retransmission {
            at: now + wait,
            wait,
            left: self.left.checked_sub(1)?,
        })
    }
}
