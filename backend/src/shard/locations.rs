//! The halves of locations that nobody must guess, fetched from the system for many Registers at once.

use crate::lwm2m::Refusal;
use coap::Code;
use std::fmt;

/// Random numbers in stock, each given out once.
pub(super) struct Locations {
    stock: [u8; 256],
    used: usize,
}

impl Default for Locations {
    fn default() -> Locations {
        Locations {
            stock: [0; 256],
            used: 256,
        }
    }
}

/// What is in stock is nobody's business.
impl fmt::Debug for Locations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locations").finish_non_exhaustive()
    }
}

impl Locations {
    /// The next one.
    ///
    /// # Errors
    /// 5.00 if the system gives no randomness.
    pub(super) fn next(&mut self) -> Result<u32, Refusal> {
        if let Some(bytes) = self.stock[self.used..].first_chunk::<4>() {
            self.used += 4;
            return Ok(u32::from_ne_bytes(*bytes));
        }
        getrandom::fill(&mut self.stock)
            .map_err(|_| Refusal::new(Code::INTERNAL_SERVER_ERROR, "the server has no randomness"))?;
        self.used = 4;
        let [a, b, c, d, ..] = self.stock;
        Ok(u32::from_ne_bytes([a, b, c, d]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn none_is_given_out_twice() {
        let mut locations = Locations::default();
        let given: HashSet<u32> = (0..1000).filter_map(|_| locations.next().ok()).collect();
        // Two of a thousand are the same by chance once in 8,000 runs; more than two never are.
        assert!(given.len() >= 998, "{}", given.len());
    }
}
