//! §5.5 Release.

use coap::stream::signal;
use coap::{ClosingReason, Code, Event, FailureReason, Request, RequestOptions, Response, Token};

use crate::support::stream::{StreamBench, stream_message};

#[test]
fn a_released_connection_ends_when_what_was_begun_has_ended() {
    let mut bench = StreamBench::connected(1152);
    bench.receive(&stream_message(Code::GET, Token::from([1; 8])));
    let Event::Request { id, .. } = bench.event() else {
        panic!()
    };
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/3"), RequestOptions::default())
        .unwrap();
    let asked = bench.sent_one();
    let mut release = stream_message(Code::RELEASE, Token::EMPTY);
    release
        .options
        .add(signal::ALTERNATIVE_ADDRESS, b"192.0.2.1:5683");
    release.options.add_uint(signal::HOLD_OFF, 10);
    bench.receive(&release);
    assert!(bench.events().is_empty());
    bench
        .endpoint
        .respond(bench.now, id, Response::new(Code::CONTENT));
    assert_eq!(bench.sent_one().code, Code::CONTENT);
    bench.receive(&stream_message(Code::CONTENT, asked.token));
    let events = bench.events();
    assert!(matches!(events[0], Event::Response { .. }));
    assert_eq!(
        events[1],
        Event::Closing {
            peer: 0,
            reason: ClosingReason::Released
        }
    );
}

/// How the stream is cut must not matter: nothing of the connection is in flight, so the Release ends it there.
#[test]
fn what_comes_behind_the_release_that_ends_a_connection_is_not_read() {
    for together in [true, false] {
        let mut bench = StreamBench::connected(1152);
        let release = stream_message(Code::RELEASE, Token::EMPTY).encode();
        let request = stream_message(Code::GET, Token::from([1; 8])).encode();
        if together {
            let bytes = [release, request].concat();
            bench.endpoint.handle_stream(bench.now, 0, &bytes);
        } else {
            bench.endpoint.handle_stream(bench.now, 0, &release);
            bench.endpoint.handle_stream(bench.now, 0, &request);
        }
        let reason = ClosingReason::Released;
        assert_eq!(bench.event(), Event::Closing { peer: 0, reason });
    }
}

#[test]
fn our_release_is_said_once_and_gives_waiting_requests_back() {
    let mut bench = StreamBench::connected(1152);
    for _ in 0..9 {
        bench
            .endpoint
            .request(bench.now, 0, Request::get("/3"), RequestOptions::default())
            .unwrap();
    }
    assert_eq!(bench.sent().len(), 8);
    bench.endpoint.release(bench.now, 0);
    bench.endpoint.release(bench.now, 0);
    assert_eq!(bench.sent_one().code, Code::RELEASE);
    let reason = FailureReason::Disconnected;
    assert!(matches!(bench.event(), Event::Failed { reason: failed, .. } if failed == reason));
}

#[test]
fn an_idle_connection_ends_at_once() {
    let mut bench = StreamBench::connected(1152);
    bench.endpoint.release(bench.now, 0);
    assert_eq!(bench.sent_one().code, Code::RELEASE);
    assert_eq!(
        bench.event(),
        Event::Closing {
            peer: 0,
            reason: ClosingReason::Released
        }
    );
}
