//! §3.2 the message format.

use coap::{Code, MalformedMessage, Options, StreamMessage, Token, number};

fn message(code: Code, token: &[u8], options: &[(u16, &[u8])], payload: &[u8]) -> StreamMessage {
    StreamMessage {
        code,
        token: Token::new(token).expect("it is short enough"),
        options: options.iter().copied().collect::<Options>(),
        payload: payload.to_vec(),
    }
}

#[test]
fn messages_stand_as_in_the_specification() {
    let long = [0x61; 300];
    for (message, expect) in [
        // Figure 6: a CSM with the lowest length, and an Empty message.
        (message(Code::EMPTY, &[], &[], &[]), vec![0x00, 0x00]),
        (message(Code::CSM, &[], &[], &[]), vec![0x00, 0xe1]),
        (
            message(Code::CSM, &[], &[(2, &[0x04, 0x80]), (4, &[])], &[]),
            vec![0x40, 0xe1, 0x22, 0x04, 0x80, 0x20],
        ),
        // Figure 5: 2.04 (Changed) with a token of one byte.
        (message(Code::GET, &[0x7f], &[], &[]), vec![0x01, 0x01, 0x7f]),
        (
            message(Code::POST, &[1, 2], &[(number::URI_PATH, b"rd")], b"</1/0>"),
            [&[0xa2, 0x02, 1, 2, 0xb2, b'r', b'd', 0xff][..], b"</1/0>"].concat(),
        ),
        // 1 + 12 bytes: the length needs one more byte.
        (
            message(Code::CONTENT, &[], &[], &long[..12]),
            [&[0xd0, 0x00, 0x45, 0xff][..], &long[..12]].concat(),
        ),
        // 1 + 268 bytes: the length needs two.
        (
            message(Code::CONTENT, &[], &[], &long[..268]),
            [&[0xe0, 0x00, 0x00, 0x45, 0xff][..], &long[..268]].concat(),
        ),
        // Option numbers and lengths with both extensions.
        (
            message(Code::GET, &[], &[(252, &long[..20]), (2049, &long)], &[]),
            [
                &[0xe0, 0x00, 0x3b, 0x01, 0xdd, 239, 7][..],
                &long[..20],
                &[0xee, 0x05, 0xf8, 0x00, 0x1f],
                &long,
            ]
            .concat(),
        ),
    ] {
        assert_eq!(message.encode(), expect, "{message:?}");
        assert_eq!(StreamMessage::parse(&expect), Ok(message));
    }
}

#[test]
fn a_length_of_four_bytes_is_written_and_read() {
    let message = message(Code::CONTENT, &[9], &[], &vec![7; 70_000]);
    let bytes = message.encode();
    // 70,001 - 65,805 = 4196
    assert_eq!(bytes[..8], [0xf1, 0, 0, 0x10, 0x64, 0x45, 9, 0xff]);
    assert_eq!(StreamMessage::parse(&bytes), Ok(message));
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for (bytes, expect) in [
        (&[0x09, 0x01][..], MalformedMessage::TokenLength(9)),
        (
            &[0x00],
            MalformedMessage::Length {
                announced: 2,
                length: 1,
            },
        ),
        (
            &[0x00, 0x01, 0x00],
            MalformedMessage::Length {
                announced: 2,
                length: 3,
            },
        ),
        (&[0x10, 0x45, 0xff], MalformedMessage::PayloadMissing),
        (&[0x10, 0x01, 0xf0], MalformedMessage::OptionReserved(2)),
        (&[0x10, 0x01, 0xb1], MalformedMessage::OptionTruncated(2)),
        (&[0x00, 0x20], MalformedMessage::ReservedCode(Code::new(1, 0))),
        (&[0xd0], MalformedMessage::TooShort(1)),
    ] {
        assert_eq!(StreamMessage::parse(bytes), Err(expect), "{bytes:?}");
    }
}

#[test]
fn a_trace_names_the_parts_and_where_they_stand() {
    let seen = coap::trace::dissect_stream(&[0x42, 0xe1, 1, 2, 0x22, 0x04, 0x80, 0x20]).unwrap();
    assert_eq!(
        (seen.code.as_str(), seen.code_name, seen.kind),
        ("7.01", Some("CSM"), None)
    );
    let options: Vec<_> = seen
        .options
        .iter()
        .map(|it| (it.name.as_str(), it.text.as_str(), it.range.clone()))
        .collect();
    assert_eq!(
        options,
        [
            ("Max-Message-Size", "1152", 4..7),
            ("Block-Wise-Transfer", "", 7..8)
        ]
    );
    assert_eq!(seen.token_range, 2..4);
    let seen = coap::trace::dissect_stream(&[0x30, 0x01, 0xb1, b'3', 0x00]).unwrap();
    assert_eq!(seen.options[0].name, "Uri-Path");
}
