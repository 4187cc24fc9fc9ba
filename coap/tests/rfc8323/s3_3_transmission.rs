//! §3.3, §3.4 transmission: order, no message layer, limits, and the end of a connection.

use std::time::Duration;

use coap::{
    ClosingReason, Code, Config, Event, FailureReason, MalformedMessage, Request, RequestOptions, Response,
    StreamConfig, StreamMessage, Token,
};

use crate::support::stream::{StreamBench, csm, stream_message};

fn get(token: u8) -> StreamMessage {
    let mut message = stream_message(Code::GET, Token::from([token; 8]));
    message.options.set_path("/3/0/0");
    message
}

#[test]
fn a_request_is_answered_with_its_token_and_nothing_is_acknowledged() {
    let mut bench = StreamBench::connected(1152);
    bench.receive(&get(1));
    let Event::Request {
        id,
        request,
        confirmable,
        ..
    } = bench.event()
    else {
        panic!("no request")
    };
    assert_eq!((request.path().as_str(), confirmable), ("/3/0/0", true));
    bench.after(Duration::from_secs(20));
    assert!(bench.sent().is_empty(), "no empty acknowledgement");
    bench
        .endpoint
        .respond(bench.now, id, Response::new(Code::CONTENT).with_payload(0, "x"));
    let answer = bench.sent_one();
    assert_eq!((answer.code, answer.token), (Code::CONTENT, Token::from([1; 8])));
    bench.receive(&get(1));
    assert!(
        matches!(bench.event(), Event::Request { .. }),
        "the same message again is another request"
    );
}

#[test]
fn an_empty_message_is_ignored() {
    let mut bench = StreamBench::connected(1152);
    bench.receive(&StreamMessage::new(Code::EMPTY));
    assert!(bench.sent().is_empty() && bench.events().is_empty());
}

#[test]
fn our_request_goes_once_and_fails_when_no_answer_comes() {
    let mut bench = StreamBench::connected(1152);
    let id = bench
        .endpoint
        .request(bench.now, 0, Request::get("/3/0/0"), RequestOptions::default())
        .unwrap();
    bench.sent_one();
    bench.after(Duration::from_secs(60));
    assert!(bench.sent().is_empty(), "nothing is sent again");
    bench.after(Duration::from_secs(60));
    let failed = Event::Failed {
        exchange: id,
        peer: 0,
        reason: FailureReason::Timeout,
    };
    assert_eq!(bench.event(), failed);
}

#[test]
fn several_requests_are_in_flight_up_to_a_limit_and_answers_come_in_any_order() {
    let mut bench = StreamBench::connected(1152);
    let limit = StreamConfig::default().max_in_flight;
    for _ in 0..limit + 1 {
        bench
            .endpoint
            .request(bench.now, 0, Request::get("/3/0/0"), RequestOptions::default())
            .unwrap();
    }
    let sent = bench.sent();
    assert_eq!(sent.len(), limit);
    bench.receive(&stream_message(Code::CONTENT, sent[limit - 1].token));
    assert!(matches!(bench.event(), Event::Response { .. }));
    assert_eq!(bench.sent().len(), 1, "the next one goes out");
}

#[test]
fn an_answer_to_nothing_is_dropped() {
    let mut bench = StreamBench::connected(1152);
    bench.receive(&stream_message(Code::CONTENT, Token::from([9; 8])));
    assert!(bench.sent().is_empty() && bench.events().is_empty());
    assert_eq!(bench.endpoint.statistics().unmatched, 1);
}

#[test]
fn what_is_malformed_ends_the_connection_with_an_abort() {
    for (bytes, reason) in [
        (&[0x0f, 0x01][..], MalformedMessage::TokenLength(15)),
        (&[0x10, 0x45, 0xff], MalformedMessage::PayloadMissing),
        (
            &[0xf0, 0xff, 0xff, 0xff, 0xff],
            MalformedMessage::TooLarge {
                length: 0xffff_ffff + 65_805 + 6,
                limit: 65_536,
            },
        ),
    ] {
        let mut bench = StreamBench::connected(1152);
        bench.endpoint.handle_stream(bench.now, 0, bytes);
        let abort = bench.sent_one();
        assert_eq!(abort.code, Code::ABORT);
        assert_eq!(abort.payload, reason.to_string().as_bytes());
        assert_eq!(
            bench.event(),
            Event::Closing {
                peer: 0,
                reason: ClosingReason::Malformed(reason)
            }
        );
        bench.receive(&get(1));
        assert!(
            bench.sent().is_empty() && bench.events().is_empty(),
            "nothing is taken any more"
        );
    }
}

#[test]
fn a_broken_connection_fails_what_is_in_flight_and_leaves_nothing() {
    let mut bench = StreamBench::connected(1152);
    bench.receive(&get(1));
    let Event::Request { id: incoming, .. } = bench.event() else {
        panic!()
    };
    let id = bench
        .endpoint
        .request(
            bench.now,
            0,
            Request::get("/3/0/0").observing(),
            RequestOptions::default(),
        )
        .unwrap();
    bench.endpoint.handle_stream(bench.now, 0, &[0xd0, 0x40, 0x45]);
    assert_eq!(bench.endpoint.usage().stream_bytes, 3);
    bench.endpoint.disconnected(bench.now, 0);
    assert_eq!(
        bench.event(),
        Event::Failed {
            exchange: id,
            peer: 0,
            reason: FailureReason::Disconnected
        }
    );
    assert!(bench.sent().is_empty(), "what was not sent is dropped");
    bench
        .endpoint
        .respond(bench.now, incoming, Response::new(Code::CONTENT));
    assert!(bench.sent().is_empty());
    assert_eq!(bench.endpoint.usage(), coap::Usage::default());
}

#[test]
fn memory_for_unfinished_messages_is_bounded() {
    let config = Config {
        max_reassembly_bytes: 5000,
        ..Config::default()
    };
    let mut bench = StreamBench::fresh(config);
    bench.receive(&csm(None, false));
    bench.sent();
    let mut large = get(1);
    large.payload = vec![1; 10_000];
    bench
        .endpoint
        .handle_stream(bench.now, 0, &large.encode()[..6000]);
    assert_eq!(
        bench.event(),
        Event::Closing {
            peer: 0,
            reason: ClosingReason::Overload
        }
    );
    assert_eq!(bench.endpoint.usage().stream_bytes, 0);
}
