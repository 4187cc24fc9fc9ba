//! Slows down guessing: a window of failures for each pair of account and address.
//!
//! The pair is the key, so that a guesser cannot lock the owner of the account out from elsewhere. A second count for
//! the address alone bounds guessing over many accounts.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How many keys are remembered; when it is full, what is over is forgotten first, then what is oldest.
const KEPT: usize = 8192;
/// An address may fail so many times as often as one account from it.
const ADDRESS_FACTOR: u32 = 5;

#[derive(Debug)]
pub(super) struct Throttle {
    failures: u32,
    window: Duration,
    counts: HashMap<Key, Count>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// Empty for the address alone.
    account: String,
    address: IpAddr,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    since: Instant,
    failures: u32,
}

impl Throttle {
    pub(super) fn new(failures: u32, window: Duration) -> Throttle {
        Throttle {
            failures,
            window,
            counts: HashMap::new(),
        }
    }

    /// How long this account has to wait before it may try again from this address; `None` if it may.
    pub(super) fn wait(&self, account: &str, address: IpAddr, now: Instant) -> Option<Duration> {
        keys(account, address)
            .into_iter()
            .filter_map(|(key, factor)| {
                let count = self.counts.get(&key)?;
                let left = self
                    .window
                    .checked_sub(now.saturating_duration_since(count.since))?;
                (count.failures >= self.failures.saturating_mul(factor)).then_some(left)
            })
            .max()
    }

    pub(super) fn failed(&mut self, account: &str, address: IpAddr, now: Instant) {
        for (key, _) in keys(account, address) {
            if self.counts.len() >= KEPT && !self.counts.contains_key(&key) {
                self.make_room(now);
            }
            let count = self.counts.entry(key).or_insert(Count {
                since: now,
                failures: 0,
            });
            if now.saturating_duration_since(count.since) >= self.window {
                *count = Count {
                    since: now,
                    failures: 0,
                };
            }
            count.failures = count.failures.saturating_add(1);
        }
    }

    pub(super) fn succeeded(&mut self, account: &str, address: IpAddr) {
        let [(key, _), _] = keys(account, address);
        self.counts.remove(&key);
    }

    fn make_room(&mut self, now: Instant) {
        let window = self.window;
        self.counts
            .retain(|_, count| now.saturating_duration_since(count.since) < window);
        if self.counts.len() >= KEPT {
            let oldest = self
                .counts
                .iter()
                .min_by_key(|(_, count)| count.since)
                .map(|(key, _)| key.clone());
            oldest.map(|key| self.counts.remove(&key));
        }
    }
}

fn keys(account: &str, address: IpAddr) -> [(Key, u32); 2] {
    let account = account.chars().take(64).collect();
    let alone = Key {
        account: String::new(),
        address,
    };
    [(Key { account, address }, 1), (alone, ADDRESS_FACTOR)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn failures_shut_one_account_from_one_address_for_a_while() {
        let now = Instant::now();
        let mut throttle = Throttle::new(3, Duration::from_secs(60));
        for _ in 0..3 {
            assert_eq!(throttle.wait("admin", HERE, now), None);
            throttle.failed("admin", HERE, now);
        }
        assert_eq!(throttle.wait("admin", HERE, now), Some(Duration::from_secs(60)));
        assert_eq!(throttle.wait("admin", THERE, now), None);
        assert_eq!(throttle.wait("other", HERE, now), None);
        assert_eq!(throttle.wait("admin", HERE, now + Duration::from_secs(61)), None);
    }

    #[test]
    fn guessing_over_many_accounts_shuts_the_address() {
        let now = Instant::now();
        let mut throttle = Throttle::new(3, Duration::from_secs(60));
        for account in 0..15 {
            throttle.failed(&format!("user{account}"), HERE, now);
        }
        assert!(throttle.wait("user99", HERE, now).is_some());
        assert!(throttle.wait("user99", THERE, now).is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let now = Instant::now();
        let mut throttle = Throttle::new(3, Duration::from_secs(60));
        for account in 0..KEPT + 100 {
            throttle.failed(&format!("user{account}"), HERE, now);
        }
        assert!(throttle.counts.len() <= KEPT);
    }
}
