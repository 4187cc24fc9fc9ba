//! What holds for all messages and all bytes.

mod streams;

use std::time::{Duration, Instant};

use coap::{Code, Config, Endpoint, Kind, Message, Options, Request, RequestOptions, Response, Token, trace};
use proptest::collection::vec;
use proptest::prelude::*;

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Confirmable),
        Just(Kind::NonConfirmable),
        Just(Kind::Acknowledgement)
    ]
}

fn code(kind: Kind) -> impl Strategy<Value = Code> {
    let classes = if kind == Kind::Acknowledgement {
        vec![2u8, 4, 5]
    } else {
        vec![0, 2, 4, 5]
    };
    (prop::sample::select(classes), 0u8..32)
        .prop_map(|(class, detail)| Code::new(class, if class == 0 { detail.max(1) } else { detail }))
}

/// Small numbers and lengths, where the options are, and a few large ones.
fn options() -> impl Strategy<Value = Options> {
    let number = prop_oneof![4 => 0u16..300, 1 => any::<u16>()];
    let value = prop_oneof![4 => vec(any::<u8>(), 0..20), 1 => vec(any::<u8>(), 0..600)];
    vec((number, value), 0..12).prop_map(Options::from_iter)
}

prop_compose! {
    fn any_message()(kind in kind())(
        kind in Just(kind),
        code in code(kind),
        message_id in any::<u16>(),
        token in vec(any::<u8>(), 0..=8),
        options in options(),
        payload in vec(any::<u8>(), 0..200),
    ) -> Message {
        Message { kind, code, message_id, token: Token::new(&token).unwrap_or_default(), options, payload }
    }
}

proptest! {
    #[test]
    fn a_message_is_read_as_it_was_written(message in any_message()) {
        prop_assert_eq!(Message::parse(&message.encode()), Ok(message));
    }

    #[test]
    fn a_dissection_says_what_the_message_says(message in any_message()) {
        let datagram = message.encode();
        let seen = trace::dissect(&datagram).expect("it is well formed");
        prop_assert_eq!(&datagram[seen.payload.clone()], &message.payload[..]);
        prop_assert_eq!(&datagram[seen.token_range.clone()], message.token.as_bytes());
        let options: Vec<_> = seen.options.iter().map(|it| (it.number, &datagram[it.value.clone()])).collect();
        prop_assert_eq!(options, message.options.iter().collect::<Vec<_>>());
        let mut end = seen.token_range.end;
        for option in &seen.options {
            prop_assert_eq!(option.range.start, end);
            end = option.range.end;
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..64)) {
        let parsed = Message::parse(&bytes);
        prop_assert_eq!(parsed.is_ok(), trace::dissect(&bytes).is_ok());
        if let Ok(message) = parsed {
            prop_assert_eq!(Message::parse(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn coap_lite_reads_the_same(message in any_message()) {
        let packet = coap_lite::Packet::from_bytes(&message.encode()).expect("it is well formed");
        prop_assert_eq!(u8::from(packet.header.code), message.code.0);
        prop_assert_eq!(packet.header.message_id, message.message_id);
        prop_assert_eq!(packet.get_token(), message.token.as_bytes());
        prop_assert_eq!(&packet.payload, &message.payload);
        let options: Vec<_> = packet
            .options()
            .flat_map(|(number, values)| values.iter().map(|value| (*number, &value[..])))
            .collect();
        prop_assert_eq!(options, message.options.iter().collect::<Vec<_>>());
    }

    #[test]
    fn what_coap_lite_writes_is_read(message in any_message()) {
        let packet = coap_lite::Packet::from_bytes(&message.encode()).expect("it is well formed");
        let written = packet.to_bytes_unlimited().expect("it fits");
        prop_assert_eq!(Message::parse(&written), Ok(message));
    }
}

/// Something that happens to an endpoint.
#[derive(Clone, Debug)]
enum Step {
    Bytes(Vec<u8>),
    Message(Message),
    /// The message before, with another type, code or block.
    Reply(Kind, Code, Option<u32>, Option<u32>),
    Time(u64),
    Ask(bool, usize),
    Answer(usize, bool),
    Notify(bool, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let codes = prop::sample::select(vec![
        Code::EMPTY,
        Code::CONTENT,
        Code::CONTINUE,
        Code::NOT_FOUND,
        Code(0x8d),
        Code(0x88),
    ]);
    let kinds = prop_oneof![kind(), Just(Kind::Reset)];
    prop_oneof![
        1 => vec(any::<u8>(), 0..40).prop_map(Step::Bytes),
        3 => any_message().prop_map(Step::Message),
        6 => (kinds, codes, any::<Option<u32>>(), any::<Option<u32>>()).prop_map(|(a, b, c, d)| Step::Reply(a, b, c, d)),
        2 => (0u64..300_000).prop_map(Step::Time),
        3 => (any::<bool>(), 0usize..5000).prop_map(|(a, b)| Step::Ask(a, b)),
        3 => (0usize..5000, any::<bool>()).prop_map(|(a, b)| Step::Answer(a, b)),
        1 => (any::<bool>(), 0usize..5000).prop_map(|(a, b)| Step::Notify(a, b)),
    ]
}

proptest! {
    #[test]
    fn nothing_that_happens_makes_an_endpoint_panic_or_keep_anything(steps in vec(step(), 0..60)) {
        let mut endpoint = Endpoint::<u8>::new(Config::default(), [3; 32]);
        let mut now = Instant::now();
        let mut sent = Vec::new();
        let mut requests = Vec::new();
        let (mut asked, mut ended) = (0, 0);
        for step in steps {
            match step {
                Step::Bytes(bytes) => endpoint.handle_datagram(now, 0, &bytes),
                Step::Message(message) => endpoint.handle_datagram(now, 0, &message.encode()),
                Step::Reply(kind, code, block1, block2) => {
                    let Some(last) = sent.last() else { continue };
                    let mut reply: Message = Message { kind, code, ..Message::clone(last) };
                    for (number, block) in [(coap::number::BLOCK1, block1), (coap::number::BLOCK2, block2)] {
                        if let Some(block) = block {
                            reply.options.set_uint(number, block % 0x80);
                        }
                    }
                    endpoint.handle_datagram(now, 0, &reply.encode());
                }
                Step::Time(millis) => {
                    now += Duration::from_millis(millis);
                    endpoint.handle_timeout(now);
                }
                Step::Ask(observe, length) => {
                    let request = Request::put("/1").with_payload(42, vec![1; length]);
                    let request = if observe { request.observing() } else { request };
                    asked += usize::from(endpoint.request(now, 0, request, RequestOptions::default()).is_ok());
                }
                Step::Answer(length, observe) => {
                    let Some((id, _)) = requests.pop() else { continue };
                    let response = Response::new(Code::CONTENT).with_payload(42, vec![1; length]);
                    endpoint.respond(now, id, if observe { response.observed() } else { response });
                }
                Step::Notify(confirmable, length) => {
                    let Some((_, token)) = requests.last() else { continue };
                    let response = Response::new(Code::CONTENT).with_payload(42, vec![1; length]);
                    endpoint.notify(now, 0, *token, response, confirmable);
                }
            }
            while let Some(transmit) = endpoint.poll_transmit() {
                sent.push(Message::parse(&transmit.datagram).expect("only well-formed messages go out"));
            }
            while let Some(event) = endpoint.poll_event() {
                match event {
                    coap::Event::Request { id, token, .. } => requests.push((id, token)),
                    coap::Event::Response { .. } | coap::Event::Failed { .. } => ended += 1,
                    _ => {}
                }
            }
        }
        endpoint.forget_peer(0);
        let failed = std::iter::from_fn(|| endpoint.poll_event())
            .filter(|event| matches!(event, coap::Event::Failed { .. }))
            .count();
        prop_assert_eq!(asked, ended + failed, "every request ends once");
        now += Duration::from_secs(10);
        for _ in 0..100 {
            now += Duration::from_secs(10);
            endpoint.handle_timeout(now);
        }
        prop_assert_eq!(endpoint.usage(), coap::Usage::default());
    }
}
