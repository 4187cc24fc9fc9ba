//! A confirmable message that is sent until it is acknowledged. RFC 7252 §4.2.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;
use crate::parameters::Parameters;

#[derive(Debug)]
pub(crate) struct Retransmission {
    pub(crate) message_id: u16,
    pub(crate) datagram: Arc<[u8]>,
    /// When it is to be sent again, or given up.
    pub(crate) due: Moment,
    wait: Duration,
    left: u32,
}

impl Retransmission {
    /// A message that is sent now. `fraction` is random, at least 0 and below 1.
    pub(crate) fn new(
        message_id: u16,
        datagram: Arc<[u8]>,
        now: Moment,
        parameters: &Parameters,
        fraction: f64,
    ) -> Retransmission {
        let factor = 1.0 + (parameters.random_factor() - 1.0) * fraction;
        let wait = parameters
            .ack_timeout
            .mul_f64(factor)
            .max(Duration::from_millis(1));
        Retransmission {
            message_id,
            datagram,
            due: now.after(wait),
            wait,
            left: parameters.retransmits(),
        }
    }

    /// Whether to send again now; if not, the message is given up. The wait doubles.
    pub(crate) fn next(&mut self, now: Moment) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        self.wait = self.wait.saturating_mul(2);
        self.due = now.after(self.wait);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use std::time::Instant;

    #[test]
    fn the_waits_double_from_the_random_first_one() {
        let parameters = Parameters::default();
        let mut now = Clock::default().read(Instant::now());
        let mut message = Retransmission::new(1, Arc::from([0u8; 4]), now, &parameters, 0.5);
        for expect in [2500, 5000, 10_000, 20_000] {
            assert_eq!(message.due.since(now), Duration::from_millis(expect));
            now = message.due;
            assert!(message.next(now));
        }
        assert_eq!(message.due.since(now), Duration::from_millis(40_000));
        assert!(!message.next(message.due));
    }
}
