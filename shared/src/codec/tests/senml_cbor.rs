//! RFC 8428 §6, RFC 8790, LwM2M Core 1.2 §7.4.5.

use super::*;

const CBOR: ContentFormat = ContentFormat::SENML_CBOR;
const ETCH: ContentFormat = ContentFormat::SENML_ETCH_CBOR;

#[test]
fn packs_stand_for_values_both_ways() {
    for (bytes, node) in [
        // [{-2: "/3/0/", 0: "0", 3: "abc"}, {0: "9", 2: 100}]
        (
            "82 a3 21 65 2f332f302f 00 61 30 03 63 616263  a2 00 61 39 02 1864",
            node("/3/0", [("/3/0/0", text("abc")), ("/3/0/9", Value::Integer(100))]),
        ),
        // [{-2: "/3/0/9", 2: 100}]
        (
            "81 a2 21 66 2f332f302f39 02 1864",
            node("/3/0/9", [("/3/0/9", Value::Integer(100))]),
        ),
        // [{-2: "/3442/0/", 0: "140", 4: true}, {0: "150", 8: h'00ff'}, {0: "160", 2: 1700000000},
        //  {0: "170", "vlo": "3:0"}]
        (
            "84 a3 21 68 2f333434322f302f 00 63 313430 04 f5  a2 00 63 313530 08 42 00ff
             a2 00 63 313630 02 1a 6553f100  a2 00 63 313730 63 766c6f 63 333a30",
            node(
                "/3442/0",
                [
                    ("/3442/0/140", Value::Boolean(true)),
                    ("/3442/0/150", Value::Opaque(vec![0, 255])),
                    ("/3442/0/160", Value::Time(1_700_000_000)),
                    ("/3442/0/170", link(3, 0)),
                ],
            ),
        ),
        // [{-2: "/6/0/0", 6: 1600000000, 2: 1.5}, {6: 1600000000.5, 2: 2.5}]
        (
            "82 a3 21 66 2f362f302f30 06 1a 5f5e1000 02 fa 3fc00000
             a2 06 fb 41d7d78400200000 02 fa 40200000",
            history(
                "/6/0/0",
                [
                    ("/6/0/0", 1_600_000_000.0, Value::Float(1.5)),
                    ("/6/0/0", 1_600_000_000.5, Value::Float(2.5)),
                ],
            ),
        ),
        ("80", node("/3", [])),
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
    let battery = || node("/3/0", [("/3/0/9", Value::Integer(100))]);
    for (bytes, expected) in [
        // Indefinite lengths, a name in pieces, a version and a unit.
        (
            "9f bf 20 0a 21 65 2f332f302f 00 7f 61 39 ff 01 62 2545 02 1864 ff ff",
            battery(),
        ),
        // A double and a half float for a whole number.
        ("81 a2 00 66 2f332f302f39 02 fb 4059000000000000", battery()),
        ("81 a2 00 66 2f332f302f39 02 f9 5640", battery()),
        // An unknown label and an unknown text label are passed over.
        (
            "81 a4 18 63 82 01 02 61 78 a1 01 02 00 66 2f332f302f39 02 1864",
            battery(),
        ),
        // A decimal fraction as time: 16000000005 tenths of a second.
        (
            "81 a3 00 66 2f332f302f39 02 1864 06 c4 82 20 1b 00000003b9aca005",
            history("/3/0", [("/3/0/9", 1_600_000_000.5, Value::Integer(100))]),
        ),
        // A half float as time, 1 s ago.
        (
            "81 a3 00 66 2f332f302f39 02 1864 06 f9 bc00",
            history("/3/0", [("/3/0/9", 1_699_999_999.0, Value::Integer(100))]),
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
fn what_breaks_the_rules_is_refused_in_words() {
    for (bytes, sentence) in [
        ("", "the payload ends within a CBOR item (at byte 0)"),
        ("81", "the payload ends within a CBOR item (at byte 1)"),
        ("80 00", "more bytes follow the end of the payload (at byte 1)"),
        ("a0", "this is no CBOR item that belongs here (at byte 0)"),
        ("81 80", "this is no CBOR item that belongs here (at byte 1)"),
        (
            "81 a1 00 66 2f332f302f39",
            "the record has no value (in record 1)",
        ),
        ("81 a2 00 66 2f332f302f39 02 f6", "null is no value (in record 1)"),
        (
            "81 a2 00 66 2f332f302f39 02 61 31",
            "v has a value of the wrong kind (in record 1)",
        ),
        (
            "81 a2 00 66 2f332f302f39 03 01",
            "vs has a value of the wrong kind (in record 1)",
        ),
        (
            "81 a2 00 66 2f332f302f39 63766c6f 61 33",
            "vlo has a value of the wrong kind (in record 1)",
        ),
        (
            "81 a3 00 66 2f332f302f39 02 01 04 f5",
            "a record has one value and no sum (in record 1)",
        ),
        (
            "81 a3 00 66 2f332f302f39 02 01 06 61 31",
            "t has a value of the wrong kind (in record 1)",
        ),
        (
            "81 a1 62 785f 01",
            "\"x_\" has to be understood, and is not (in record 1)",
        ),
        (
            "81 a2 00 66 2f332f302f39 04 f5",
            "/3/0/9 holds a whole number, but the payload has true",
        ),
        (
            "9b ffffffffffffffff",
            "the payload ends within a CBOR item (at byte 9)",
        ),
    ] {
        assert_eq!(refusal(CBOR, "/3/0", &hex(bytes)), sentence, "{bytes}");
    }
}

#[test]
fn lists_of_paths_and_patches() {
    let paths = [path("/3/0/0"), path("/1")];
    let bytes = hex("82 a1 00 66 2f332f302f30 a1 00 62 2f31");
    for format in [CBOR, ETCH] {
        assert_eq!(
            encode_paths(format, &paths, &context(&TYPES)).as_ref(),
            Ok(&bytes)
        );
        assert_eq!(decode_paths(format, &bytes, &context(&TYPES)), Ok(paths.to_vec()));
    }
    let patch = Node {
        base: Path::ROOT,
        entries: Node::single(path("/3/0/6/1"), Value::None).entries,
    };
    let bytes = hex("81 a3 21 61 2f 00 67 332f302f362f31 02 f6");
    assert_eq!(encode(ETCH, &patch, &context(&TYPES)).as_ref(), Ok(&bytes));
    assert_eq!(decode(ETCH, Path::ROOT, &bytes, &context(&TYPES)), Ok(patch));
}
