//! A client whose messages go over a stream: connections, and what they mean for the registration. LwM2M Transport 1.2
//! §6.4.

use crate::support::{START, agreeable, client_address, objects, server_address};
use coap::{Code, Endpoint, Event, Request, RequestOptions, Response};
use simulator::{Client, ClientOptions, ClientState, Clock, Connection, Transport};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A client and a server that are connected when both want it.
struct Wire {
    client: Client,
    server: Endpoint<SocketAddr>,
    now: Instant,
    requests: Vec<Request>,
    answers: Vec<Response>,
    notifications: Vec<Response>,
}

impl Wire {
    fn with(change: impl FnOnce(&mut ClientOptions)) -> Wire {
        let now = Instant::now();
        let clock = Clock {
            instant: now,
            time: START,
        };
        let mut options = ClientOptions::new("urn:dev:ops:32473-X1-000001", server_address(), clock);
        options.transport = Transport::Stream;
        change(&mut options);
        let behaviours = objects(&options);
        Wire {
            client: Client::new(options, behaviours, now, [1; 32]),
            server: Endpoint::new(coap::Config::default(), [2; 32]),
            now,
            requests: Vec::new(),
            answers: Vec::new(),
            notifications: Vec::new(),
        }
    }

    /// Connects as soon as the client wants to, and moves what is under way.
    fn connect(&mut self) {
        let Connection::ConnectAt(Some(at)) = self.client.connection(self.now) else {
            panic!("{:?}", self.client.connection(self.now))
        };
        self.now = self.now.max(at);
        self.client.connected(self.now);
        self.server.connected(self.now, client_address());
        self.exchange();
    }

    fn disconnect(&mut self) {
        self.client.disconnected(self.now);
        self.server.disconnected(self.now, client_address());
    }

    fn advance(&mut self, seconds: u64) {
        let until = self.now + Duration::from_secs(seconds);
        while let Some(due) = self.client.poll_timeout().filter(|due| *due <= until) {
            self.now = due.max(self.now + Duration::from_micros(1));
            self.client.handle_timeout(self.now);
            self.exchange();
        }
        self.now = until;
        self.client.handle_timeout(self.now);
        self.exchange();
    }

    fn exchange(&mut self) {
        loop {
            let mut moved = false;
            while let Some(transmit) = self.client.poll_transmit(self.now) {
                moved = true;
                self.server
                    .handle_stream(self.now, client_address(), &transmit.datagram);
            }
            while let Some(event) = self.server.poll_event() {
                match event {
                    Event::Request { id, request, .. } => {
                        let response = agreeable(&request).expect("it agrees to everything");
                        self.requests.push(request);
                        self.server.respond(self.now, id, response);
                    }
                    Event::Response { response, .. } => self.answers.push(response),
                    Event::Notification { response, .. } => self.notifications.push(response),
                    _ => {}
                }
            }
            while let Some(transmit) = self.server.poll_transmit() {
                moved = true;
                self.client.handle_stream(self.now, &transmit.datagram);
            }
            if !moved {
                return;
            }
        }
    }

    fn ask(&mut self, request: Request) {
        self.server
            .request(self.now, client_address(), request, RequestOptions::default())
            .unwrap();
        self.exchange();
    }

    /// The paths that the client asked for since the last time.
    fn asked(&mut self) -> Vec<(Code, String)> {
        let asked = self.requests.drain(..);
        asked.map(|request| (request.code, request.path())).collect()
    }
}

fn post(path: &str) -> (Code, String) {
    (Code::POST, path.into())
}

#[test]
fn the_binding_is_t() {
    for (version, queue_mode, expect) in [
        (shared::Version::V1_0, true, "TQ"),
        (shared::Version::V1_1, true, "T"),
        (shared::Version::V1_2, false, "T"),
    ] {
        let mut wire = Wire::with(|options| {
            options.version = version;
            options.queue_mode = queue_mode;
        });
        wire.connect();
        let binding = wire.requests[0]
            .queries()
            .find_map(|query| query.strip_prefix("b="));
        assert_eq!(binding, Some(expect));
    }
}

#[test]
fn a_registration_outlives_its_connection_and_is_updated_on_the_next() {
    let mut wire = Wire::with(|_| {});
    wire.connect();
    assert_eq!(wire.asked(), [post("/rd")]);
    assert_eq!(wire.client.state(), ClientState::Registered);
    wire.disconnect();
    assert_eq!(wire.client.state(), ClientState::Registered);
    wire.connect();
    assert_eq!(wire.asked(), [post("/rd/a1")]);
}

#[test]
fn observations_live_with_the_connection() {
    let mut wire = Wire::with(|_| {});
    wire.connect();
    wire.ask(Request::get("/3303/0/5700").with_accept(0).observing());
    assert_eq!(wire.client.observations(), 1);
    wire.advance(120);
    assert!(!wire.notifications.is_empty());
    wire.disconnect();
    assert_eq!(wire.client.observations(), 0);
}

#[test]
fn attempts_to_connect_come_later_each_time() {
    let mut wire = Wire::with(|_| {});
    let mut waits = Vec::new();
    for _ in 0..4 {
        let Connection::ConnectAt(Some(at)) = wire.client.connection(wire.now) else {
            panic!("it does not want to connect")
        };
        wire.now = wire.now.max(at);
        waits.push(wire.client.not_connected(wire.now).as_secs());
    }
    assert_eq!(waits, [5, 10, 20, 40]);
    wire.connect();
    assert_eq!(wire.client.state(), ClientState::Registered);
}

#[test]
fn a_device_in_queue_mode_closes_when_it_sleeps_and_connects_to_update() {
    let mut wire = Wire::with(|options| {
        options.queue_mode = true;
        options.lifetime = 600;
    });
    wire.connect();
    assert!(matches!(
        wire.client.connection(wire.now),
        Connection::Stay(Some(_))
    ));
    wire.advance(94);
    assert_eq!(wire.client.connection(wire.now), Connection::Close);
    wire.disconnect();
    let Connection::ConnectAt(Some(at)) = wire.client.connection(wire.now) else {
        panic!("it does not want to connect")
    };
    assert!(
        at > wire.now + Duration::from_secs(60),
        "it sleeps until its Update is due"
    );
    wire.asked();
    wire.connect();
    assert_eq!(wire.asked(), [post("/rd/a1")]);
}

#[test]
fn a_release_of_the_server_closes_the_connection() {
    let mut wire = Wire::with(|_| {});
    wire.connect();
    wire.server.release(wire.now, client_address());
    wire.exchange();
    assert_eq!(wire.client.connection(wire.now), Connection::Close);
}

#[test]
fn a_device_that_left_does_not_connect_again() {
    let mut wire = Wire::with(|_| {});
    wire.connect();
    wire.client.deregister(wire.now);
    wire.exchange();
    assert_eq!(wire.client.state(), ClientState::Gone);
    wire.disconnect();
    assert_eq!(wire.client.connection(wire.now), Connection::ConnectAt(None));
}
