//! A client and a server's endpoint on a network without delay, under a clock that only the test moves.

use coap::{Code, Endpoint, Event, FailureReason, Request, RequestOptions, Response, Token};
use shared::{Timestamp, Version};
use simulator::objects::{
    Behaviour, Device, Firmware, Light, Nameplate, Sensor, Server, Supply, TEMPERATURE, TestObject,
};
use simulator::{Client, ClientOptions, Clock, Daily, Transport};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// 2026-01-01T00:00:00Z
pub(crate) const START: Timestamp = Timestamp(1_767_225_600_000);

/// A request of the client with the time since the start at which it came, in seconds.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) at: f64,
    pub(crate) request: Request,
}

/// A notification of the client with the time since the start at which it came, in seconds.
#[derive(Debug, Clone)]
pub(crate) struct Notified {
    pub(crate) at: f64,
    pub(crate) token: Token,
    pub(crate) response: Response,
    pub(crate) confirmable: bool,
}

type Answer = Box<dyn FnMut(&Request) -> Option<Response>>;

pub(crate) struct Pair {
    pub(crate) client: Client,
    pub(crate) server: Endpoint<SocketAddr>,
    pub(crate) start: Instant,
    pub(crate) now: Instant,
    pub(crate) requests: Vec<Seen>,
    pub(crate) notifications: Vec<Notified>,
    pub(crate) ended: Vec<Response>,
    /// What the server says to requests; `None` is silence.
    pub(crate) answer: Answer,
    /// Datagrams to the client are lost.
    pub(crate) deaf: bool,
    finished: Vec<Result<(Response, Option<Token>), FailureReason>>,
}

pub(crate) fn server_address() -> SocketAddr {
    "192.0.2.1:5683".parse().unwrap()
}

pub(crate) fn client_address() -> SocketAddr {
    "192.0.2.2:40000".parse().unwrap()
}

/// A server that agrees to everything.
pub(crate) fn agreeable(request: &Request) -> Option<Response> {
    Some(match (request.code, request.path().as_str()) {
        (Code::POST, "/rd") => Response::new(Code::CREATED).with_location("/rd/a1"),
        (Code::DELETE, _) => Response::new(Code::DELETED),
        _ => Response::new(Code::CHANGED),
    })
}

pub(crate) fn objects(options: &ClientOptions) -> Vec<Box<dyn Behaviour>> {
    let nameplate = Nameplate {
        manufacturer: "Example Works",
        model: "X1",
        kind: "test",
        serial: "000001".into(),
        firmware: "1.0.0",
        hardware: "A",
    };
    let course = Daily {
        mean: 20.0,
        swing: 3.0,
        peak_hour: 14.0,
        noise: 0.5,
        seed: 1,
    };
    vec![
        Box::new(Server {
            lifetime: options.lifetime,
            binding: match (
                options.transport,
                options.queue_mode && options.version == Version::V1_0,
            ) {
                (Transport::Datagrams, false) => "U",
                (Transport::Datagrams, true) => "UQ",
                (Transport::Stream, false) => "T",
                (Transport::Stream, true) => "TQ",
            }
            .into(),
            version: options.version,
            others: Vec::new(),
        }),
        Box::new(Device::new(nameplate, Supply::Mains, "U", 1)),
        Box::new(Firmware::default()),
        Box::new(Sensor {
            object: &TEMPERATURE,
            units: "Cel",
            range: (-40.0, 85.0),
            instances: vec![("Room", course)],
        }),
        Box::new(Light::new(1, 40.0, 1)),
        Box::new(TestObject::new(1)),
    ]
}

impl Pair {
    /// A client of LwM2M 1.1 with a lifetime of 300 s.
    pub(crate) fn new() -> Pair {
        Pair::with(|_| {})
    }

    /// A client with other options.
    pub(crate) fn with(change: impl FnOnce(&mut ClientOptions)) -> Pair {
        Pair::holding(change, Vec::new())
    }

    /// A client with other options, and objects beside the usual ones.
    pub(crate) fn holding(change: impl FnOnce(&mut ClientOptions), more: Vec<Box<dyn Behaviour>>) -> Pair {
        let start = Instant::now();
        let clock = Clock {
            instant: start,
            time: START,
        };
        let mut options = ClientOptions::new("urn:dev:ops:32473-X1-000001", server_address(), clock);
        change(&mut options);
        let mut behaviours = objects(&options);
        behaviours.extend(more);
        Pair {
            client: Client::new(options, behaviours, start, [1; 32]),
            server: Endpoint::new(coap::Config::default(), [2; 32]),
            start,
            now: start,
            requests: Vec::new(),
            notifications: Vec::new(),
            ended: Vec::new(),
            answer: Box::new(agreeable),
            deaf: false,
            finished: Vec::new(),
        }
    }

    /// A registered client.
    pub(crate) fn registered() -> Pair {
        Pair::new().register()
    }

    /// A registered client of this version.
    pub(crate) fn of(version: Version) -> Pair {
        Pair::with(|options| options.version = version).register()
    }

    /// Lets the client register.
    pub(crate) fn register(mut self) -> Pair {
        self.advance(0.1);
        assert_eq!(self.client.state(), simulator::ClientState::Registered);
        self.requests.clear();
        self
    }

    /// Seconds since the start.
    pub(crate) fn elapsed(&self) -> f64 {
        self.now.duration_since(self.start).as_secs_f64()
    }

    /// Lets time go by.
    pub(crate) fn advance(&mut self, seconds: f64) {
        let until = self.now + Duration::from_secs_f64(seconds);
        self.exchange();
        loop {
            let due = [self.client.poll_timeout(), self.server.poll_timeout()];
            let next = due.into_iter().flatten().min().unwrap_or(until);
            if next > until {
                break;
            }
            // What asks to be called in the past has to be called, and time must not stand still for ever.
            self.now = next.max(self.now + Duration::from_micros(1)).min(until);
            self.client.handle_timeout(self.now);
            self.server.handle_timeout(self.now);
            self.exchange();
            if self.now == until {
                break;
            }
        }
        self.now = until;
        self.exchange();
    }

    /// Delivers everything that is under way.
    pub(crate) fn exchange(&mut self) {
        loop {
            let mut moved = false;
            while let Some(transmit) = self.client.poll_transmit(self.now) {
                moved = true;
                self.server
                    .handle_datagram(self.now, client_address(), &transmit.datagram);
            }
            while let Some(event) = self.server.poll_event() {
                moved = true;
                self.take(event);
            }
            while let Some(transmit) = self.server.poll_transmit() {
                moved = true;
                if !self.deaf {
                    self.client
                        .handle_datagram(self.now, server_address(), &transmit.datagram);
                }
            }
            if !moved {
                return;
            }
        }
    }

    fn take(&mut self, event: Event<SocketAddr>) {
        let at = self.elapsed();
        match event {
            Event::Request { id, request, .. } => {
                let response = (self.answer)(&request);
                self.requests.push(Seen { at, request });
                if let Some(response) = response {
                    self.server.respond(self.now, id, response);
                }
            }
            Event::Response {
                response,
                observation,
                ..
            } => self.finished.push(Ok((response, observation))),
            Event::Failed { reason, .. } => self.finished.push(Err(reason)),
            Event::Notification {
                token,
                response,
                confirmable,
                ..
            } => self.notifications.push(Notified {
                at,
                token,
                response,
                confirmable,
            }),
            Event::ObservationEnded { response, .. } => self.ended.push(response),
            _ => {}
        }
    }

    /// Asks the client and waits for its answer.
    pub(crate) fn ask(&mut self, request: Request) -> Response {
        self.try_ask(request).expect("an answer").0
    }

    /// Asks the client and waits for its answer or the lack of one.
    pub(crate) fn try_ask(&mut self, request: Request) -> Result<(Response, Option<Token>), FailureReason> {
        self.finished.clear();
        self.server
            .request(self.now, client_address(), request, RequestOptions::default())
            .expect("room for a request");
        self.exchange();
        for _ in 0..2_000 {
            if let Some(finished) = self.finished.pop() {
                return finished;
            }
            self.advance(0.1);
        }
        panic!("neither answer nor failure");
    }

    /// Begins an observation.
    pub(crate) fn observe(&mut self, path: &str) -> Token {
        let request = Request::get(path)
            .with_accept(shared::ContentFormat::TEXT.0)
            .observing();
        let (response, token) = self.try_ask(request).expect("an answer");
        assert_eq!(response.code, Code::CONTENT, "{:?}", response.diagnostic_text());
        token.expect("an observation")
    }

    /// The texts of the notifications so far, with the whole seconds since the start at which they came.
    pub(crate) fn texts(&self) -> Vec<(u64, String)> {
        let texts = self.notifications.iter().map(|notified| {
            let text = String::from_utf8(notified.response.payload.clone()).unwrap();
            (notified.at.round() as u64, text)
        });
        texts.collect()
    }

    /// Sets a value of the test object as the device itself.
    pub(crate) fn set(&mut self, path: &str, value: shared::Value) {
        let path = path.parse().unwrap();
        self.client.change(self.now, |tree| tree.set(path, value));
        self.exchange();
    }
}
