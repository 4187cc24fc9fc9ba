//! A DTLS client and server with somebody between them who drops, repeats, changes and makes up datagrams: nothing ends or
//! moves a session that stands, and nothing is held for an address that proved nothing.
//!
//! Keys and nonces are random, so one input does not do the same twice to the byte; what must hold does not depend on them.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use dtls::{Answer, Config, Endpoint, Event, KeyCredential, PskCredential, Question, SessionId, SigningKey};

use crate::script::Script;

static KEYS: LazyLock<[Arc<SigningKey>; 2]> = LazyLock::new(|| {
    [0, 1].map(|_| {
        let pkcs8 = SigningKey::generate_pkcs8().expect("there is randomness");
        Arc::new(SigningKey::from_pkcs8(&pkcs8).expect("a key that was made is a key"))
    })
});

const CLIENT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7)), 49152);
const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), 5684);
const STRANGER: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 6)), 666);
const KEPT: usize = 16;

pub(crate) fn check(data: &[u8]) {
    let mut script = Script(data);
    let mut world = World::new(script.byte());
    // So many datagrams go through unharmed before the meddling begins.
    let quiet = script.byte();
    world
        .client
        .endpoint
        .connect(world.now, SERVER, None)
        .expect("a first handshake is begun");
    world.collect();
    (0..quiet.min(20)).for_each(|_| world.deliver(0, |_| true));
    while !script.is_over() {
        world.step(&mut script);
    }
    world.end();
}

struct Side {
    endpoint: Endpoint<SocketAddr>,
    sessions: Vec<SessionId>,
    data: Vec<Vec<u8>>,
}

struct World {
    now: Instant,
    client: Side,
    server: Side,
    /// From, to, bytes.
    flying: Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
    /// Datagrams that were delivered before.
    old: Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
}

fn config(how: u8, server: bool) -> Config {
    let key = Arc::clone(&KEYS[usize::from(server)]);
    Config {
        psk: (!server).then(|| PskCredential {
            identity: b"device".to_vec(),
            key: b"0123456789abcdef".to_vec().into(),
        }),
        key: (how & 1 != 0).then_some(KeyCredential {
            key,
            chain: Vec::new(),
            raw_public_key: true,
        }),
        accept_clients: server,
        connection_id_length: (how & 2 == 0).then_some(6),
        max_datagram: if how & 4 == 0 { 1200 } else { 128 },
        offer_extended_master_secret: how & 8 == 0,
        max_handshakes: 4,
        max_sessions: 4,
        ..Config::default()
    }
}

impl World {
    fn new(how: u8) -> World {
        let now = Instant::now();
        let side = |server| Side {
            endpoint: Endpoint::new(now, Arc::new(config(how, server))).expect("there is randomness"),
            sessions: Vec::new(),
            data: Vec::new(),
        };
        World {
            now,
            client: side(false),
            server: side(true),
            flying: Vec::new(),
            old: Vec::new(),
        }
    }

    fn step(&mut self, script: &mut Script<'_>) {
        let what = script.byte();
        let which = usize::from(what >> 4);
        match what & 15 {
            0..=2 => self.deliver(which, |_| true),
            3 | 4 => {
                let (at, change) = (usize::from(script.short()), script.byte());
                self.deliver(which, |bytes| {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= change;
                    }
                    true
                });
            }
            5 => {
                let length = usize::from(script.short());
                self.deliver(which, |bytes| {
                    bytes.truncate(length);
                    true
                });
            }
            6 => self.deliver(which, |_| false),
            7 => {
                // Once more, from anywhere.
                if let Some((from, to, bytes)) = self.old.get(which).cloned() {
                    let from = if script.byte() & 1 == 0 { from } else { STRANGER };
                    self.hand(from, to, bytes);
                }
            }
            8..=10 => {
                let (from, to) = match what >> 4 & 3 {
                    0 => (CLIENT, SERVER),
                    1 => (SERVER, CLIENT),
                    2 => (STRANGER, SERVER),
                    _ => (STRANGER, CLIENT),
                };
                let bytes = script.counted().to_vec();
                self.hand(from, to, bytes);
            }
            11 => self.spliced(which, script),
            12 => self.wait(Duration::from_millis(u64::from(script.short()))),
            _ => {
                let side = if what & 1 == 0 {
                    &mut self.client
                } else {
                    &mut self.server
                };
                if let Some(session) = side.sessions.last() {
                    let _ = side.endpoint.send(*session, script.counted());
                }
                self.collect();
            }
        }
    }

    /// A datagram on its way with a piece of it replaced, the header of its first record left as it is.
    fn spliced(&mut self, which: usize, script: &mut Script<'_>) {
        let at = 13 + usize::from(script.byte());
        let piece = script.counted();
        self.deliver(which, |bytes| {
            for (byte, new) in bytes.iter_mut().skip(at).zip(piece) {
                *byte = *new;
            }
            true
        });
    }

    /// Hands over a datagram on its way after `change`, which also says whether it arrives.
    fn deliver(&mut self, which: usize, change: impl FnOnce(&mut Vec<u8>) -> bool) {
        if self.flying.is_empty() {
            return;
        }
        let (from, to, mut bytes) = self.flying.remove(which % self.flying.len());
        if self.old.len() < KEPT {
            self.old.push((from, to, bytes.clone()));
        }
        if change(&mut bytes) {
            self.hand(from, to, bytes);
        }
    }

    fn hand(&mut self, from: SocketAddr, to: SocketAddr, mut bytes: Vec<u8>) {
        let side = if to == SERVER {
            &mut self.server
        } else {
            &mut self.client
        };
        side.endpoint.handle_datagram(self.now, &from, &mut bytes);
        self.collect();
    }

    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..10_000 {
            let due = [
                self.client.endpoint.poll_timeout(),
                self.server.endpoint.poll_timeout(),
            ];
            match due.into_iter().flatten().min().filter(|due| *due <= end) {
                Some(due) => self.now = self.now.max(due),
                None => {
                    self.now = end;
                    return;
                }
            }
            self.client.endpoint.handle_timeout(self.now);
            self.server.endpoint.handle_timeout(self.now);
            self.collect();
        }
        panic!("the endpoints' timers stand still");
    }

    fn collect(&mut self) {
        let stood = !self.client.sessions.is_empty() && !self.server.sessions.is_empty();
        let mut closed = None;
        for (address, side) in [(CLIENT, &mut self.client), (SERVER, &mut self.server)] {
            while let Some(event) = side.endpoint.poll_event() {
                match event {
                    Event::Question {
                        handshake, question, ..
                    } => {
                        let answer = match question {
                            Question::Psk { identity } if identity == b"device" => {
                                Answer::Psk(b"0123456789abcdef".to_vec().into())
                            }
                            Question::Psk { .. } => {
                                Answer::Reject(dtls::AlertDescription::UnknownPskIdentity)
                            }
                            Question::Trust { .. } | Question::Resume { .. } => Answer::Accept,
                        };
                        side.endpoint.answer(self.now, handshake, answer);
                    }
                    Event::Connected(connected) => side.sessions.push(connected.session),
                    Event::Closed { session, reason, .. } => {
                        side.sessions.retain(|known| *known != session);
                        closed = Some(reason);
                    }
                    Event::Data { bytes, .. } => side.data.push(bytes),
                    _ => {}
                }
            }
            while let Some(transmit) = side.endpoint.poll_transmit() {
                // More than enough: what the fuzzer leaves lying is lost.
                if self.flying.len() < 64 {
                    self.flying.push((address, transmit.peer, transmit.bytes));
                }
            }
            assert!(side.endpoint.handshake_count() <= 4 && side.endpoint.session_count() <= 4);
        }
        // Before the client has a session too, its refusal of a changed Finished or ticket rightly ends the server's.
        if let Some(reason) = closed.filter(|_| stood) {
            panic!("somebody between ended a session: {reason}");
        }
    }

    fn end(mut self) {
        self.flying.clear();
        self.wait(Duration::from_secs(3600));
        assert_eq!(self.server.endpoint.handshake_count(), 0, "no handshake lasts");
        assert_eq!(self.client.endpoint.handshake_count(), 0, "no handshake lasts");
        let (Some(client), Some(server)) = (self.client.sessions.last(), self.server.sessions.last()) else {
            return;
        };
        // Both stand, so they understand each other, whatever happened to them.
        self.client
            .endpoint
            .send(*client, b"still here")
            .expect("the session stands");
        self.server
            .endpoint
            .send(*server, b"so am I")
            .expect("the session stands");
        self.flying.clear();
        self.collect();
        while !self.flying.is_empty() {
            let (from, _, bytes) = self.flying.remove(0);
            let to = if from == CLIENT { SERVER } else { CLIENT };
            self.hand(from, to, bytes);
        }
        assert_eq!(
            self.server.data.last().map(Vec::as_slice),
            Some(&b"still here"[..])
        );
        assert_eq!(self.client.data.last().map(Vec::as_slice), Some(&b"so am I"[..]));
    }
}
