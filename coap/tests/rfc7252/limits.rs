//! What happens at the limits of an endpoint.

use std::time::Duration;

use coap::{Code, Config, Event, Kind, Refusal, Request, RequestError, RequestOptions, Response, Token};

use crate::support::{Bench, message};

#[test]
fn a_peer_for_which_there_is_no_room_is_told_to_come_later() {
    let mut bench = Bench::with_config(Config {
        max_peers: 1,
        ..Config::default()
    });
    let request = message(Kind::Confirmable, Code::POST, 1, Token::EMPTY);
    bench.receive(&request);
    assert!(matches!(bench.event(), Event::Request { .. }));
    bench.endpoint.handle_datagram(bench.now, 1, &request.encode());
    let answer = bench.sent_one();
    assert_eq!(
        (answer.code, answer.options.max_age()),
        (Code::SERVICE_UNAVAILABLE, Some(30))
    );
    assert_eq!(
        bench.event(),
        Event::Malformed {
            peer: 1,
            reason: Refusal::Overload
        }
    );
    let refused = bench
        .endpoint
        .request(bench.now, 2, Request::get("/"), RequestOptions::default());
    assert_eq!(refused, Err(RequestError::TooManyPeers(1)));
}

#[test]
fn requests_beyond_what_the_application_may_hold_are_refused() {
    let mut bench = Bench::with_config(Config {
        max_unanswered: 1,
        ..Config::default()
    });
    for id in 0..2 {
        bench.receive(&message(Kind::Confirmable, Code::GET, id, Token::EMPTY));
    }
    assert_eq!(bench.sent_one().code, Code::SERVICE_UNAVAILABLE);
    assert_eq!(bench.endpoint.statistics().refused_overload, 1);
}

#[test]
fn messages_that_get_no_answer_are_forgotten_like_those_that_do() {
    let mut bench = Bench::with_config(Config {
        max_duplicates: 4,
        ..Config::default()
    });
    for id in 0..20 {
        // Refused without a word: a critical option that nobody knows, in a message that is not confirmable.
        let mut request = message(Kind::NonConfirmable, Code::GET, id, Token::EMPTY);
        request.options.add(65001, b"?");
        bench.receive(&request);
        let usage = bench.endpoint.usage();
        assert!(usage.answered_messages <= 4, "{usage:?}");
    }
}

#[test]
fn the_answers_that_are_remembered_are_no_longer_than_allowed() {
    let mut bench = Bench::with_config(Config {
        max_duplicate_bytes: 100,
        ..Config::default()
    });
    // The application has all requests before it answers the first.
    let ids: Vec<_> = (0..10)
        .map(|id| {
            bench.receive(&message(Kind::Confirmable, Code::GET, id, Token::EMPTY));
            let Event::Request { id, .. } = bench.event() else {
                panic!("a request came")
            };
            id
        })
        .collect();
    for id in ids {
        let response = Response::new(Code::CONTENT).with_payload(0, vec![b'x'; 60]);
        bench.endpoint.respond(bench.now, id, response);
        assert!(
            bench.endpoint.usage().answered_bytes <= 100,
            "{:?}",
            bench.endpoint.usage()
        );
    }
    assert_eq!(bench.sent().len(), 10);
    assert!(bench.endpoint.statistics().duplicates_forgotten > 0);
}

/// The endpoint gives such a request up when the peer does, which may be after everything else of the peer was forgotten.
#[test]
fn a_peer_whose_request_is_never_answered_is_forgotten() {
    for asked_too in [false, true] {
        let mut bench = Bench::new();
        if asked_too {
            let options = RequestOptions::default();
            bench.endpoint.ping(bench.now, 0, options).expect("it is taken");
        }
        bench.receive(&message(Kind::Confirmable, Code::GET, 1, Token::EMPTY));
        (0..3600).for_each(|_| bench.after(Duration::from_secs(1)));
        assert_eq!(bench.endpoint.statistics().never_answered, 1);
        assert_eq!(bench.endpoint.usage().unanswered_requests, 0);
        assert_eq!(bench.endpoint.usage().peers, 0, "{asked_too}");
    }
}

#[test]
fn datagrams_are_dropped_while_nobody_takes_the_events() {
    let mut bench = Bench::with_config(Config {
        max_pending: 10,
        ..Config::default()
    });
    for _ in 0..100 {
        bench.endpoint.handle_datagram(bench.now, 0, &[0]);
    }
    assert_eq!(bench.events().len(), 10);
    assert_eq!(bench.endpoint.statistics().dropped_overload, 90);
}

#[test]
fn a_forgotten_peer_leaves_nothing() {
    let mut bench = Bench::new();
    bench.receive(&message(Kind::Confirmable, Code::GET, 1, Token::EMPTY));
    let Event::Request { id, .. } = bench.event() else {
        panic!()
    };
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), RequestOptions::default())
        .unwrap();
    bench.sent();
    assert!(!bench.endpoint.is_idle(0));
    bench.endpoint.forget_peer(0);
    assert!(bench.endpoint.is_idle(0));
    assert!(matches!(bench.event(), Event::Failed { .. }));
    bench
        .endpoint
        .respond(bench.now, id, Response::new(Code::CONTENT));
    assert!(bench.sent().is_empty());
    assert_eq!(bench.endpoint.usage(), coap::Usage::default());
}

/// By then nothing else is held of the peer, and no timer is set.
#[test]
fn a_peer_whose_last_observer_is_forgotten_is_forgotten() {
    let mut bench = Bench::new();
    let mut register = message(Kind::Confirmable, Code::GET, 1, Token::from([1; 8]));
    register.options.set_observe(Some(0));
    bench.receive(&register);
    let Event::Request { id, token, .. } = bench.event() else {
        panic!("a request came")
    };
    bench
        .endpoint
        .respond(bench.now, id, Response::new(Code::CONTENT).observed());
    bench.after(Duration::from_secs(3600));
    assert_eq!(bench.endpoint.usage().peers, 1, "it is to be notified");
    bench.endpoint.forget_observer(0, token);
    bench.after(Duration::from_secs(1));
    assert_eq!(bench.endpoint.usage().peers, 0);
}

/// The peer ends it long after everything else that was held of it is forgotten.
#[test]
fn a_peer_that_ends_our_last_observation_is_forgotten() {
    let mut bench = Bench::new();
    let observing = Request::get("/3/0").observing();
    let options = RequestOptions::default();
    bench
        .endpoint
        .request(bench.now, 0, observing, options)
        .expect("it is taken");
    let asked = bench.sent().remove(0);
    let mut first = message(
        Kind::Acknowledgement,
        Code::CONTENT,
        asked.message_id,
        asked.token,
    );
    first.options.set_observe(Some(1));
    bench.receive(&first);
    bench.after(Duration::from_secs(3600));
    assert_eq!(bench.endpoint.usage().peers, 1, "it may notify");
    bench.receive(&message(Kind::NonConfirmable, Code::NOT_FOUND, 7, asked.token));
    bench.after(Duration::from_secs(1));
    bench.after(Duration::from_secs(3600));
    assert_eq!(bench.endpoint.usage().peers, 0);
}
