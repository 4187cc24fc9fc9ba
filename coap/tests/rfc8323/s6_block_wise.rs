//! §6 block-wise transfers over reliable transports: BERT.

use coap::{Block, BlockSize, Code, Event, Request, RequestOptions, Response, Token, number};

use crate::support::body;
use crate::support::stream::{StreamBench, stream_message};

fn bert(number: u32, more: bool) -> u32 {
    Block {
        number,
        more,
        size: BlockSize::BERT,
    }
    .encode()
}

#[test]
fn a_request_body_goes_in_messages_of_several_blocks() {
    let mut bench = StreamBench::connected(4000);
    let whole = body(10_000);
    let request = Request::put("/5/0/0").with_payload(42, whole.clone());
    bench
        .endpoint
        .request(bench.now, 0, request, RequestOptions::default())
        .unwrap();
    let mut got = Vec::new();
    for expect in ["0/1/BERT", "3/1/BERT", "6/1/BERT", "9/0/BERT"] {
        let sent = bench.sent_one();
        let block = sent.options.block1().unwrap();
        assert_eq!(block.to_string(), expect);
        got.extend(sent.payload);
        let code = if block.more { Code::CONTINUE } else { Code::CHANGED };
        let mut answer = stream_message(code, sent.token);
        answer.options.set_uint(number::BLOCK1, block.encode());
        bench.receive(&answer);
    }
    assert!(got == whole);
    assert!(matches!(bench.event(), Event::Response { response, .. } if response.code == Code::CHANGED));
}

#[test]
fn a_peer_that_answers_with_smaller_blocks_gets_them() {
    let mut bench = StreamBench::connected(4000);
    let request = Request::put("/5/0/0").with_payload(42, body(10_000));
    bench
        .endpoint
        .request(bench.now, 0, request, RequestOptions::default())
        .unwrap();
    let sent = bench.sent_one();
    let mut answer = stream_message(Code::CONTINUE, sent.token);
    let smaller = Block {
        number: 0,
        more: true,
        size: BlockSize::at_most(512),
    };
    answer.options.set_uint(number::BLOCK1, smaller.encode());
    bench.receive(&answer);
    let next = bench.sent_one();
    assert_eq!(next.options.block1().unwrap().to_string(), "6/1/512");
    assert_eq!(next.payload.len(), 512);
}

#[test]
fn a_request_body_comes_in_messages_of_several_blocks() {
    let mut bench = StreamBench::connected(1152);
    let whole = body(5000);
    for (at, more) in [(0, true), (3072, true), (4096, false)] {
        let mut message = stream_message(Code::POST, Token::from([1; 8]));
        message.options.set_path("/rd");
        message
            .options
            .set_uint(number::BLOCK1, bert(at as u32 / 1024, more));
        let end = [3072, 4096, 5000].into_iter().find(|end| *end > at).unwrap();
        message.payload = whole[at..end].to_vec();
        bench.receive(&message);
        if more {
            let answer = bench.sent_one();
            assert_eq!(answer.code, Code::CONTINUE);
            assert_eq!(
                answer.options.uint(number::BLOCK1),
                Some(bert(at as u32 / 1024, true))
            );
        }
    }
    let Event::Request { request, .. } = bench.event() else {
        panic!()
    };
    assert!(request.payload == whole);
}

#[test]
fn a_message_that_is_not_a_number_of_whole_blocks_is_refused() {
    let mut bench = StreamBench::connected(1152);
    let mut message = stream_message(Code::POST, Token::from([1; 8]));
    message.options.set_uint(number::BLOCK1, bert(0, true));
    message.payload = body(1500);
    bench.receive(&message);
    assert_eq!(bench.sent_one().code, Code::BAD_REQUEST);
}

#[test]
fn a_response_body_goes_in_messages_of_several_blocks() {
    let mut bench = StreamBench::connected(3500);
    let whole = body(9000);
    let mut got = Vec::new();
    for (number, expect) in [(None, "0/1/BERT"), (Some(3), "3/1/BERT"), (Some(6), "6/0/BERT")] {
        let mut message = stream_message(Code::GET, Token::from([1; 8]));
        message.options.set_path("/fw");
        if let Some(number) = number {
            message.options.set_uint(number::BLOCK2, bert(number, false));
        }
        bench.receive(&message);
        if let Some(Event::Request { id, .. }) = bench.events().pop() {
            let response = Response::new(Code::CONTENT).with_payload(42, whole.clone());
            bench.endpoint.respond(bench.now, id, response);
        }
        let answer = bench.sent_one();
        assert_eq!(answer.options.block2().unwrap().to_string(), expect);
        assert!(answer.encode().len() <= 3500);
        got.extend(answer.payload);
    }
    assert!(got == whole);
}

#[test]
fn a_response_body_comes_in_messages_of_several_blocks() {
    let mut bench = StreamBench::connected(4000);
    let whole = body(8000);
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/fw"), RequestOptions::default())
        .unwrap();
    for (at, end) in [(0, 3072), (3072, 7168), (7168, 8000)] {
        let sent = bench.sent_one();
        let asked = sent.options.block2();
        assert_eq!(
            asked.map(|block| (block.number, block.size)),
            (at > 0).then_some((at as u32 / 1024, BlockSize::BERT))
        );
        let mut answer = stream_message(Code::CONTENT, sent.token);
        answer
            .options
            .set_uint(number::BLOCK2, bert(at as u32 / 1024, end < 8000));
        answer.payload = whole[at..end].to_vec();
        bench.receive(&answer);
    }
    assert!(matches!(bench.event(), Event::Response { response, .. } if response.payload == whole));
}

#[test]
fn a_body_that_fits_in_one_message_goes_without_blocks() {
    let mut bench = StreamBench::connected(20_000);
    bench.receive(&stream_message(Code::GET, Token::from([1; 8])));
    let Event::Request { id, .. } = bench.event() else {
        panic!()
    };
    let response = Response::new(Code::CONTENT).with_payload(42, body(15_000));
    bench.endpoint.respond(bench.now, id, response);
    let answer = bench.sent_one();
    assert_eq!((answer.payload.len(), answer.options.block2()), (15_000, None));
}

#[test]
fn a_peer_that_asks_for_small_blocks_gets_them() {
    let mut bench = StreamBench::connected(20_000);
    let mut message = stream_message(Code::GET, Token::from([1; 8]));
    let asked = Block {
        number: 0,
        more: false,
        size: BlockSize::at_most(64),
    };
    message.options.set_uint(number::BLOCK2, asked.encode());
    bench.receive(&message);
    let Event::Request { id, .. } = bench.event() else {
        panic!()
    };
    let response = Response::new(Code::CONTENT).with_payload(42, body(1000));
    bench.endpoint.respond(bench.now, id, response);
    let answer = bench.sent_one();
    assert_eq!(answer.options.block2().unwrap().to_string(), "0/1/64");
    assert_eq!(answer.payload.len(), 64);
}
