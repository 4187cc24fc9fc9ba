//! Sessions against the simulated device over a network that loses, and with either side starting anew: whatever
//! happens, the device ends configured, or it is said why not. OMA LightweightM2M-1.1-int-0, 2, 4, 6, 8, 9.

use super::tests::{models, recipe};
use super::*;
use coap::{Code, Endpoint, Event, ExchangeId, RequestOptions, Response};
use shared::bootstrap::{StepKind, StepView};
use shared::{ContentFormat, Timestamp, Version};
use simulator::bootstrap::{BootstrapClient, BootstrapOptions, BootstrapState, Holdings};
use simulator::{Clock, Transport};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const CONFIGURATION: &str =
    r#"{"read":["/1","/2"],"servers":[{"short_server_id":101,"uri":"coap://192.0.2.9","lifetime":600}]}"#;

/// What happens to a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Arrives,
    Lost,
    Twice,
}

/// A bootstrap server's endpoint, one session at a time.
struct Side {
    endpoint: Endpoint<SocketAddr>,
    session: Option<(Session, Option<ExchangeId>)>,
    ended: Vec<Ended>,
}

struct Pair {
    configuration: &'static str,
    start: Instant,
    now: Instant,
    device: BootstrapClient,
    server: Side,
    datagrams: usize,
    seed: u8,
    /// Messages go over a connection; one that is lost takes the connection with it.
    stream: bool,
}

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], port))
}

impl Pair {
    fn new(configuration: &'static str, change: impl FnOnce(&mut BootstrapOptions)) -> Pair {
        let start = Instant::now();
        Pair {
            configuration,
            start,
            now: start,
            device: device(start, Holdings::factory(0, "coap://192.0.2.1:5783"), change),
            server: side(1),
            datagrams: 0,
            seed: 1,
            stream: false,
        }
    }

    fn over_a_stream(configuration: &'static str) -> Pair {
        Pair {
            stream: true,
            ..Pair::new(configuration, |options| options.transport = Transport::Stream)
        }
    }

    /// Lets everything happen until the device is done, or for so long. `fate` is asked for each datagram.
    fn run(&mut self, seconds: u64, mut fate: impl FnMut(usize) -> Fate) {
        let until = self.now + Duration::from_secs(seconds);
        loop {
            if self.device.wants_connection(self.now) {
                self.device.connected(self.now);
                self.server.endpoint.connected(self.now, at(2));
            }
            self.exchange(&mut fate);
            if self.device.state() == BootstrapState::Done && self.server.session.is_none() {
                return;
            }
            let due = [self.device.poll_timeout(), self.server.endpoint.poll_timeout()];
            let next = due.into_iter().flatten().min().unwrap_or(until);
            if next > until {
                return;
            }
            self.now = next.max(self.now + Duration::from_millis(1));
            self.device.handle_timeout(self.now);
            self.server.endpoint.handle_timeout(self.now);
        }
    }

    fn exchange(&mut self, fate: &mut impl FnMut(usize) -> Fate) {
        loop {
            let mut moved = false;
            while let Some(transmit) = self.device.poll_transmit() {
                moved = true;
                for _ in 0..self.times(fate) {
                    let endpoint = &mut self.server.endpoint;
                    if self.stream {
                        endpoint.handle_stream(self.now, at(2), &transmit.datagram);
                    } else {
                        endpoint.handle_datagram(self.now, at(2), &transmit.datagram);
                    }
                }
            }
            while let Some(event) = self.server.endpoint.poll_event() {
                moved = true;
                self.on_event(event);
            }
            while let Some(transmit) = self.server.endpoint.poll_transmit() {
                moved = true;
                for _ in 0..self.times(fate) {
                    if self.stream {
                        self.device.handle_stream(self.now, &transmit.datagram);
                    } else {
                        self.device
                            .handle_datagram(self.now, at(5783), &transmit.datagram);
                    }
                }
            }
            if !moved {
                return;
            }
        }
    }

    fn times(&mut self, fate: &mut impl FnMut(usize) -> Fate) -> usize {
        self.datagrams += 1;
        match fate(self.datagrams - 1) {
            Fate::Arrives => 1,
            Fate::Lost if self.stream => {
                self.device.disconnected(self.now);
                self.server.endpoint.disconnected(self.now, at(2));
                0
            }
            Fate::Lost => 0,
            Fate::Twice => 2,
        }
    }

    fn stamp(&self) -> Timestamp {
        Timestamp(i64::try_from(self.now.duration_since(self.start).as_millis()).unwrap())
    }

    fn on_event(&mut self, event: Event<SocketAddr>) {
        match event {
            Event::Request { id, request, .. } => {
                let Ok(Asked::Bootstrap { format, .. }) = parse(&request) else {
                    let response = Response::new(Code::NOT_IMPLEMENTED);
                    return self.server.endpoint.respond(self.now, id, response);
                };
                if let Some((_, Some(exchange))) = self.server.session.take() {
                    self.server.endpoint.cancel(self.now, exchange);
                }
                self.server
                    .endpoint
                    .respond(self.now, id, Response::new(Code::CHANGED));
                let job = Job {
                    format,
                    recipe: recipe(self.configuration),
                    models: models(),
                    retire: Vec::new(),
                };
                let first = StepView::note(self.stamp(), StepKind::Request, "asked");
                let session = Session::new(job, self.now, first);
                self.server.session = Some((session, None));
                self.proceed();
            }
            Event::Response {
                exchange, response, ..
            } => self.answered(exchange, Answer::Response(response)),
            Event::Failed { exchange, reason, .. } => self.answered(exchange, Answer::Failed(reason)),
            _ => {}
        }
    }

    fn answered(&mut self, exchange: ExchangeId, answer: Answer) {
        let (now, stamp) = (self.now, self.stamp());
        if let Some((session, asked)) = &mut self.server.session
            && *asked == Some(exchange)
        {
            session.answered(now, stamp, answer);
            self.proceed();
        }
    }

    fn proceed(&mut self) {
        let (now, stamp) = (self.now, self.stamp());
        let Some((session, asked)) = &mut self.server.session else {
            return;
        };
        match session.next(now, stamp) {
            Todo::Send(request, deadline) => {
                let options = RequestOptions {
                    deadline: Some(deadline),
                    ..RequestOptions::default()
                };
                let exchange = self.server.endpoint.request(now, at(2), *request, options);
                *asked = Some(exchange.unwrap());
            }
            Todo::End(ended) => {
                self.server.ended.push(ended);
                self.server.session = None;
            }
        }
    }

    /// The server's process ends and another begins; it knows nothing of the session.
    fn restart_server(&mut self) {
        self.seed += 1;
        self.server = side(self.seed);
    }

    /// The device restarts with what it had in force.
    fn restart_device(&mut self) {
        let holdings = self.device.holdings().clone();
        self.device = device(self.now, holdings, |_| {});
    }

    fn is_configured(&self) -> bool {
        let account = self.device.account();
        account.is_some_and(|account| account.uri == "coap://192.0.2.9" && account.lifetime == 600)
            && self.device.holdings().get(0, 0, 1) == Some(&shared::Value::Boolean(true))
    }
}

fn device(first: Instant, holdings: Holdings, change: impl FnOnce(&mut BootstrapOptions)) -> BootstrapClient {
    let clock = Clock {
        instant: first,
        time: Timestamp(0),
    };
    let mut options = BootstrapOptions::new("pump", at(5783), clock);
    change(&mut options);
    BootstrapClient::new(options, holdings, first, [9; 32])
}

fn side(seed: u8) -> Side {
    Side {
        endpoint: Endpoint::new(coap::Config::default(), [seed; 32]),
        session: None,
        ended: Vec::new(),
    }
}

#[test]
fn a_device_of_each_version_and_format_is_configured_and_keeps_its_bootstrap_account() {
    for (version, format) in [
        (Version::V1_0, None),
        (Version::V1_1, None),
        (Version::V1_1, Some(ContentFormat::SENML_JSON)),
        (Version::V1_1, Some(ContentFormat::SENML_CBOR)),
        (Version::V1_2, Some(ContentFormat::LWM2M_CBOR)),
        (Version::V1_2, Some(ContentFormat::TLV)),
    ] {
        let mut pair = Pair::new(CONFIGURATION, |options| {
            options.version = version;
            options.format = format;
        });
        pair.run(10, |_| Fate::Arrives);
        assert!(pair.is_configured(), "{version} {format:?}");
        assert_eq!(pair.server.ended, [Ended::Finished]);
    }
}

#[test]
fn wherever_the_bootstrap_account_is_it_stays() {
    for instance in [0, 1, 7, 65_534] {
        let mut pair = Pair::new(CONFIGURATION, |_| {});
        pair.device = device(
            pair.start,
            Holdings::factory(instance, "coap://192.0.2.1:5783"),
            |_| {},
        );
        pair.run(10, |_| Fate::Arrives);
        assert!(pair.device.account().is_some());
        assert_eq!(
            pair.device.holdings().get(0, instance, 1),
            Some(&shared::Value::Boolean(true)),
            "/0/{instance}"
        );
    }
}

/// How many datagrams a bootstrap without trouble takes.
fn usual() -> usize {
    let mut pair = Pair::new(CONFIGURATION, |_| {});
    pair.run(10, |_| Fate::Arrives);
    assert!(pair.is_configured());
    pair.datagrams
}

#[test]
fn each_datagram_may_be_lost_or_come_twice() {
    let count = usual();
    assert!(count >= 16, "{count}");
    for fate in [Fate::Lost, Fate::Twice] {
        for chosen in 0..count {
            let mut pair = Pair::new(CONFIGURATION, |_| {});
            pair.run(600, |number| if number == chosen { fate } else { Fate::Arrives });
            assert!(pair.is_configured(), "{fate:?} {chosen}");
            assert_eq!(
                pair.server.ended.last(),
                Some(&Ended::Finished),
                "{fate:?} {chosen}"
            );
        }
    }
}

#[test]
fn a_fifth_of_all_datagrams_may_be_lost() {
    for seed in 0..20u64 {
        let mut pair = Pair::new(CONFIGURATION, |_| {});
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        pair.run(3600, |_| {
            // xorshift64
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if random.is_multiple_of(5) {
                Fate::Lost
            } else {
                Fate::Arrives
            }
        });
        assert!(pair.is_configured(), "seed {seed}");
    }
}

#[test]
fn the_server_may_restart_after_each_datagram() {
    for last in 0..usual() {
        let mut pair = Pair::new(CONFIGURATION, |_| {});
        // What comes after the last one meets a server that is down.
        pair.run(1, |number| if number > last { Fate::Lost } else { Fate::Arrives });
        pair.restart_server();
        pair.run(1200, |_| Fate::Arrives);
        assert!(pair.is_configured(), "after {last}");
        assert_eq!(pair.device.state(), BootstrapState::Done, "after {last}");
    }
}

#[test]
fn the_device_may_restart_after_each_datagram() {
    for last in 0..usual() {
        let mut pair = Pair::new(CONFIGURATION, |_| {});
        pair.run(1, |number| if number > last { Fate::Lost } else { Fate::Arrives });
        pair.restart_device();
        pair.run(1200, |_| Fate::Arrives);
        assert!(pair.is_configured(), "after {last}");
        assert_eq!(pair.server.ended.last(), Some(&Ended::Finished), "after {last}");
    }
}

#[test]
fn a_device_that_is_gone_is_given_up_with_a_reason() {
    for last in 0..usual() - 2 {
        let mut pair = Pair::new(CONFIGURATION, |_| {});
        pair.run(1, |number| if number > last { Fate::Lost } else { Fate::Arrives });
        // It answers no more, and does not ask again within the time.
        pair.run(1200, |_| Fate::Lost);
        let failed = pair
            .server
            .ended
            .iter()
            .any(|ended| matches!(ended, Ended::Failed(reason) if !reason.is_empty()));
        let never_heard = last == 0 && pair.server.ended.is_empty();
        assert!(
            failed || never_heard || pair.server.session.is_none(),
            "after {last}"
        );
        assert!(pair.server.session.is_none(), "after {last}");
    }
}

#[test]
fn a_connection_may_break_at_each_message() {
    let mut pair = Pair::over_a_stream(CONFIGURATION);
    pair.run(10, |_| Fate::Arrives);
    assert!(pair.is_configured());
    let count = pair.datagrams;
    assert!(count >= 16, "{count}");
    for chosen in 0..count {
        let mut pair = Pair::over_a_stream(CONFIGURATION);
        pair.run(600, |number| {
            if number == chosen {
                Fate::Lost
            } else {
                Fate::Arrives
            }
        });
        assert!(pair.is_configured(), "{chosen}");
        let failed = pair
            .server
            .ended
            .iter()
            .filter(|ended| **ended != Ended::Finished);
        assert!(
            failed.clone().count() <= 1
                && failed
                    .clone()
                    .all(|ended| matches!(ended, Ended::Failed(reason) if !reason.is_empty())),
            "{chosen}: {:?}",
            pair.server.ended
        );
    }
}

#[test]
fn what_was_not_finished_is_not_in_force() {
    for last in 0..usual() - 4 {
        let mut pair = Pair::new(CONFIGURATION, |_| {});
        pair.run(1, |number| if number > last { Fate::Lost } else { Fate::Arrives });
        assert_eq!(
            pair.device.holdings(),
            &Holdings::factory(0, "coap://192.0.2.1:5783"),
            "after {last}"
        );
    }
}

#[test]
fn a_device_falls_back_when_there_is_no_pack() {
    let mut pair = Pair::new(CONFIGURATION, |options| {
        options.version = Version::V1_2;
        options.pack = true;
    });
    pair.run(10, |_| Fate::Arrives);
    assert!(pair.is_configured());
}

#[test]
fn a_device_that_finds_it_inconsistent_is_told_again_and_then_given_up() {
    // The account is optional here and its Server is of an object that this device does not have at all.
    let mut pair = Pair::new(CONFIGURATION, |options| options.objects = vec![0, 3]);
    pair.run(60, |_| Fate::Arrives);
    assert!(matches!(pair.server.ended.first(), Some(Ended::Failed(reason)) if reason.contains("/1/0")));
}
