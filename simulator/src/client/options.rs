//! What makes a client this client.

use shared::{ContentFormat, Path, Timestamp, Version};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How a client registers and behaves on the network.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientOptions {
    /// The endpoint name.
    pub endpoint: String,
    /// The server.
    pub server: SocketAddr,
    /// How messages are carried to it.
    pub transport: Transport,
    /// The version of the enabler.
    pub version: Version,
    /// The lifetime in seconds; 0 for one without end.
    pub lifetime: u32,
    /// Whether the device sleeps between its messages.
    pub queue_mode: bool,
    /// How long a device in queue mode listens after its last message. LwM2M Transport 1.2 §6.5 has 93 s.
    pub awake_time: Duration,
    /// How long to wait after a failure.
    pub retry: RetryPolicy,
    /// The device's true time at an instant.
    pub clock: Clock,
    /// How often values are looked at while somebody observes.
    pub tick: Duration,
    /// Which of the forms that the specification allows it uses.
    pub dialect: Dialect,
    /// What is wrong with the registration on purpose.
    pub quirks: Quirks,
    /// What it sends of its own accord.
    pub reports: Option<Reports>,
    /// Decides about jitter.
    pub seed: u64,
}

impl ClientOptions {
    /// A well-behaved client of LwM2M 1.1.
    pub fn new(endpoint: impl Into<String>, server: SocketAddr, clock: Clock) -> ClientOptions {
        ClientOptions {
            endpoint: endpoint.into(),
            server,
            transport: Transport::Datagrams,
            version: Version::V1_1,
            lifetime: 300,
            queue_mode: false,
            awake_time: Duration::from_secs(93),
            retry: RetryPolicy::default(),
            clock,
            tick: Duration::from_secs(1),
            dialect: Dialect::default(),
            quirks: Quirks::default(),
            reports: None,
            seed: 0,
        }
    }

    /// The binding as the version writes it: before 1.1 the queue mode is a part of it.
    pub(crate) fn binding(&self) -> &'static str {
        let in_binding = self.queue_mode && self.version < Version::V1_1;
        match (self.transport, in_binding) {
            (Transport::Datagrams, false) => "U",
            (Transport::Datagrams, true) => "UQ",
            (Transport::Stream, false) => "T",
            (Transport::Stream, true) => "TQ",
        }
    }
}

/// How messages are carried. LwM2M Transport 1.2 §6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// UDP, with or without DTLS: binding U.
    #[default]
    Datagrams,
    /// TCP, with or without TLS: binding T.
    Stream,
}

/// Ties the monotonic clock to the time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// An instant…
    pub instant: Instant,
    /// …and the time at it.
    pub time: Timestamp,
}

impl Clock {
    /// The time at an instant.
    pub fn at(&self, instant: Instant) -> Timestamp {
        let elapsed = instant.saturating_duration_since(self.instant).as_millis();
        Timestamp(
            self.time
                .0
                .saturating_add(i64::try_from(elapsed).unwrap_or(i64::MAX)),
        )
    }
}

/// How long to wait before the next attempt to register: `first`, then twice as long each time, up to `longest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// After the first failure.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
}

impl Default for RetryPolicy {
    fn default() -> RetryPolicy {
        RetryPolicy {
            first: Duration::from_secs(5),
            longest: Duration::from_secs(300),
        }
    }
}

impl RetryPolicy {
    /// The wait after so many failures in a row, before jitter.
    pub fn after(&self, failures: u32) -> Duration {
        let factor = 1u32 << failures.saturating_sub(1).min(20);
        self.first.saturating_mul(factor).min(self.longest)
    }
}

/// Which of the forms that the specification leaves to a client it uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dialect {
    /// The content format it answers and sends in where the server does not say; without it what suits the version.
    pub format: Option<ContentFormat>,
    /// It knows no other format, and lists no other. Lists of paths it reads in SenML all the same, for only that
    /// carries them.
    pub only: bool,
    /// The alternate path that its objects are under, as in `/lwm2m`. LwM2M Core 1.2 §6.4.1.
    pub root: Option<String>,
    /// A Profile ID that stands for its object list. LwM2M Core 1.2 §6.2.1.3.
    pub profile_id: Option<String>,
}

/// What real clients are known to get wrong in a registration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quirks {
    /// `ver` on the instance in place of the object.
    pub version_on_instance: bool,
    /// One link is listed twice.
    pub link_twice: bool,
    /// The binding is left out.
    pub no_binding: bool,
}

/// What a client sends by the Send operation. LwM2M 1.1 and later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reports {
    /// How often.
    pub every: Duration,
    /// Which values.
    pub paths: Vec<Path>,
    /// How often they are looked at in between; each Send carries them with their times.
    pub sampled: Option<Duration>,
}
