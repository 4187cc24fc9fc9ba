//! The Echo option: RFC 9175 §2.3.

use coap::{Code, Event, Kind, Message, Request, RequestOptions, number};

use crate::support::{Bench, body, message};

/// A 4.01 to a request, which asks for it to be sent again with this value.
fn challenge(request: &Message, value: &[u8]) -> Message {
    let mut answer = message(
        Kind::Acknowledgement,
        Code::UNAUTHORIZED,
        request.message_id,
        request.token,
    );
    answer.options.add(number::ECHO, value);
    answer
}

#[test]
fn a_request_is_sent_again_with_the_value_to_be_echoed() {
    let mut bench = Bench::new();
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/3/0/0"), RequestOptions::default())
        .unwrap();
    let first = bench.sent_one();
    bench.receive(&challenge(&first, b"fresh"));
    let second = bench.sent_one();
    assert_eq!(second.options.first(number::ECHO), Some(&b"fresh"[..]));
    assert_ne!(second.message_id, first.message_id);
    bench.receive(&message(
        Kind::Acknowledgement,
        Code::CONTENT,
        second.message_id,
        second.token,
    ));
    assert!(matches!(bench.event(), Event::Response { response, .. } if response.code == Code::CONTENT));
}

#[test]
fn a_second_challenge_is_the_answer() {
    let mut bench = Bench::new();
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/3/0/0"), RequestOptions::default())
        .unwrap();
    for value in [&b"one"[..], b"two"] {
        let sent = bench.sent_one();
        bench.receive(&challenge(&sent, value));
    }
    assert!(bench.sent().is_empty());
    assert!(matches!(bench.event(), Event::Response { response, .. } if response.code == Code::UNAUTHORIZED));
}

#[test]
fn a_body_in_blocks_begins_again() {
    let mut bench = Bench::new();
    let request = Request::put("/5/0/0").with_payload(42, body(3000));
    bench
        .endpoint
        .request(bench.now, 0, request, RequestOptions::default())
        .unwrap();
    let first = bench.sent_one();
    let mut answer = message(
        Kind::Acknowledgement,
        Code::CONTINUE,
        first.message_id,
        first.token,
    );
    answer
        .options
        .set_uint(number::BLOCK1, first.options.block1().unwrap().encode());
    bench.receive(&answer);
    let second = bench.sent_one();
    assert_eq!(second.options.block1().unwrap().number, 1);
    bench.receive(&challenge(&second, b"fresh"));
    let again = bench.sent_one();
    assert_eq!(again.options.block1().unwrap().number, 0);
    assert_eq!(again.options.first(number::ECHO), Some(&b"fresh"[..]));
}
