//! The state of a device: what follows from its messages, and what follows from their absence.
//!
//! - A message makes it Online.
//! - In queue mode it is Asleep once its awake window is over, or once it left a request unanswered.
//! - It is Late when its next Update is overdue by its own rhythm, or when it left a request unanswered. The rhythm
//!   is learnt from the intervals between its registration messages; until three are known, only the lifetime counts.
//! - It is Refused when it is not registered and handshakes in its name fail again and again.
//! - Its registration, and with it this word, ends when its lifetime and the grace are over.

use super::Device;
use shared::{DeviceState, Timestamp};
use std::time::Duration;

/// The intervals between a device's registration messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Rhythm {
    /// The longest one of late, in milliseconds; older ones count less and less.
    longest: i64,
    intervals: u8,
}

/// From how many intervals on a rhythm is believed.
const BELIEVED: u8 = 3;
/// The least time an Update may be late, in milliseconds: the retransmissions of one take up to 45 s.
const TOLERANCE: i64 = 45_000;

impl Rhythm {
    pub(crate) fn learn(&mut self, interval: i64) {
        self.longest = interval.max(self.longest - self.longest / 8);
        self.intervals = self.intervals.saturating_add(1);
    }

    /// After how many milliseconds the next Update is overdue.
    pub(crate) fn expected(self) -> Option<i64> {
        self.usual()
            .map(|usual| usual.saturating_add(TOLERANCE.max(usual / 4)))
    }

    /// The usual interval in milliseconds, once it is believed, and from how many it was learnt.
    pub(crate) fn learnt(self) -> Option<(i64, u8)> {
        self.usual().map(|usual| (usual, self.intervals))
    }

    /// After how many milliseconds the next Update has come at the latest, of late.
    fn usual(self) -> Option<i64> {
        (self.intervals >= BELIEVED).then_some(self.longest)
    }
}

/// When a device in queue mode was heard after a sleep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wakes {
    last: Timestamp,
    /// The usual time from one to the next, in milliseconds; the newest interval counts a quarter.
    interval: Option<i64>,
}

impl Wakes {
    fn learn(&mut self, at: Timestamp) {
        let since = at.since(self.last);
        if self.last != Timestamp::default() && since > 0 {
            self.interval = Some(self.interval.map_or(since, |usual| usual + (since - usual) / 4));
        }
        self.last = at;
    }

    /// When it is expected to wake the next time, once two were seen.
    fn next(self) -> Option<Timestamp> {
        self.interval
            .map(|usual| Timestamp(self.last.0.saturating_add(usual)))
    }
}

/// The times a state depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Windows {
    pub(crate) awake: Duration,
    pub(crate) grace: Duration,
}

fn plus(at: Timestamp, time: Duration) -> Timestamp {
    Timestamp(at.0.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
}

/// What the passing of time did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    FellAsleep,
    BecameLate,
    /// The lifetime and the grace are over.
    Expired,
}

/// From how many failed handshakes on a device that is not registered keeps failing.
const KEEPS_FAILING: u8 = 3;

impl Device {
    /// A handshake in its name failed.
    pub(crate) fn failed_handshake(&mut self) {
        self.failed_handshakes = self.failed_handshakes.saturating_add(1);
        let is_away = matches!(
            self.state,
            DeviceState::NeverSeen | DeviceState::Offline | DeviceState::SignedOff
        );
        if is_away && self.failed_handshakes >= KEEPS_FAILING {
            self.state = DeviceState::Refused;
        }
    }

    /// It proved who it is; what it was refused for is over.
    pub(crate) fn proved(&mut self) {
        self.failed_handshakes = 0;
        if self.state == DeviceState::Refused {
            self.state = match self.last_seen {
                Some(_) => DeviceState::Offline,
                None => DeviceState::NeverSeen,
            };
        }
    }

    /// A message came. Whether it woke the device, and whether the state changed.
    pub(crate) fn heard(&mut self, at: Timestamp) -> (bool, bool) {
        self.last_seen = self.last_seen.max(Some(at));
        self.unanswered = None;
        let before = self.state;
        if before.is_registered() {
            self.state = DeviceState::Online;
        }
        if before == DeviceState::Asleep {
            self.woke(at);
        }
        (before == DeviceState::Asleep, before != self.state)
    }

    /// It was heard after a sleep, or for the first time.
    pub(crate) fn woke(&mut self, at: Timestamp) {
        if self.queue_mode() {
            self.wakes.get_or_insert_default().learn(at);
        }
    }

    /// When it is expected to be heard of: now while it listens, else when it usually wakes or updates, else before
    /// its lifetime ends.
    pub(crate) fn next_contact(&self, now: Timestamp) -> Option<Timestamp> {
        match self.state {
            DeviceState::Online => Some(now),
            DeviceState::Asleep | DeviceState::Late => {
                let by_waking = self.wakes.as_deref().copied().and_then(Wakes::next);
                let by_update = self
                    .rhythm
                    .usual()
                    .map(|usual| Timestamp(self.updated_at.0.saturating_add(usual)));
                [by_waking, by_update, self.finite_lifetime()]
                    .into_iter()
                    .flatten()
                    .filter(|at| *at > now)
                    .min()
            }
            _ => None,
        }
    }

    /// Until when it listens, in queue mode; `None` while it sleeps.
    pub(crate) fn awake_until(&self, windows: Windows) -> Option<Timestamp> {
        self.falls_asleep(windows)
    }

    pub(crate) fn awake_window(&self, windows: Windows) -> Duration {
        self.own_awake_window()
            .map_or(windows.awake, |seconds| Duration::from_secs(seconds.into()))
    }

    /// A Register or Update came.
    pub(crate) fn renewed(&mut self, at: Timestamp) {
        if let Some(registration) = &self.registration {
            self.lifetime_ends = registration.lifetime_ends(at);
        }
        self.updated_at = at;
    }

    /// By when the next message is expected.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        // A device behind a gateway has no rhythm of its own.
        if !self.state.is_registered() || self.behind().is_some() {
            return None;
        }
        let by_rhythm = self
            .rhythm
            .expected()
            .map(|expected| Timestamp(self.updated_at.0.saturating_add(expected)));
        let by_lifetime = self.finite_lifetime();
        let due = match (by_rhythm, by_lifetime) {
            (Some(rhythm), Some(lifetime)) => Some(rhythm.min(lifetime)),
            (rhythm, lifetime) => rhythm.or(lifetime),
        };
        match self.unanswered {
            Some(since) => Some(due.map_or(since, |due| due.min(since))),
            None => due,
        }
    }

    pub(crate) fn finite_lifetime(&self) -> Option<Timestamp> {
        let ends = self.registration.is_some() && self.lifetime_ends.0 != i64::MAX;
        (ends && self.behind().is_none()).then_some(self.lifetime_ends)
    }

    /// A request was not answered. Whether the device is asleep now, and whether the state changed.
    pub(crate) fn left_unanswered(&mut self, at: Timestamp) -> Option<Passed> {
        if !self.state.is_registered() {
            return None;
        }
        let before = self.state;
        let (state, passed) = if self.queue_mode() {
            (DeviceState::Asleep, Passed::FellAsleep)
        } else {
            self.unanswered = Some(at);
            (DeviceState::Late, Passed::BecameLate)
        };
        self.state = state;
        (before != state).then_some(passed)
    }

    /// When the state is to be looked at again.
    pub(crate) fn next_deadline(&self, windows: Windows) -> Option<Timestamp> {
        if !self.state.is_registered() {
            return None;
        }
        let expiry = self.finite_lifetime().map(|ends| plus(ends, windows.grace));
        [expiry, self.falls_asleep(windows), self.becomes_late()]
            .into_iter()
            .flatten()
            .min()
    }

    fn falls_asleep(&self, windows: Windows) -> Option<Timestamp> {
        (self.state == DeviceState::Online && self.queue_mode() && self.behind().is_none())
            .then(|| self.last_seen.map(|seen| plus(seen, self.awake_window(windows))))
            .flatten()
    }

    fn becomes_late(&self) -> Option<Timestamp> {
        if self.state == DeviceState::Late {
            return None;
        }
        // A message of another kind after the due time shows that the device is there.
        self.next_due()
            .filter(|due| self.last_seen.is_none_or(|seen| seen < *due))
    }

    /// Lets time pass until `now`.
    pub(crate) fn pass(&mut self, now: Timestamp, windows: Windows) -> Option<Passed> {
        if !self.state.is_registered() {
            return None;
        }
        if self
            .finite_lifetime()
            .is_some_and(|ends| plus(ends, windows.grace) <= now)
        {
            return Some(Passed::Expired);
        }
        if self.becomes_late().is_some_and(|due| due <= now) {
            self.state = DeviceState::Late;
            return Some(Passed::BecameLate);
        }
        if self.falls_asleep(windows).is_some_and(|at| at <= now) {
            self.state = DeviceState::Asleep;
            return Some(Passed::FellAsleep);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rhythm_is_believed_after_three_intervals() {
        let mut rhythm = Rhythm::default();
        rhythm.learn(60_000);
        rhythm.learn(60_000);
        assert_eq!(rhythm.expected(), None);
        rhythm.learn(60_000);
        assert_eq!(rhythm.expected(), Some(105_000));
        rhythm.learn(1_000_000);
        assert_eq!(rhythm.expected(), Some(1_250_000));
        rhythm.learn(60_000);
        assert!(rhythm.expected().unwrap() < 1_250_000);
    }

    #[test]
    fn the_next_waking_is_expected_from_those_before() {
        let mut wakes = Wakes::default();
        wakes.learn(Timestamp(1_000_000));
        assert_eq!(wakes.next(), None);
        wakes.learn(Timestamp(1_060_000));
        assert_eq!(wakes.next(), Some(Timestamp(1_120_000)));
        wakes.learn(Timestamp(1_160_000));
        assert_eq!(wakes.next(), Some(Timestamp(1_230_000)));
    }
}
