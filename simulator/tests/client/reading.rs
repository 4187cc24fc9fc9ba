//! Read and Discover with every answer the specification has for them. LwM2M Core 1.2 §6.3.1, §6.3.2.

use crate::ask::{check, request, values};
use crate::support::{Pair, START};
use coap::{Code, Request};
use shared::codec::{self, Context};
use shared::{ContentFormat, Node, Path, Value, Version};

const ACCEPT_EVERYWHERE: [Version; 3] = [Version::V1_0, Version::V1_1, Version::V1_2];

/// What the server would send: `method path?query`.
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
fn large_values_go_in_blocks_both_ways() {
    let mut pair = Pair::registered();
    let large: Vec<u8> = (0..20_000u32).map(|at| at as u8).collect();
    let written = pair.ask(request("PUT", "/3442/0/150").with_payload(42, large.clone()));
    assert_eq!(written.code, Code::CHANGED);
    let read = pair.ask(Request::get("/3442/0/150").with_accept(42));
    assert_eq!(read.payload, large);
}
