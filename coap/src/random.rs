//! Randomness from the caller's seed: tokens that cannot be guessed, message IDs, timeouts.

use rand_chacha::ChaCha12Rng;
use rand_core::{RngCore, SeedableRng};

use crate::token::Token;

#[derive(Debug)]
pub(crate) struct Random {
    generator: ChaCha12Rng,
}

impl Random {
    pub(crate) fn new(seed: [u8; 32]) -> Random {
        Random {
            generator: ChaCha12Rng::from_seed(seed),
        }
    }

    /// 8 bytes, which cannot be guessed from those before. RFC 7252 §5.3.1.
    pub(crate) fn token(&mut self) -> Token {
        Token::from(self.u64().to_be_bytes())
    }

    pub(crate) fn u64(&mut self) -> u64 {
        self.generator.next_u64()
    }

    pub(crate) fn u16(&mut self) -> u16 {
        self.generator.next_u32() as u16
    }

    /// At least 0 and below 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        f64::from(self.generator.next_u32()) / (f64::from(u32::MAX) + 1.0)
    }
}
