//! When something must be done.

use super::event::{HandshakeId, SessionId};
use super::pending::Pending;
use super::{Endpoint, PeerAddress};
use crate::handshake::HandshakeError;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    Handshake(HandshakeId),
    LastFlight(SessionId),
    /// Look for idle sessions.
    Sweep,
}

#[derive(Debug, Default)]
pub(super) struct Timers(BTreeSet<(Instant, Timer)>);

impl Timers {
    pub(super) fn set(&mut self, at: Instant, timer: Timer) {
        self.0.insert((at, timer));
    }

    pub(super) fn clear(&mut self, at: Instant, timer: Timer) {
        self.0.remove(&(at, timer));
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.0.first().map(|(at, _)| *at)
    }

    fn pop(&mut self, now: Instant) -> Option<Timer> {
        let (at, timer) = *self.0.first()?;
        (at <= now).then(|| {
            self.0.pop_first();
            timer
        })
    }
}

/// Sessions looked at in one go, so that the search never holds up the traffic.
const SWEEP_SLOTS: usize = 8_192;
/// The pause until the search goes on, and until the next one begins.
const SWEEP_PAUSE: Duration = Duration::from_millis(50);
const SWEEP_INTERVAL: Duration = Duration::from_secs(10);

impl<P: PeerAddress> Endpoint<P> {
    /// Does what is due: repeats flights, gives handshakes up, ends idle sessions.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.pop(now) {
            match timer {
                Timer::Handshake(id) => self.handshake_timer(now, id),
                Timer::LastFlight(id) => {
                    self.last_flights.remove(&id);
                }
                Timer::Sweep => self.end_idle_sessions(now),
            }
        }
    }

    fn handshake_timer(&mut self, now: Instant, id: HandshakeId) {
        let Some(mut pending) = self.handshakes.remove(&id) else {
            return;
        };
        pending.timer = None;
        if let Some((alert, at)) = pending.noted
            && at <= now
        {
            return self.fail(&mut pending, HandshakeError::new(alert, alert.words()), true);
        }
        if pending.deadline <= now {
            return self.time_out(pending);
        }
        if let Some(retransmission) = pending
            .retransmission
            .filter(|retransmission| retransmission.at <= now)
        {
            match retransmission.again(now) {
                Some(next) => {
                    pending.retransmission = Some(next);
                    self.send_flight(now, &mut pending);
                }
                None => return self.time_out(pending),
            }
        }
        self.keep(pending);
    }

    fn time_out(&mut self, mut pending: Box<Pending<P>>) {
        let error = pending.timed_out();
        self.fail(&mut pending, error, false);
    }

    fn end_idle_sessions(&mut self, now: Instant) {
        // Without a limit the search ends here; a configuration with one begins it again.
        let Some(timeout) = self.config.idle_timeout else {
            return;
        };
        let oldest = now
            .saturating_duration_since(self.began)
            .as_secs()
            .checked_sub(timeout.as_secs());
        let mut idle = Vec::new();
        let mut slot = self.sweep;
        while slot < self.sweep + SWEEP_SLOTS
            && let Some(found) = self.sessions.in_slot(slot)
        {
            let is_idle = |heard: u32| oldest.is_some_and(|oldest| u64::from(heard) < oldest);
            idle.extend(
                found
                    .filter(|(_, session)| is_idle(session.heard))
                    .map(|(id, _)| id),
            );
            slot += 1;
        }
        let unfinished = slot == self.sweep + SWEEP_SLOTS;
        self.sweep = if unfinished { slot } else { 0 };
        self.timers.set(
            now + if unfinished { SWEEP_PAUSE } else { SWEEP_INTERVAL },
            Timer::Sweep,
        );
        idle.into_iter()
            .for_each(|id| self.end_session(id, "nothing was heard of it for too long"));
    }
}
