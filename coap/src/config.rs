//! What an endpoint is told at its start: default parameters and the limits of everything it keeps.

use std::time::Duration;

use crate::parameters::Parameters;

/// The configuration of an endpoint. Every limit is hard: at it, the endpoint refuses or forgets, and counts it.
#[derive(Clone, PartialEq, Debug)]
pub struct Config {
    /// The parameters for peers without their own.
    pub parameters: Parameters,
    /// A request that is not answered within this time gets an empty acknowledgement and a separate response later.
    pub separate_after: Duration,
    /// The largest body, in bytes, that is put together from blocks.
    pub max_body_size: usize,
    /// How many peers may have state. A confirmable request beyond it is refused with 5.03.
    pub max_peers: usize,
    /// How many bytes of unfinished bodies may be held in total, and as many of unfinished messages of streams.
    pub max_reassembly_bytes: usize,
    /// How many bytes of bodies may be held for peers that fetch them block by block.
    pub max_served_bytes: usize,
    /// How long a body is held after its last block was asked for.
    pub served_lifetime: Duration,
    /// How many messages are remembered for a peer. One that is repeated after so many others is served again.
    pub max_duplicates_per_peer: usize,
    /// How many messages are remembered in total.
    pub max_duplicates: usize,
    /// How many bytes of answers are remembered in total.
    pub max_duplicate_bytes: usize,
    /// How many requests may wait for a peer behind those in flight.
    pub max_queued_per_peer: usize,
    /// How many requests of peers may be unanswered by the application in total.
    pub max_unanswered: usize,
    /// How many observations of one peer are kept.
    pub max_observations_per_peer: usize,
    /// How many observers of one peer are kept (the observed role).
    pub max_observers_per_peer: usize,
    /// What holds for peers on streams.
    pub stream: StreamConfig,
    /// How many events and datagrams may wait to be polled, each. At it, incoming datagrams are dropped.
    pub max_pending: usize,
}

/// What holds for peers on streams. RFC 8323.
#[derive(Clone, PartialEq, Debug)]
pub struct StreamConfig {
    /// The largest message that is taken, in bytes, header included; said in the CSM. Larger ones are not sent either.
    pub max_message_size: usize,
    /// How long a peer may take to send its CSM.
    pub csm_timeout: Duration,
    /// After how long a silence of the peer a Ping is sent; `None` for never.
    pub keep_alive: Option<Duration>,
    /// How long the Pong may take before the connection counts as dead.
    pub pong_timeout: Duration,
    /// How many requests may be in flight to a peer at once. The others wait in order.
    pub max_in_flight: usize,
}

impl Default for StreamConfig {
    fn default() -> StreamConfig {
        StreamConfig {
            max_message_size: 64 << 10,
            csm_timeout: Duration::from_secs(10),
            keep_alive: None,
            pong_timeout: Duration::from_secs(30),
            max_in_flight: 8,
        }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            parameters: Parameters::default(),
            separate_after: Duration::from_secs(1),
            max_body_size: 8 << 20,
            max_peers: 1 << 20,
            max_reassembly_bytes: 64 << 20,
            max_served_bytes: 64 << 20,
            served_lifetime: Duration::from_secs(120),
            max_duplicates_per_peer: 32,
            max_duplicates: 1 << 20,
            max_duplicate_bytes: 64 << 20,
            max_queued_per_peer: 256,
            max_unanswered: 1 << 16,
            max_observations_per_peer: 1024,
            max_observers_per_peer: 1024,
            stream: StreamConfig::default(),
            max_pending: 1 << 16,
        }
    }
}
