//! The transmission parameters of RFC 7252 §4.8, which may differ for each peer.

use std::time::Duration;

use crate::block::BlockSize;

/// Times and counts of the message layer. The derived times follow RFC 7252 §4.8.2.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Parameters {
    /// ACK_TIMEOUT: the first wait for an acknowledgement, before it is randomised.
    pub ack_timeout: Duration,
    /// ACK_RANDOM_FACTOR: the first wait is up to this many times longer, at least 1.
    pub ack_random_factor: f32,
    /// MAX_RETRANSMIT: how many times a confirmable message is sent again.
    pub max_retransmit: u8,
    /// NSTART: how many requests may be in flight to the peer, at least 1. The others wait in order.
    pub nstart: u8,
    /// MAX_LATENCY: the longest time a datagram is expected to travel.
    pub max_latency: Duration,
    /// PROCESSING_DELAY: the time a peer takes to acknowledge.
    pub processing_delay: Duration,
    /// How long to wait for a response after an empty acknowledgement, or after a non-confirmable request.
    pub response_timeout: Duration,
    /// The largest block asked of the peer and sent to it.
    pub max_block_size: BlockSize,
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters {
            ack_timeout: Duration::from_secs(2),
            ack_random_factor: 1.5,
            max_retransmit: 4,
            nstart: 1,
            max_latency: Duration::from_secs(100),
            processing_delay: Duration::from_secs(2),
            response_timeout: Duration::from_secs(93),
            max_block_size: BlockSize::MAX,
        }
    }
}

impl Parameters {
    /// MAX_TRANSMIT_SPAN: from the first to the last transmission, 45 s by default.
    pub fn max_transmit_span(&self) -> Duration {
        self.backed_off((1 << self.retransmits()) - 1)
    }

    /// MAX_TRANSMIT_WAIT: from the first transmission to giving up, 93 s by default.
    pub fn max_transmit_wait(&self) -> Duration {
        self.backed_off((1 << (self.retransmits() + 1)) - 1)
    }

    /// EXCHANGE_LIFETIME: how long a message ID must not be used again, 247 s by default.
    pub fn exchange_lifetime(&self) -> Duration {
        self.max_transmit_span() + 2 * self.max_latency + self.processing_delay
    }

    /// NON_LIFETIME: the same for non-confirmable messages, 145 s by default.
    pub fn non_lifetime(&self) -> Duration {
        self.max_transmit_span() + self.max_latency
    }

    /// Doubling more often than this would be days.
    pub(crate) fn retransmits(&self) -> u32 {
        u32::from(self.max_retransmit.min(16))
    }

    /// The random factor, within what makes sense.
    pub(crate) fn random_factor(&self) -> f64 {
        let factor = f64::from(self.ack_random_factor);
        if factor.is_finite() {
            factor.clamp(1.0, 10.0)
        } else {
            1.0
        }
    }

    fn backed_off(&self, times: u32) -> Duration {
        Duration::try_from_secs_f64(self.ack_timeout.as_secs_f64() * f64::from(times) * self.random_factor())
            .unwrap_or(Duration::from_secs(u64::from(u32::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derived_times_are_those_of_the_specification() {
        let parameters = Parameters::default();
        for (time, seconds) in [
            (parameters.max_transmit_span(), 45),
            (parameters.max_transmit_wait(), 93),
            (parameters.exchange_lifetime(), 247),
            (parameters.non_lifetime(), 145),
        ] {
            assert_eq!(time, Duration::from_secs(seconds));
        }
    }
}
