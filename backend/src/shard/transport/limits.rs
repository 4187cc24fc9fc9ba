//! How many connections may stand: in total, and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The connections of all shards. Clones count together. Touched when a connection begins and ends only.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionLimits {
    most: usize,
    most_of_one: usize,
    counted: Arc<Mutex<Counted>>,
}

#[derive(Debug, Default)]
struct Counted {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One counted connection, until it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    limits: ConnectionLimits,
    address: IpAddr,
}

impl ConnectionLimits {
    pub(crate) fn new(most: usize, most_of_one: usize) -> ConnectionLimits {
        ConnectionLimits {
            most,
            most_of_one,
            counted: Arc::default(),
        }
    }

    /// Counts a connection from this address.
    ///
    /// # Errors
    /// The limit that is reached, in words.
    pub(crate) fn take(&self, address: IpAddr) -> Result<Permit, String> {
        let address = address.to_canonical();
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.all >= self.most {
            return Err(format!("{} connections stand already", self.most));
        }
        let of_it = counted.by_address.entry(address).or_default();
        if *of_it >= self.most_of_one {
            return Err(format!("{of_it} connections from this address stand already"));
        }
        *of_it += 1;
        counted.all += 1;
        Ok(Permit {
            limits: self.clone(),
            address,
        })
    }

    /// How many connections stand.
    #[cfg(test)]
    pub(crate) fn standing(&self) -> usize {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).all
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counted = self.limits.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.all -= 1;
        if let Some(of_it) = counted.by_address.get_mut(&self.address) {
            *of_it -= 1;
            if *of_it == 0 {
                counted.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_counted_in_total_and_by_address() {
        let limits = ConnectionLimits::new(3, 2);
        let of = |last| IpAddr::from([192, 0, 2, last]);
        let first = limits.take(of(1)).unwrap();
        let _second = limits.take(of(1)).unwrap();
        assert!(limits.take(of(1)).is_err());
        let _third = limits.take(of(2)).unwrap();
        assert!(limits.take(of(3)).is_err());
        drop(first);
        assert_eq!(limits.standing(), 2);
        let _again = limits.take(of(1)).unwrap();
        assert!(limits.take("::ffff:192.0.2.1".parse().unwrap()).is_err());
    }
}
