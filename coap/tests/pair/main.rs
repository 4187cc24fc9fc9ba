//! Two endpoints over a network that loses, repeats and reorders.

#[path = "../support/mod.rs"]
mod support;

mod streams;

use std::time::Duration;

use coap::{Code, Config, Event, FailureReason, Request, RequestOptions, Response};
use support::{Network, Pair, body};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_get_is_answered() {
    let mut pair = Pair::new(Network::PERFECT, 1);
    let id = pair
        .client
        .request(pair.now, 0, Request::get("/3/0/0"), RequestOptions::default())
        .expect("it is taken");
    let events = pair.run_serving(HOUR, |request| {
        assert_eq!(request.path(), "/3/0/0");
        Response::new(Code::CONTENT).with_payload(0, "maker")
    });
    let [
        Event::Response {
            exchange,
            response,
            round_trip,
            ..
        },
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (*exchange, response.code, &response.payload[..]),
        (id, Code::CONTENT, &b"maker"[..])
    );
    assert_eq!(*round_trip, Duration::from_millis(20));
}

/// Moves a body both ways; every exchange has to end, and those that end well have to be whole.
fn echo(network: Network, seed: u64, length: usize, limit: Duration) -> Result<(), FailureReason> {
    let parameters = coap::Parameters {
        max_retransmit: 12,
        ..Default::default()
    };
    let config = Config {
        parameters,
        served_lifetime: 24 * HOUR,
        ..Config::default()
    };
    let mut pair = Pair::with_configs(network, seed, config.clone(), config);
    let sent = body(length);
    let request = Request::post("/echo").with_payload(42, sent.clone());
    pair.client
        .request(pair.now, 0, request, RequestOptions::default())
        .expect("it is taken");
    let mut served = 0;
    let events = pair.run_serving(limit, |request| {
        served += 1;
        assert!(request.payload == sent, "the request's body came whole");
        Response::new(Code::CHANGED).with_payload(42, request.payload.clone())
    });
    match &events[..] {
        [Event::Response { response, .. }] => {
            assert_eq!(response.code, Code::CHANGED);
            assert!(response.payload == sent, "the response's body came whole");
            assert_eq!(served, 1, "a request is served once");
            Ok(())
        }
        [Event::Failed { reason, .. }] => Err(*reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn bodies_of_all_sizes_come_whole_over_a_perfect_network() {
    for length in [0, 1, 15, 16, 1023, 1024, 1025, 2048, 100_000] {
        echo(Network::PERFECT, 1, length, HOUR).unwrap();
    }
}

#[test]
fn bodies_come_whole_over_a_bad_network() {
    for seed in 0..20 {
        echo(Network::BAD, seed, 20_000, 24 * HOUR).unwrap();
    }
}

#[test]
fn a_body_of_more_blocks_than_sixteen_bits_of_an_option_count_comes_whole() {
    let parameters = coap::Parameters {
        max_block_size: coap::BlockSize::at_most(64),
        ..Default::default()
    };
    let config = Config {
        parameters,
        ..Config::default()
    };
    let length = 64 * 5000 + 7;
    let mut pair = Pair::with_configs(Network::PERFECT, 1, config.clone(), config);
    let request = Request::put("/5/0/0").with_payload(42, body(length));
    pair.client
        .request(pair.now, 0, request, RequestOptions::default())
        .expect("it is taken");
    let events = pair.run_serving(HOUR, |request| {
        assert!(request.payload == body(length));
        Response::new(Code::CHANGED).with_payload(42, body(length))
    });
    assert!(matches!(&events[..], [Event::Response { response, .. }] if response.payload == body(length)));
    assert!(pair.server.statistics().blocks_served > 4096);
}

/// Many requests, some answered late: each is served once, ends once, and ends with its own answer.
#[test]
fn requests_are_served_once_over_a_bad_network() {
    for seed in 0..10 {
        let parameters = coap::Parameters {
            nstart: 4,
            max_retransmit: 12,
            ..Default::default()
        };
        // A request may be overtaken by all others.
        let config = Config {
            parameters,
            max_duplicates_per_peer: 200,
            ..Config::default()
        };
        let mut pair = Pair::with_configs(Network::BAD, seed, config.clone(), config);
        for number in 0..100 {
            let confirmable = number % 4 != 3;
            let options = RequestOptions {
                confirmable,
                ..RequestOptions::default()
            };
            pair.client
                .request(pair.now, 0, Request::post(&format!("/{number}")), options)
                .unwrap();
        }
        let mut held = Vec::new();
        let mut served = std::collections::HashSet::new();
        let mut responses = 0;
        let mut ended = 0;
        while ended < 100 {
            let events = pair.run(Duration::from_secs(5), |server, now, event| {
                let Event::Request { id, request, .. } = event else {
                    return;
                };
                assert!(
                    served.insert(request.path()),
                    "{} is served twice",
                    request.path()
                );
                let answer = Response::new(Code::CHANGED).with_payload(0, request.path());
                if served.len() % 3 == 0 {
                    held.push((id, answer));
                } else {
                    server.respond(now, id, answer);
                }
            });
            for (id, answer) in held.drain(..) {
                pair.server.respond(pair.now, id, answer);
            }
            ended += events.len();
            responses += events
                .iter()
                .filter(|event| matches!(event, Event::Response { .. }))
                .count();
        }
        assert_eq!(ended, 100);
        assert!(
            responses >= 75,
            "only non-confirmable requests may fail: {responses}"
        );
        assert!(pair.server.statistics().replayed > 0 && pair.client.statistics().retransmitted > 0);
    }
}

/// Observes over a bad network: what arrives is never older than what arrived before, and the last state arrives.
#[test]
fn an_observer_ends_with_the_last_state() {
    for seed in 0..20 {
        // Enough retransmissions for no notification to be given up, which would end the observation.
        let parameters = coap::Parameters {
            max_retransmit: 12,
            ..Default::default()
        };
        let config = Config {
            parameters,
            ..Config::default()
        };
        let mut pair = Pair::with_configs(Network::BAD, seed, config.clone(), config);
        let request = Request::get("/3303/0/5700").observing();
        pair.client
            .request(pair.now, 0, request, RequestOptions::default())
            .unwrap();
        let mut observer = None;
        let limit = 10 * HOUR;
        let events = pair.run(limit, |server, now, event| {
            if let Event::Request { id, token, .. } = event {
                observer = Some(token);
                server.respond(now, id, Response::new(Code::CONTENT).observed());
            }
        });
        let [
            Event::Response {
                observation: Some(token),
                ..
            },
        ] = &events[..]
        else {
            continue;
        };
        assert_eq!(observer, Some(*token));
        let mut values: Vec<u32> = Vec::new();
        for value in 0..50u32 {
            let state = Response::new(Code::CONTENT).with_payload(0, value.to_string());
            pair.server.notify(pair.now, 0, *token, state, value % 5 == 4);
            let pause = if value == 49 {
                limit
            } else {
                Duration::from_millis(150)
            };
            for event in pair.run(pause, |_, _, _| ()) {
                let Event::Notification { response, .. } = event else {
                    panic!("{event:?}")
                };
                values.push(String::from_utf8_lossy(&response.payload).parse().unwrap());
            }
        }
        assert!(values.is_sorted_by(|a, b| a < b), "{values:?}");
        assert_eq!(values.last(), Some(&49));
    }
}

#[test]
fn a_body_of_eight_megabytes_comes_whole() {
    echo(
        Network {
            loss: 1,
            duplication: 1,
            jitter: 30,
        },
        3,
        8 << 20,
        10_000 * HOUR,
    )
    .unwrap();
}
