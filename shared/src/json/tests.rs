//! The reader and the writer against serde_json.

use super::*;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Numbers of up to ten digits. Of those with more, two texts may be equally short and near, and either may be written.
fn reals() -> impl Strategy<Value = f64> {
    (any::<i32>(), -300i32..290)
        .prop_map(|(digits, exponent)| format!("{digits}e{exponent}").parse().unwrap())
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        reals().prop_map(Json::from),
        any::<i32>().prop_map(|eighths| Json::from(f64::from(eighths) / 8.0)),
        any::<String>().prop_map(Json::from),
        "[\\x00-\\x7f]{0,6}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            proptest::collection::vec(("[a-d\"/~]{0,2}", inner), 0..6)
                .prop_map(|entries| Json::Object(Object::of_entries(entries))),
        ]
    })
}

/// As serde_json has it.
fn theirs(json: &Json) -> Value {
    serde_json::to_value(json).unwrap()
}

fn what_serde_json_says(text: &[u8]) -> Result<Value, (usize, usize, String)> {
    serde_json::from_slice(text).map_err(|error| {
        let words = error.to_string();
        let reason = words.rsplit_once(" at line ").unwrap().0.to_owned();
        (error.line(), error.column(), reason)
    })
}

fn check_read(text: &[u8]) {
    let ours = parse(text)
        .map(|json| theirs(&json))
        .map_err(|mistake| (mistake.line, mistake.column, mistake.reason.to_owned()));
    // Where in a number it is told to be too large differs by some digits.
    let placed = |(line, column, reason): (usize, usize, String)| {
        let column = if reason == "number out of range" {
            0
        } else {
            column
        };
        (line, column, reason)
    };
    assert_eq!(
        ours.map_err(placed),
        what_serde_json_says(text).map_err(placed),
        "{}",
        String::from_utf8_lossy(text)
    );
}

#[derive(Serialize)]
enum Kind {
    Unit,
    Newtype(u8),
}

#[derive(Serialize)]
struct Part {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u8>,
    kinds: (Kind, Kind),
    real: f64,
    single: f32,
    small: i8,
    letter: char,
    nothing: (),
    map: std::collections::BTreeMap<u16, Option<bool>>,
    json: Json,
}

proptest! {
    #[test]
    fn what_is_written_is_what_serde_json_writes(json in any_json()) {
        prop_assert_eq!(json.to_string(), theirs(&json).to_string());
        prop_assert_eq!(json.pretty(), serde_json::to_string_pretty(&json).unwrap());
        prop_assert_eq!(parse(json.to_string().as_bytes()), Ok(json.clone()));
        prop_assert_eq!(parse(json.pretty().as_bytes()), Ok(json.clone()));
        prop_assert_eq!(Json::deserialize(theirs(&json)).unwrap(), json);
    }

    /// With one byte changed, taken out or put in, so that most texts are wrong in one place.
    #[test]
    fn a_mistake_is_told_as_serde_json_tells_it(
        json in any_json(),
        pretty in any::<bool>(),
        at in any::<proptest::sample::Index>(),
        with in proptest::option::of(prop_oneof![proptest::sample::select(b" \n\"\\{}[]:,0-1.eEtfnu+\x01\xff".to_vec()), any::<u8>()]),
        instead in any::<bool>(),
    ) {
        let mut text = if pretty { json.pretty() } else { json.to_string() }.into_bytes();
        let at = at.index(text.len());
        text.splice(at..at + usize::from(instead), with);
        check_read(&text);
    }

    #[test]
    fn any_text_is_read_as_serde_json_reads_it(text in "[\\[\\]{}:,\" \n\\\\u0-9a-fdDeE.+ntrsl-]{0,12}") {
        check_read(text.as_bytes());
    }

    #[test]
    fn numbers_are_read_as_serde_json_reads_them(text in "-?[0-9]{0,3}[0-9]{0,22}(\\.[0-9]{0,22})?([eE][+-]?[0-9]{0,3})?") {
        check_read(text.as_bytes());
    }

    #[test]
    fn texts_are_read_as_serde_json_reads_them(text in "(\\\\[ub\\\\/\"nx]|\\\\u[dD][89abcdC][0-9a-f]{2}|\\\\u[0-9a-fG]{4}|[aé\t])*") {
        check_read(format!("\"{text}\"").as_bytes());
        check_read(format!("\"{text}").as_bytes());
    }

    #[test]
    fn a_body_is_what_serde_json_writes(name in any::<String>(), real in reals(), quarters in any::<i16>(), small in any::<i8>(), letter in any::<char>(), left_out in any::<Option<u8>>(), map in any::<std::collections::BTreeMap<u16, Option<bool>>>(), json in any_json()) {
        // Of other singles two texts may be equally short and near.
        let single = f32::from(quarters) / 4.0;
        let part = Part { name, left_out, kinds: (Kind::Unit, Kind::Newtype(3)), real, single, small, letter, nothing: (), map, json };
        prop_assert_eq!(body(&part), serde_json::to_string(&part).ok());
    }

    #[test]
    fn a_pointer_finds_what_serde_json_finds(mut json in any_json(), pointer in "(/[a-d0-2\"]{0,2}|/~[01]|/\\+1|/01){0,3}a?") {
        let found = json.pointer(&pointer).map(theirs);
        prop_assert_eq!(&found, &theirs(&json).pointer(&pointer).cloned());
        prop_assert_eq!(found, json.pointer_mut(&pointer).map(|part| theirs(part)));
    }
}

#[test]
fn an_exponent_stands_where_it_makes_a_number_shorter() {
    for number in
        (-30..30).flat_map(|exponent| [1.0, 1.25, -123_456.7].map(|number| number * 10f64.powi(exponent)))
    {
        assert_eq!(super::number(number), Value::from(number).to_string());
    }
}

#[test]
fn what_lies_too_deep_is_refused() {
    for depth in [127, 128, 129, 100_000] {
        check_read(&[b"[".repeat(depth), b"]".repeat(depth)].concat());
        check_read(&b"{\"a\":".repeat(depth));
    }
}

#[test]
fn of_a_name_that_is_there_twice_the_last_counts() {
    check_read(br#"{"b":1,"a":2,"b":{"a":1,"a":3},"a":4}"#);
}

#[test]
fn numbers_compare_as_what_they_are() {
    assert_eq!(Json::from(5u64), Json::from(5i64));
    assert_eq!(Json::from(5u8).as_u64(), Some(5));
    assert_eq!(Json::from(-5i64).as_u64(), None);
    assert_eq!(Json::from(u64::MAX).as_i64(), None);
    assert_eq!(Json::from(u64::MAX).as_u64(), Some(u64::MAX));
    assert_eq!(Json::from(1.5).as_f64(), Some(1.5));
    assert_eq!(Json::from(f64::NAN), Json::Null);
    assert_eq!(Json::from("a")["b"][3], Json::Null);
}
