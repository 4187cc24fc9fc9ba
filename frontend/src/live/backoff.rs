//! How long to wait before connecting again. Pure.

use crate::words::within;

const FIRST_MS: u32 = 500;
const LONGEST_MS: u32 = 30_000;

/// Milliseconds to wait before attempt number `attempt` (0 is the first after a loss). Doubles from 0.5 s to 30 s;
/// `random` (0 to 1) takes up to half of it away, so that a thousand pages do not return in the same instant.
pub(crate) fn delay_ms(attempt: u32, random: f64) -> u32 {
    let full = FIRST_MS
        .checked_shl(attempt.min(16))
        .unwrap_or(LONGEST_MS)
        .min(LONGEST_MS);
    full - (f64::from(full) / 2.0 * within(random, 0.0, 1.0)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_half_a_minute() {
        let waits: Vec<u32> = (0..8).map(|attempt| delay_ms(attempt, 0.0)).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
        assert_eq!(delay_ms(u32::MAX, 0.0), 30_000);
    }

    #[test]
    fn chance_takes_at_most_half_away() {
        assert_eq!(delay_ms(0, 1.0), 250);
        assert_eq!(delay_ms(6, 0.5), 22_500);
        assert_eq!(delay_ms(1, f64::NAN), 1000);
    }
}
