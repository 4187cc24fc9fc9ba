//! §4.5 message deduplication.

use std::time::Duration;

use coap::{Code, Config, Event, Kind, Message, Response, Token};

use crate::support::{Bench, message};

fn get(message_id: u16) -> Message {
    message(Kind::Confirmable, Code::GET, message_id, Token::from([1; 8]))
}

/// Answers the one request that waits.
fn answer(bench: &mut Bench) {
    let Event::Request { id, .. } = bench.event() else {
        panic!("no request")
    };
    bench.endpoint.respond(
        bench.now,
        id,
        Response::new(Code::CONTENT).with_payload(0, "state"),
    );
}

#[test]
fn a_repeated_request_gets_the_same_answer_and_is_not_served_again() {
    let mut bench = Bench::new();
    bench.receive(&get(7));
    answer(&mut bench);
    let first = bench.sent_one();
    for _ in 0..3 {
        bench.after(Duration::from_secs(20));
        bench.receive(&get(7));
        assert_eq!(bench.sent_one(), first);
        assert!(bench.events().is_empty());
    }
    assert_eq!(bench.endpoint.statistics().replayed, 3);
}

#[test]
fn a_request_that_is_repeated_while_it_is_served_is_not_served_again() {
    let mut bench = Bench::new();
    bench.receive(&get(7));
    bench.receive(&get(7));
    answer(&mut bench);
    assert_eq!(bench.sent().len(), 1);
}

#[test]
fn a_repeated_non_confirmable_request_is_ignored() {
    let mut bench = Bench::new();
    let request = message(Kind::NonConfirmable, Code::POST, 7, Token::EMPTY);
    bench.receive(&request);
    answer(&mut bench);
    assert_eq!(bench.sent_one().kind, Kind::NonConfirmable);
    bench.receive(&request);
    assert!(bench.sent().is_empty() && bench.events().is_empty());
}

#[test]
fn the_same_id_from_another_peer_or_after_the_lifetime_is_another_request() {
    let mut bench = Bench::new();
    bench.receive(&get(7));
    answer(&mut bench);
    bench.endpoint.handle_datagram(bench.now, 1, &get(7).encode());
    answer(&mut bench);
    bench.after(Duration::from_secs(248));
    bench.receive(&get(7));
    answer(&mut bench);
    assert_eq!(bench.sent().len(), 3);
}

#[test]
fn a_device_that_counts_from_the_same_id_after_a_restart_is_served() {
    let mut bench = Bench::new();
    bench.receive(&get(7));
    answer(&mut bench);
    bench.receive(&message(Kind::Confirmable, Code::GET, 7, Token::from([2; 8])));
    answer(&mut bench);
    assert_eq!(bench.sent().len(), 2);
}

/// The first request of a device that then restarted is answered late; the second, with the same ID, was answered.
#[test]
fn a_remembered_answer_is_kept_when_an_older_request_of_its_id_is_acknowledged() {
    let mut bench = Bench::new();
    bench.receive(&get(7));
    assert!(matches!(bench.event(), Event::Request { .. }));
    let other = message(Kind::Confirmable, Code::GET, 7, Token::from([2; 8]));
    bench.receive(&other);
    answer(&mut bench);
    let answered = bench.sent_one();
    bench.after(Duration::from_secs(2));
    assert_eq!(bench.sent_one().code, Code::EMPTY);
    bench.receive(&other);
    assert_eq!(bench.sent_one(), answered);
    (0..600).for_each(|_| bench.after(Duration::from_secs(1)));
    let usage = bench.endpoint.usage();
    assert_eq!((usage.peers, usage.answered_bytes), (0, 0));
}

#[test]
fn the_bytes_of_remembered_answers_are_bounded() {
    let mut bench = Bench::with_config(Config {
        max_duplicate_bytes: 5000,
        ..Config::default()
    });
    for peer in 0..100 {
        bench.endpoint.handle_datagram(bench.now, peer, &get(1).encode());
        let Event::Request { id, .. } = bench.event() else {
            panic!("no request")
        };
        bench.endpoint.respond(
            bench.now,
            id,
            Response::new(Code::CONTENT).with_payload(0, [0; 1000]),
        );
        assert!(bench.endpoint.usage().answered_bytes <= 6100);
    }
    // The last one is still known.
    bench.sent();
    bench.endpoint.handle_datagram(bench.now, 99, &get(1).encode());
    assert_eq!(bench.sent_one().payload.len(), 1000);
}

#[test]
fn memory_is_bounded_and_idle_peers_cost_nothing() {
    let config = Config {
        max_duplicates_per_peer: 4,
        max_duplicates: 100,
        ..Config::default()
    };
    let mut bench = Bench::with_config(config);
    for id in 0..20 {
        bench.receive(&get(id));
        answer(&mut bench);
    }
    assert_eq!(bench.endpoint.usage().answered_messages, 4);
    for peer in 1..=200 {
        bench.endpoint.handle_datagram(bench.now, peer, &get(1).encode());
        answer(&mut bench);
        assert!(bench.endpoint.usage().answered_messages <= 101);
    }
    assert!(bench.endpoint.statistics().duplicates_forgotten > 90);
    bench.sent();
    bench.after(Duration::from_secs(248));
    assert_eq!(bench.endpoint.usage(), coap::Usage::default());
    assert_eq!(bench.endpoint.poll_timeout(), None);
}
