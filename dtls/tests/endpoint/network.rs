//! A client and a server on a bad network, in simulated time, from a seed.

use dtls::{
    AlertDescription, Answer, CipherSuite, Config, Connected, Endpoint, Event, HandshakeFailed,
    KeyCredential, KeysMayDiffer, PeerIdentity, PskCredential, Question, Resumption, SessionId, SigningKey,
    Transmit,
};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) const IDENTITY: &[u8] = b"urn:dev:os:1";
pub(crate) const KEY: &[u8] = b"0123456789abcdef";

/// Numbers that look random and repeat with the seed (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// What the network does to datagrams, each in per cent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) late: u64,
    pub(crate) flipped: u64,
    pub(crate) cut: u64,
}

pub(crate) const FAIR: Weather = Weather {
    lost: 0,
    doubled: 0,
    late: 0,
    flipped: 0,
    cut: 0,
};
pub(crate) const FOUL: Weather = Weather {
    lost: 15,
    doubled: 10,
    late: 20,
    flipped: 5,
    cut: 3,
};
pub(crate) const LOSSY: Weather = Weather {
    lost: 30,
    doubled: 0,
    late: 0,
    flipped: 0,
    cut: 0,
};

/// One end: its endpoint, its address, and what it was told.
pub(crate) struct Side {
    pub(crate) endpoint: Endpoint<SocketAddr>,
    pub(crate) address: SocketAddr,
    pub(crate) connected: Vec<Connected<SocketAddr>>,
    pub(crate) data: Vec<(SessionId, Vec<u8>)>,
    pub(crate) closed: Vec<(SessionId, &'static str)>,
    pub(crate) failed: Vec<HandshakeFailed<SocketAddr>>,
    pub(crate) doubted: Vec<KeysMayDiffer<SocketAddr>>,
    pub(crate) moved: Vec<(SocketAddr, SocketAddr)>,
    pub(crate) steps: Vec<String>,
    /// How questions are answered; `None`: not yet.
    pub(crate) policy: fn(&Question) -> Option<Answer>,
    pub(crate) unanswered: Vec<dtls::HandshakeId>,
}

pub(crate) fn friendly(question: &Question) -> Option<Answer> {
    Some(match question {
        Question::Psk { identity } if identity == IDENTITY => Answer::Psk(KEY.to_vec().into()),
        Question::Psk { .. } => Answer::Reject(AlertDescription::UnknownPskIdentity),
        Question::Trust { .. } | Question::Resume { .. } => Answer::Accept,
    })
}

impl Side {
    pub(crate) fn new(now: Instant, address: &str, config: Config) -> Side {
        Side {
            endpoint: Endpoint::new(now, Arc::new(config)).unwrap(),
            address: address.parse().unwrap(),
            connected: Vec::new(),
            data: Vec::new(),
            closed: Vec::new(),
            failed: Vec::new(),
            doubted: Vec::new(),
            moved: Vec::new(),
            steps: Vec::new(),
            policy: friendly,
            unanswered: Vec::new(),
        }
    }

    /// Takes all events and answers the questions among them.
    pub(crate) fn listen(&mut self, now: Instant) {
        while let Some(event) = self.endpoint.poll_event() {
            match event {
                Event::Question {
                    handshake, question, ..
                } => match (self.policy)(&question) {
                    Some(answer) => self.endpoint.answer(now, handshake, answer),
                    None => self.unanswered.push(handshake),
                },
                Event::Connected(connected) => self.connected.push(*connected),
                Event::Data { session, bytes } => self.data.push((session, bytes)),
                Event::AddressChanged { from, to, .. } => self.moved.push((from, to)),
                Event::Closed { session, reason, .. } => self.closed.push((session, reason)),
                Event::KeysMayDiffer(told) => self.doubted.push(*told),
                Event::HandshakeFailed(failed) => self.failed.push(*failed),
                Event::Step {
                    direction, message, ..
                } => self.steps.push(format!("{direction:?} {message}")),
            }
        }
    }

    pub(crate) fn session(&self) -> SessionId {
        self.connected.last().unwrap().session
    }
}

pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) client: Side,
    pub(crate) server: Side,
    pub(crate) weather: Weather,
    /// The one byte that is corrupted: in which datagram, and where.
    pub(crate) mishap: Option<(usize, usize)>,
    dice: Dice,
    count: u64,
    flying: BTreeMap<(Instant, u64), (SocketAddr, Transmit<SocketAddr>)>,
    /// Datagrams that were sent, for tests that look at them or send them again.
    pub(crate) sent: Vec<(SocketAddr, Transmit<SocketAddr>)>,
}

const LATENCY: Duration = Duration::from_millis(20);

impl World {
    pub(crate) fn new(seed: u64, weather: Weather, client: Config, server: Config) -> World {
        let now = Instant::now();
        World {
            now,
            client: Side::new(now, "192.0.2.7:49152", client),
            server: Side::new(now, "198.51.100.1:5684", server),
            weather,
            mishap: None,
            dice: Dice(seed),
            count: 0,
            flying: BTreeMap::new(),
            sent: Vec::new(),
        }
    }

    pub(crate) fn connect(&mut self, resumption: Option<Resumption>) {
        let (now, server) = (self.now, self.server.address);
        self.client.endpoint.connect(now, server, resumption).unwrap();
    }

    /// Puts what both sides send on the network.
    pub(crate) fn collect(&mut self) {
        for side in [&mut self.client, &mut self.server] {
            side.listen(self.now);
            while let Some(transmit) = side.endpoint.poll_transmit() {
                self.sent.push((side.address, transmit.clone()));
                if self.dice.percent(self.weather.lost) {
                    continue;
                }
                for _ in 0..=u32::from(self.dice.percent(self.weather.doubled)) {
                    let mut transmit = transmit.clone();
                    if let Some((_, at)) = self
                        .mishap
                        .filter(|(datagram, _)| *datagram + 1 == self.sent.len())
                        && at < transmit.bytes.len()
                    {
                        transmit.bytes[at] ^= 0x10;
                    }
                    if self.dice.percent(self.weather.flipped) {
                        let at = self.dice.below(transmit.bytes.len() as u64) as usize;
                        transmit.bytes[at] ^= 1 << self.dice.below(8);
                    }
                    if self.dice.percent(self.weather.cut) {
                        let length = self.dice.below(transmit.bytes.len() as u64) as usize;
                        transmit.bytes.truncate(length);
                    }
                    let late = if self.dice.percent(self.weather.late) {
                        self.dice.below(300)
                    } else {
                        0
                    };
                    self.count += 1;
                    let at = self.now + LATENCY + Duration::from_millis(late);
                    self.flying.insert((at, self.count), (side.address, transmit));
                }
            }
        }
    }

    /// Does what happens next; whether anything does within `limit`.
    pub(crate) fn step(&mut self, limit: Instant) -> bool {
        self.collect();
        let flying = self.flying.first_key_value().map(|((at, _), _)| *at);
        let timers = [
            self.client.endpoint.poll_timeout(),
            self.server.endpoint.poll_timeout(),
        ];
        let Some(next) = timers
            .into_iter()
            .chain([flying])
            .flatten()
            .min()
            .filter(|next| *next <= limit)
        else {
            return false;
        };
        self.now = self.now.max(next);
        if flying == Some(next) {
            let (_, (from, mut transmit)) = self.flying.pop_first().unwrap();
            if transmit.peer == self.server.address {
                self.server
                    .endpoint
                    .handle_datagram(self.now, &from, &mut transmit.bytes);
            } else if transmit.peer == self.client.address {
                self.client
                    .endpoint
                    .handle_datagram(self.now, &from, &mut transmit.bytes);
            }
        }
        self.client.endpoint.handle_timeout(self.now);
        self.server.endpoint.handle_timeout(self.now);
        self.collect();
        true
    }

    /// Loses everything that is on its way.
    pub(crate) fn silence(&mut self) {
        self.flying.clear();
    }

    pub(crate) fn run_for(&mut self, duration: Duration) {
        let limit = self.now + duration;
        while self.step(limit) {}
        self.now = limit;
    }

    /// Runs until `done`, at most ten minutes; whether it came to that.
    pub(crate) fn run_until(&mut self, done: impl Fn(&World) -> bool) -> bool {
        let limit = self.now + Duration::from_secs(600);
        while !done(self) {
            if !self.step(limit) {
                return false;
            }
        }
        true
    }

    /// Runs until both sides have one session more than before.
    pub(crate) fn establish(&mut self) -> bool {
        let (clients, servers) = (self.client.connected.len(), self.server.connected.len());
        self.run_until(|world| {
            world.client.connected.len() > clients && world.server.connected.len() > servers
        })
    }

    /// Sends both ways until both arrived, as an application that repeats itself would.
    pub(crate) fn talk(&mut self) {
        let (client, server) = (self.client.session(), self.server.session());
        for _ in 0..60 {
            self.client.endpoint.send(client, b"ping").unwrap();
            self.server.endpoint.send(server, b"pong").unwrap();
            self.run_for(Duration::from_secs(1));
            let heard = |side: &Side, id, what: &[u8]| {
                side.data
                    .iter()
                    .any(|(from, bytes)| (*from, &bytes[..]) == (id, what))
            };
            if heard(&self.server, server, b"ping") && heard(&self.client, client, b"pong") {
                return;
            }
        }
        panic!("the sessions do not understand each other");
    }
}

pub(crate) fn psk_client() -> Config {
    Config {
        psk: Some(PskCredential {
            identity: IDENTITY.to_vec(),
            key: KEY.to_vec().into(),
        }),
        accept_clients: false,
        ..Config::default()
    }
}

pub(crate) fn new_key() -> Arc<SigningKey> {
    Arc::new(SigningKey::from_pkcs8(&SigningKey::generate_pkcs8().unwrap()).unwrap())
}

/// An endpoint that shows a raw public key.
pub(crate) fn raw_public_key() -> Config {
    Config {
        key: Some(KeyCredential {
            key: new_key(),
            chain: Vec::new(),
            raw_public_key: true,
        }),
        ..Config::default()
    }
}

pub(crate) fn with_suite(suite: CipherSuite, config: Config) -> Config {
    Config {
        suites: vec![suite],
        ..config
    }
}

pub(crate) fn public_key(config: &Config) -> PeerIdentity {
    PeerIdentity::RawPublicKey(config.key.as_ref().unwrap().key.public_key().to_vec())
}
