//! §7 observing over reliable transports: no reordering, no reset.

use coap::{Code, Event, FailureReason, Request, RequestOptions, Response, StreamMessage, Token};

use crate::support::stream::{StreamBench, stream_message};

/// A connection with one observation of ours.
fn observing() -> (StreamBench, Token) {
    let mut bench = StreamBench::connected(1152);
    let request = Request::get("/3303/0/5700").observing();
    bench
        .endpoint
        .request(bench.now, 0, request, RequestOptions::default())
        .expect("it is taken");
    let sent = bench.sent_one();
    assert_eq!(sent.options.observe(), Some(0));
    bench.receive(&state(sent.token, 5, b"1"));
    let Event::Response {
        observation: Some(token),
        ..
    } = bench.event()
    else {
        panic!("it is not observed")
    };
    assert_eq!(token, sent.token);
    (bench, token)
}

fn state(token: Token, sequence: u32, value: &[u8]) -> StreamMessage {
    let mut message = stream_message(Code::CONTENT, token);
    message.options.set_observe(Some(sequence));
    message.payload = value.to_vec();
    message
}

#[test]
fn notifications_are_taken_in_the_order_of_arrival_whatever_their_number() {
    let (mut bench, token) = observing();
    for (sequence, value) in [(0, b"2"), (9, b"3"), (2, b"4"), (2, b"5")] {
        bench.receive(&state(token, sequence, value));
        let Event::Notification { response, .. } = bench.event() else {
            panic!("it was not taken")
        };
        assert_eq!(response.payload, value);
    }
    assert!(bench.sent().is_empty(), "nothing is acknowledged");
}

#[test]
fn an_observation_is_ended_by_a_request_with_its_token() {
    let (mut bench, token) = observing();
    bench
        .endpoint
        .cancel_observation(bench.now, 0, token, RequestOptions::default())
        .unwrap();
    let sent = bench.sent_one();
    assert_eq!((sent.token, sent.options.observe()), (token, Some(1)));
    bench.receive(&state(token, 6, b"crossing"));
    assert!(bench.events().is_empty(), "a crossing notification is dropped");
    bench.receive(&stream_message(Code::CONTENT, token));
    assert!(matches!(bench.event(), Event::Response { .. }));
}

#[test]
fn forgetting_an_observation_tells_the_peer_in_silence() {
    let (mut bench, token) = observing();
    assert!(bench.endpoint.forget_observation(bench.now, 0, token));
    let sent = bench.sent_one();
    assert_eq!((sent.token, sent.options.observe()), (token, Some(1)));
    bench.receive(&stream_message(Code::CONTENT, token));
    assert!(bench.events().is_empty() && bench.endpoint.is_idle(0));
}

#[test]
fn observations_end_with_the_connection() {
    let (mut bench, _) = observing();
    bench.endpoint.disconnected(bench.now, 0);
    assert!(bench.events().is_empty());
    bench.endpoint.connected(bench.now, 0);
    assert_eq!(bench.endpoint.observations(0).count(), 0);
}

#[test]
fn an_observer_is_notified_and_leaves_by_a_request() {
    let mut bench = StreamBench::connected(1152);
    let token = Token::from([5; 8]);
    let ask = |bench: &mut StreamBench, observe| {
        let mut message = stream_message(Code::GET, token);
        message.options.set_path("/3303/0/5700");
        message.options.set_observe(Some(observe));
        bench.receive(&message);
        let Event::Request { id, .. } = bench.event() else {
            panic!()
        };
        let response = Response::new(Code::CONTENT);
        let response = if observe == 0 {
            response.observed()
        } else {
            response
        };
        bench.endpoint.respond(bench.now, id, response);
        bench.sent_one().options.observe()
    };
    assert!(ask(&mut bench, 0).is_some());
    for confirmable in [false, true] {
        let state = Response::new(Code::CONTENT).with_payload(0, "2");
        let id = bench.endpoint.notify(bench.now, 0, token, state, confirmable);
        let sent = bench.sent_one();
        assert_eq!((sent.token, sent.options.observe().is_some()), (token, true));
        let expect = Event::NotificationAcknowledged { id, peer: 0, token };
        assert_eq!(bench.events().pop(), confirmable.then_some(expect));
    }
    assert_eq!(ask(&mut bench, 1), None);
}

#[test]
fn a_request_whose_connection_breaks_fails_with_it() {
    let mut bench = StreamBench::connected(1152);
    let request = Request::get("/3303/0/5700").observing();
    bench
        .endpoint
        .request(bench.now, 0, request, RequestOptions::default())
        .unwrap();
    bench.endpoint.disconnected(bench.now, 0);
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::Disconnected,
            ..
        }
    ));
}
