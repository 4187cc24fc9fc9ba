//! Counters for `/metrics`.

/// Counters since the start, summed over all shards, and a few levels of now.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    /// What the CoAP endpoints counted.
    pub coap: coap::Statistics,
    /// Requests answered, by method and response code, as (`"POST"`, `"2.01"`, count).
    pub answered: Vec<(String, String, u64)>,
    pub registers: u64,
    pub updates: u64,
    pub deregisters: u64,
    pub expired: u64,
    pub notifications: u64,
    pub sends: u64,
    /// Requests and payloads that were refused or could not be read.
    pub refused: u64,
    /// Registrations now held.
    pub registered: u64,
    /// Operations that wait or are on their way.
    pub operations_pending: u64,
    /// Connections over TCP and TLS that stand.
    pub connections: u64,
    /// Registrations that moved from one shard to another.
    pub adopted: u64,
    /// Reports that were merged, or given up, because the registry could not keep up.
    pub reports_merged: u64,
    pub reports_lost: u64,
    /// Datagrams that the socket did not take.
    pub send_errors: u64,
    /// Commands and trace records that found a queue full.
    pub commands_refused: u64,
    pub trace_lost: u64,
    /// DTLS handshakes that succeeded, and that failed.
    pub handshakes: u64,
    pub handshakes_failed: u64,
    /// Handshakes in which the keys of the two sides were seen to differ, probably.
    pub keys_differ: u64,
    /// TLS handshakes that succeeded, and that failed.
    pub tls_handshakes: u64,
    pub tls_handshakes_failed: u64,
    /// Write jobs that wait for the store, and transactions done.
    pub store_queue: u64,
    pub store_commits: u64,
    /// Events applied.
    pub events: u64,
}

impl Statistics {
    /// Adds what one shard counted, but for the answers by code.
    pub(super) fn add(&mut self, shard: &crate::shard::ShardStatistics) {
        self.registers += shard.registers;
        self.updates += shard.updates;
        self.deregisters += shard.deregisters;
        self.expired += shard.expired;
        self.notifications += shard.notifications;
        self.sends += shard.sends;
        self.refused += shard.refused;
        self.adopted += shard.adopted;
        self.reports_merged += shard.reports_merged;
        self.reports_lost += shard.reports_lost;
        self.send_errors += shard.send_errors;
        self.commands_refused += shard.commands_refused;
        self.trace_lost += shard.trace_lost;
        self.connections += shard.connections;
        self.handshakes += shard.handshakes;
        self.handshakes_failed += shard.handshakes_failed;
        self.keys_differ += shard.keys_differ;
        self.tls_handshakes += shard.tls_handshakes;
        self.tls_handshakes_failed += shard.tls_handshakes_failed;
        self.add_coap(&shard.coap);
    }

    fn add_coap(&mut self, other: &coap::Statistics) {
        let sum = &mut self.coap;
        for (total, count) in [
            (&mut sum.datagrams_received, other.datagrams_received),
            (&mut sum.datagrams_sent, other.datagrams_sent),
            (&mut sum.requests_received, other.requests_received),
            (&mut sum.requests_sent, other.requests_sent),
            (&mut sum.notifications_received, other.notifications_received),
            (&mut sum.notifications_outdated, other.notifications_outdated),
            (&mut sum.retransmitted, other.retransmitted),
            (&mut sum.duplicates, other.duplicates),
            (&mut sum.replayed, other.replayed),
            (&mut sum.malformed, other.malformed),
            (&mut sum.unmatched, other.unmatched),
            (&mut sum.blocks_served, other.blocks_served),
            (&mut sum.refused_overload, other.refused_overload),
            (&mut sum.dropped_overload, other.dropped_overload),
            (&mut sum.duplicates_forgotten, other.duplicates_forgotten),
        ] {
            *total += count;
        }
    }
}
