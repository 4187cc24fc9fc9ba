//! What a shard counts, published now and then for `/metrics`.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The counters of one shard since its start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statistics {
    pub(crate) coap: coap::Statistics,
    /// By method and response code, as their bytes.
    pub(crate) answered: BTreeMap<(u8, u8), u64>,
    pub(crate) registers: u64,
    pub(crate) updates: u64,
    pub(crate) deregisters: u64,
    pub(crate) expired: u64,
    pub(crate) notifications: u64,
    pub(crate) sends: u64,
    pub(crate) refused: u64,
    pub(crate) adopted: u64,
    pub(crate) reports_merged: u64,
    pub(crate) reports_lost: u64,
    pub(crate) send_errors: u64,
    pub(crate) commands_refused: u64,
    pub(crate) trace_lost: u64,
    /// Connections that stand now.
    pub(crate) connections: u64,
    pub(crate) handshakes: u64,
    pub(crate) handshakes_failed: u64,
    pub(crate) keys_differ: u64,
    pub(crate) tls_handshakes: u64,
    pub(crate) tls_handshakes_failed: u64,
}

impl Statistics {
    /// All handshakes that came to an end, or to a doubt.
    pub(super) const fn all_handshakes(&self) -> u64 {
        self.handshakes
            + self.handshakes_failed
            + self.keys_differ
            + self.tls_handshakes
            + self.tls_handshakes_failed
    }
}

/// Where a shard puts its counters for others to read.
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<Statistics>);

impl Counters {
    pub(super) fn publish(&self, statistics: &Statistics) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(statistics);
    }

    pub(crate) fn read(&self) -> Statistics {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
