//! LwM2M Core 1.2 §7.4.3.

use super::*;

const TLV: ContentFormat = ContentFormat::TLV;

/// Payloads that read as the node and that the node is written as.
#[test]
fn elements_stand_for_values_both_ways() {
    for (bytes, node) in [
        // Resources of an instance: an 8-bit id and a 3-bit length; an 8-bit length; a 16-bit integer.
        (
            "c3 00 616263  c8 02 09 313233343536373839",
            node("/3/0", [("/3/0/0", text("abc")), ("/3/0/2", text("123456789"))]),
        ),
        (
            "c1 09 64  c2 0a 0f00",
            node(
                "/3/0",
                [("/3/0/9", Value::Integer(100)), ("/3/0/10", Value::Integer(3840))],
            ),
        ),
        // A multiple resource with two instances, and an empty one.
        (
            "86 06 41 00 01 41 01 05",
            node(
                "/3/0",
                [("/3/0/6/0", Value::Integer(1)), ("/3/0/6/1", Value::Integer(5))],
            ),
        ),
        ("80 06", node("/3/0", [("/3/0/6", Value::None)])),
        ("", node("/3/0", [("/3/0", Value::None)])),
        // One resource, asked for by its own path; one instance of one.
        ("c1 09 64", node("/3/0/9", [("/3/0/9", Value::Integer(100))])),
        ("41 01 05", node("/3/0/6/1", [("/3/0/6/1", Value::Integer(5))])),
        // Instances of an object; the second is empty; the third has an id of 16 bits.
        (
            "03 00 c1 09 64  00 01  24 0101 c2 09 00ff",
            node(
                "/3",
                [
                    ("/3/0/9", Value::Integer(100)),
                    ("/3/1", Value::None),
                    ("/3/257/9", Value::Integer(255)),
                ],
            ),
        ),
        ("", node("/3", [])),
        // Every type. /3442/0: 16-bit ids where the id is above 255.
        ("c3 6e 612062", node("/3442/0", [("/3442/0/110", text("a b"))])),
        (
            "c8 78 08 8000000000000000",
            node("/3442/0", [("/3442/0/120", Value::Integer(i64::MIN))]),
        ),
        (
            "c1 7d ff",
            node("/3442/0", [("/3442/0/125", Value::Unsigned(255))]),
        ),
        (
            "c4 7d ffffffff",
            node("/3442/0", [("/3442/0/125", Value::Unsigned(0xffff_ffff))]),
        ),
        (
            "c4 82 c1480000",
            node("/3442/0", [("/3442/0/130", Value::Float(-12.5))]),
        ),
        (
            "c8 82 08 3fb999999999999a",
            node("/3442/0", [("/3442/0/130", Value::Float(0.1))]),
        ),
        (
            "c1 8c 01",
            node("/3442/0", [("/3442/0/140", Value::Boolean(true))]),
        ),
        ("c0 96", node("/3442/0", [("/3442/0/150", Value::Opaque(vec![]))])),
        (
            "c4 a0 6553f100",
            node("/3442/0", [("/3442/0/160", Value::Time(1_700_000_000))]),
        ),
        ("c4 aa 00030000", node("/3442/0", [("/3442/0/170", link(3, 0))])),
        (
            "c4 aa ffffffff",
            node("/3442/0", [("/3442/0/170", link(65535, 65535))]),
        ),
        (
            "c4 b4 3c2f333e",
            node("/3442/0", [("/3442/0/180", Value::CoreLink("</3>".into()))]),
        ),
        // A multiple resource with a 16-bit id and one instance.
        (
            "a4 0460 42 00 00c8",
            node("/3442/0", [("/3442/0/1120/0", Value::Integer(200))]),
        ),
    ] {
        let bytes = hex(bytes);
        assert_eq!(
            decode(TLV, node.base, &bytes, &context(&TYPES)).as_ref(),
            Ok(&node),
            "{bytes:02x?}"
        );
        assert_eq!(encode(TLV, &node, &context(&TYPES)), Ok(bytes));
    }
}

/// What clients do that our own writer does not.
#[test]
fn other_forms_of_the_same_values_are_read() {
    for (base, bytes, expected) in [
        // The object instance around the resources although the request names it.
        (
            "/3/0",
            "03 00 c1 09 64",
            node("/3/0", [("/3/0/9", Value::Integer(100))]),
        ),
        (
            "/3/0/9",
            "03 00 c1 09 64",
            node("/3/0/9", [("/3/0/9", Value::Integer(100))]),
        ),
        // No object instance although the request names none.
        ("/3", "c1 09 64", node("/3", [("/3/0/9", Value::Integer(100))])),
        // The multiple resource around the instance that was asked for.
        (
            "/3/0/6/1",
            "83 06 41 01 05",
            node("/3/0/6/1", [("/3/0/6/1", Value::Integer(5))]),
        ),
        // The instances of a multiple resource without the element of the resource.
        (
            "/3/0/6",
            "41 00 01 41 01 05",
            node(
                "/3/0/6",
                [("/3/0/6/0", Value::Integer(1)), ("/3/0/6/1", Value::Integer(5))],
            ),
        ),
        // Lengths and ids in more bytes than they need; bits 2-0 mean nothing beside a length field.
        (
            "/3/0",
            "ef 0009 01 64",
            node("/3/0", [("/3/0/9", Value::Integer(100))]),
        ),
        (
            "/3/0",
            "d0 09 0001 64",
            node("/3/0", [("/3/0/9", Value::Integer(100))]),
        ),
        (
            "/3/0",
            "d8 09 000008 0000000000000064",
            node("/3/0", [("/3/0/9", Value::Integer(100))]),
        ),
        // Any order.
        (
            "/3/0",
            "c1 0a 01 c1 09 64",
            node(
                "/3/0",
                [("/3/0/9", Value::Integer(100)), ("/3/0/10", Value::Integer(1))],
            ),
        ),
        // A resource the models do not know keeps its bytes.
        (
            "/3/0",
            "c2 c8 0064",
            node("/3/0", [("/3/0/200", Value::Opaque(vec![0, 100]))]),
        ),
    ] {
        assert_eq!(
            decode(TLV, path(base), &hex(bytes), &context(&TYPES)),
            Ok(expected),
            "{base}: {bytes}"
        );
    }
}

#[test]
fn a_create_without_an_instance_id_has_bare_resources() {
    let base = Path::instance(3, super::super::CHOSEN_BY_CLIENT);
    let at = base.child(9).unwrap();
    let node = Node {
        base,
        entries: Node::single(at, Value::Integer(100)).entries,
    };
    let bytes = hex("c1 09 64");
    assert_eq!(encode(TLV, &node, &context(&TYPES)).as_ref(), Ok(&bytes));
    assert_eq!(decode(TLV, base, &bytes, &context(&TYPES)), Ok(node));
    let chosen = decode(TLV, base, &hex("03 05 c1 09 64"), &context(&TYPES)).unwrap();
    assert_eq!(chosen.entries[0].path, path("/3/5/9"));
}

#[test]
fn what_breaks_the_rules_is_refused_in_words() {
    for (base, bytes, sentence) in [
        (
            "/3/0",
            "c1",
            "the payload ends within the head of a TLV element (at byte 1)",
        ),
        (
            "/3/0",
            "e1 00",
            "the payload ends within the head of a TLV element (at byte 2)",
        ),
        (
            "/3/0",
            "c8 00",
            "the payload ends within the head of a TLV element (at byte 2)",
        ),
        // Twenty-one bytes of text where the length tells twenty-two.
        (
            "/3/0",
            "c8 00 16 4f70656e204d6f62696c6520416c6c69616e6365 21",
            "a TLV element tells a length of 22 where 21 bytes are left (at byte 0)",
        ),
        // The inner element is longer than the outer one.
        (
            "/3/0",
            "83 06 42 00 01 c1 09 64",
            "a TLV element tells a length of 2 where 1 bytes are left (at byte 2)",
        ),
        (
            "/3/0",
            "c1 09 64 c1 09 64",
            "/3/0/9 is in the payload twice, or with more below it",
        ),
        (
            "/3",
            "03 00 c1 09 64 03 00 c1 0a 64",
            "/3/0 is in the payload twice, or with more below it",
        ),
        (
            "/3/0",
            "86 06 41 00 01 41 00 05",
            "/3/0/6/0 is in the payload twice, or with more below it",
        ),
        (
            "/3/1",
            "03 00 c1 09 64",
            "/3/0 is in the payload, but the request is about /3/1",
        ),
        (
            "/3/0/9",
            "c1 0a 64",
            "/3/0/10 is in the payload, but the request is about /3/0/9",
        ),
        (
            "/3/0",
            "83 06 c1 00 01",
            "a TLV resource stands directly under /3/0/6 (at byte 2)",
        ),
        (
            "/3/0",
            "c1 09 64 41 00 01",
            "a TLV resource instance stands directly under /3/0 (at byte 3)",
        ),
        (
            "/3/0",
            "41 00 01",
            "a TLV resource instance cannot answer a request about /3/0 (at byte 0)",
        ),
        (
            "/",
            "03 00 c1 09 64",
            "a TLV object instance cannot answer a request about / (at byte 0)",
        ),
        (
            "/3/0",
            "c3 09 000064",
            "/3/0/9 holds a whole number, but the payload has 3 bytes",
        ),
        (
            "/3/0",
            "c0 09",
            "/3/0/9 holds a whole number, but the payload has 0 bytes",
        ),
        (
            "/3/0",
            "c2 00 c328",
            "/3/0/0 holds a text, but the payload has 2 bytes that are not UTF-8",
        ),
        (
            "/3442/0",
            "c1 8c 02",
            "/3442/0/140 holds true or false, but the payload has the byte 0x02",
        ),
        (
            "/3442/0",
            "c2 82 0000",
            "/3442/0/130 holds a number, but the payload has 2 bytes",
        ),
        (
            "/3442/0",
            "c3 aa 000300",
            "/3442/0/170 holds an object link, but the payload has 3 bytes",
        ),
        (
            "/3",
            "23 ffff c1 09 64",
            "/3/65535 is in the payload, but the identifier 65535 is reserved",
        ),
        ("/3/0/6/1", "", "the payload is empty (at byte 0)"),
    ] {
        assert_eq!(refusal(TLV, base, &hex(bytes)), sentence, "{base}: {bytes}");
    }
}

#[test]
fn a_long_value_has_a_length_field_of_its_own() {
    for (length, head) in [
        (7usize, "c7 00"),
        (8, "c8 00 08"),
        (255, "c8 00 ff"),
        (256, "d0 00 0100"),
        (65_536, "d8 00 010000"),
    ] {
        let node = node("/5/0", [("/5/0/0", Value::Opaque(vec![7; length]))]);
        let bytes = encode(TLV, &node, &context(&TYPES)).unwrap();
        let head = hex(head);
        assert_eq!(bytes[..head.len()], head);
        assert_eq!(bytes.len(), head.len() + length);
        assert_eq!(decode(TLV, node.base, &bytes, &context(&TYPES)), Ok(node));
    }
}

#[test]
fn what_tlv_cannot_say_is_refused_in_words() {
    for (node, sentence) in [
        (
            history(
                "/3/0",
                [
                    ("/3/0/9", 1.7e9, Value::Integer(1)),
                    ("/3/0/9", 1.8e9, Value::Integer(2)),
                ],
            ),
            "/3/0/9 cannot be written as application/vnd.oma.lwm2m+tlv: it is there more than once",
        ),
        (
            node("/", [("/3/0/9", Value::Integer(1))]),
            "/ cannot be written as application/vnd.oma.lwm2m+tlv: it has no place for the id of an object",
        ),
        (
            node("/3/0", [("/3/1/9", Value::Integer(1))]),
            "/3/1/9 is to be written, but the request is about /3/0",
        ),
        (
            node("/3/0", [("/3/0/9", text("full"))]),
            "/3/0/9 holds a whole number, and the text \"full\" was given",
        ),
        (
            node("/3/0", [("/3/0/6/0", Value::None)]),
            "/3/0/6/0 cannot be written as application/vnd.oma.lwm2m+tlv: there is no value",
        ),
    ] {
        assert_eq!(
            encode(TLV, &node, &context(&TYPES)).unwrap_err().to_string(),
            sentence
        );
    }
}

/// The answer to a Read of `/3/0` as LwM2M Core 1.2 §7.4.3 shows it with a letter missing in the model number: 21 bytes under
/// a length of 22, so that the head of the next element is taken for the last letter.
#[test]
fn an_example_of_the_specification_with_a_wrong_length_is_refused() {
    let model = |name: &[u8]| {
        let mut payload = hex("c8 00 14");
        payload.extend_from_slice(b"Open Mobile Alliance");
        payload.extend_from_slice(&hex("c8 01 16"));
        payload.extend_from_slice(name);
        payload.extend_from_slice(&hex("c8 02 09"));
        payload.extend_from_slice(b"345000123");
        payload
    };
    assert!(
        decode(
            TLV,
            path("/3/0"),
            &model(b"Lightweight M2M Client"),
            &context(&TYPES)
        )
        .is_ok()
    );
    assert_eq!(
        refusal(TLV, "/3/0", &model(b"Lightweigt M2M Client")),
        "/3/0/1 holds a text, but the payload has 22 bytes that are not UTF-8"
    );
    // Elements that are longer or shorter than their contents.
    for bytes in [
        "08 00 79 c8 00 14 4f70656e",
        "86 06 41 00 01 41 01",
        "83 07 41 00 0ed8 42 01 1388",
    ] {
        assert!(
            decode(TLV, path("/3/0"), &hex(bytes), &context(&TYPES)).is_err(),
            "{bytes}"
        );
    }
}
