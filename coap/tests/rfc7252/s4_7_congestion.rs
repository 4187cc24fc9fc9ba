//! §4.7 congestion control: NSTART.

use std::time::Duration;

use coap::{
    Code, Config, Event, FailureReason, Kind, Message, Parameters, Request, RequestError, RequestOptions,
};

use crate::support::{Bench, message};

#[test]
fn one_request_is_in_flight_and_the_others_follow_in_order() {
    let mut bench = Bench::new();
    for path in ["/1", "/2", "/3"] {
        bench
            .endpoint
            .request(bench.now, 0, Request::get(path), RequestOptions::default())
            .unwrap();
    }
    for path in ["/1", "/2", "/3"] {
        let sent = bench.sent_one();
        assert_eq!(sent.options.path(), path);
        // An acknowledgement alone does not let the next one go.
        bench.receive(&Message::empty(Kind::Acknowledgement, sent.message_id));
        assert!(bench.sent().is_empty());
        bench.receive(&message(Kind::NonConfirmable, Code::CONTENT, 1, sent.token));
        assert!(matches!(bench.event(), Event::Response { .. }));
    }
}

#[test]
fn the_peers_do_not_wait_for_each_other() {
    let mut bench = Bench::new();
    for peer in 0..3 {
        bench
            .endpoint
            .request(bench.now, peer, Request::get("/"), RequestOptions::default())
            .unwrap();
    }
    assert_eq!(bench.sent().len(), 3);
}

#[test]
fn nstart_may_be_larger() {
    let mut bench = Bench::new();
    bench.endpoint.set_parameters(
        0,
        Parameters {
            nstart: 2,
            ..Parameters::default()
        },
    );
    for _ in 0..3 {
        bench
            .endpoint
            .request(bench.now, 0, Request::get("/"), RequestOptions::default())
            .unwrap();
    }
    assert_eq!(bench.sent().len(), 2);
}

#[test]
fn the_queue_is_bounded() {
    let mut bench = Bench::with_config(Config {
        max_queued_per_peer: 2,
        ..Config::default()
    });
    let mut ask = || {
        bench
            .endpoint
            .request(bench.now, 0, Request::get("/"), RequestOptions::default())
    };
    for _ in 0..3 {
        ask().unwrap();
    }
    assert_eq!(ask(), Err(RequestError::QueueFull(2)));
}

#[test]
fn a_request_whose_deadline_passes_in_the_queue_is_never_sent() {
    let mut bench = Bench::new();
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/1"), RequestOptions::default())
        .unwrap();
    let options = RequestOptions {
        deadline: Some(Duration::from_secs(1)),
        ..RequestOptions::default()
    };
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/2"), options)
        .unwrap();
    bench.sent();
    bench.after(Duration::from_secs(1));
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::DeadlineExceeded,
            ..
        }
    ));
    assert!(bench.sent().is_empty());
}

#[test]
fn the_next_request_goes_when_the_one_before_is_given_up() {
    let mut bench = Bench::new();
    let first = bench
        .endpoint
        .request(bench.now, 0, Request::get("/1"), RequestOptions::default())
        .unwrap();
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/2"), RequestOptions::default())
        .unwrap();
    bench.sent();
    bench.endpoint.cancel(bench.now, first);
    assert_eq!(bench.sent_one().options.path(), "/2");
}
