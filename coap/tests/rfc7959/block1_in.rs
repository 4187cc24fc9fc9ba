//! Request bodies that come in blocks: §2.5, §2.9.

use std::time::Duration;

use coap::{Block, BlockSize, Code, Config, Event, Kind, Message, Refusal, Response, Token, number};

use crate::support::{Bench, body, message};

const SIZE: usize = 64;

fn block(path: &str, number: u32, whole: &[u8]) -> Message {
    let mut request = message(Kind::Confirmable, Code::POST, 0, Token::from([1; 8]));
    request.options.set_path(path);
    let start = number as usize * SIZE;
    let end = whole.len().min(start + SIZE);
    let block = Block {
        number,
        more: end < whole.len(),
        size: BlockSize::at_most(SIZE),
    };
    request.options.set_uint(number::BLOCK1, block.encode());
    request.payload = whole[start..end].to_vec();
    request
}

/// Sends messages with fresh IDs; the codes of the answers that come at once.
fn codes(bench: &mut Bench, messages: Vec<Message>) -> Vec<Code> {
    let mut codes = Vec::new();
    for (id, message) in messages.into_iter().enumerate() {
        bench.receive(&Message {
            message_id: id as u16,
            ..message
        });
        codes.extend(bench.sent().iter().map(|answer| answer.code));
    }
    codes
}

#[test]
fn a_body_is_given_to_the_application_when_it_is_whole() {
    let mut bench = Bench::new();
    let whole = body(150);
    let blocks = (0..3).map(|number| block("/rd", number, &whole)).collect();
    assert_eq!(codes(&mut bench, blocks), [Code::CONTINUE, Code::CONTINUE]);
    let Event::Request { id, request, .. } = bench.event() else {
        panic!()
    };
    assert!(request.payload == whole && request.options.block1().is_none());
    bench
        .endpoint
        .respond(bench.now, id, Response::new(Code::CREATED));
    let answer = bench.sent_one();
    assert_eq!(
        answer.options.block1().map(|block| block.to_string()).as_deref(),
        Some("2/0/64")
    );
    assert_eq!(bench.endpoint.usage().reassembly_bytes, 0);
}

#[test]
fn blocks_of_two_bodies_may_be_mixed() {
    let mut bench = Bench::new();
    let (a, b) = (body(100), body(120));
    let blocks = vec![
        block("/a", 0, &a),
        block("/b", 0, &b),
        block("/a", 1, &a),
        block("/b", 1, &b),
    ];
    codes(&mut bench, blocks);
    let bodies: Vec<_> = bench
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Request { request, .. } => request.payload,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(bodies == [a, b]);
}

#[test]
fn a_block_out_of_order_is_refused_and_the_transfer_begins_again() {
    let mut bench = Bench::new();
    let whole = body(200);
    let numbers = [1, 0, 2, 0, 1, 2, 3];
    let blocks = numbers
        .iter()
        .map(|number| block("/rd", *number, &whole))
        .collect();
    let incomplete = Code::REQUEST_ENTITY_INCOMPLETE;
    let expect = [
        incomplete,
        Code::CONTINUE,
        incomplete,
        Code::CONTINUE,
        Code::CONTINUE,
        Code::CONTINUE,
    ];
    assert_eq!(codes(&mut bench, blocks), expect);
    let events = bench.events();
    assert!(matches!(events.last(), Some(Event::Request { request, .. }) if request.payload == whole));
    assert!(matches!(
        events[0],
        Event::Malformed {
            reason: Refusal::BlockOutOfOrder,
            ..
        }
    ));
}

#[test]
fn a_block_that_comes_again_as_a_new_message_is_confirmed_again() {
    let mut bench = Bench::new();
    let whole = body(150);
    let blocks = [0, 1, 1, 2]
        .iter()
        .map(|number| block("/rd", *number, &whole))
        .collect();
    assert_eq!(codes(&mut bench, blocks), [Code::CONTINUE; 3]);
    assert!(matches!(bench.event(), Event::Request { request, .. } if request.payload == whole));
}

#[test]
fn a_body_that_is_too_large_is_refused_with_the_limit() {
    let config = Config {
        max_body_size: 100,
        ..Config::default()
    };
    let mut bench = Bench::with_config(config.clone());
    let mut announced = block("/rd", 0, &body(150));
    announced.options.set_uint(number::SIZE1, 150);
    bench.receive(&announced);
    let answer = bench.sent_one();
    assert_eq!(
        (answer.code, answer.options.size1()),
        (Code::REQUEST_ENTITY_TOO_LARGE, Some(100))
    );

    let mut bench = Bench::with_config(config);
    let whole = body(150);
    let blocks = (0..2).map(|number| block("/rd", number, &whole)).collect();
    assert_eq!(
        codes(&mut bench, blocks),
        [Code::CONTINUE, Code::REQUEST_ENTITY_TOO_LARGE]
    );
    assert_eq!(bench.endpoint.usage().reassembly_bytes, 0);
}

#[test]
fn memory_for_bodies_is_bounded_and_given_back() {
    let mut bench = Bench::with_config(Config {
        max_reassembly_bytes: 100,
        ..Config::default()
    });
    let whole = body(150);
    let blocks = vec![block("/a", 0, &whole), block("/b", 0, &whole)];
    assert_eq!(
        codes(&mut bench, blocks),
        [Code::CONTINUE, Code::SERVICE_UNAVAILABLE]
    );
    bench.after(Duration::from_secs(250));
    assert_eq!(bench.endpoint.usage().reassembly_bytes, 0);
    assert_eq!(codes(&mut bench, vec![block("/b", 0, &whole)]), [Code::CONTINUE]);
}

#[test]
fn a_block_that_is_not_as_long_as_it_says_is_refused() {
    let mut bench = Bench::new();
    let mut short = block("/rd", 0, &body(150));
    short.payload.pop();
    assert_eq!(codes(&mut bench, vec![short]), [Code::BAD_REQUEST]);
    assert_eq!(
        bench.event(),
        Event::Malformed {
            peer: 0,
            reason: Refusal::BlockLength
        }
    );
}

#[test]
fn a_smaller_size_is_asked_of_the_peer() {
    let mut bench = Bench::new();
    let parameters = coap::Parameters {
        max_block_size: BlockSize::MIN,
        ..coap::Parameters::default()
    };
    bench.endpoint.set_parameters(0, parameters);
    bench.receive(&block("/rd", 0, &body(150)));
    assert_eq!(
        bench.sent_one().options.block1().map(|block| block.size),
        Some(BlockSize::MIN)
    );
}

/// RFC 9175 §3.2: blocks with another Request-Tag are of another body.
#[test]
fn bodies_with_different_request_tags_are_kept_apart() {
    let mut bench = Bench::new();
    let bodies = [body(150), body(140)];
    let tagged = |which: usize, number: u32| {
        let mut block = block("/dp", number, &bodies[which]);
        block.options.add(number::REQUEST_TAG, &[which as u8]);
        block
    };
    let blocks = (0..3)
        .flat_map(|number| [tagged(0, number), tagged(1, number)])
        .collect();
    assert_eq!(codes(&mut bench, blocks), [Code::CONTINUE; 4]);
    for whole in &bodies {
        let Some(Event::Request { request, .. }) = bench.endpoint.poll_event() else {
            panic!()
        };
        assert!(request.payload == *whole);
    }
}
