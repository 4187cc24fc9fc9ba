//! Response bodies that go out in blocks: §2.4, §2.6.

use std::time::Duration;

use coap::{Block, BlockSize, Code, Config, Event, Kind, Message, Response, Token, number};

use crate::support::{Bench, body, message};

fn get(message_id: u16, block2: Option<Block>) -> Message {
    let mut request = message(
        Kind::Confirmable,
        Code::GET,
        message_id,
        Token::from([message_id as u8; 8]),
    );
    request.options.set_path("/fw");
    if let Some(block) = block2 {
        request.options.set_uint(number::BLOCK2, block.encode());
    }
    request
}

fn block(number: u32, size: usize) -> Block {
    Block {
        number,
        more: false,
        size: BlockSize::at_most(size),
    }
}

/// Answers all requests with the body; how many there were.
fn serve(bench: &mut Bench, whole: &[u8]) -> usize {
    let events = bench.events();
    for event in &events {
        let Event::Request { id, .. } = event else {
            panic!("{event:?}")
        };
        bench.endpoint.respond(
            bench.now,
            *id,
            Response::new(Code::CONTENT).with_payload(42, whole),
        );
    }
    events.len()
}

#[test]
fn a_large_body_is_served_from_what_was_answered_once() {
    for size in [16, 64, 1024] {
        let mut bench = Bench::new();
        let whole = body(3000);
        let mut got = Vec::new();
        let (mut number, mut served) = (0, 0);
        loop {
            bench.receive(&get(number as u16, Some(block(number, size))));
            served += serve(&mut bench, &whole);
            let answer = bench.sent_one();
            got.extend_from_slice(&answer.payload);
            assert!(answer.options.etag().is_some());
            if !answer.options.block2().is_some_and(|block| block.more) {
                break;
            }
            number += 1;
        }
        assert!(got == whole);
        assert_eq!(served, 1, "the application is asked once");
    }
}

#[test]
fn without_a_block_option_large_bodies_begin_with_the_largest_block() {
    let mut bench = Bench::new();
    bench.receive(&get(1, None));
    serve(&mut bench, &body(3000));
    let answer = bench.sent_one();
    assert_eq!(
        answer.options.block2().map(|block| block.to_string()).as_deref(),
        Some("0/1/1024")
    );
    assert_eq!(answer.options.size2(), Some(3000));
}

#[test]
fn a_small_body_is_marked_as_the_only_block_if_blocks_were_asked_for() {
    let mut bench = Bench::new();
    bench.receive(&get(1, Some(block(0, 64))));
    serve(&mut bench, &body(30));
    assert_eq!(
        bench
            .sent_one()
            .options
            .block2()
            .map(|block| block.to_string())
            .as_deref(),
        Some("0/0/64")
    );
}

#[test]
fn a_body_that_is_not_held_any_more_is_asked_of_the_application() {
    let mut bench = Bench::with_config(Config {
        served_lifetime: Duration::from_secs(10),
        ..Config::default()
    });
    let whole = body(3000);
    bench.receive(&get(1, None));
    serve(&mut bench, &whole);
    let first = bench.sent_one();
    bench.after(Duration::from_secs(11));
    assert_eq!(bench.endpoint.usage().served_bytes, 0);
    bench.receive(&get(2, Some(block(1, 1024))));
    assert_eq!(serve(&mut bench, &whole), 1);
    let second = bench.sent_one();
    assert!(second.payload == whole[1024..2048]);
    assert_eq!(
        first.options.etag(),
        second.options.etag(),
        "the same body has the same tag"
    );
}

#[test]
fn a_change_is_not_made_again_for_a_block_that_is_not_held_any_more() {
    let mut bench = Bench::new();
    let request = Message {
        code: Code::POST,
        ..get(1, Some(block(1, 64)))
    };
    bench.receive(&request);
    assert_eq!(bench.sent_one().code, Code::REQUEST_ENTITY_INCOMPLETE);
}

#[test]
fn a_block_behind_the_end_is_refused() {
    let mut bench = Bench::new();
    bench.receive(&get(1, None));
    serve(&mut bench, &body(3000));
    bench.sent_one();
    bench.receive(&get(2, Some(block(3, 1024))));
    assert_eq!(bench.sent_one().code, Code::BAD_REQUEST);
}

#[test]
fn memory_for_served_bodies_is_bounded() {
    let mut bench = Bench::with_config(Config {
        max_served_bytes: 4000,
        ..Config::default()
    });
    for peer in 0..5 {
        bench
            .endpoint
            .handle_datagram(bench.now, peer, &get(1, None).encode());
        serve(&mut bench, &body(3000));
    }
    assert_eq!(bench.endpoint.usage().served_bytes, 3000);
    bench.after(Duration::from_secs(250));
    assert_eq!(bench.endpoint.usage(), coap::Usage::default());
}
