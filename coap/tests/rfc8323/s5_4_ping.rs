//! §5.4 Ping and Pong, with Custody, and the keep-alive of §3.4.

use std::time::Duration;

use coap::stream::signal;
use coap::{ClosingReason, Code, Config, Event, RequestOptions, Response, StreamConfig, Token};

use crate::support::stream::{StreamBench, csm, stream_message};

#[test]
fn a_ping_is_answered_with_its_token() {
    let mut bench = StreamBench::connected(1152);
    bench.receive(&stream_message(Code::PING, Token::from([3; 8])));
    let pong = bench.sent_one();
    assert_eq!((pong.code, pong.token), (Code::PONG, Token::from([3; 8])));
    assert!(pong.options.is_empty());
}

#[test]
fn custody_is_confirmed_once_the_requests_before_are_answered() {
    let mut bench = StreamBench::connected(1152);
    let mut ping = stream_message(Code::PING, Token::from([3; 8]));
    ping.options.add(signal::CUSTODY, &[]);
    bench.receive(&ping);
    assert!(bench.sent_one().options.contains(signal::CUSTODY));

    bench.receive(&stream_message(Code::GET, Token::from([1; 8])));
    let Event::Request { id, .. } = bench.event() else {
        panic!()
    };
    bench.receive(&ping);
    assert!(bench.sent().is_empty());
    bench
        .endpoint
        .respond(bench.now, id, Response::new(Code::CONTENT));
    let sent = bench.sent();
    assert_eq!((sent[0].code, sent[1].code), (Code::CONTENT, Code::PONG));
    assert!(sent[1].options.contains(signal::CUSTODY));
}

#[test]
fn a_second_ping_for_custody_has_the_first_answered_without() {
    let mut bench = StreamBench::connected(1152);
    bench.receive(&stream_message(Code::GET, Token::from([1; 8])));
    for token in [3, 4] {
        let mut ping = stream_message(Code::PING, Token::from([token; 8]));
        ping.options.add(signal::CUSTODY, &[]);
        bench.receive(&ping);
    }
    let pong = bench.sent_one();
    assert_eq!((pong.token, pong.options.is_empty()), (Token::from([3; 8]), true));
}

#[test]
fn our_ping_ends_with_the_pong_or_in_time() {
    let mut bench = StreamBench::connected(1152);
    let id = bench
        .endpoint
        .ping(bench.now, 0, RequestOptions::default())
        .unwrap();
    let ping = bench.sent_one();
    assert_eq!(ping.code, Code::PING);
    bench.receive(&stream_message(Code::PONG, Token::from([0; 8])));
    assert!(bench.events().is_empty(), "a Pong to something else");
    bench.receive(&stream_message(Code::PONG, ping.token));
    assert!(matches!(bench.event(), Event::Pong { exchange, .. } if exchange == id));
    bench
        .endpoint
        .ping(bench.now, 0, RequestOptions::default())
        .unwrap();
    bench.after(Duration::from_secs(100));
    assert!(matches!(bench.event(), Event::Failed { .. }));
}

fn kept_alive() -> StreamBench {
    let mut bench = StreamBench::fresh(Config {
        stream: StreamConfig {
            keep_alive: Some(Duration::from_secs(60)),
            ..StreamConfig::default()
        },
        ..Config::default()
    });
    bench.receive(&csm(None, true));
    bench.sent();
    bench
}

#[test]
fn a_silent_peer_is_pinged_and_given_up_if_it_stays_silent() {
    let mut bench = kept_alive();
    bench.after(Duration::from_secs(59));
    bench.receive(&stream_message(Code::EMPTY, Token::EMPTY));
    bench.after(Duration::from_secs(59));
    assert!(bench.sent().is_empty(), "it was heard of");
    bench.after(Duration::from_secs(1));
    assert_eq!(bench.sent_one().code, Code::PING);
    bench.after(Duration::from_secs(29));
    assert!(bench.events().is_empty());
    bench.after(Duration::from_secs(1));
    assert_eq!(
        bench.event(),
        Event::Closing {
            peer: 0,
            reason: ClosingReason::Silent
        }
    );
}

#[test]
fn a_peer_that_answers_pings_stays() {
    let mut bench = kept_alive();
    for _ in 0..5 {
        bench.after(Duration::from_secs(60));
        let ping = bench.sent_one();
        bench.receive(&stream_message(Code::PONG, ping.token));
    }
    assert!(bench.events().is_empty());
}
