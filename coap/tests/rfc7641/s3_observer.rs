//! §3 the observer's side.

use std::time::Duration;

use coap::{
    Block, BlockSize, Code, Event, FailureReason, Kind, Message, Observation, Request, RequestOptions, Token,
    number,
};

use crate::support::{Bench, body, message, with_payload};

/// An endpoint with an observation whose first state had the sequence number 10.
fn observing() -> (Bench, Token) {
    let mut bench = Bench::new();
    let request = Request::get("/3303/0/5700").with_accept(112).observing();
    bench
        .endpoint
        .request(bench.now, 0, request, RequestOptions::default())
        .expect("it is taken");
    let sent = bench.sent_one();
    assert_eq!(sent.options.observe(), Some(0));
    let mut answer = message(Kind::Acknowledgement, Code::CONTENT, sent.message_id, sent.token);
    answer.options.set_observe(Some(10));
    bench.receive(&answer);
    let Event::Response {
        observation: Some(token),
        ..
    } = bench.event()
    else {
        panic!("no observation")
    };
    assert_eq!(token, sent.token);
    (bench, token)
}

fn notification(kind: Kind, message_id: u16, token: Token, sequence: u32) -> Message {
    let mut notification = with_payload(message(kind, Code::CONTENT, message_id, token), b"21.5");
    notification.options.set_observe(Some(sequence));
    notification
}

#[test]
fn notifications_are_taken_and_acknowledged() {
    let (mut bench, token) = observing();
    bench.receive(&notification(Kind::Confirmable, 1, token, 11));
    assert_eq!(bench.sent_one(), Message::empty(Kind::Acknowledgement, 1));
    let Event::Notification {
        sequence,
        response,
        confirmable: true,
        ..
    } = bench.event()
    else {
        panic!()
    };
    assert_eq!((sequence, &response.payload[..]), (11, &b"21.5"[..]));
    // A repeated one is acknowledged again and not told again.
    bench.receive(&notification(Kind::Confirmable, 1, token, 11));
    assert_eq!(bench.sent_one(), Message::empty(Kind::Acknowledgement, 1));
    assert!(bench.events().is_empty());
    bench.receive(&notification(Kind::NonConfirmable, 2, token, 12));
    assert!(bench.sent().is_empty());
    assert!(matches!(
        bench.event(),
        Event::Notification {
            confirmable: false,
            ..
        }
    ));
    assert_eq!(bench.endpoint.observations(0).count(), 1);
}

#[test]
fn older_notifications_are_dropped_for_128_seconds() {
    let (mut bench, token) = observing();
    bench.receive(&notification(Kind::NonConfirmable, 1, token, 9));
    assert!(bench.events().is_empty());
    assert_eq!(bench.endpoint.statistics().notifications_outdated, 1);
    bench.after(Duration::from_secs(129));
    bench.receive(&notification(Kind::NonConfirmable, 2, token, 9));
    assert!(matches!(bench.event(), Event::Notification { sequence: 9, .. }));
}

#[test]
fn an_error_or_a_success_without_observe_ends_the_observation() {
    for (code, kind) in [
        (Code::NOT_FOUND, Kind::Confirmable),
        (Code::CONTENT, Kind::NonConfirmable),
    ] {
        let (mut bench, token) = observing();
        bench.receive(&message(kind, code, 1, token));
        assert!(matches!(bench.event(), Event::ObservationEnded { response, .. } if response.code == code));
        assert_eq!(bench.endpoint.observations(0).count(), 0);
    }
}

#[test]
fn a_forgotten_observation_is_reset_at_its_next_notification() {
    let (mut bench, token) = observing();
    assert!(bench.endpoint.forget_observation(bench.now, 0, token));
    assert!(!bench.endpoint.forget_observation(bench.now, 0, token));
    for kind in [Kind::Confirmable, Kind::NonConfirmable] {
        bench.receive(&notification(kind, 5, token, 11));
        assert_eq!(bench.sent_one(), Message::empty(Kind::Reset, 5));
    }
}

#[test]
fn an_observation_is_cancelled_with_its_token_and_options() {
    let (mut bench, token) = observing();
    bench
        .endpoint
        .cancel_observation(bench.now, 0, token, RequestOptions::default())
        .unwrap();
    let sent = bench.sent_one();
    assert_eq!(
        (sent.token, sent.options.observe(), sent.options.accept()),
        (token, Some(1), Some(112))
    );
    // A notification that crosses it is not its answer.
    bench.receive(&notification(Kind::NonConfirmable, 1, token, 11));
    assert_eq!(bench.sent_one(), Message::empty(Kind::Reset, 1));
    bench.events();
    bench.receive(&message(
        Kind::Acknowledgement,
        Code::CONTENT,
        sent.message_id,
        token,
    ));
    assert!(matches!(
        bench.event(),
        Event::Response {
            observation: None,
            ..
        }
    ));
}

#[test]
fn an_observation_is_taken_up_again_after_a_restart() {
    let (bench, _) = observing();
    let kept: Vec<Observation> = bench.endpoint.observations(0).cloned().collect();
    let mut bench = Bench::new();
    bench
        .endpoint
        .adopt_observation(bench.now, 0, kept[0].clone())
        .unwrap();
    bench.receive(&notification(Kind::Confirmable, 1, kept[0].token, 3));
    assert_eq!(bench.sent_one().kind, Kind::Acknowledgement);
    assert!(matches!(bench.event(), Event::Notification { .. }));
}

#[test]
fn a_peer_that_does_not_agree_is_not_observed() {
    let mut bench = Bench::new();
    bench
        .endpoint
        .request(
            bench.now,
            0,
            Request::get("/").observing(),
            RequestOptions::default(),
        )
        .unwrap();
    let sent = bench.sent_one();
    bench.receive(&message(
        Kind::Acknowledgement,
        Code::CONTENT,
        sent.message_id,
        sent.token,
    ));
    assert!(matches!(
        bench.event(),
        Event::Response {
            observation: None,
            ..
        }
    ));
    assert_eq!(bench.endpoint.observations(0).count(), 0);
}

/// The first block of a notification of 150 bytes, in blocks of 64.
fn first_block(token: Token, message_id: u16, sequence: u32) -> Message {
    let mut message = notification(Kind::NonConfirmable, message_id, token, sequence);
    message.payload = body(150)[..64].to_vec();
    let block = Block {
        number: 0,
        more: true,
        size: BlockSize::at_most(64),
    };
    message.options.set_uint(number::BLOCK2, block.encode());
    message.options.set_etag(&[sequence as u8]);
    message
}

fn block_for(request: &Message, number: u32, etag: u8) -> Message {
    let whole = body(150);
    let start = number as usize * 64;
    let mut answer = message(
        Kind::Acknowledgement,
        Code::CONTENT,
        request.message_id,
        request.token,
    );
    answer.payload = whole[start..whole.len().min(start + 64)].to_vec();
    let block = Block {
        number,
        more: start + 64 < whole.len(),
        size: BlockSize::at_most(64),
    };
    answer.options.set_uint(number::BLOCK2, block.encode());
    answer.options.set_etag(&[etag]);
    answer
}

#[test]
fn the_rest_of_a_large_notification_is_fetched() {
    let (mut bench, token) = observing();
    bench.receive(&first_block(token, 1, 11));
    for number in 1..3 {
        let request = bench.sent_one();
        assert_eq!(request.options.block2().map(|block| block.number), Some(number));
        assert_eq!(
            (request.options.observe(), request.options.path()),
            (None, "/3303/0/5700".to_owned())
        );
        assert_ne!(request.token, token);
        bench.receive(&block_for(&request, number, 11));
    }
    let Event::Notification {
        response,
        sequence: 11,
        ..
    } = bench.event()
    else {
        panic!()
    };
    assert_eq!(response.payload, body(150));
    assert_eq!(bench.endpoint.usage().reassembly_bytes, 0);
}

#[test]
fn a_newer_notification_takes_the_place_of_one_that_is_fetched() {
    let (mut bench, token) = observing();
    bench.receive(&first_block(token, 1, 11));
    bench.sent_one();
    bench.receive(&first_block(token, 2, 12));
    let request = bench.sent_one();
    let reason = FailureReason::Superseded;
    assert_eq!(
        bench.event(),
        Event::NotificationLost {
            peer: 0,
            token,
            reason
        }
    );
    bench.receive(&block_for(&request, 1, 12));
    let request = bench.sent_one();
    bench.receive(&block_for(&request, 2, 12));
    assert!(matches!(bench.event(), Event::Notification { sequence: 12, .. }));
}

#[test]
fn an_observation_whose_first_answer_is_never_whole_is_not_kept() {
    let mut bench = Bench::new();
    bench
        .endpoint
        .request(
            bench.now,
            0,
            Request::get("/").observing(),
            RequestOptions::default(),
        )
        .unwrap();
    let sent = bench.sent_one();
    let mut answer = first_block(sent.token, sent.message_id, 1);
    answer.kind = Kind::Acknowledgement;
    bench.receive(&answer);
    let next = bench.sent_one();
    bench.receive(&Message::empty(Kind::Reset, next.message_id));
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::Reset,
            ..
        }
    ));
    assert_eq!(bench.endpoint.observations(0).count(), 0);
    assert_eq!(bench.endpoint.usage().reassembly_bytes, 0);
}
