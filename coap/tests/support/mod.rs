//! Two endpoints under a simulated clock and network: every run from one seed is the same.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part of this"
)]

pub mod stream;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use coap::{Code, Config, Endpoint, Event, Kind, Message, Options, Token};

/// The peer as both sides see it.
pub type Peer = u8;

/// What the network does to datagrams, in percent.
#[derive(Clone, Copy)]
pub struct Network {
    pub loss: u64,
    pub duplication: u64,
    /// How many milliseconds a datagram travels at most; datagrams overtake each other.
    pub jitter: u64,
}

impl Network {
    pub const PERFECT: Network = Network {
        loss: 0,
        duplication: 0,
        jitter: 0,
    };
    pub const BAD: Network = Network {
        loss: 30,
        duplication: 10,
        jitter: 400,
    };
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Side {
    Client,
    Server,
}

/// A datagram on its way, by its time of arrival.
type Flying = Reverse<(Instant, u64, Side, Vec<u8>)>;

pub struct Pair {
    pub now: Instant,
    pub client: Endpoint<Peer>,
    pub server: Endpoint<Peer>,
    pub network: Network,
    flying: BinaryHeap<Flying>,
    random: u64,
    count: u64,
}

impl Pair {
    pub fn new(network: Network, seed: u64) -> Pair {
        Pair::with_configs(network, seed, Config::default(), Config::default())
    }

    pub fn with_configs(network: Network, seed: u64, client: Config, server: Config) -> Pair {
        let key = |side: u8| {
            let mut key = [side; 32];
            key[..8].copy_from_slice(&seed.to_be_bytes());
            key
        };
        Pair {
            now: Instant::now(),
            client: Endpoint::new(client, key(1)),
            server: Endpoint::new(server, key(2)),
            network,
            flying: BinaryHeap::new(),
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            count: 0,
        }
    }

    /// Runs until nothing is in flight and no event waits, or the time is up. `serve` answers the server's events, all
    /// events of the client are returned.
    pub fn run(
        &mut self,
        limit: Duration,
        mut serve: impl FnMut(&mut Endpoint<Peer>, Instant, Event<Peer>),
    ) -> Vec<Event<Peer>> {
        let end = self.now + limit;
        let mut events = Vec::new();
        loop {
            while let Some(event) = self.server.poll_event() {
                serve(&mut self.server, self.now, event);
            }
            events.extend(std::iter::from_fn(|| self.client.poll_event()));
            self.launch();
            if self.flying.is_empty() && self.client.is_idle(0) && self.server.is_idle(0) {
                return events;
            }
            let arrival = self.flying.peek().map(|Reverse(flying)| flying.0);
            let next = [arrival, self.client.poll_timeout(), self.server.poll_timeout()];
            let Some(next) = next.into_iter().flatten().min().filter(|next| *next <= end) else {
                self.now = end;
                return events;
            };
            self.now = self.now.max(next);
            self.land();
            self.client.handle_timeout(self.now);
            self.server.handle_timeout(self.now);
        }
    }

    /// Like `run`, and answers every request by a function of it.
    pub fn run_serving(
        &mut self,
        limit: Duration,
        mut answer: impl FnMut(&coap::Request) -> coap::Response,
    ) -> Vec<Event<Peer>> {
        self.run(limit, |server, now, event| {
            if let Event::Request { id, request, .. } = event {
                server.respond(now, id, answer(&request));
            }
        })
    }

    fn launch(&mut self) {
        while let Some(transmit) = self.client.poll_transmit() {
            self.fly(Side::Server, &transmit.datagram);
        }
        while let Some(transmit) = self.server.poll_transmit() {
            self.fly(Side::Client, &transmit.datagram);
        }
    }

    fn fly(&mut self, to: Side, datagram: &[u8]) {
        let copies = if self.chance(self.network.duplication) {
            2
        } else {
            1
        };
        for _ in 0..copies {
            if self.chance(self.network.loss) {
                continue;
            }
            let delay = match self.network.jitter {
                0 => Duration::from_millis(10),
                jitter => Duration::from_millis(10 + self.next() % jitter),
            };
            self.count += 1;
            self.flying
                .push(Reverse((self.now + delay, self.count, to, datagram.to_vec())));
        }
    }

    fn land(&mut self) {
        while self
            .flying
            .peek()
            .is_some_and(|Reverse(flying)| flying.0 <= self.now)
        {
            let Some(Reverse((_, _, to, datagram))) = self.flying.pop() else {
                return;
            };
            match to {
                Side::Client => self.client.handle_datagram(self.now, 0, &datagram),
                Side::Server => self.server.handle_datagram(self.now, 0, &datagram),
            }
        }
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn next(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

/// One endpoint, spoken to datagram by datagram.
pub struct Bench {
    pub now: Instant,
    pub endpoint: Endpoint<Peer>,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with_config(Config::default())
    }

    pub fn with_config(config: Config) -> Bench {
        Bench {
            now: Instant::now(),
            endpoint: Endpoint::new(config, [7; 32]),
        }
    }

    pub fn after(&mut self, time: Duration) {
        self.now += time;
        while self.endpoint.poll_timeout().is_some_and(|due| due <= self.now) {
            self.endpoint.handle_timeout(self.now);
        }
    }

    pub fn receive(&mut self, message: &Message) {
        self.endpoint.handle_datagram(self.now, 0, &message.encode());
    }

    /// All datagrams that wait to be sent.
    pub fn sent(&mut self) -> Vec<Message> {
        std::iter::from_fn(|| self.endpoint.poll_transmit())
            .map(|transmit| Message::parse(&transmit.datagram).expect("only well-formed messages go out"))
            .collect()
    }

    /// The only datagram that waits to be sent.
    pub fn sent_one(&mut self) -> Message {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:#?}");
        sent.remove(0)
    }

    pub fn events(&mut self) -> Vec<Event<Peer>> {
        std::iter::from_fn(|| self.endpoint.poll_event()).collect()
    }

    pub fn event(&mut self) -> Event<Peer> {
        let mut events = self.events();
        assert_eq!(events.len(), 1, "{events:#?}");
        events.remove(0)
    }
}

/// A message with a token.
pub fn message(kind: Kind, code: Code, message_id: u16, token: Token) -> Message {
    Message {
        kind,
        code,
        message_id,
        token,
        options: Options::new(),
        payload: Vec::new(),
    }
}

/// A message with a token and a payload.
pub fn with_payload(message: Message, payload: &[u8]) -> Message {
    Message {
        payload: payload.to_vec(),
        ..message
    }
}

/// A body that shows where it was cut and put together wrongly.
pub fn body(length: usize) -> Vec<u8> {
    (0..length as u64)
        .map(|at| (at.wrapping_mul(0x9e37_79b9) >> 13) as u8)
        .collect()
}
