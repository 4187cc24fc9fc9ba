//! Two endpoints over a network that loses, repeats and reorders.

#[path = "../support/mod.rs"]
mod support;

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
        .unwrap();
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
        .unwrap();
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
