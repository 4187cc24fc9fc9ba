//! §4.4 message correlation: no message ID goes to a peer twice within EXCHANGE_LIFETIME.

use std::collections::HashSet;
use std::time::Duration;

use coap::{Code, Event, FailureReason, Kind, Request, RequestError, RequestOptions};

use crate::support::{Bench, message};

/// Sends requests that are answered at once; the message IDs they had.
fn spend(bench: &mut Bench, count: usize) -> HashSet<u16> {
    let mut ids = HashSet::new();
    for _ in 0..count {
        bench
            .endpoint
            .request(bench.now, 0, Request::get("/"), RequestOptions::default())
            .expect("it is taken");
        let sent = bench.sent_one();
        assert!(
            ids.insert(sent.message_id),
            "message ID {} went out twice",
            sent.message_id
        );
        bench.receive(&message(
            Kind::Acknowledgement,
            Code::CONTENT,
            sent.message_id,
            sent.token,
        ));
        assert!(matches!(bench.event(), Event::Response { .. }));
    }
    ids
}

#[test]
fn the_65537th_request_waits_until_the_first_is_old() {
    let mut bench = Bench::new();
    assert_eq!(spend(&mut bench, 65_536).len(), 65_536);
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), RequestOptions::default())
        .unwrap();
    assert!(bench.sent().is_empty());
    bench.after(Duration::from_secs(246));
    assert!(bench.sent().is_empty());
    bench.after(Duration::from_millis(1100));
    assert_eq!(bench.sent().len(), 1);
}

#[test]
fn a_request_that_cannot_wait_is_refused_in_words() {
    let mut bench = Bench::new();
    spend(&mut bench, 65_536);
    let soon = RequestOptions {
        deadline: Some(Duration::from_secs(30)),
        ..RequestOptions::default()
    };
    let refused = bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), soon)
        .unwrap_err();
    assert!(matches!(refused, RequestError::MessageIdsExhausted(wait) if wait > Duration::from_secs(240)));
    assert!(refused.to_string().contains("message IDs"));
}

#[test]
fn a_transfer_that_runs_out_of_ids_fails_with_the_reason() {
    let mut bench = Bench::new();
    spend(&mut bench, 65_535);
    let options = RequestOptions {
        deadline: Some(Duration::from_secs(30)),
        ..RequestOptions::default()
    };
    let request = Request::put("/5/0/0").with_payload(42, vec![0; 2000]);
    bench.endpoint.request(bench.now, 0, request, options).unwrap();
    let sent = bench.sent_one();
    bench.receive(&message(
        Kind::Acknowledgement,
        Code::CONTINUE,
        sent.message_id,
        sent.token,
    ));
    assert!(bench.sent().is_empty());
    bench.after(Duration::from_secs(30));
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::MessageIdsExhausted,
            ..
        }
    ));
}

#[test]
fn tokens_are_eight_bytes_and_do_not_repeat() {
    let mut bench = Bench::new();
    let mut tokens = HashSet::new();
    for peer in 0..200 {
        bench
            .endpoint
            .request(bench.now, peer, Request::get("/"), RequestOptions::default())
            .unwrap();
        let sent = bench.sent_one();
        assert_eq!(sent.token.as_bytes().len(), 8);
        assert!(tokens.insert(sent.token));
    }
}
