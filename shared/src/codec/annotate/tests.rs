use super::super::test_support::{TYPES, context, hex};
use super::*;
use proptest::prelude::*;

/// The annotations as lines `start..end path label: value`.
fn lines(format: ContentFormat, base: &str, payload: &[u8]) -> Vec<String> {
    annotate(format, base.parse().unwrap(), payload, &context(&TYPES))
        .into_iter()
        .map(|note| {
            let path = note.path.map_or("-".into(), |path| path.to_string());
            format!(
                "{}..{} {path} {}: {}",
                note.range.start, note.range.end, note.label, note.value
            )
        })
        .collect()
}

#[test]
fn elements_of_tlv_have_heads_and_values() {
    assert_eq!(
        lines(ContentFormat::TLV, "/3/0", &hex("c1 09 64 83 06 41 01 05 c1 0a")),
        [
            "0..3 /3/0/9 resource: 100",
            "0..2 /3/0/9 head: resource 9, 1 bytes",
            "2..3 /3/0/9 value: 100",
            "3..8 /3/0/6 multiple resource: ",
            "3..5 /3/0/6 head: multiple resource 6, 3 bytes",
            "5..8 /3/0/6/1 resource instance: 5",
            "5..7 /3/0/6/1 head: resource instance 1, 1 bytes",
            "7..8 /3/0/6/1 value: 5",
            "8..10 - error: a TLV element tells a length of 1 where 0 bytes are left (at byte 8)",
        ]
    );
}

#[test]
fn records_of_senml_cbor_have_fields() {
    assert_eq!(
        lines(
            ContentFormat::SENML_CBOR,
            "/3/0",
            &hex("82 a3 21 65 2f332f302f 00 61 30 03 61 78 a2 00 61 39 02 1864"),
        ),
        [
            "1..15 /3/0/0 record 1: x",
            "2..9 - bn: /3/0/",
            "9..12 - n: 0",
            "12..15 - vs: x",
            "15..22 /3/0/9 record 2: 100",
            "16..19 - n: 9",
            "19..22 - v: 100",
        ]
    );
    assert_eq!(
        lines(ContentFormat::SENML_CBOR, "/", &hex("81 a1 00 62 2f33 00")),
        [
            "1..6 /3 record 1: ",
            "2..6 - n: /3",
            "6..7 - error: more bytes follow the end of the payload (at byte 6)",
        ]
    );
}

#[test]
fn as_many_annotations_as_a_payload_gets_are_given_and_no_more() {
    // Two for each record: itself and its name.
    let records = |count: u16| {
        let mut payload = hex("99");
        payload.extend(count.to_be_bytes());
        for instance in 0..count {
            let name = format!("/3303/{instance}");
            payload.extend(hex("a1 00"));
            payload.push(0x60 | name.len() as u8);
            payload.extend(name.as_bytes());
        }
        lines(ContentFormat::SENML_CBOR, "/", &payload)
    };
    let most = MAX_ANNOTATIONS as u16 / 2;
    let all = records(most);
    assert_eq!(all.len(), MAX_ANNOTATIONS);
    assert!(!all.iter().any(|line| line.contains("error")), "{:?}", all.last());
    let more = records(most + 1);
    assert_eq!(more.len(), MAX_ANNOTATIONS + 1);
    assert!(more.last().unwrap().contains("error"));
}

#[test]
fn other_formats_have_one_annotation_a_value() {
    for (format, base, payload, expected) in [
        (
            ContentFormat::TEXT,
            "/3/0/0",
            b"abc".to_vec(),
            vec!["0..3 /3/0/0 text: abc"],
        ),
        (
            ContentFormat::OPAQUE,
            "/5/0/0",
            vec![1, 2],
            vec!["0..2 /5/0/0 bytes: 2 bytes"],
        ),
        (
            ContentFormat::CBOR,
            "/3/0/9",
            hex("1864"),
            vec!["0..2 /3/0/9 value: 100"],
        ),
        (
            ContentFormat::CBOR,
            "/3/0/9",
            hex("f5"),
            vec!["0..1 /3/0/9 value: true, but a whole number is wanted"],
        ),
        (
            ContentFormat::LWM2M_CBOR,
            "/3/0",
            hex("a1 82 03 00 a1 09 1864"),
            vec![
                "1..4 /3/0 key: /3/0",
                "5..6 /3/0/9 key: /3/0/9",
                "6..8 /3/0/9 value: 100",
            ],
        ),
        (
            ContentFormat::SENML_JSON,
            "/3/0",
            br#"[{"bn":"/3/0/","n":"0","vs":"}\"]"}, {"n":"9","v":1}"#.to_vec(),
            vec![
                "1..35 /3/0/0 record 1: }\"]",
                "37..52 /3/0/9 record 2: 1",
                "51..52 - error: EOF while parsing a list (at byte 51)",
            ],
        ),
        (
            ContentFormat::OLD_JSON,
            "/3/0",
            br#"{"bn":"/3/0/","e":[{"n":"9","v":1},{"n":"0","sv":"x"}]}"#.to_vec(),
            vec!["19..34 /3/0/9 record 1: 1", "35..53 /3/0/0 record 2: x"],
        ),
        (
            ContentFormat::LINK,
            "/",
            br#"</>;rt="oma.lwm2m";obs,</3/0>"#.to_vec(),
            vec!["0..22 / /: rt=oma.lwm2m, obs", "23..29 /3/0 /3/0: "],
        ),
    ] {
        assert_eq!(lines(format, base, &payload), expected);
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_and_every_range_is_in_the_payload(
        number in prop::sample::select(vec![0u16, 40, 42, 60, 110, 112, 320, 11542, 11543, 11544]),
        payload in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        for base in [Path::ROOT, Path::object(3), Path::instance(3, 0), Path::resource(3, 0, 9)] {
            for note in annotate(ContentFormat(number), base, &payload, &context(&TYPES)) {
                prop_assert!(note.range.start <= note.range.end && note.range.end <= payload.len());
            }
        }
    }
}
