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
    /// Write jobs that wait for the store, and transactions done.
    pub store_queue: u64,
    pub store_commits: u64,
    /// Events applied.
    pub events: u64,
}
