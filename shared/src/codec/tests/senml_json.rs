//! RFC 8428 §5, RFC 8790, LwM2M Core 1.2 §7.4.5.

use super::*;

const JSON: ContentFormat = ContentFormat::SENML_JSON;
const ETCH: ContentFormat = ContentFormat::SENML_ETCH_JSON;

#[test]
fn packs_stand_for_values_both_ways() {
    for (json, node) in [
        (
            r#"[{"bn":"/3/0/","n":"0","vs":"abc"},{"n":"6/0","v":1},{"n":"9","v":100}]"#,
            node(
                "/3/0",
                [
                    ("/3/0/0", text("abc")),
                    ("/3/0/6/0", Value::Integer(1)),
                    ("/3/0/9", Value::Integer(100)),
                ],
            ),
        ),
        (
            r#"[{"bn":"/3/0/9","v":100}]"#,
            node("/3/0/9", [("/3/0/9", Value::Integer(100))]),
        ),
        (
            r#"[{"bn":"/","n":"3/0/9","v":1},{"n":"6/0/0","v":-12.5}]"#,
            node(
                "/",
                [("/3/0/9", Value::Integer(1)), ("/6/0/0", Value::Float(-12.5))],
            ),
        ),
        (
            r#"[{"bn":"/3442/0/","n":"120","v":-9223372036854775808},{"n":"125","v":18446744073709551615},{"n":"140","vb":false},{"n":"150","vd":"-_8"},{"n":"160","v":1700000000},{"n":"170","vlo":"65535:65535"},{"n":"180","vs":"</3>"}]"#,
            node(
                "/3442/0",
                [
                    ("/3442/0/120", Value::Integer(i64::MIN)),
                    ("/3442/0/125", Value::Unsigned(u64::MAX)),
                    ("/3442/0/140", Value::Boolean(false)),
                    ("/3442/0/150", Value::Opaque(vec![0xfb, 0xff])),
                    ("/3442/0/160", Value::Time(1_700_000_000)),
                    ("/3442/0/170", link(65535, 65535)),
                    ("/3442/0/180", Value::CoreLink("</3>".into())),
                ],
            ),
        ),
        (
            r#"[{"bn":"/3/0/9","t":1600000000,"v":90},{"t":1600000060.5,"v":89}]"#,
            history(
                "/3/0/9",
                [
                    ("/3/0/9", 1_600_000_000.0, Value::Integer(90)),
                    ("/3/0/9", 1_600_000_060.5, Value::Integer(89)),
                ],
            ),
        ),
        ("[]", node("/3", [])),
    ] {
        let read = decode(JSON, node.base, json.as_bytes(), &context(&TYPES));
        assert_eq!(read.as_ref(), Ok(&node), "{json}");
        let written = encode(JSON, &node, &context(&TYPES)).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), json);
    }
}

/// What clients do that our own writer does not.
#[test]
fn other_forms_of_the_same_values_are_read() {
    let battery = || node("/3/0", [("/3/0/9", Value::Integer(100))]);
    for (json, expected) in [
        (r#" [ {"n":"/3/0/9","v":100.0} ] "#, battery()),
        (
            r#"[{"bn":"/3/0"},{"n":"/9","v":1e2,"u":"%EL","x":[1]}]"#,
            battery(),
        ),
        (r#"[{"bn":"/","bver":10},{"bn":"/3/0/9/","v":100}]"#, battery()),
        (r#"[{"bn":"/3/0/","bv":90,"n":"9","v":10}]"#, battery()),
        // Order does not count without times; a base name holds until the next.
        (
            r#"[{"bn":"/3/0/","n":"9","v":100},{"n":"0","vs":""}]"#,
            node("/3/0", [("/3/0/0", text("")), ("/3/0/9", Value::Integer(100))]),
        ),
        // Both alphabets of base64, with and without padding.
        (
            r#"[{"n":"/3/0/200","vd":"+/8="}]"#,
            node("/3/0", [("/3/0/200", Value::Opaque(vec![0xfb, 0xff]))]),
        ),
        (
            r#"[{"n":"/3/0/22/0","vs":"66:0"},{"n":"/3/0/22/1","vlo":"FFFF:FFFF"}]"#,
            node(
                "/3/0",
                [("/3/0/22/0", link(66, 0)), ("/3/0/22/1", link(65535, 65535))],
            ),
        ),
        // Relative to now, which is 1,700,000,000.
        (
            r#"[{"n":"/3/0/9","t":-5.5,"v":1}]"#,
            history("/3/0", [("/3/0/9", 1_699_999_994.5, Value::Integer(1))]),
        ),
        (
            r#"[{"bn":"/3/0/9","bt":1600000000,"t":-10,"v":1},{"v":2}]"#,
            history(
                "/3/0",
                [
                    ("/3/0/9", 1_599_999_990.0, Value::Integer(1)),
                    ("/3/0/9", 1_600_000_000.0, Value::Integer(2)),
                ],
            ),
        ),
        ("[]", node("/3/0", [("/3/0", Value::None)])),
    ] {
        assert_eq!(
            decode(JSON, path("/3/0"), json.as_bytes(), &context(&TYPES)),
            Ok(expected),
            "{json}"
        );
    }
}

#[test]
fn names_carry_the_alternate_path() {
    let rooted = Context {
        root: Some("/lwm2m"),
        ..context(&TYPES)
    };
    let node = node("/3/0", [("/3/0/9", Value::Integer(100))]);
    let json = r#"[{"bn":"/lwm2m/3/0/","n":"9","v":100}]"#;
    assert_eq!(encode(JSON, &node, &rooted), Ok(json.as_bytes().to_vec()));
    assert_eq!(
        decode(JSON, node.base, json.as_bytes(), &rooted).as_ref(),
        Ok(&node)
    );
    // A client that leaves it out is understood.
    let bare = br#"[{"n":"/3/0/9","v":100}]"#;
    assert_eq!(decode(JSON, node.base, bare, &rooted), Ok(node));
    assert_eq!(
        encode_paths(JSON, &[Path::ROOT, path("/3/0")], &rooted),
        Ok(br#"[{"n":"/lwm2m/"},{"n":"/lwm2m/3/0"}]"#.to_vec())
    );
}

#[test]
fn what_breaks_the_rules_is_refused_in_words() {
    for (json, sentence) in [
        ("", "EOF while parsing a value (at byte 0)"),
        ("[{\"n\":\"/3/0/9\",\n\"v\":}]", "expected value (at byte 20)"),
        (
            r#"{"n":"/3/0/9","v":1}"#,
            "an array of records is wanted (at byte 0)",
        ),
        (r#"[{"n":"/3/0/9"}]"#, "the record has no value (in record 1)"),
        (r#"[{"n":"/3/0/9","v":null}]"#, "null is no value (in record 1)"),
        (
            r#"[{"n":"/3/0/9","v":1,"vs":"1"}]"#,
            "a record has one value and no sum (in record 1)",
        ),
        (
            r#"[{"n":"/3/0/9","s":1}]"#,
            "a record has one value and no sum (in record 1)",
        ),
        (
            r#"[{"n":"/3/0/9","v":"1"}]"#,
            "v has a value of the wrong kind (in record 1)",
        ),
        (
            r#"[{"bn":"/3/0/"},{"n":9,"v":1}]"#,
            "n has a value of the wrong kind (in record 2)",
        ),
        (
            r#"[{"n":"/3/0/9","vd":"*"}]"#,
            "vd has a value of the wrong kind (in record 1)",
        ),
        (
            r#"[{"n":"/3/0/9","v":1,"x_":1}]"#,
            "\"x_\" has to be understood, and is not (in record 1)",
        ),
        (
            r#"[{"bver":11,"n":"/3/0/9","v":1}]"#,
            "this version of SenML is not known (in record 1)",
        ),
        (
            r#"[{"n":"9","v":1}]"#,
            "the name \"9\" does not begin with a slash (in record 1)",
        ),
        (
            r#"[{"n":"/3/0/x","v":1}]"#,
            "the name \"/3/0/x\" is no path of identifiers (in record 1)",
        ),
        (
            r#"[{"bn":"/3/0/","n":"/9","v":1}]"#,
            "the name \"/3/0//9\" is no path of identifiers (in record 1)",
        ),
        (
            r#"[{"n":"/3/0/6/1/2","v":1}]"#,
            "the name \"/3/0/6/1/2\" is deeper than a resource instance (in record 1)",
        ),
        (
            r#"[{"n":"/3/0","v":1}]"#,
            "the payload has a value at /3/0, which is no resource",
        ),
        (
            r#"[{"n":"/3/1/9","v":1}]"#,
            "/3/1/9 is in the payload, but the request is about /3/0",
        ),
        (
            r#"[{"n":"/3/0/9","v":1},{"n":"/3/0/9","v":1}]"#,
            "/3/0/9 is in the payload twice, or with more below it",
        ),
        (
            r#"[{"n":"/3/0/6","v":1},{"n":"/3/0/6/0","v":1}]"#,
            "/3/0/6 is in the payload twice, or with more below it",
        ),
        (
            r#"[{"n":"/3/0/9","v":1.5}]"#,
            "/3/0/9 holds a whole number, but the payload has the number 1.5",
        ),
        (
            r#"[{"n":"/3/0/9","v":9223372036854775808}]"#,
            "/3/0/9 holds a whole number, but the payload has the number 9223372036854775808",
        ),
        (
            r#"[{"n":"/3/0/0","v":1}]"#,
            "/3/0/0 holds a text, but the payload has the number 1",
        ),
        (
            r#"[{"bv":9223372036854775807,"n":"/3/0/9","v":1}]"#,
            "the sum of bv and v is out of range (in record 1)",
        ),
        (
            r#"[{"bt":1e308,"n":"/3/0/9","t":1e308,"v":1}]"#,
            "the time is out of range (in record 1)",
        ),
    ] {
        assert_eq!(refusal(JSON, "/3/0", json.as_bytes()), sentence, "{json}");
    }
}

#[test]
fn a_long_base_name_is_not_copied_for_every_record() {
    let name = "x".repeat(300);
    let json = format!(r#"[{{"bn":"/{name}"}},{{"n":"/3/0/9","v":1}}]"#);
    let sentence = refusal(JSON, "/3/0", json.as_bytes());
    assert!(
        sentence.ends_with("is longer than 255 bytes (in record 2)"),
        "{sentence}"
    );
}

#[test]
fn lists_of_paths_for_the_composite_operations() {
    let paths = [path("/3/0/0"), path("/1"), Path::ROOT];
    let json = r#"[{"n":"/3/0/0"},{"n":"/1"},{"n":"/"}]"#;
    for format in [JSON, ETCH] {
        assert_eq!(
            encode_paths(format, &paths, &context(&TYPES)),
            Ok(json.as_bytes().to_vec())
        );
        assert_eq!(
            decode_paths(format, json.as_bytes(), &context(&TYPES)),
            Ok(paths.to_vec())
        );
        assert_eq!(
            decode_paths(
                format,
                br#"[{"bn":"/3/0/","n":"0"},{"n":"1","u":"x"},{"bn":"/4"}]"#,
                &context(&TYPES)
            ),
            Ok(vec![path("/3/0/0"), path("/3/0/1"), path("/4")])
        );
        for (json, sentence) in [
            ("[]", "the list of paths is empty (at byte 0)"),
            ("[{}]", "the record names nothing (in record 1)"),
            (
                r#"[{"n":"/3/0/0","v":1}]"#,
                "a record of a path list has no value (in record 1)",
            ),
        ] {
            let error = decode_paths(format, json.as_bytes(), &context(&TYPES)).unwrap_err();
            assert_eq!(error.to_string(), sentence);
        }
    }
    assert!(encode_paths(ContentFormat::TLV, &paths, &context(&TYPES)).is_err());
    assert!(decode_paths(ContentFormat::TLV, &[], &context(&TYPES)).is_err());
}

#[test]
fn a_patch_keeps_its_order_and_takes_instances_away() {
    let json = r#"[{"bn":"/","n":"3/0/6/1","v":null},{"n":"3/0/14","vs":"+02"},{"n":"3/0/14","vs":"+03"}]"#;
    let patch = Node {
        base: Path::ROOT,
        entries: [
            ("/3/0/6/1", Value::None),
            ("/3/0/14", text("+02")),
            ("/3/0/14", text("+03")),
        ]
        .into_iter()
        .flat_map(|(at, value)| Node::single(path(at), value).entries)
        .collect(),
    };
    assert_eq!(
        decode(ETCH, Path::ROOT, json.as_bytes(), &context(&TYPES)).as_ref(),
        Ok(&patch)
    );
    assert_eq!(
        encode(ETCH, &patch, &context(&TYPES)),
        Ok(json.as_bytes().to_vec())
    );
}

#[test]
fn what_json_cannot_say_is_refused_in_words() {
    let nan = node(
        "/6/0",
        [("/6/0/0", Value::Float(1.0)), ("/6/0/1", Value::Float(f64::NAN))],
    );
    assert_eq!(
        encode(JSON, &nan, &context(&TYPES)).unwrap_err().to_string(),
        "/6/0/1 cannot be written as application/senml+json: it is no finite number"
    );
    let timeless = history("/3/0", [("/3/0/9", f64::INFINITY, Value::Integer(1))]);
    assert!(matches!(
        encode(JSON, &timeless, &context(&TYPES)),
        Err(EncodeError::Unrepresentable { .. })
    ));
}
