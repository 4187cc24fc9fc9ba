//! §5.3 capabilities and settings.

use std::time::Duration;

use coap::stream::signal;
use coap::{ClosingReason, Code, Config, Event, Request, RequestOptions, StreamMessage, Token};

use crate::support::stream::{StreamBench, csm, stream_message};

fn closing(reason: ClosingReason) -> Event<u8> {
    Event::Closing { peer: 0, reason }
}

#[test]
fn the_first_message_of_this_end_is_a_csm() {
    let first = StreamBench::fresh(Config::default()).sent_one();
    assert_eq!(first.code, Code::CSM);
    assert_eq!(first.options.uint(signal::MAX_MESSAGE_SIZE), Some(65_536));
    assert!(first.options.contains(signal::BLOCK_WISE_TRANSFER));
}

#[test]
fn a_peer_that_says_something_else_first_is_aborted() {
    for code in [Code::GET, Code::CONTENT, Code::EMPTY, Code::PING, Code::PONG] {
        let mut bench = StreamBench::fresh(Config::default());
        bench.sent();
        bench.receive(&StreamMessage::new(code));
        assert_eq!(bench.sent_one().code, Code::ABORT);
        assert_eq!(bench.event(), closing(ClosingReason::CsmNotFirst(code)));
    }
}

#[test]
fn a_peer_that_says_nothing_is_aborted() {
    let mut bench = StreamBench::fresh(Config::default());
    bench.sent();
    bench.after(Duration::from_secs(9));
    assert!(bench.events().is_empty());
    bench.after(Duration::from_secs(1));
    assert_eq!(bench.sent_one().code, Code::ABORT);
    assert_eq!(bench.event(), closing(ClosingReason::CsmMissing));
}

#[test]
fn requests_wait_for_the_csm_of_the_peer() {
    let mut bench = StreamBench::fresh(Config::default());
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/3"), RequestOptions::default())
        .unwrap();
    assert_eq!(bench.sent_one().code, Code::CSM);
    bench.receive(&csm(None, false));
    assert_eq!(bench.sent_one().code, Code::GET);
}

#[test]
fn an_option_that_is_critical_and_unknown_is_named_in_the_abort() {
    let mut bench = StreamBench::fresh(Config::default());
    bench.sent();
    let mut message = csm(Some(2000), true);
    message.options.add(7, &[1]);
    bench.receive(&message);
    let abort = bench.sent_one();
    assert_eq!(
        (abort.code, abort.options.uint(signal::BAD_CSM_OPTION)),
        (Code::ABORT, Some(7))
    );
    assert_eq!(bench.event(), closing(ClosingReason::BadCsmOption(7)));
}

#[test]
fn an_elective_option_that_is_unknown_is_ignored() {
    let mut bench = StreamBench::fresh(Config::default());
    bench.sent();
    let mut message = csm(Some(2000), true);
    message.options.add(8, &[1]);
    bench.receive(&message);
    assert!(bench.sent().is_empty() && bench.events().is_empty());
}

#[test]
fn a_later_csm_changes_what_it_mentions() {
    let mut bench = StreamBench::connected(1152);
    let body = vec![1; 3000];
    let ask = |bench: &mut StreamBench| {
        let request = Request::put("/5/0/0").with_payload(42, body.clone());
        bench
            .endpoint
            .request(bench.now, 0, request, RequestOptions::default())
            .unwrap();
        let sent = bench.sent_one();
        bench.receive(&stream_message(Code::CHANGED, sent.token));
        sent.options.block1().map(|block| block.to_string())
    };
    assert_eq!(ask(&mut bench).as_deref(), Some("0/1/1024"));
    bench.receive(&csm(Some(2500), false));
    assert_eq!(ask(&mut bench).as_deref(), Some("0/1/BERT"));
    bench.receive(&csm(Some(4000), false));
    assert_eq!(ask(&mut bench), None, "it fits in one message");
}

#[test]
fn no_message_is_larger_than_the_peer_takes() {
    for limit in [200, 700, 1152, 1153, 3000] {
        for block_wise in [false, true] {
            let mut bench = StreamBench::fresh(Config::default());
            bench.receive(&csm(Some(limit), block_wise));
            bench.sent();
            let request = Request::put("/5/0/0").with_payload(42, vec![1; 2500]);
            bench
                .endpoint
                .request(bench.now, 0, request, RequestOptions::default())
                .unwrap();
            let length = bench.sent_one().encode().len();
            assert!(length <= limit as usize, "{length} > {limit}");
        }
    }
}

#[test]
fn a_signalling_message_with_a_critical_option_or_an_unknown_code_ends_the_connection() {
    let mut bench = StreamBench::connected(1152);
    let mut ping = stream_message(Code::PING, Token::EMPTY);
    ping.options.add(3, &[]);
    bench.receive(&ping);
    assert_eq!(bench.sent_one().code, Code::ABORT);
    let reason = ClosingReason::SignalOption {
        code: Code::PING,
        number: 3,
    };
    assert_eq!(bench.event(), closing(reason));

    let mut bench = StreamBench::connected(1152);
    bench.receive(&StreamMessage::new(Code::new(7, 9)));
    assert_eq!(
        bench.event(),
        closing(ClosingReason::UnknownSignal(Code::new(7, 9)))
    );
}
