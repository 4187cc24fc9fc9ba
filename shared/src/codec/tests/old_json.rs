//! LwM2M TS 1.0 §6.4.4.

use super::*;

const JSON: ContentFormat = ContentFormat::OLD_JSON;

#[test]
fn packs_stand_for_values_both_ways() {
    for (json, node) in [
        (
            r#"{"bn":"/3/0/","e":[{"n":"0","sv":"abc"},{"n":"6/0","v":1},{"n":"9","v":100},{"n":"22/0","ov":"66:0"}]}"#,
            node(
                "/3/0",
                [
                    ("/3/0/0", text("abc")),
                    ("/3/0/6/0", Value::Integer(1)),
                    ("/3/0/9", Value::Integer(100)),
                    ("/3/0/22/0", link(66, 0)),
                ],
            ),
        ),
        (
            r#"{"bn":"/3/0/","e":[{"n":"9","v":100}]}"#,
            node("/3/0/9", [("/3/0/9", Value::Integer(100))]),
        ),
        (
            r#"{"bn":"/3/","e":[{"n":"0/9","v":100}]}"#,
            node("/3", [("/3/0/9", Value::Integer(100))]),
        ),
        (
            r#"{"bn":"/3442/0/","e":[{"n":"125","v":18446744073709551615},{"bv":true,"n":"140"},{"n":"150","sv":"+/8="},{"n":"160","v":1700000000}]}"#,
            node(
                "/3442/0",
                [
                    ("/3442/0/125", Value::Unsigned(u64::MAX)),
                    ("/3442/0/140", Value::Boolean(true)),
                    ("/3442/0/150", Value::Opaque(vec![0xfb, 0xff])),
                    ("/3442/0/160", Value::Time(1_700_000_000)),
                ],
            ),
        ),
        (r#"{"bn":"/3/","e":[]}"#, node("/3", [])),
    ] {
        let read = decode(JSON, node.base, json.as_bytes(), &context(&TYPES));
        assert_eq!(read.as_ref(), Ok(&node), "{json}");
        let written = encode(JSON, &node, &context(&TYPES)).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), json);
    }
}

/// What devices do that our own writer does not.
#[test]
fn other_forms_of_the_same_values_are_read() {
    let battery = || node("/3/0", [("/3/0/9", Value::Integer(100))]);
    for (json, expected) in [
        (r#"{"e":[{"n":"9","v":100}]}"#, battery()),
        (r#"{"e":[{"n":"/3/0/9","v":100.0}]}"#, battery()),
        (r#"{"bn":"/3/0","e":[{"n":"9","v":100}]}"#, battery()),
        (r#"{"bn":"/3/0/","e":[{"n":"/9","v":100}]}"#, battery()),
        (r#"{"bn":"/3/0/9","e":[{"n":"","v":100}]}"#, battery()),
        // Wakaama says the resource twice.
        (r#"{"bn":"/3/0/9/","e":[{"n":"9","v":100}]}"#, battery()),
        (r#"{"bn":"/3/0/9","e":[{"v":100}]}"#, battery()),
        // The list alone, with base names among its records.
        (
            r#"[{"bn":"/3/0/","n":"9","v":100},{"n":"0","sv":"x"}]"#,
            node("/3/0", [("/3/0/0", text("x")), ("/3/0/9", Value::Integer(100))]),
        ),
        (r#"[{"bn":"/3/0/"},{"n":"9","v":100}]"#, battery()),
        // Times below a base time; without one they are relative to now.
        (
            r#"{"bt":1600000000,"e":[{"n":"9","t":-60,"v":90},{"n":"9","v":89}]}"#,
            history(
                "/3/0",
                [
                    ("/3/0/9", 1_599_999_940.0, Value::Integer(90)),
                    ("/3/0/9", 1_600_000_000.0, Value::Integer(89)),
                ],
            ),
        ),
        (
            r#"{"e":[{"n":"9","t":-5,"v":90}]}"#,
            history("/3/0", [("/3/0/9", 1_699_999_995.0, Value::Integer(90))]),
        ),
        (r#"{"e":[]}"#, node("/3/0", [("/3/0", Value::None)])),
    ] {
        assert_eq!(
            decode(JSON, path("/3/0"), json.as_bytes(), &context(&TYPES)),
            Ok(expected),
            "{json}"
        );
    }
    assert_eq!(
        decode(
            ContentFormat::LEGACY_JSON,
            path("/3/0/9"),
            br#"{"e":[{"v":100}]}"#,
            &context(&TYPES)
        ),
        Ok(node("/3/0/9", [("/3/0/9", Value::Integer(100))]))
    );
}

#[test]
fn what_breaks_the_rules_is_refused_in_words() {
    for (json, sentence) in [
        ("1", "an object with a list \"e\" is wanted (at byte 0)"),
        ("[1]", "a record is no object (in record 1)"),
        (r#"{"e":1}"#, "\"e\" is no list (in record 1)"),
        (r#"{"e":[1]}"#, "a record is no object (in record 1)"),
        (
            r#"{"bn":1,"e":[]}"#,
            "bn has a value of the wrong kind (in record 1)",
        ),
        (r#"{"e":[{"n":"9"}]}"#, "the record has no value (in record 1)"),
        (
            r#"{"e":[{"n":"9","v":1,"sv":"1"}]}"#,
            "a record has one value (in record 1)",
        ),
        (
            r#"{"e":[{"n":"9","v":"1"}]}"#,
            "v has a value of the wrong kind (in record 1)",
        ),
        (
            r#"{"e":[{"n":"x","v":1}]}"#,
            "the name \"x\" is no path of identifiers (in record 1)",
        ),
        (
            r#"{"bn":"3/0","e":[{"n":"9","v":1}]}"#,
            "the name \"9\" does not begin with a slash (in record 1)",
        ),
        (
            r#"{"bn":"/4/0","e":[{"n":"9","v":1}]}"#,
            "/4/0/9 is in the payload, but the request is about /3/0",
        ),
        (
            r#"{"e":[{"n":"9","v":1},{"n":"9","v":1}]}"#,
            "/3/0/9 is in the payload twice, or with more below it",
        ),
        (
            r#"{"e":[{"n":"9","bv":true}]}"#,
            "/3/0/9 holds a whole number, but the payload has true",
        ),
    ] {
        assert_eq!(refusal(JSON, "/3/0", json.as_bytes()), sentence, "{json}");
    }
}
