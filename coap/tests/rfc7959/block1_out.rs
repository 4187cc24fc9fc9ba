//! Request bodies that go out in blocks: §2.3, §2.9.

use coap::{Block, BlockSize, Code, Event, FailureReason, Kind, Message, Request, RequestOptions, number};

use crate::support::{Bench, body, message};

fn uploading(length: usize) -> Bench {
    let mut bench = Bench::new();
    let request = Request::put("/5/0/0").with_payload(42, body(length));
    bench
        .endpoint
        .request(bench.now, 0, request, RequestOptions::default())
        .expect("it is taken");
    bench
}

/// Answers the message in flight; what it said of its block.
fn answer(bench: &mut Bench, code: Code, block: Option<Block>) -> (String, Vec<u8>) {
    let sent = bench.sent_one();
    let mut answer = message(Kind::Acknowledgement, code, sent.message_id, sent.token);
    if let Some(block) = block.or(sent.options.block1()) {
        answer.options.set_uint(number::BLOCK1, block.encode());
    }
    bench.receive(&answer);
    (
        sent.options
            .block1()
            .map_or(String::new(), |block| block.to_string()),
        sent.payload,
    )
}

#[test]
fn a_large_body_goes_out_in_blocks_with_its_size() {
    let mut bench = uploading(2500);
    let mut whole = Vec::new();
    for (code, expect) in [
        (Code::CONTINUE, "0/1/1024"),
        (Code::CONTINUE, "1/1/1024"),
        (Code::CHANGED, "2/0/1024"),
    ] {
        let (block, payload) = answer(&mut bench, code, None);
        assert_eq!(block, expect);
        whole.extend(payload);
    }
    assert!(whole == body(2500));
    assert!(matches!(bench.event(), Event::Response { response, .. } if response.code == Code::CHANGED));
    let mut bench = uploading(2500);
    assert_eq!(bench.sent_one().options.size1(), Some(2500));
}

#[test]
fn a_smaller_size_is_adopted_after_the_first_block() {
    let mut bench = uploading(2048);
    let smaller = Block {
        number: 0,
        more: true,
        size: BlockSize::at_most(256),
    };
    assert_eq!(answer(&mut bench, Code::CONTINUE, Some(smaller)).0, "0/1/1024");
    for number in 4..8 {
        let expect = format!("{number}/{}/256", u8::from(number < 7));
        let code = if number < 7 { Code::CONTINUE } else { Code::CHANGED };
        assert_eq!(answer(&mut bench, code, None).0, expect);
    }
    assert!(matches!(bench.event(), Event::Response { .. }));
}

#[test]
fn a_transfer_that_the_peer_lost_begins_again_once() {
    let mut bench = uploading(2048);
    answer(&mut bench, Code::CONTINUE, None);
    answer(&mut bench, Code::REQUEST_ENTITY_INCOMPLETE, None);
    assert_eq!(answer(&mut bench, Code::CONTINUE, None).0, "0/1/1024");
    answer(&mut bench, Code::REQUEST_ENTITY_INCOMPLETE, None);
    let event = bench.event();
    assert!(
        matches!(event, Event::Response { response, .. } if response.code == Code::REQUEST_ENTITY_INCOMPLETE)
    );
}

#[test]
fn blocks_that_are_too_large_are_made_smaller() {
    let mut bench = uploading(1000);
    let hint = Block {
        number: 0,
        more: false,
        size: BlockSize::at_most(512),
    };
    assert_eq!(
        answer(&mut bench, Code::REQUEST_ENTITY_TOO_LARGE, Some(hint)).0,
        ""
    );
    assert_eq!(
        answer(&mut bench, Code::REQUEST_ENTITY_TOO_LARGE, None).0,
        "0/1/512"
    );
    assert_eq!(answer(&mut bench, Code::CONTINUE, None).0, "0/1/256");
}

#[test]
fn a_body_that_is_too_large_is_not_tried_smaller() {
    let mut bench = uploading(3000);
    let sent = bench.sent_one();
    let mut refusal = message(
        Kind::Acknowledgement,
        Code::REQUEST_ENTITY_TOO_LARGE,
        sent.message_id,
        sent.token,
    );
    refusal.options.set_uint(number::SIZE1, 2048);
    bench.receive(&refusal);
    assert!(
        matches!(bench.event(), Event::Response { response, .. } if response.options.size1() == Some(2048))
    );
}

#[test]
fn answers_that_do_not_fit_are_failures() {
    for (code, block, words) in [
        (
            Code::CHANGED,
            Some(Block {
                number: 9,
                more: true,
                size: BlockSize::MAX,
            }),
            "another block",
        ),
        (
            Code::CONTINUE,
            Some(Block {
                number: 9,
                more: true,
                size: BlockSize::MAX,
            }),
            "another block",
        ),
    ] {
        let mut bench = uploading(3000);
        answer(&mut bench, code, block);
        let Event::Failed {
            reason: reason @ FailureReason::Blocks(_),
            ..
        } = bench.event()
        else {
            panic!()
        };
        assert!(reason.to_string().contains(words), "{reason}");
    }
    let mut bench = uploading(3000);
    let sent = bench.sent_one();
    bench.receive(&message(
        Kind::Acknowledgement,
        Code::CHANGED,
        sent.message_id,
        sent.token,
    ));
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::Blocks(_),
            ..
        }
    ));
}

#[test]
fn every_block_has_its_own_token_and_is_matched_by_it() {
    let mut bench = uploading(3000);
    let first = bench.sent_one();
    let mut reply = message(
        Kind::Acknowledgement,
        Code::CONTINUE,
        first.message_id,
        first.token,
    );
    reply
        .options
        .set_uint(number::BLOCK1, first.options.block1().map_or(0, Block::encode));
    bench.receive(&reply);
    let second = bench.sent_one();
    assert_ne!(first.token, second.token);
    bench.receive(&Message {
        kind: Kind::NonConfirmable,
        message_id: 1,
        ..reply
    });
    assert!(bench.sent().is_empty() && bench.events().is_empty());
}
