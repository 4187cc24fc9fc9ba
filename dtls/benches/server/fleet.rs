//! A server and many devices that do the same at the same time.

use crate::clock::Stopwatch;
use crate::credentials::Credentials;
use dtls::{Answer, Endpoint, Event, Resumption, SessionId, Transmit};
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// So many devices go through a handshake side by side.
pub(crate) const BATCH: u32 = 250;

/// What a device says first, and the server answers: about as long as an Update and its answer.
const DATA: [u8; 64] = [0x5a; 64];

/// The devices are one endpoint too: to it every device is an address it connects to.
pub(crate) struct Fleet {
    pub(crate) now: Instant,
    pub(crate) server: Endpoint<SocketAddr>,
    pub(crate) devices: Endpoint<SocketAddr>,
    credentials: Credentials,
    /// The server's CPU time.
    pub(crate) stopwatch: Stopwatch,
    /// The sessions at the devices by address.
    pub(crate) sessions: HashMap<SocketAddr, SessionId>,
    pub(crate) resumptions: HashMap<SocketAddr, Resumption>,
    /// The sessions at the server.
    pub(crate) accepted: Vec<SessionId>,
    resumed: usize,
    inbox: Vec<Transmit<SocketAddr>>,
    outbox: Vec<Transmit<SocketAddr>>,
}

pub(crate) fn address(number: u32) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::from(0x0a00_0000 + number), 5684))
}

impl Fleet {
    pub(crate) fn new(credentials: Credentials) -> Fleet {
        let now = Instant::now();
        Fleet {
            now,
            server: Endpoint::new(now, Arc::new(credentials.server.clone())).unwrap(),
            devices: Endpoint::new(now, Arc::new(credentials.client.clone())).unwrap(),
            credentials,
            stopwatch: Stopwatch::default(),
            sessions: HashMap::new(),
            resumptions: HashMap::new(),
            accepted: Vec::new(),
            resumed: 0,
            inbox: Vec::new(),
            outbox: Vec::new(),
        }
    }

    /// Handshakes of these devices, each with the first exchange of data; with what they have to resume from, if they do.
    pub(crate) fn connect(&mut self, devices: std::ops::Range<u32>) {
        let numbers: Vec<u32> = devices.collect();
        for batch in numbers.chunks(BATCH as usize) {
            for number in batch {
                let resumption = self.resumptions.remove(&address(*number));
                self.devices
                    .connect(self.now, address(*number), resumption)
                    .unwrap();
            }
            self.exchange();
        }
    }

    /// Lets both sides talk until neither has anything to say.
    pub(crate) fn exchange(&mut self) {
        while self.round() {}
    }

    /// Gives the server what the devices say, and the devices what it answers; whether they said anything.
    pub(crate) fn round(&mut self) -> bool {
        self.inbox.clear();
        self.inbox
            .extend(std::iter::from_fn(|| self.devices.poll_transmit()));
        self.outbox.clear();
        self.outbox.reserve(4 * self.inbox.len());
        self.serve();
        self.hear();
        !self.inbox.is_empty()
    }

    /// Leaves nothing on the heap but the server and what it was at the beginning.
    pub(crate) fn forget_devices(&mut self) {
        self.devices = Endpoint::new(self.now, Arc::new(self.credentials.client.clone())).unwrap();
        self.sessions = HashMap::new();
        self.resumptions = HashMap::new();
        self.accepted = Vec::new();
        self.inbox = Vec::new();
        self.outbox = Vec::new();
    }

    /// The server's part, by the clock: all datagrams in, all events and datagrams out.
    fn serve(&mut self) {
        let Fleet {
            now,
            server,
            credentials,
            stopwatch,
            accepted,
            resumed,
            inbox,
            outbox,
            ..
        } = self;
        stopwatch.time(|| {
            for transmit in inbox {
                server.handle_datagram(*now, &transmit.peer, &mut transmit.bytes);
                while let Some(event) = server.poll_event() {
                    match event {
                        Event::Question {
                            handshake, question, ..
                        } => server.answer(*now, handshake, credentials.answer(question)),
                        Event::Connected(connected) => {
                            accepted.push(connected.session);
                            *resumed += usize::from(connected.resumed);
                        }
                        Event::Data { session, bytes } => server.send(session, &bytes).unwrap(),
                        Event::HandshakeFailed(failed) => panic!("{}", failed.reason),
                        _ => {}
                    }
                }
                outbox.extend(std::iter::from_fn(|| server.poll_transmit()));
            }
        });
    }

    /// The devices' part.
    fn hear(&mut self) {
        for transmit in &mut self.outbox {
            self.devices
                .handle_datagram(self.now, &transmit.peer, &mut transmit.bytes);
        }
        while let Some(event) = self.devices.poll_event() {
            match event {
                Event::Question { handshake, .. } => {
                    self.devices.answer(self.now, handshake, Answer::Accept);
                }
                Event::Connected(connected) => {
                    self.devices.send(connected.session, &DATA).unwrap();
                    self.sessions.insert(connected.peer, connected.session);
                    if let Some(resumption) = connected.resumption {
                        self.resumptions.insert(connected.peer, resumption);
                    }
                }
                Event::HandshakeFailed(failed) => panic!("{}", failed.reason),
                _ => {}
            }
        }
    }

    /// Fails unless so many handshakes succeeded, and so many of them without a new proof.
    pub(crate) fn expect(&self, accepted: usize, resumed: usize) {
        assert_eq!((self.accepted.len(), self.resumed), (accepted, resumed));
        assert_eq!(self.server.handshake_count(), 0);
    }
}
