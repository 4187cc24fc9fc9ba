//! §4 the observed side.

use std::time::Duration;

use coap::{Block, BlockSize, Code, Event, FailureReason, Kind, Message, Response, Token, number};

use crate::support::{Bench, body, message};

fn token() -> Token {
    Token::from([5; 8])
}

/// An endpoint with one observer, and the sequence number of its first state.
fn observed() -> (Bench, u32) {
    let mut bench = Bench::new();
    let mut request = message(Kind::Confirmable, Code::GET, 1, token());
    request.options.set_path("/3303/0/5700");
    request.options.set_observe(Some(0));
    bench.receive(&request);
    let Event::Request { id, .. } = bench.event() else {
        panic!("no request")
    };
    bench
        .endpoint
        .respond(bench.now, id, Response::new(Code::CONTENT).observed());
    let sequence = bench.sent_one().options.observe().expect("it is observed");
    (bench, sequence)
}

fn state() -> Response {
    Response::new(Code::CONTENT).with_payload(0, "1")
}

#[test]
fn notifications_carry_the_token_and_growing_numbers() {
    let (mut bench, mut last) = observed();
    for confirmable in [false, true] {
        let id = bench.endpoint.notify(bench.now, 0, token(), state(), confirmable);
        let sent = bench.sent_one();
        assert_eq!(
            (sent.token, sent.kind == Kind::Confirmable),
            (token(), confirmable)
        );
        let sequence = sent.options.observe().unwrap();
        assert!(sequence > last);
        last = sequence;
        bench.receive(&Message::empty(Kind::Acknowledgement, sent.message_id));
        let expect = confirmable.then_some(Event::NotificationAcknowledged {
            id,
            peer: 0,
            token: token(),
        });
        assert_eq!(bench.events().pop(), expect);
    }
}

#[test]
fn a_reset_ends_the_observation() {
    for confirmable in [false, true] {
        let (mut bench, _) = observed();
        let id = bench.endpoint.notify(bench.now, 0, token(), state(), confirmable);
        let sent = bench.sent_one();
        bench.receive(&Message::empty(Kind::Reset, sent.message_id));
        let reason = FailureReason::Reset;
        let expect = Event::NotificationRejected {
            id: Some(id),
            peer: 0,
            token: token(),
            reason,
        };
        assert_eq!(bench.event(), expect);
    }
}

#[test]
fn silence_to_a_confirmable_notification_ends_the_observation() {
    let (mut bench, _) = observed();
    bench.endpoint.notify(bench.now, 0, token(), state(), true);
    let mut sent = 0;
    for _ in 0..10 {
        bench.after(Duration::from_secs(50));
        sent += bench.sent().len();
    }
    assert_eq!(sent, 5);
    let event = bench.event();
    assert!(
        matches!(
            event,
            Event::NotificationRejected {
                reason: FailureReason::Timeout,
                ..
            }
        ),
        "{event:?}"
    );
    bench.after(Duration::from_secs(250));
    assert_eq!(bench.endpoint.usage(), coap::Usage::default());
}

#[test]
fn while_one_is_not_acknowledged_only_the_newest_state_waits() {
    let (mut bench, _) = observed();
    bench.endpoint.notify(bench.now, 0, token(), state(), true);
    let first = bench.sent_one();
    for value in ["2", "3"] {
        let newer = Response::new(Code::CONTENT).with_payload(0, value);
        bench.endpoint.notify(bench.now, 0, token(), newer, true);
    }
    assert!(bench.sent().is_empty());
    bench.receive(&Message::empty(Kind::Acknowledgement, first.message_id));
    assert_eq!(bench.sent_one().payload, b"3");
}

#[test]
fn a_large_notification_is_fetched_from_the_body_that_was_notified() {
    let (mut bench, _) = observed();
    let large = Response::new(Code::CONTENT).with_payload(42, body(3000));
    bench.endpoint.notify(bench.now, 0, token(), large, false);
    let first = bench.sent_one();
    assert_eq!(
        first.options.block2().map(|block| block.to_string()).as_deref(),
        Some("0/1/1024")
    );
    assert_eq!(first.options.size2(), Some(3000));
    let mut whole = first.payload;
    for number in 1..3 {
        let mut request = message(Kind::Confirmable, Code::GET, 100 + number as u16, Token::EMPTY);
        request.options.set_path("/3303/0/5700");
        let block = Block {
            number,
            more: false,
            size: BlockSize::MAX,
        };
        request.options.set_uint(number::BLOCK2, block.encode());
        bench.receive(&request);
        let answer = bench.sent_one();
        assert_eq!(
            (answer.options.etag(), answer.options.observe()),
            (first.options.etag(), None)
        );
        whole.extend(answer.payload);
    }
    assert!(whole == body(3000) && bench.events().is_empty());
}

#[test]
fn the_numbers_of_an_answer_without_agreement_are_taken_away() {
    let mut bench = Bench::new();
    bench.receive(&message(Kind::Confirmable, Code::GET, 1, token()));
    let Event::Request { id, .. } = bench.event() else {
        panic!()
    };
    bench.endpoint.respond(bench.now, id, state().observed());
    assert_eq!(bench.sent_one().options.observe(), None);
}
