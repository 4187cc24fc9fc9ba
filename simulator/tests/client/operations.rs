//! Every operation with every answer the specification has for it. LwM2M Core 1.2 §6.3, Transport 1.2 §6.4.

use crate::support::{Pair, START};
use coap::{Code, Request, Response};
use shared::codec::{self, Context};
use shared::{ContentFormat, Node, Path, Value, Version};

const ACCEPT_EVERYWHERE: [Version; 3] = [Version::V1_0, Version::V1_1, Version::V1_2];

/// What the server would send: `method path?query`.
fn request(method: &str, path: &str) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let code = match method {
        "GET" => Code::GET,
        "PUT" => Code::PUT,
        "POST" => Code::POST,
        "DELETE" => Code::DELETE,
        "FETCH" => Code::FETCH,
        "iPATCH" => Code::IPATCH,
        other => panic!("{other}"),
    };
    let queries = query.split('&').filter(|query| !query.is_empty());
    queries.fold(Request::new(code, path), |request, query| {
        request.with_query(query)
    })
}

fn text(method: &str, path: &str, payload: &str) -> Request {
    request(method, path).with_payload(0, payload)
}

fn senml(method: &str, path: &str, payload: &str) -> Request {
    request(method, path).with_payload(110, payload)
}

fn check(pair: &mut Pair, cases: Vec<(Request, Code)>) {
    for (request, expect) in cases {
        let what = format!("{} {} {:?}", request.code, request.path(), request.payload);
        let response = pair.ask(request);
        assert_eq!(response.code, expect, "{what}: {:?}", response.diagnostic_text());
    }
}

fn values(pair: &Pair, base: &str, response: &Response) -> Node {
    let base: Path = base.parse().unwrap();
    let format = ContentFormat(response.content_format().expect("a format"));
    let context = Context::new(pair.client.tree(), START);
    codec::decode(format, base, &response.payload, &context).expect("a readable payload")
}

#[test]
fn reads_at_every_level_are_answered_in_the_formats_of_the_version() {
    let reads = ["/3", "/3/0", "/3/0/0", "/3/0/9999", "/99", "/3311/0/5850"];
    for version in ACCEPT_EVERYWHERE {
        let mut pair = Pair::of(version);
        for path in reads {
            let response = pair.ask(Request::get(path));
            let expect = if ["/99", "/3/0/9999"].contains(&path) {
                Code::NOT_FOUND
            } else {
                Code::CONTENT
            };
            assert_eq!(response.code, expect, "{version} {path}");
        }
        let all = pair.ask(Request::get("/3"));
        let node = values(&pair, "/3", &all);
        let manufacturer = Path::resource(3, 0, 0);
        assert_eq!(
            node.get(manufacturer),
            Some(&Value::String("Example Works".into()))
        );
        // Executable resources are not read with the others.
        assert!(
            node.entries
                .iter()
                .all(|entry| entry.path.resource_id() != Some(4))
        );
    }
}

#[test]
fn the_server_chooses_the_format() {
    let single = [
        ContentFormat::TEXT,
        ContentFormat::TLV,
        ContentFormat::CBOR,
        ContentFormat::SENML_JSON,
        ContentFormat::SENML_CBOR,
    ];
    let mut pair = Pair::registered();
    for format in single {
        let response = pair.ask(Request::get("/3442/0/120").with_accept(format.0));
        assert_eq!(response.content_format(), Some(format.0));
        let node = values(&pair, "/3442/0/120", &response);
        assert_eq!(
            node.get(Path::resource(3442, 0, 120)),
            Some(&Value::Integer(1024)),
            "{format}"
        );
    }
    let opaque = pair.ask(Request::get("/3442/0/150").with_accept(ContentFormat::OPAQUE.0));
    assert_eq!(opaque.payload, (0..=9).collect::<Vec<u8>>());
}

#[test]
fn every_type_reads_back_as_it_was_written_in_every_format() {
    let written = [
        (110, Value::String("tøxt".into())),
        (120, Value::Integer(-7_000_000_000)),
        (125, Value::Unsigned(u64::MAX)),
        (130, Value::Float(-0.125)),
        (140, Value::Boolean(false)),
        (150, Value::Opaque(vec![0, 255, 7])),
        (160, Value::Time(1_767_225_600)),
        (
            170,
            Value::ObjectLink {
                object: 3303,
                instance: 1,
            },
        ),
        (180, Value::CoreLink("</3/0>".into())),
    ];
    let formats = [
        (Version::V1_1, ContentFormat::TLV),
        (Version::V1_1, ContentFormat::TEXT),
        (Version::V1_1, ContentFormat::CBOR),
        (Version::V1_1, ContentFormat::SENML_JSON),
        (Version::V1_1, ContentFormat::SENML_CBOR),
        (Version::V1_2, ContentFormat::LWM2M_CBOR),
    ];
    for (version, format) in formats {
        let mut pair = Pair::of(version);
        for (id, value) in &written {
            let path = Path::resource(3442, 0, *id);
            let node = Node::single(path, value.clone());
            let payload = codec::encode(format, &node, &Context::new(pair.client.tree(), START)).unwrap();
            let response = pair.ask(Request::put(&path.to_string()).with_payload(format.0, payload));
            assert_eq!(
                response.code,
                Code::CHANGED,
                "{format} {path}: {:?}",
                response.diagnostic_text()
            );
            let response = pair.ask(Request::get(&path.to_string()).with_accept(format.0));
            assert_eq!(response.code, Code::CONTENT, "{format} {path}");
            let node = values(&pair, &path.to_string(), &response);
            assert_eq!(node.get(path), Some(value), "{format} {path}");
        }
    }
}

#[test]
fn reads_that_are_refused() {
    let accept = |path: &str, format: ContentFormat| Request::get(path).with_accept(format.0);
    let mut pair = Pair::registered();
    check(
        &mut pair,
        vec![
            (request("GET", "/0"), Code::UNAUTHORIZED),
            (request("GET", "/0/0/0"), Code::UNAUTHORIZED),
            (request("GET", "/21"), Code::UNAUTHORIZED),
            (request("GET", "/"), Code::METHOD_NOT_ALLOWED),
            (request("GET", "/3/1"), Code::NOT_FOUND),
            (request("GET", "/3/0/11/7"), Code::NOT_FOUND),
            (request("GET", "/3/0/x"), Code::NOT_FOUND),
            (request("GET", "/3/0/11/0/0"), Code::NOT_FOUND),
            (request("GET", "/3/0/4"), Code::METHOD_NOT_ALLOWED),
            (request("GET", "/5/0/0"), Code::METHOD_NOT_ALLOWED),
            (request("GET", "/3/0/0?pmin=5"), Code::BAD_REQUEST),
            (accept("/3/0", ContentFormat::TEXT), Code::NOT_ACCEPTABLE),
            (accept("/3/0/0", ContentFormat::OPAQUE), Code::NOT_ACCEPTABLE),
            (accept("/3/0/0", ContentFormat::LWM2M_CBOR), Code::NOT_ACCEPTABLE),
            (accept("/3/0/0", ContentFormat(50)), Code::NOT_ACCEPTABLE),
        ],
    );
    let mut old = Pair::of(Version::V1_0);
    check(
        &mut old,
        vec![
            (request("GET", "/3/0/11/0"), Code::METHOD_NOT_ALLOWED),
            (accept("/3/0", ContentFormat::SENML_JSON), Code::NOT_ACCEPTABLE),
            (request("FETCH", "/"), Code::METHOD_NOT_ALLOWED),
        ],
    );
}

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
fn discover_goes_as_deep_as_it_is_told() {
    let discover = |pair: &mut Pair, path: &str| {
        let response = pair.ask(request("GET", path).with_accept(40));
        (response.code, String::from_utf8(response.payload).unwrap())
    };
    let mut pair = Pair::of(Version::V1_2);
    for (path, expect) in [
        ("/5?depth=0", "</5>"),
        ("/5?depth=1", "</5>,</5/0>"),
        ("/5/0?depth=0", "</5/0>"),
        ("/5/0/8?depth=1", "</5/0/8>;dim=1,</5/0/8/0>"),
        ("/5/0/3", "</5/0/3>"),
    ] {
        assert_eq!(discover(&mut pair, path), (Code::CONTENT, expect.into()));
    }
    assert_eq!(discover(&mut pair, "/5?depth=4").0, Code::BAD_REQUEST);
    let mut older = Pair::registered();
    assert_eq!(discover(&mut older, "/5?depth=1").0, Code::BAD_REQUEST);
    assert_eq!(discover(&mut older, "/0").0, Code::UNAUTHORIZED);
    assert_eq!(discover(&mut older, "/77").0, Code::NOT_FOUND);
    assert_eq!(discover(&mut older, "/").0, Code::METHOD_NOT_ALLOWED);
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
fn large_values_go_in_blocks_both_ways() {
    let mut pair = Pair::registered();
    let large: Vec<u8> = (0..20_000u32).map(|at| at as u8).collect();
    let written = pair.ask(request("PUT", "/3442/0/150").with_payload(42, large.clone()));
    assert_eq!(written.code, Code::CHANGED);
    let read = pair.ask(Request::get("/3442/0/150").with_accept(42));
    assert_eq!(read.payload, large);
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
