//! §5.2 responses: piggybacked, separate, and §5.3 matching.

use std::time::Duration;

use coap::{Code, Event, FailureReason, Kind, Message, Refusal, Request, RequestOptions, Response, Token};

use crate::support::{Bench, message, with_payload};

const TOKEN: Token = Token::EMPTY;

#[test]
fn a_quick_answer_is_piggybacked() {
    let mut bench = Bench::new();
    let token = Token::new(b"abc").unwrap();
    bench.receive(&message(Kind::Confirmable, Code::GET, 5, token));
    let Event::Request {
        id,
        confirmable: true,
        ..
    } = bench.event()
    else {
        panic!()
    };
    bench.after(Duration::from_millis(900));
    bench
        .endpoint
        .respond(bench.now, id, Response::new(Code::CONTENT));
    assert_eq!(
        bench.sent_one(),
        message(Kind::Acknowledgement, Code::CONTENT, 5, token)
    );
    bench
        .endpoint
        .respond(bench.now, id, Response::new(Code::CONTENT));
    assert!(bench.sent().is_empty(), "a request is answered once");
    assert!(bench.endpoint.is_idle(0));
}

#[test]
fn a_slow_answer_is_separate_and_repeated_until_acknowledged() {
    let mut bench = Bench::new();
    bench.receive(&message(Kind::Confirmable, Code::GET, 5, TOKEN));
    let Event::Request { id, .. } = bench.event() else {
        panic!()
    };
    assert_eq!(
        bench.endpoint.poll_timeout(),
        Some(bench.now + Duration::from_secs(1))
    );
    bench.after(Duration::from_secs(1));
    assert_eq!(bench.sent_one(), Message::empty(Kind::Acknowledgement, 5));
    // The acknowledgement got lost: it is repeated for the repeated request.
    bench.receive(&message(Kind::Confirmable, Code::GET, 5, TOKEN));
    assert_eq!(bench.sent_one(), Message::empty(Kind::Acknowledgement, 5));
    bench
        .endpoint
        .respond(bench.now, id, Response::new(Code::CONTENT));
    let response = bench.sent_one();
    assert_eq!(
        (response.kind, response.code, response.token),
        (Kind::Confirmable, Code::CONTENT, TOKEN)
    );
    bench.after(Duration::from_secs(3));
    assert_eq!(bench.sent_one(), response);
    assert!(!bench.endpoint.is_idle(0));
    bench.receive(&Message::empty(Kind::Acknowledgement, response.message_id));
    bench.after(Duration::from_secs(100));
    assert!(bench.sent().is_empty() && bench.events().is_empty() && bench.endpoint.is_idle(0));
}

#[test]
fn a_separate_response_that_nobody_takes_is_told() {
    for reset in [true, false] {
        let mut bench = Bench::new();
        bench.receive(&message(Kind::Confirmable, Code::GET, 5, TOKEN));
        let Event::Request { id, .. } = bench.event() else {
            panic!()
        };
        bench.after(Duration::from_secs(1));
        bench.sent();
        bench
            .endpoint
            .respond(bench.now, id, Response::new(Code::CONTENT));
        let response = bench.sent_one();
        if reset {
            bench.receive(&Message::empty(Kind::Reset, response.message_id));
        } else {
            (0..10).for_each(|_| bench.after(Duration::from_secs(50)));
        }
        let reason = if reset {
            FailureReason::Reset
        } else {
            FailureReason::Timeout
        };
        assert_eq!(bench.event(), Event::ResponseLost { id, peer: 0, reason });
    }
}

#[test]
fn a_request_that_is_never_answered_is_forgotten() {
    let mut bench = Bench::new();
    bench.receive(&message(Kind::Confirmable, Code::GET, 5, TOKEN));
    bench.after(Duration::from_secs(1));
    bench.after(Duration::from_secs(250));
    assert_eq!(bench.endpoint.statistics().never_answered, 1);
    assert_eq!(bench.endpoint.usage(), coap::Usage::default());
}

#[test]
fn a_separate_response_is_taken_acknowledged_and_acknowledged_again() {
    for acknowledged_first in [true, false] {
        let mut bench = Bench::new();
        bench
            .endpoint
            .request(bench.now, 0, Request::get("/"), RequestOptions::default())
            .unwrap();
        let sent = bench.sent_one();
        if acknowledged_first {
            bench.receive(&Message::empty(Kind::Acknowledgement, sent.message_id));
        }
        bench.after(Duration::from_millis(1500));
        let response = with_payload(message(Kind::Confirmable, Code::CONTENT, 77, sent.token), b"late");
        bench.receive(&response);
        assert_eq!(bench.sent_one(), Message::empty(Kind::Acknowledgement, 77));
        assert!(matches!(bench.event(), Event::Response { response, .. } if response.payload == b"late"));
        // Our acknowledgement got lost.
        bench.receive(&response);
        assert_eq!(bench.sent_one(), Message::empty(Kind::Acknowledgement, 77));
        assert!(bench.events().is_empty());
    }
}

#[test]
fn silence_after_an_empty_acknowledgement_is_a_timeout() {
    let mut bench = Bench::new();
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), RequestOptions::default())
        .unwrap();
    let sent = bench.sent_one();
    bench.receive(&Message::empty(Kind::Acknowledgement, sent.message_id));
    bench.after(Duration::from_secs(92));
    assert!(bench.sent().is_empty() && bench.events().is_empty());
    bench.after(Duration::from_secs(2));
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::Timeout,
            ..
        }
    ));
}

#[test]
fn a_response_is_matched_by_peer_and_token() {
    let mut bench = Bench::new();
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), RequestOptions::default())
        .unwrap();
    let sent = bench.sent_one();
    let right = message(Kind::Acknowledgement, Code::CONTENT, sent.message_id, sent.token);
    bench.endpoint.handle_datagram(bench.now, 1, &right.encode());
    bench.receive(&Message {
        token: Token::from([0; 8]),
        ..right.clone()
    });
    bench.receive(&Message {
        message_id: sent.message_id.wrapping_add(1),
        ..right.clone()
    });
    assert!(bench.events().is_empty() && bench.sent().is_empty());
    bench.receive(&right);
    assert!(matches!(bench.event(), Event::Response { .. }));
}

#[test]
fn a_confirmable_response_to_nothing_is_reset() {
    let mut bench = Bench::new();
    let token = Token::from([9; 8]);
    bench.receive(&message(Kind::Confirmable, Code::CONTENT, 3, token));
    assert_eq!(bench.sent_one(), Message::empty(Kind::Reset, 3));
    assert_eq!(
        bench.event(),
        Event::Malformed {
            peer: 0,
            reason: Refusal::UnknownToken(token)
        }
    );
    bench.receive(&message(Kind::NonConfirmable, Code::CONTENT, 4, token));
    assert!(bench.sent().is_empty());
}

#[test]
fn the_round_trip_is_measured_from_the_first_transmission() {
    let mut bench = Bench::new();
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), RequestOptions::default())
        .unwrap();
    let sent = bench.sent_one();
    bench.after(Duration::from_secs(3));
    bench.sent_one();
    bench.receive(&message(
        Kind::Acknowledgement,
        Code::CONTENT,
        sent.message_id,
        sent.token,
    ));
    let Event::Response {
        round_trip,
        retransmissions,
        ..
    } = bench.event()
    else {
        panic!()
    };
    assert_eq!((round_trip, retransmissions), (Duration::from_secs(3), 1));
}
