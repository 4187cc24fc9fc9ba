//! §4.2 messages transmitted reliably.

use std::time::Duration;

use coap::{Code, Event, FailureReason, Kind, Message, Parameters, Request, RequestOptions};

use crate::support::{Bench, message};

#[test]
fn a_request_is_sent_five_times_and_given_up_after_max_transmit_wait() {
    let mut bench = Bench::new();
    let id = bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), RequestOptions::default())
        .unwrap();
    let first = bench.sent_one();
    let start = bench.now;
    let mut waits = Vec::new();
    loop {
        let due = bench.endpoint.poll_timeout().unwrap();
        let wait = due - bench.now;
        bench.now = due;
        bench.endpoint.handle_timeout(due);
        waits.push(wait);
        match bench.sent().pop() {
            Some(again) => assert_eq!(again, first),
            None => break,
        }
    }
    assert_eq!(waits.len(), 5);
    assert!((2.0..=3.0).contains(&waits[0].as_secs_f64()), "{waits:?}");
    for pair in waits.windows(2) {
        assert!(
            (pair[1].as_secs_f64() / pair[0].as_secs_f64() - 2.0).abs() < 1e-3,
            "{waits:?}"
        );
    }
    assert!(bench.now - start <= Duration::from_secs(93));
    let reason = FailureReason::Timeout;
    assert_eq!(
        bench.event(),
        Event::Failed {
            exchange: id,
            peer: 0,
            reason
        }
    );
    assert_eq!(bench.endpoint.statistics().retransmitted, 4);
}

#[test]
fn the_first_wait_is_random() {
    let mut waits = std::collections::HashSet::new();
    let mut bench = Bench::new();
    for _ in 0..20 {
        let id = bench
            .endpoint
            .request(bench.now, 0, Request::get("/"), RequestOptions::default())
            .unwrap();
        let next = bench.endpoint.poll_timeout().unwrap();
        waits.insert(next - bench.now);
        bench.endpoint.cancel(bench.now, id);
        bench.after(Duration::from_secs(300));
    }
    assert!(waits.len() > 10, "{waits:?}");
}

#[test]
fn a_peer_and_a_request_may_have_parameters_of_their_own() {
    let slow = Parameters {
        ack_timeout: Duration::from_secs(15),
        ack_random_factor: 1.0,
        ..Parameters::default()
    };
    let mut bench = Bench::new();
    bench.endpoint.set_parameters(0, slow);
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), RequestOptions::default())
        .unwrap();
    assert_eq!(
        bench.endpoint.poll_timeout(),
        Some(bench.now + Duration::from_secs(15))
    );

    let mut bench = Bench::new();
    let options = RequestOptions {
        parameters: Some(slow),
        ..RequestOptions::default()
    };
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), options)
        .unwrap();
    assert_eq!(
        bench.endpoint.poll_timeout(),
        Some(bench.now + Duration::from_secs(15))
    );
}

#[test]
fn a_reset_ends_the_request() {
    let mut bench = Bench::new();
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), RequestOptions::default())
        .unwrap();
    let sent = bench.sent_one();
    bench.receive(&Message::empty(Kind::Reset, sent.message_id));
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::Reset,
            ..
        }
    ));
    assert!(bench.endpoint.is_idle(0));
}

#[test]
fn a_deadline_and_a_cancellation_end_the_request() {
    for cancel in [false, true] {
        let mut bench = Bench::new();
        let options = RequestOptions {
            deadline: Some(Duration::from_secs(1)),
            ..RequestOptions::default()
        };
        let id = bench
            .endpoint
            .request(bench.now, 0, Request::get("/"), options)
            .unwrap();
        let sent = bench.sent_one();
        if cancel {
            bench.endpoint.cancel(bench.now, id);
            bench.endpoint.cancel(bench.now, id);
        } else {
            bench.after(Duration::from_secs(1));
        }
        let expect = if cancel {
            FailureReason::Cancelled
        } else {
            FailureReason::DeadlineExceeded
        };
        assert!(
            matches!(bench.event(), Event::Failed { exchange, reason, .. } if exchange == id && reason == expect)
        );
        // Its late answer is reset if that was confirmable.
        bench.receive(&message(Kind::Confirmable, Code::CONTENT, 9, sent.token));
        assert_eq!(bench.sent_one(), Message::empty(Kind::Reset, 9));
    }
}

#[test]
fn a_non_confirmable_request_is_sent_once() {
    let mut bench = Bench::new();
    let options = RequestOptions {
        confirmable: false,
        ..RequestOptions::default()
    };
    bench
        .endpoint
        .request(bench.now, 0, Request::post("/3/0/4"), options)
        .unwrap();
    assert_eq!(bench.sent_one().kind, Kind::NonConfirmable);
    bench.after(Duration::from_secs(92));
    assert!(bench.sent().is_empty() && bench.events().is_empty());
    bench.after(Duration::from_secs(1));
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::Timeout,
            ..
        }
    ));
}
