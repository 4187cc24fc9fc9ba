//! §5.4 options: critical and elective.

use coap::{Code, Event, FailureReason, Kind, Refusal, Request, RequestOptions, Token, number};

use crate::support::{Bench, message};

#[test]
fn a_critical_option_that_is_not_understood_is_refused() {
    for (number, value, code, refusal) in [
        (2049, &b"x"[..], Code::BAD_OPTION, Refusal::CriticalOption(2049)),
        (
            number::OSCORE,
            b"x",
            Code::BAD_OPTION,
            Refusal::CriticalOption(number::OSCORE),
        ),
        (
            number::ACCEPT,
            b"abc",
            Code::BAD_OPTION,
            Refusal::CriticalOption(number::ACCEPT),
        ),
        (
            number::URI_PATH,
            &[b'x'; 256],
            Code::BAD_OPTION,
            Refusal::CriticalOption(number::URI_PATH),
        ),
        (
            number::PROXY_URI,
            b"coap://a",
            Code::PROXYING_NOT_SUPPORTED,
            Refusal::Proxy,
        ),
        (number::BLOCK1, &[7], Code::BAD_REQUEST, Refusal::BlockSize),
        (
            number::BLOCK2,
            &[1, 2, 3, 4],
            Code::BAD_OPTION,
            Refusal::CriticalOption(number::BLOCK2),
        ),
    ] {
        let mut bench = Bench::new();
        let mut request = message(Kind::Confirmable, Code::POST, 1, Token::EMPTY);
        request.options.add(number, value);
        bench.receive(&request);
        let answer = bench.sent_one();
        assert_eq!(
            (answer.kind, answer.code, answer.message_id),
            (Kind::Acknowledgement, code, 1),
            "{number}"
        );
        assert_eq!(
            bench.event(),
            Event::Malformed {
                peer: 0,
                reason: refusal
            }
        );

        request.kind = Kind::NonConfirmable;
        request.message_id = 2;
        bench.receive(&request);
        assert!(bench.sent().is_empty(), "a non-confirmable one is ignored");
        assert!(matches!(bench.event(), Event::Malformed { .. }));
    }
}

#[test]
fn a_repeated_option_that_may_not_be_repeated_is_not_understood() {
    let mut bench = Bench::new();
    let mut request = message(Kind::Confirmable, Code::GET, 1, Token::EMPTY);
    request.options.add_uint(number::ACCEPT, 40);
    request.options.add_uint(number::ACCEPT, 60);
    bench.receive(&request);
    assert_eq!(bench.sent_one().code, Code::BAD_OPTION);
}

#[test]
fn an_elective_option_that_is_not_known_is_ignored() {
    let mut bench = Bench::new();
    let mut request = message(Kind::Confirmable, Code::GET, 1, Token::EMPTY);
    request.options.add(2048, b"whatever");
    bench.receive(&request);
    assert!(matches!(bench.event(), Event::Request { .. }));
}

#[test]
fn a_response_with_a_critical_option_that_is_not_understood_is_no_answer() {
    let mut bench = Bench::new();
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/"), RequestOptions::default())
        .unwrap();
    let sent = bench.sent_one();
    let mut answer = message(Kind::Acknowledgement, Code::CONTENT, sent.message_id, sent.token);
    answer.options.add(2049, b"");
    bench.receive(&answer);
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::CriticalOption(2049),
            ..
        }
    ));
}

#[test]
fn the_methods_of_rfc_8132_are_requests() {
    for code in [Code::FETCH, Code::PATCH, Code::IPATCH] {
        let mut bench = Bench::new();
        bench.receive(&message(Kind::Confirmable, code, 1, Token::EMPTY));
        assert!(matches!(bench.event(), Event::Request { request, .. } if request.code == code));
    }
}
