//! §3 message format and §4.2, §4.3: what is not a message.

use coap::{Event, Kind, MalformedMessage, Message, Refusal};

use crate::support::Bench;

#[test]
fn what_is_not_a_message_is_reset_if_confirmable_and_told_in_words() {
    use MalformedMessage::*;
    for (datagram, reset, reason) in [
        (&[0x40, 0x01][..], false, TooShort(2)),
        (&[0x80, 0x01, 0, 1], false, Version(2)),
        (&[0x00, 0x01, 0, 1], false, Version(0)),
        (
            &[0x49, 0x01, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            true,
            TokenLength(9),
        ),
        (&[0x42, 0x01, 0, 1, 1], true, TokenTruncated),
        (&[0x40, 0x00, 0, 1, 0xff], true, EmptyNotEmpty(1)),
        (&[0x41, 0x00, 0, 1, 9], true, EmptyNotEmpty(1)),
        (&[0x41, 0x00, 0, 1], true, TokenTruncated),
        (&[0x40, 0x01, 0, 1, 0xf0], true, OptionReserved(4)),
        (&[0x40, 0x01, 0, 1, 0x0f], true, OptionReserved(4)),
        (&[0x40, 0x01, 0, 1, 0xb3, b'r'], true, OptionTruncated(4)),
        (&[0x40, 0x01, 0, 1, 0xd0], true, OptionTruncated(4)),
        (&[0x50, 0x01, 0, 1, 0xe0, 0xff], false, OptionTruncated(4)),
        (&[0x40, 0x01, 0, 1, 0xe0, 0xff, 0xff], true, OptionNumber(4)),
        (&[0x40, 0x01, 0, 1, 0xff], true, PayloadMissing),
        (&[0x40, 0x21, 0, 1], true, ReservedCode(coap::Code(0x21))),
        (
            &[0x60, 0x01, 0, 1],
            false,
            KindOfCode {
                kind: Kind::Acknowledgement,
                code: coap::Code::GET,
            },
        ),
        (
            &[0x70, 0x45, 0, 1],
            false,
            KindOfCode {
                kind: Kind::Reset,
                code: coap::Code::CONTENT,
            },
        ),
        (
            &[0x50, 0x00, 0, 1],
            false,
            KindOfCode {
                kind: Kind::NonConfirmable,
                code: coap::Code::EMPTY,
            },
        ),
    ] {
        let mut bench = Bench::new();
        bench.endpoint.handle_datagram(bench.now, 0, datagram);
        let expect = if reset {
            vec![Message::empty(Kind::Reset, 1)]
        } else {
            Vec::new()
        };
        assert_eq!(bench.sent(), expect, "{datagram:02x?}");
        assert_eq!(
            bench.event(),
            Event::Malformed {
                peer: 0,
                reason: Refusal::Message(reason)
            },
            "{datagram:02x?}"
        );
        assert_eq!(
            bench.endpoint.usage(),
            coap::Usage::default(),
            "nothing is kept of it"
        );
        assert!(!reason.to_string().is_empty());
    }
}

#[test]
fn a_ping_is_answered_by_a_reset() {
    let mut bench = Bench::new();
    bench.receive(&Message::empty(Kind::Confirmable, 0x1234));
    assert_eq!(bench.sent_one(), Message::empty(Kind::Reset, 0x1234));
    assert!(bench.events().is_empty());
}

#[test]
fn a_ping_of_ours_ends_with_its_pong() {
    let mut bench = Bench::new();
    let id = bench
        .endpoint
        .ping(bench.now, 0, coap::RequestOptions::default())
        .unwrap();
    let ping = bench.sent_one();
    assert_eq!((ping.kind, ping.code), (Kind::Confirmable, coap::Code::EMPTY));
    bench.receive(&Message::empty(Kind::Reset, ping.message_id));
    assert!(matches!(bench.event(), Event::Pong { exchange, .. } if exchange == id));
}

#[test]
fn acknowledgements_and_resets_of_nothing_change_nothing() {
    let mut bench = Bench::new();
    for kind in [Kind::Acknowledgement, Kind::Reset] {
        bench.receive(&Message::empty(kind, 5));
    }
    assert!(bench.sent().is_empty() && bench.events().is_empty());
    assert_eq!(bench.endpoint.statistics().unmatched, 2);
}
