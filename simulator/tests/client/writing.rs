//! Write, Execute, Create, Delete and the composites with every answer the specification has for them. LwM2M Core 1.2
//! §6.3.3 to §6.3.9.

use crate::ask::{check, request, senml, text, values};
use crate::support::Pair;
use coap::{Code, Request};
use shared::{ContentFormat, Path, Value, Version};

#[test]
fn writes_that_are_refused_change_nothing() {
    let mut pair = Pair::registered();
    let before = pair.client.tree().readable(Path::object(3442));
    check(
        &mut pair,
        vec![
            (text("PUT", "/3/0/0", "x"), Code::METHOD_NOT_ALLOWED),
            (text("PUT", "/3/0/4", "x"), Code::METHOD_NOT_ALLOWED),
            (text("PUT", "/3/0", "x"), Code::UNSUPPORTED_CONTENT_FORMAT),
            (text("PUT", "/3", "x"), Code::METHOD_NOT_ALLOWED),
            (text("PUT", "/", "x"), Code::METHOD_NOT_ALLOWED),
            (text("PUT", "/0/0/0", "x"), Code::UNAUTHORIZED),
            (text("PUT", "/3442/0/9999", "1"), Code::NOT_FOUND),
            (text("PUT", "/3442/9/120", "1"), Code::NOT_FOUND),
            (text("PUT", "/3442/0/120", "1.5"), Code::BAD_REQUEST),
            (text("PUT", "/3442/0/120", "one"), Code::BAD_REQUEST),
            (text("PUT", "/3442/0/140", "2"), Code::BAD_REQUEST),
            (text("PUT", "/3442/0/1120", "1"), Code::BAD_REQUEST),
            (text("PUT", "/3442/0/120?pmin=3", "1"), Code::BAD_REQUEST),
            (text("PUT", "/3311/0/5851", "101"), Code::BAD_REQUEST),
            (text("PUT", "/3311/0/5852", "5"), Code::BAD_REQUEST),
            (text("PUT", "/1/0/7", "T"), Code::BAD_REQUEST),
            (
                request("PUT", "/3442/0/120").with_payload(50, "1"),
                Code::UNSUPPORTED_CONTENT_FORMAT,
            ),
            (
                request("PUT", "/3442/0/120").with_payload(11544, "1"),
                Code::UNSUPPORTED_CONTENT_FORMAT,
            ),
            (request("PUT", "/3442/0/120"), Code::UNSUPPORTED_CONTENT_FORMAT),
            (
                senml(
                    "PUT",
                    "/3442/0",
                    r#"[{"bn":"/3442/0/","n":"120","v":1},{"n":"130","vs":"x"}]"#,
                ),
                Code::BAD_REQUEST,
            ),
            (
                senml(
                    "POST",
                    "/3442/0",
                    r#"[{"bn":"/3442/0/","n":"120","v":1},{"n":"4/0","vs":"x"}]"#,
                ),
                Code::METHOD_NOT_ALLOWED,
            ),
            (senml("PUT", "/3442/0", "[{"), Code::BAD_REQUEST),
        ],
    );
    assert_eq!(pair.client.tree().readable(Path::object(3442)), before);
}

#[test]
fn a_write_replaces_and_a_partial_write_keeps() {
    let mut pair = Pair::registered();
    let instance = r#"[{"bn":"/3442/0/","n":"120","v":5},{"n":"1120/3","v":33}]"#;
    check(
        &mut pair,
        vec![(senml("POST", "/3442/0", instance), Code::CHANGED)],
    );
    let tree = pair.client.tree();
    assert_eq!(tree.get(Path::resource(3442, 0, 120)), Some(&Value::Integer(5)));
    assert!(tree.get(Path::resource(3442, 0, 130)).is_some());
    assert_eq!(tree.readable(Path::resource(3442, 0, 1120)).len(), 3);

    check(
        &mut pair,
        vec![(senml("PUT", "/3442/0", instance), Code::CHANGED)],
    );
    let tree = pair.client.tree();
    assert_eq!(tree.get(Path::resource(3442, 0, 130)), None);
    assert_eq!(
        tree.readable(Path::resource(3442, 0, 1120)),
        [(Path::resource_instance(3442, 0, 1120, 3), Value::Integer(33))]
    );
    check(
        &mut pair,
        vec![
            (text("PUT", "/3442/0/1120/4", "44"), Code::CHANGED),
            (text("PUT", "/3442/0/130", "1.5"), Code::CHANGED),
            (text("POST", "/3442/0/1120", "44"), Code::METHOD_NOT_ALLOWED),
        ],
    );
    assert_eq!(
        pair.client.tree().readable(Path::resource(3442, 0, 1120)).len(),
        2
    );
}

#[test]
fn execute_takes_arguments_and_nothing_else() {
    let mut pair = Pair::registered();
    check(
        &mut pair,
        vec![
            (text("POST", "/3442/0/3", "0='hello',7"), Code::CHANGED),
            (request("POST", "/3442/0/0"), Code::CHANGED),
            (text("POST", "/3442/0/3", "5,1='x'"), Code::CHANGED),
            (text("POST", "/3442/0/3", "0=hello"), Code::BAD_REQUEST),
            (text("POST", "/3442/0/3", "1,1"), Code::BAD_REQUEST),
            (senml("POST", "/3442/0/3", "[]"), Code::UNSUPPORTED_CONTENT_FORMAT),
            (request("POST", "/3442/0/110"), Code::METHOD_NOT_ALLOWED),
            (request("POST", "/3442/0/7"), Code::NOT_FOUND),
            (request("POST", "/3442/9/0"), Code::NOT_FOUND),
            (request("POST", "/5/0/2"), Code::METHOD_NOT_ALLOWED),
            (request("POST", "/0/0/1"), Code::UNAUTHORIZED),
            (request("POST", "/3/0/11/0"), Code::METHOD_NOT_ALLOWED),
        ],
    );
    let arguments = pair.client.tree().readable(Path::resource(3442, 0, 4));
    let texts: Vec<_> = arguments.iter().map(|(_, value)| value.to_string()).collect();
    assert_eq!(texts, ["1,x", "5"]);
}

#[test]
fn instances_are_created_and_deleted() {
    let mut pair = Pair::registered();
    let tlv = |instance: Option<u8>| {
        // On/Off (0x16da) as a resource with a 16-bit identifier and one byte.
        let resource = vec![0xe1, 0x16, 0xda, 1];
        match instance {
            Some(id) => [vec![0x04, id], resource].concat(),
            None => resource,
        }
    };
    let create = |payload: Vec<u8>| request("POST", "/3311").with_payload(ContentFormat::TLV.0, payload);
    let named = pair.ask(create(tlv(Some(5))));
    assert_eq!(named.code, Code::CREATED, "{:?}", named.diagnostic_text());
    assert_eq!(named.location_path().as_deref(), Some("/3311/5"));
    let chosen = pair.ask(create(tlv(None)));
    assert_eq!(chosen.location_path().as_deref(), Some("/3311/1"));
    assert_eq!(
        pair.client.tree().get(Path::resource(3311, 1, 5850)),
        Some(&Value::Boolean(true))
    );
    check(
        &mut pair,
        vec![
            (create(tlv(Some(5))), Code::BAD_REQUEST),
            (create(vec![]), Code::BAD_REQUEST),
            (create([tlv(Some(8)), tlv(Some(9))].concat()), Code::BAD_REQUEST),
            (request("POST", "/3303"), Code::METHOD_NOT_ALLOWED),
            (request("POST", "/3"), Code::METHOD_NOT_ALLOWED),
            (request("POST", "/9999"), Code::NOT_FOUND),
            (request("POST", "/0"), Code::UNAUTHORIZED),
            (text("POST", "/3311", "1"), Code::UNSUPPORTED_CONTENT_FORMAT),
            (
                senml("POST", "/3311", r#"[{"bn":"/3311/8/","n":"5850","vs":"on"}]"#),
                Code::BAD_REQUEST,
            ),
            (request("DELETE", "/3311/5"), Code::DELETED),
            (request("DELETE", "/3311/5"), Code::NOT_FOUND),
            (request("DELETE", "/3311"), Code::METHOD_NOT_ALLOWED),
            (request("DELETE", "/"), Code::METHOD_NOT_ALLOWED),
            (request("DELETE", "/3/0"), Code::METHOD_NOT_ALLOWED),
            (request("DELETE", "/0/0"), Code::UNAUTHORIZED),
            (request("DELETE", "/3442/0/1120/0"), Code::METHOD_NOT_ALLOWED),
        ],
    );
    assert!(!pair.client.tree().contains(Path::instance(3311, 8)));
    let mut newest = Pair::of(Version::V1_2);
    check(
        &mut newest,
        vec![(request("DELETE", "/3442/0/1120/0"), Code::DELETED)],
    );
}

#[test]
fn composites_read_what_there_is_and_write_all_or_nothing() {
    let mut pair = Pair::registered();
    let paths = r#"[{"n":"/3/0/0"},{"n":"/3442/0/120"},{"n":"/77/0/0"},{"n":"/3/0/4"}]"#;
    let response = pair.ask(senml("FETCH", "/", paths).with_accept(112));
    assert_eq!(response.code, Code::CONTENT, "{:?}", response.diagnostic_text());
    let found: Vec<_> = values(&pair, "/", &response)
        .entries
        .iter()
        .map(|entry| entry.path.to_string())
        .collect();
    assert_eq!(found, ["/3/0/0", "/3442/0/120"]);

    let good = r#"[{"n":"/3/0/14","vs":"+02:00"},{"n":"/3442/0/120","v":9}]"#;
    let bad = r#"[{"n":"/3/0/14","vs":"+03:00"},{"n":"/3/0/0","vs":"other"}]"#;
    check(
        &mut pair,
        vec![
            (senml("iPATCH", "/", good), Code::CHANGED),
            (senml("iPATCH", "/", bad), Code::METHOD_NOT_ALLOWED),
            (
                senml("iPATCH", "/", r#"[{"n":"/3442/9/120","v":9}]"#),
                Code::NOT_FOUND,
            ),
            (text("iPATCH", "/", "x"), Code::UNSUPPORTED_CONTENT_FORMAT),
            (senml("FETCH", "/", "[]"), Code::BAD_REQUEST),
            (senml("FETCH", "/3", paths), Code::METHOD_NOT_ALLOWED),
            (senml("FETCH", "/", paths).with_accept(0), Code::NOT_ACCEPTABLE),
            (senml("FETCH", "/", r#"[{"n":"/0/0/0"}]"#), Code::UNAUTHORIZED),
        ],
    );
    assert_eq!(
        pair.client.tree().get(Path::resource(3, 0, 14)),
        Some(&Value::String("+02:00".into()))
    );
}

#[test]
fn what_was_written_is_lived_by() {
    let mut pair = Pair::registered();
    // The clock goes on from what it was set to.
    pair.ask(text("PUT", "/3/0/13", "1000"));
    pair.advance(30.0);
    let time = pair.ask(Request::get("/3/0/13").with_accept(0));
    assert_eq!(time.payload, b"1030");
    // The lamp counts while it is on.
    pair.advance(60.0);
    let on_time = |pair: &mut Pair| {
        let response = pair.ask(Request::get("/3311/0/5852").with_accept(0));
        String::from_utf8(response.payload)
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    assert!(on_time(&mut pair) >= 90);
    pair.ask(text("PUT", "/3311/0/5852", "0"));
    pair.ask(text("PUT", "/3311/0/5850", "0"));
    pair.advance(60.0);
    assert!(on_time(&mut pair) < 2);
}
