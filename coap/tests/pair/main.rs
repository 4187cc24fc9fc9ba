//! Two endpoints over a network that loses, repeats and reorders.

#[path = "../support/mod.rs"]
mod support;

mod block_wise;
mod streams;

use std::time::Duration;

use coap::{Code, Config, Event, Request, RequestOptions, Response};
use support::{Network, Pair};

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
