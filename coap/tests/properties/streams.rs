//! What holds for all messages of a stream, and for all bytes in all pieces.

use std::time::{Duration, Instant};

use coap::{
    Code, Config, Endpoint, Event, Request, RequestOptions, Response, StreamConfig, StreamMessage, Token,
    trace,
};
use proptest::collection::vec;
use proptest::prelude::*;

prop_compose! {
    fn any_stream_message()(
        class in prop::sample::select(vec![0u8, 2, 4, 5, 7]),
        detail in 0u8..32,
        token in vec(any::<u8>(), 0..=8),
        options in super::options(),
        payload in vec(any::<u8>(), 0..400),
    ) -> StreamMessage {
        StreamMessage { code: Code::new(class, detail), token: Token::new(&token).unwrap_or_default(), options, payload }
    }
}

/// The pieces of a stream, cut at the given places.
fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = bytes;
    let mut pieces = Vec::new();
    for cut in cuts {
        let (piece, after) = rest.split_at((*cut).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// What an endpoint sees of a stream: its messages, and whether it asked to close.
fn seen(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, bool) {
    let mut endpoint = Endpoint::<u8>::new(Config::default(), [3; 32]);
    let now = Instant::now();
    endpoint.connected(now, 0);
    let mut messages = Vec::new();
    for piece in pieces {
        endpoint.handle_stream_seen(now, 0, piece, |message| messages.push(message.to_vec()));
    }
    let closing =
        std::iter::from_fn(|| endpoint.poll_event()).any(|event| matches!(event, Event::Closing { .. }));
    endpoint.disconnected(now, 0);
    assert_eq!(endpoint.usage().stream_bytes, 0);
    (messages, closing)
}

proptest! {
    #[test]
    fn a_stream_message_is_read_as_it_was_written(message in any_stream_message()) {
        let bytes = message.encode();
        let dissection = trace::dissect_stream(&bytes).expect("it is well formed");
        prop_assert_eq!(&bytes[dissection.payload], &message.payload[..]);
        prop_assert_eq!(StreamMessage::parse(&bytes), Ok(message));
    }

    #[test]
    fn any_bytes_are_a_message_of_a_stream_or_refused(bytes in vec(any::<u8>(), 0..64)) {
        let parsed = StreamMessage::parse(&bytes);
        prop_assert_eq!(parsed.is_ok(), trace::dissect_stream(&bytes).is_ok());
        if let Ok(message) = parsed {
            prop_assert_eq!(StreamMessage::parse(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn messages_arrive_the_same_in_any_pieces(
        messages in vec(any_stream_message(), 0..8),
        cuts in vec(0usize..300, 0..20),
    ) {
        let stream: Vec<u8> = messages.iter().flat_map(StreamMessage::encode).collect();
        prop_assert_eq!(seen(&pieces(&stream, &cuts)), seen(&[&stream[..]]));
    }

    #[test]
    fn any_bytes_do_the_same_in_any_pieces(stream in vec(any::<u8>(), 0..600), cuts in vec(0usize..50, 0..20)) {
        prop_assert_eq!(seen(&pieces(&stream, &cuts)), seen(&[&stream[..]]));
    }

    #[test]
    fn nothing_that_comes_on_a_stream_makes_an_endpoint_panic_or_keep_anything(
        steps in vec((0u8..8, any_stream_message(), 0u32..0x100, 0usize..9000), 0..50),
    ) {
        let config = Config {
            stream: StreamConfig { keep_alive: Some(Duration::from_secs(60)), ..StreamConfig::default() },
            ..Config::default()
        };
        let mut endpoint = Endpoint::<u8>::new(config, [3; 32]);
        let mut now = Instant::now();
        endpoint.connected(now, 0);
        endpoint.handle_stream(now, 0, &[0x30, 0xe1, 0x21, 0xff, 0x20][..4]);
        let (mut asked, mut ended) = (0, 0);
        let (mut sent, mut requests) = (Vec::<StreamMessage>::new(), Vec::new());
        for (what, message, number, length) in steps {
            match what {
                0 => endpoint.handle_stream(now, 0, &message.encode()),
                1 | 2 => {
                    let Some(last) = sent.last() else { continue };
                    let mut reply = StreamMessage { token: last.token, ..message };
                    reply.options.set_uint(coap::number::BLOCK1, number);
                    reply.options.set_uint(coap::number::BLOCK2, number);
                    endpoint.handle_stream(now, 0, &reply.encode());
                }
                3 => {
                    let request = Request::put("/1").with_payload(42, vec![1; length]);
                    let request = if number < 0x80 { request.observing() } else { request };
                    asked += usize::from(endpoint.request(now, 0, request, RequestOptions::default()).is_ok());
                }
                4 => {
                    let Some((id, token)) = requests.pop() else { continue };
                    let response = Response::new(Code::CONTENT).with_payload(42, vec![1; length]);
                    endpoint.respond(now, id, response.clone().observed());
                    endpoint.notify(now, 0, token, response, true);
                }
                5 => {
                    now += Duration::from_secs(u64::from(number));
                    endpoint.handle_timeout(now);
                }
                6 => asked += usize::from(endpoint.ping(now, 0, RequestOptions::default()).is_ok()),
                _ => endpoint.handle_stream(now, 0, &message.encode()[..length.min(3)]),
            }
            while let Some(transmit) = endpoint.poll_transmit() {
                sent.push(StreamMessage::parse(&transmit.datagram).expect("only well-formed messages go out"));
            }
            while let Some(event) = endpoint.poll_event() {
                match event {
                    Event::Request { id, token, .. } => requests.push((id, token)),
                    Event::Response { .. } | Event::Failed { .. } | Event::Pong { .. } => ended += 1,
                    Event::Closing { .. } => {
                        // As a caller does it: close, and connect again.
                        endpoint.connected(now, 0);
                        endpoint.handle_stream(now, 0, &[0x00, 0xe1]);
                    }
                    _ => {}
                }
            }
        }
        endpoint.disconnected(now, 0);
        ended += std::iter::from_fn(|| endpoint.poll_event())
            .filter(|event| matches!(event, Event::Failed { .. }))
            .count();
        prop_assert_eq!(asked, ended, "every request ends once");
        now += Duration::from_secs(1000);
        for _ in 0..3 {
            now += Duration::from_secs(1000);
            endpoint.handle_timeout(now);
        }
        prop_assert_eq!(endpoint.usage(), coap::Usage::default());
    }
}
