//! LwM2M Core 1.2 §7.4.7.

use super::*;

const CBOR: ContentFormat = ContentFormat::LWM2M_CBOR;

#[test]
fn maps_stand_for_values_both_ways() {
    for (bytes, node) in [
        // {[3, 0]: {0: "x", 9: 100}}
        (
            "a1 82 03 00 a2 00 61 78 09 1864",
            node("/3/0", [("/3/0/0", text("x")), ("/3/0/9", Value::Integer(100))]),
        ),
        // {[3, 0, 9]: 100}
        (
            "a1 83 03 00 09 1864",
            node("/3/0/9", [("/3/0/9", Value::Integer(100))]),
        ),
        // {1: {0: {1: 86400}}, 3: {0: {0: "x", 9: 100}}}
        (
            "a2 01 a1 00 a1 01 1a 00015180 03 a1 00 a2 00 61 78 09 1864",
            node(
                "/",
                [
                    ("/1/0/1", Value::Integer(86400)),
                    ("/3/0/0", text("x")),
                    ("/3/0/9", Value::Integer(100)),
                ],
            ),
        ),
        // {[3, 0, 6]: {0: 1, 1: 5}}
        (
            "a1 83 03 00 06 a2 00 01 01 05",
            node(
                "/3/0/6",
                [("/3/0/6/0", Value::Integer(1)), ("/3/0/6/1", Value::Integer(5))],
            ),
        ),
        // {[3, 0]: {6: {}, 9: 100}}: an empty multiple resource.
        (
            "a1 82 03 00 a2 06 a0 09 1864",
            node("/3/0", [("/3/0/6", Value::None), ("/3/0/9", Value::Integer(100))]),
        ),
        // {3: {0: {9: 100}, 1: {}}}: an instance without resources.
        (
            "a1 03 a2 00 a1 09 1864 01 a0",
            node("/3", [("/3/0/9", Value::Integer(100)), ("/3/1", Value::None)]),
        ),
        // {[3442, 0]: {125: 2^64-1, 130: -12.5, 140: false, 150: h'00', 160: 1(1700000000), 170: "3:0"}}
        (
            "a1 82 190d72 00 a6 187d 1b ffffffffffffffff 1882 fa c1480000 188c f4 1896 41 00
             18a0 c1 1a 6553f100 18aa 63 333a30",
            node(
                "/3442/0",
                [
                    ("/3442/0/125", Value::Unsigned(u64::MAX)),
                    ("/3442/0/130", Value::Float(-12.5)),
                    ("/3442/0/140", Value::Boolean(false)),
                    ("/3442/0/150", Value::Opaque(vec![0])),
                    ("/3442/0/160", Value::Time(1_700_000_000)),
                    ("/3442/0/170", link(3, 0)),
                ],
            ),
        ),
        // {[3, 0, 6, 1]: null} takes a resource instance away.
        ("a1 84 03 00 06 01 f6", node("/", [("/3/0/6/1", Value::None)])),
        ("a0", node("/3", [])),
    ] {
        let bytes = hex(bytes);
        assert_eq!(
            decode(CBOR, node.base, &bytes, &context(&TYPES)).as_ref(),
            Ok(&node),
            "{bytes:02x?}"
        );
        assert_eq!(encode(CBOR, &node, &context(&TYPES)), Ok(bytes));
    }
}

/// What clients do that our own writer does not.
#[test]
fn other_forms_of_the_same_values_are_read() {
    let two = || node("/3/0", [("/3/0/0", text("x")), ("/3/0/9", Value::Integer(100))]);
    for (bytes, expected) in [
        // Nested to the last, in any order, with indefinite lengths.
        ("bf 03 bf 00 bf 09 1864 00 7f 61 78 ff ff ff ff", two()),
        ("a2 83 03 00 09 1864 9f 03 00 00 ff 61 78", two()),
        (
            "a1 03 a1 82 00 09 1864",
            node("/3/0", [("/3/0/9", Value::Integer(100))]),
        ),
        // Below the path of the request, as 1.2.0 had it.
        ("a2 00 61 78 09 1864", two()),
        // Empty results.
        ("bf ff", node("/3/0", [("/3/0", Value::None)])),
        ("a1 82 03 00 a0", node("/3/0", [("/3/0", Value::None)])),
        // A time as text.
        (
            "a1 83 03 00 0d c0 74 323032332d31312d31345432323a31333a32305a",
            node("/3/0", [("/3/0/13", Value::Time(1_700_000_000))]),
        ),
    ] {
        assert_eq!(
            decode(CBOR, path("/3/0"), &hex(bytes), &context(&TYPES)),
            Ok(expected),
            "{bytes}"
        );
    }
}

#[test]
fn a_create_lets_the_client_choose_the_instance() {
    let base = Path::instance(3, super::super::CHOSEN_BY_CLIENT);
    let node = Node {
        base,
        entries: Node::single(base.child(9).unwrap(), Value::Integer(100)).entries,
    };
    let bytes = hex("a1 83 03 19ffff 09 1864");
    assert_eq!(encode(CBOR, &node, &context(&TYPES)).as_ref(), Ok(&bytes));
    assert_eq!(decode(CBOR, base, &bytes, &context(&TYPES)).as_ref(), Ok(&node));
    assert_eq!(decode(CBOR, base, &hex("a1 09 1864"), &context(&TYPES)), Ok(node));
}

#[test]
fn keys_begin_with_the_prefix_of_a_device_behind_a_gateway() {
    let behind = Context {
        root: Some("d01"),
        ..context(&TYPES)
    };
    let node = node("/3/0/9", [("/3/0/9", Value::Integer(100))]);
    let bytes = hex("a1 84 63 643031 03 00 09 1864");
    assert_eq!(encode(CBOR, &node, &behind).as_ref(), Ok(&bytes));
    assert_eq!(decode(CBOR, node.base, &bytes, &behind).as_ref(), Ok(&node));
    let nested = hex("a1 63 643031 a1 83 03 00 09 1864");
    assert_eq!(decode(CBOR, node.base, &nested, &behind), Ok(node));
    assert_eq!(
        refusal(CBOR, "/3/0/9", &bytes),
        "the payload is about another device behind the gateway (at byte 2)"
    );
}

#[test]
fn what_breaks_the_rules_is_refused_in_words() {
    for (bytes, sentence) in [
        ("", "the payload ends within a CBOR item (at byte 0)"),
        ("80", "this is no CBOR item that belongs here (at byte 0)"),
        (
            "a1 83 03 00 09",
            "the payload ends within a CBOR item (at byte 5)",
        ),
        (
            "a1 83 03 00 09 01 00",
            "more bytes follow the end of the payload (at byte 6)",
        ),
        ("a1 80 01", "a key has no identifier (at byte 1)"),
        (
            "a1 1a 00010000 01",
            "a key is no identifier from 0 to 65535 (at byte 1)",
        ),
        ("a1 20 01", "a key is no identifier from 0 to 65535 (at byte 1)"),
        (
            "a1 85 03 00 06 01 02 01",
            "the keys are deeper than a resource instance (at byte 6)",
        ),
        (
            "a1 82 03 00 01",
            "the payload has a value at /3/0, which is no resource",
        ),
        (
            "a1 82 03 00 f6",
            "the payload has a value at /3/0, which is no resource",
        ),
        (
            "a1 83 03 01 09 01",
            "/3/1/9 is in the payload, but the request is about /3/0",
        ),
        (
            "a2 83 03 00 09 01 83 03 00 09 02",
            "/3/0/9 is in the payload twice, or with more below it",
        ),
        // {[3, 0]: {6: null, 6: {0: 1}}}
        (
            "a1 82 03 00 a2 06 f6 06 a1 00 01",
            "/3/0/6 is in the payload twice, or with more below it",
        ),
        (
            "a1 83 03 00 09 f5",
            "/3/0/9 holds a whole number, but the payload has true",
        ),
        (
            "a1 83 03 00 09 81 01",
            "this is no CBOR item that belongs here (at byte 5)",
        ),
    ] {
        assert_eq!(refusal(CBOR, "/3/0", &hex(bytes)), sentence, "{bytes}");
    }
}
