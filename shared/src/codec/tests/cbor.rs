//! LwM2M Core 1.2 §7.4.4, RFC 8949.

use super::*;

const CBOR: ContentFormat = ContentFormat::CBOR;

#[test]
fn one_item_stands_for_a_value_both_ways() {
    for (bytes, value) in [
        ("63 616263", text("abc")),
        ("60", text("")),
        ("00", Value::Integer(0)),
        ("18 64", Value::Integer(100)),
        ("3b 7fffffffffffffff", Value::Integer(i64::MIN)),
        ("1b ffffffffffffffff", Value::Unsigned(u64::MAX)),
        ("fa c1480000", Value::Float(-12.5)),
        ("fb 3fb999999999999a", Value::Float(0.1)),
        ("f5", Value::Boolean(true)),
        ("42 00ff", Value::Opaque(vec![0, 255])),
        ("c1 1a 6553f100", Value::Time(1_700_000_000)),
        ("63 333a30", link(3, 0)),
        ("64 3c2f333e", Value::CoreLink("</3>".into())),
    ] {
        let node = Node::single(path_of(value.data_type()), value);
        let bytes = hex(bytes);
        assert_eq!(
            decode(CBOR, node.base, &bytes, &context(&TYPES)).as_ref(),
            Ok(&node),
            "{bytes:02x?}"
        );
        assert_eq!(encode(CBOR, &node, &context(&TYPES)), Ok(bytes));
    }
}

#[test]
fn other_forms_of_the_same_value_are_read() {
    for (bytes, value) in [
        // Half and single floats, a whole number, a decimal fraction.
        ("f9 3c00", Value::Float(1.0)),
        ("01", Value::Float(1.0)),
        ("c4 82 20 19 0ccd", Value::Float(327.7)),
        // A float without fraction; an integer in more bytes than it needs.
        ("fb 4059000000000000", Value::Integer(100)),
        ("1b 0000000000000064", Value::Integer(100)),
        ("18 64", Value::Unsigned(100)),
        // A text in pieces.
        ("7f 61 61 62 6263 ff", text("abc")),
        ("5f 41 01 41 02 ff", Value::Opaque(vec![1, 2])),
        // A time as text, as a plain number and as a float.
        (
            "c0 74 323032332d31312d31345432323a31333a32305a",
            Value::Time(1_700_000_000),
        ),
        ("1a 6553f100", Value::Time(1_700_000_000)),
        ("c1 fb 41d954fc40200000", Value::Time(1_700_000_000)),
        // The zero byte one client leaves at the end of a link.
        ("64 333a3000", link(3, 0)),
        ("69 464646463a46464646", link(65535, 65535)),
    ] {
        let base = path_of(value.data_type());
        assert_eq!(
            decode(CBOR, base, &hex(bytes), &context(&TYPES)),
            Ok(Node::single(base, value)),
            "{bytes}"
        );
    }
}

#[test]
fn without_a_type_the_item_tells_it() {
    for (bytes, value) in [
        ("63 333a30", text("3:0")),
        ("18 64", Value::Integer(100)),
        ("1b 8000000000000000", Value::Unsigned(1 << 63)),
        ("f9 3e00", Value::Float(1.5)),
        ("c1 01", Value::Time(1)),
    ] {
        let base = path("/3/0/9");
        assert_eq!(
            decode(CBOR, base, &hex(bytes), &context(&NoTypes)),
            Ok(Node::single(base, value))
        );
    }
}

#[test]
fn what_is_not_one_fitting_item_is_refused_in_words() {
    for (base, bytes, sentence) in [
        ("/3/0/9", "", "the payload ends within a CBOR item (at byte 0)"),
        (
            "/3/0/9",
            "19 01",
            "the payload ends within a CBOR item (at byte 0)",
        ),
        (
            "/3/0/9",
            "01 02",
            "more bytes follow the end of the payload (at byte 1)",
        ),
        ("/3/0/9", "f6", "null is no value (at byte 0)"),
        (
            "/3/0/9",
            "81 01",
            "this is no CBOR item that belongs here (at byte 0)",
        ),
        (
            "/3/0/9",
            "f5",
            "/3/0/9 holds a whole number, but the payload has true",
        ),
        (
            "/3/0/9",
            "f9 3e00",
            "/3/0/9 holds a whole number, but the payload has the number 1.5",
        ),
        (
            "/3/0/0",
            "01",
            "/3/0/0 holds a text, but the payload has the number 1",
        ),
        (
            "/3/0/0",
            "62 c328",
            "this is no CBOR item that belongs here (at byte 0)",
        ),
        (
            "/3/0/9",
            "3b ffffffffffffffff",
            "the number does not fit 64 bits (at byte 0)",
        ),
        ("/3/0/13", "c0 63 616263", "this is no date and time (at byte 0)"),
        (
            "/3/0/13",
            "c2 41 01",
            "this CBOR tag does not belong here (at byte 0)",
        ),
        (
            "/3/0",
            "01",
            "application/cbor carries one value, but /3/0 is no resource",
        ),
    ] {
        assert_eq!(refusal(CBOR, base, &hex(bytes)), sentence, "{base}: {bytes}");
    }
}
