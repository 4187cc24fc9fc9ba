//! The message IDs of one peer: none goes out twice within EXCHANGE_LIFETIME. RFC 7252 §4.4.

use std::time::Duration;

use crate::clock::{Moment, Tick};

/// IDs are given out in order and remembered by chunks of 4096: a chunk is used again when the last of its IDs is old
/// enough. A peer that was sent nothing within the lifetime costs nothing and begins at a random ID again.
#[derive(Debug, Default)]
pub(crate) struct MessageIds {
    next: u16,
    issued: u32,
    last: Tick,
    /// When the last ID of each chunk was given out; only for peers that were sent more than one chunk.
    history: Option<Box<[Tick; CHUNKS]>>,
}

const CHUNK: u32 = 4096;
const CHUNKS: usize = 16;
const ALL: u32 = CHUNK * CHUNKS as u32;

impl MessageIds {
    /// The next ID, or the time at which there is one. `start` is the first ID of a peer.
    pub(crate) fn issue(&mut self, now: Moment, lifetime: Duration, start: u16) -> Result<u16, Moment> {
        if self.is_unused(now, lifetime) {
            *self = MessageIds {
                next: start,
                ..MessageIds::default()
            };
        }
        if self.issued > 0 && self.issued.is_multiple_of(CHUNK) {
            let chunk = (self.issued / CHUNK) as usize % CHUNKS;
            let history = self.history.get_or_insert_default();
            history[(chunk + CHUNKS - 1) % CHUNKS] = self.last;
            let free = history[chunk].moment().after(lifetime);
            if self.issued >= ALL && now < free {
                return Err(free);
            }
        }
        let id = self.next;
        self.next = id.wrapping_add(1);
        self.issued += 1;
        if self.issued == 2 * ALL {
            self.issued = ALL;
        }
        self.last = now.tick();
        Ok(id)
    }

    /// When there is an ID again, if there is none now.
    pub(crate) fn exhausted_until(&self, now: Moment, lifetime: Duration) -> Option<Moment> {
        if self.issued < ALL || !self.issued.is_multiple_of(CHUNK) || self.is_unused(now, lifetime) {
            return None;
        }
        let oldest = self.history.as_deref()?[(self.issued / CHUNK) as usize % CHUNKS];
        Some(oldest.moment().after(lifetime)).filter(|free| *free > now)
    }

    /// Until when IDs are remembered.
    pub(crate) fn used_until(&self, lifetime: Duration) -> Option<Moment> {
        (self.issued > 0).then(|| self.last.moment().after(lifetime))
    }

    fn is_unused(&self, now: Moment, lifetime: Duration) -> bool {
        self.used_until(lifetime).is_none_or(|until| until <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use std::collections::HashMap;
    use std::time::Instant;

    const LIFETIME: Duration = Duration::from_secs(247);

    #[test]
    fn the_65537th_waits_until_the_first_is_old() {
        let start = Instant::now();
        let mut clock = Clock::default();
        let mut ids = MessageIds::default();
        let now = clock.read(start);
        for _ in 0..65_536 {
            ids.issue(now, LIFETIME, 7).unwrap();
        }
        let free = ids.issue(now, LIFETIME, 7).unwrap_err();
        assert_eq!(ids.exhausted_until(now, LIFETIME), Some(free));
        assert_eq!(ids.exhausted_until(free, LIFETIME), None);
        assert!(free.since(now) >= LIFETIME && free.since(now) <= LIFETIME + Duration::from_millis(100));
        assert_eq!(
            ids.issue(free, LIFETIME, 9).unwrap(),
            9,
            "everything is old then: a new start"
        );
    }

    #[test]
    fn no_id_is_used_twice_within_the_lifetime_at_any_rate() {
        let start = Instant::now();
        let mut clock = Clock::default();
        let mut ids = MessageIds::default();
        let mut used: HashMap<u16, Moment> = HashMap::new();
        let mut elapsed = Duration::ZERO;
        for round in 0..300_000u64 {
            elapsed += Duration::from_micros(200 + round % 2000);
            let now = clock.read(start + elapsed);
            match ids.issue(now, LIFETIME, 0) {
                Ok(id) => {
                    if let Some(before) = used.insert(id, now) {
                        assert!(now.since(before) >= LIFETIME);
                    }
                }
                Err(free) => elapsed += free.since(now),
            }
        }
        assert_eq!(used.len(), 65_536);
    }
}
