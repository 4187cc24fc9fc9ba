//! Two endpoints over a stream whose bytes arrive in pieces.

use coap::{Code, Config, Event, Request, RequestOptions, Response, StreamConfig};

use crate::support::body;
use crate::support::stream::StreamPair;

fn echo(pair: &mut StreamPair, length: usize) {
    let sent = body(length);
    let request = Request::post("/echo").with_payload(42, sent.clone());
    pair.client
        .request(pair.now, 0, request, RequestOptions::default())
        .expect("it is taken");
    let mut served = 0;
    let events = pair.run_serving(|request| {
        served += 1;
        assert!(request.payload == sent, "the request's body came whole");
        Response::new(Code::CHANGED).with_payload(42, request.payload.clone())
    });
    let [Event::Response { response, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert!(response.payload == sent, "the response's body came whole");
    assert_eq!(served, 1);
}

#[test]
fn bodies_come_whole_whatever_the_pieces_of_the_stream() {
    for piece in [1, 2, 3, 7, 100, usize::MAX] {
        let mut pair = StreamPair::new(piece);
        for length in [0, 1, 12, 13, 268, 269, 1024, 1025, 70_000, 200_000] {
            echo(&mut pair, length);
        }
    }
}

#[test]
fn bodies_come_whole_between_ends_of_any_size() {
    for (client, server) in [
        (1152, 1152),
        (1152, 9000),
        (9000, 1152),
        (3000, 5000),
        (1 << 20, 1 << 20),
    ] {
        let config = |max_message_size| Config {
            stream: StreamConfig {
                max_message_size,
                ..StreamConfig::default()
            },
            ..Config::default()
        };
        let mut pair = StreamPair::with_configs(1000, config(client), config(server));
        for length in [500, 1100, 3000, 50_000] {
            echo(&mut pair, length);
        }
    }
}

#[test]
fn a_body_of_eight_megabytes_comes_whole() {
    let mut pair = StreamPair::new(16 << 10);
    echo(&mut pair, 8 << 20);
}

/// The bytes of a whole conversation, cut in two at every place: the same happens.
#[test]
fn a_cut_at_any_byte_changes_nothing() {
    let mut conversation = Vec::new();
    let mut csm = coap::StreamMessage::new(Code::CSM);
    csm.options.add(coap::stream::signal::BLOCK_WISE_TRANSFER, &[]);
    conversation.extend(csm.encode());
    for length in [0, 5, 20, 300] {
        let mut message = coap::StreamMessage::new(Code::POST);
        message.options.set_path("/rd");
        message.payload = body(length);
        conversation.extend(message.encode());
        conversation.extend(coap::StreamMessage::new(Code::EMPTY).encode());
    }
    for cut in 0..=conversation.len() {
        let mut pair = StreamPair::new(usize::MAX);
        let (first, second) = conversation.split_at(cut);
        for piece in [first, second] {
            pair.server.handle_stream(pair.now, 0, piece);
        }
        let lengths: Vec<_> = std::iter::from_fn(|| pair.server.poll_event())
            .map(|event| match event {
                Event::Request { request, .. } => request.payload.len(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(lengths, [0, 5, 20, 300], "cut at {cut}");
    }
}
