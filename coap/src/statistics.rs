//! Counters of what an endpoint did and gauges of what it holds, for metrics.

/// Counters since the endpoint began; they only grow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Statistics {
    /// Datagrams given to `handle_datagram`, and messages out of streams.
    pub datagrams_received: u64,
    /// Datagrams and messages given out by `poll_transmit`.
    pub datagrams_sent: u64,
    /// Requests given to the application.
    pub requests_received: u64,
    /// Requests, pings and blocks sent for the first time.
    pub requests_sent: u64,
    /// Notifications given to the application.
    pub notifications_received: u64,
    /// Notifications dropped because a newer one was there. RFC 7641 §3.4.
    pub notifications_outdated: u64,
    /// Confirmable messages sent again.
    pub retransmitted: u64,
    /// Datagrams that had been received before.
    pub duplicates: u64,
    /// Duplicates answered with the response given before.
    pub replayed: u64,
    /// Datagrams that were not well formed.
    pub malformed: u64,
    /// Responses, acknowledgements and resets that belong to nothing.
    pub unmatched: u64,
    /// Connections that the peer released. RFC 8323 §5.5.
    pub released: u64,
    /// Blocks served from a body that was held.
    pub blocks_served: u64,
    /// Requests refused with 5.03 at a limit.
    pub refused_overload: u64,
    /// Datagrams dropped because events or datagrams wait to be polled.
    pub dropped_overload: u64,
    /// Requests that the application did not answer within EXCHANGE_LIFETIME.
    pub never_answered: u64,
    /// Answered messages forgotten before EXCHANGE_LIFETIME because of a limit.
    pub duplicates_forgotten: u64,
}

/// What an endpoint holds at one time. Each is bounded by its limit in [`Config`](crate::Config).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Usage {
    /// Peers with state.
    pub peers: usize,
    /// Answered messages that are remembered to tell their duplicates.
    pub answered_messages: usize,
    /// Bytes of the answers that are remembered with them.
    pub answered_bytes: usize,
    /// Requests that the application has not answered.
    pub unanswered_requests: usize,
    /// Bytes of bodies that are not whole yet.
    pub reassembly_bytes: usize,
    /// Bytes of bodies that peers fetch block by block.
    pub served_bytes: usize,
    /// Bytes of messages of streams that are not whole yet.
    pub stream_bytes: usize,
}
