//! Response bodies that come in blocks: §2.4, §2.6.

use coap::{
    Block, BlockSize, Code, Config, Event, FailureReason, Kind, Message, Request, RequestOptions, number,
};

use crate::support::{Bench, body, message};

fn asking(config: Config, request: Request) -> Bench {
    let mut bench = Bench::with_config(config);
    bench
        .endpoint
        .request(bench.now, 0, request, RequestOptions::default())
        .expect("it is taken");
    bench
}

/// Answers the message in flight with a block of a body.
fn serve(bench: &mut Bench, whole: &[u8], block: Block, etag: &[u8]) -> Message {
    let sent = bench.sent_one();
    let mut answer = message(Kind::Acknowledgement, Code::CONTENT, sent.message_id, sent.token);
    let start = block.offset();
    let end = whole.len().min(start + block.size.bytes());
    answer.payload = whole[start..end].to_vec();
    answer.options.set_uint(
        number::BLOCK2,
        Block {
            more: end < whole.len(),
            ..block
        }
        .encode(),
    );
    answer.options.set_etag(etag);
    bench.receive(&answer);
    sent
}

fn block(number: u32, size: usize) -> Block {
    Block {
        number,
        more: false,
        size: BlockSize::at_most(size),
    }
}

#[test]
fn the_blocks_of_a_body_are_fetched() {
    let mut bench = asking(Config::default(), Request::get("/3").with_accept(11542));
    let whole = body(300);
    for number in 0..3 {
        let sent = serve(&mut bench, &whole, block(number, 128), b"a");
        assert_eq!(
            (sent.options.path(), sent.options.accept()),
            ("/3".to_owned(), Some(11542))
        );
        let asked = sent.options.block2().map(|block| block.to_string());
        assert_eq!(asked, (number > 0).then(|| format!("{number}/0/128")));
    }
    let Event::Response { response, .. } = bench.event() else {
        panic!()
    };
    assert!(response.payload == whole && response.options.block2().is_none());
    assert_eq!(bench.endpoint.usage().reassembly_bytes, 0);
}

#[test]
fn a_body_that_changes_is_fetched_again_once() {
    let mut bench = asking(Config::default(), Request::get("/3"));
    let whole = body(300);
    serve(&mut bench, &whole, block(0, 128), b"a");
    serve(&mut bench, &whole, block(1, 128), b"b");
    let again = serve(&mut bench, &whole, block(0, 128), b"b");
    assert_eq!(again.options.block2().map(|block| block.number), Some(0));
    serve(&mut bench, &whole, block(1, 128), b"c");
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::BodyChanged,
            ..
        }
    ));
    assert_eq!(bench.endpoint.usage().reassembly_bytes, 0);
}

#[test]
fn a_body_that_changes_once_comes_whole() {
    let mut bench = asking(Config::default(), Request::get("/3"));
    let (old, new) = (body(300), body(200));
    serve(&mut bench, &old, block(0, 128), b"a");
    serve(&mut bench, &new, block(1, 128), b"b");
    serve(&mut bench, &new, block(0, 128), b"b");
    serve(&mut bench, &new, block(1, 128), b"b");
    assert!(matches!(bench.event(), Event::Response { response, .. } if response.payload == new));
}

#[test]
fn a_body_that_is_too_large_is_given_up() {
    let mut bench = asking(
        Config {
            max_body_size: 200,
            ..Config::default()
        },
        Request::get("/3"),
    );
    let whole = body(300);
    serve(&mut bench, &whole, block(0, 128), b"a");
    serve(&mut bench, &whole, block(1, 128), b"a");
    assert!(matches!(
        bench.event(),
        Event::Failed {
            reason: FailureReason::BodyTooLarge,
            ..
        }
    ));
    assert_eq!(bench.endpoint.usage().reassembly_bytes, 0);
}

#[test]
fn blocks_that_do_not_fit_are_failures() {
    let whole = body(600);
    for (first, second) in [(block(1, 128), None), (block(0, 128), Some(block(2, 128)))] {
        let mut bench = asking(Config::default(), Request::get("/3"));
        serve(&mut bench, &whole, first, b"a");
        if let Some(second) = second {
            serve(&mut bench, &whole, second, b"a");
        }
        assert!(matches!(
            bench.event(),
            Event::Failed {
                reason: FailureReason::Blocks(_),
                ..
            }
        ));
    }
}

#[test]
fn a_peer_for_which_large_blocks_are_too_much_is_asked_for_small_ones() {
    let mut bench = Bench::new();
    let parameters = coap::Parameters {
        max_block_size: BlockSize::at_most(64),
        ..coap::Parameters::default()
    };
    bench.endpoint.set_parameters(0, parameters);
    bench
        .endpoint
        .request(bench.now, 0, Request::get("/3"), RequestOptions::default())
        .unwrap();
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
fn a_fetch_repeats_its_body_for_every_block() {
    let mut request = Request::new(Code::FETCH, "/").with_payload(112, b"paths".to_vec());
    request.options.set_accept(Some(112));
    let mut bench = asking(Config::default(), request);
    let whole = body(200);
    serve(&mut bench, &whole, block(0, 128), b"a");
    assert_eq!(bench.sent_one().payload, b"paths");
}
