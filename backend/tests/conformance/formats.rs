//! Content formats: each of them, chosen by the server or preferred by the client. LwM2M Core 1.2 §7.4.

use super::simulated::{
    arrives, in_format, of_several, pair, read, succeeds, values, write, write_composite,
};
use crate::support::{Device, Server, request, request_with};
use coap::Code;
use serde_json::{Value as Json, json};
use shared::api::{OperationKind, OperationRequest};
use shared::{ContentFormat, Value, Version};

/// A value of every type of the test object, as JSON has it.
fn everything() -> Json {
    json!({
        "110": "Zürich", "120": -5, "125": 7, "130": 21.25, "140": true, "150": "AP8=",
        "160": "2023-11-14T22:13:20Z", "170": "3:0", "180": "</3>",
        "1110": {"0": "a", "3": "b"}, "1120": {"0": 1}
    })
}

fn expected() -> Json {
    json!({
        "/3442/0/110": "Zürich", "/3442/0/120": -5, "/3442/0/125": 7, "/3442/0/130": 21.25, "/3442/0/140": true,
        "/3442/0/150": "AP8=", "/3442/0/160": "2023-11-14T22:13:20Z", "/3442/0/170": "3:0", "/3442/0/180": "</3>",
        "/3442/0/1110/0": "a", "/3442/0/1110/3": "b", "/3442/0/1120/0": 1
    })
}

/// Of the values of the test object, those that were written.
fn written(found: &Json) -> Json {
    let expected = expected();
    let wanted = expected.as_object().unwrap();
    found
        .as_object()
        .unwrap()
        .iter()
        .filter(|(path, _)| wanted.contains_key(*path))
        .map(|(path, value)| (path.clone(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[tokio::test]
async fn a_value_of_every_type_is_the_same_through_every_structured_format() {
    for (version, format) in [
        (Version::V1_0, "tlv"),
        (Version::V1_0, "json"),
        (Version::V1_1, "tlv"),
        (Version::V1_1, "senml_json"),
        (Version::V1_1, "senml_cbor"),
        (Version::V1_2, "lwm2m_cbor"),
    ] {
        let (server, client) = pair(|options| options.version = version).await;
        let asked = request_with(OperationKind::Update, "/3442/0", everything());
        succeeds(&server, in_format(format, asked), "2.04").await;
        assert_eq!(
            client.get("/3442/0/125").await,
            Some(Value::Unsigned(7)),
            "{format}"
        );
        let asked = in_format(format, request(OperationKind::Read, "/3442/0"));
        let view = succeeds(&server, asked, "2.05").await;
        assert_eq!(written(&values(&view)), expected(), "{version} {format}");
    }
}

#[tokio::test]
async fn a_value_of_every_type_is_the_same_through_every_format_for_one() {
    for (version, format) in [
        (Version::V1_0, "text"),
        (Version::V1_1, "cbor"),
        (Version::V1_1, "tlv"),
        (Version::V1_1, "senml_json"),
        (Version::V1_2, "lwm2m_cbor"),
    ] {
        let (server, _client) = pair(|options| options.version = version).await;
        for (id, value) in everything().as_object().unwrap() {
            if value.is_object() {
                continue;
            }
            let path = format!("/3442/0/{id}");
            let asked = request_with(OperationKind::Write, &path, value.clone());
            succeeds(&server, in_format(format, asked), "2.04").await;
            let asked = in_format(format, request(OperationKind::Read, &path));
            let view = succeeds(&server, asked, "2.05").await;
            assert_eq!(json!(view.values[0].value), *value, "{format} {path}");
        }
    }
    let (server, _client) = pair(|_| {}).await;
    let asked = request_with(OperationKind::Write, "/3442/0/150", json!("AQID"));
    succeeds(&server, in_format("opaque", asked), "2.04").await;
    let asked = in_format("opaque", request(OperationKind::Read, "/3442/0/150"));
    assert_eq!(
        json!(succeeds(&server, asked, "2.05").await.values[0].value),
        json!("AQID")
    );
}

/// Every operation with a client that knows one format.
async fn throughout(version: Version, format: ContentFormat) {
    let change = |options: &mut simulator::ClientOptions| {
        options.version = version;
        options.dialect.format = Some(format);
        options.dialect.only = true;
    };
    let (mut server, client) = pair(change).await;
    let listed = server
        .core
        .device("a")
        .unwrap()
        .registration
        .unwrap()
        .content_formats;
    assert_eq!(listed, [format]);

    assert_eq!(read(&server, "/3/0/0").await, json!({"/3/0/0": "Example Works"}));
    assert_eq!(read(&server, "/1").await["/1/0/1"], json!(300));
    write(&server, "/3442/0/130", json!(1.5)).await;
    write(&server, "/3442/0/1110", json!({"0": "a", "1": "b"})).await;
    let update = request_with(OperationKind::Update, "/3442/0", everything());
    succeeds(&server, update, "2.04").await;
    assert_eq!(written(&read(&server, "/3442/0").await), expected());

    for path in ["/3311", "/3311/5"] {
        let create = request_with(OperationKind::Create, path, json!({"5850": true, "5851": 40}));
        let location = succeeds(&server, create, "2.01").await.location.unwrap();
        assert_eq!(
            client.get(&format!("{location}/5851")).await,
            Some(Value::Integer(40))
        );
    }
    let composite = of_several(OperationKind::ReadComposite, &["/3/0/0", "/3442/0/120"]);
    let view = succeeds(&server, composite, "2.05").await;
    assert_eq!(
        values(&view),
        json!({"/3/0/0": "Example Works", "/3442/0/120": -5})
    );
    let composite = write_composite(json!({"/1/0/2": 0, "/3442/0/120": 6}));
    succeeds(&server, composite, "2.04").await;
    assert_eq!(client.get("/3442/0/120").await, Some(Value::Integer(6)));

    succeeds(&server, request(OperationKind::Observe, "/3442/0/120"), "2.05").await;
    client.set("/3442/0/120", Value::Integer(9)).await;
    arrives(&mut server, "notify", "/3442/0/120", json!(9)).await;
    let together = of_several(OperationKind::ObserveComposite, &["/3442/0/110", "/3442/0/140"]);
    succeeds(&server, together, "2.05").await;
    client.set("/3442/0/140", Value::Boolean(false)).await;
    arrives(&mut server, "notify", "/3442/0/140", json!(false)).await;

    for subject in [
        request(OperationKind::CancelObserve, "/3442/0/120"),
        of_several(OperationKind::CancelObserve, &["/3442/0/110", "/3442/0/140"]),
    ] {
        succeeds(&server, subject, "2.05").await;
    }

    // Attributes and links have no format of their own; arguments are plain text.
    let attributes = request_with(
        OperationKind::WriteAttributes,
        "/3442/0/120",
        json!({"pmin": 1, "st": 2}),
    );
    succeeds(&server, attributes, "2.04").await;
    let links = succeeds(&server, request(OperationKind::Discover, "/3442/0"), "2.05")
        .await
        .links;
    assert!(
        links.is_some_and(|links| links.contains("pmin=1")),
        "what was set is discovered"
    );
    let arguments = request_with(OperationKind::Execute, "/3442/0/3", json!("0='a'"));
    succeeds(&server, arguments, "2.04").await;
    assert_eq!(read(&server, "/3442/0/4").await, json!({"/3442/0/4/0": "0,a"}));

    // An instance as a whole, one instance of a resource, and one taken away.
    let whole = request_with(OperationKind::Write, "/3311/0", json!({"5850": false, "5851": 7}));
    succeeds(&server, whole, "2.04").await;
    assert_eq!(client.get("/3311/0/5851").await, Some(Value::Integer(7)));
    write(&server, "/3442/0/1110/1", json!("z")).await;
    assert_eq!(
        read(&server, "/3442/0/1110/1").await,
        json!({"/3442/0/1110/1": "z"})
    );
    if version >= Version::V1_2 {
        succeeds(&server, request(OperationKind::Delete, "/3442/0/1110/1"), "2.02").await;
        assert_eq!(client.get("/3442/0/1110/1").await, None);
    }

    write(&server, "/3442/0/6", json!({"0": "/3442/0/110"})).await;
    succeeds(&server, request(OperationKind::Execute, "/3442/0/5"), "2.04").await;
    arrives(&mut server, "send", "/3442/0/110", json!("Zürich")).await;
    succeeds(&server, request(OperationKind::Delete, "/3311/5"), "2.02").await;
}

#[tokio::test]
async fn a_client_of_1_2_with_lwm2m_cbor_alone_works_throughout() {
    throughout(Version::V1_2, ContentFormat::LWM2M_CBOR).await;
}

#[tokio::test]
async fn a_client_with_senml_of_one_kind_alone_works_throughout() {
    throughout(Version::V1_1, ContentFormat::SENML_JSON).await;
    throughout(Version::V1_2, ContentFormat::SENML_CBOR).await;
}

#[tokio::test]
async fn a_composite_is_asked_for_in_each_format_that_has_one() {
    for format in [
        "senml_json",
        "senml_cbor",
        "senml_etch_json",
        "senml_etch_cbor",
        "lwm2m_cbor",
    ] {
        let (server, client) = pair(|options| options.version = Version::V1_2).await;
        let asked = of_several(OperationKind::ReadComposite, &["/3/0/0", "/3442/0/120"]);
        let view = succeeds(&server, in_format(format, asked), "2.05").await;
        assert_eq!(
            values(&view),
            json!({"/3/0/0": "Example Works", "/3442/0/120": 1024}),
            "{format}"
        );
        let asked = write_composite(json!({"/3442/0/120": 3, "/3442/0/1110/7": "seven"}));
        succeeds(&server, in_format(format, asked), "2.04").await;
        assert_eq!(client.get("/3442/0/120").await, Some(Value::Integer(3)));
    }
}

const REGISTER: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.0", "b=U"];

#[tokio::test]
async fn numbers_from_before_registration_are_read() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    device.register(&REGISTER, "</1/0>,</3/0>").await;
    server.event("registered").await;
    for (number, payload) in [
        (1541, &b"100"[..]),
        (1542, b"\xc1\x09\x64"),
        (1543, br#"{"bn":"/3/0/","e":[{"n":"9","v":100}]}"#),
    ] {
        let operation = server.operate("a", request(OperationKind::Read, "/3/0/9"));
        let answer = async {
            let asked = device.asked().await;
            device.answer(&asked, Code::CONTENT, Some(number), payload).await;
        };
        let (view, ()) = tokio::join!(operation, answer);
        assert_eq!(json!(view.values[0].value), json!(100), "{number}: {view:?}");
    }
}

#[tokio::test]
async fn after_4_06_and_4_15_the_next_format_is_tried_and_an_explicit_one_is_not_replaced() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let list = "</>;ct=\"11544 112\",</1/0>,</3/0>";
    device
        .register(&["ep=a", "lt=300", "lwm2m=1.2", "b=U"], list)
        .await;
    server.event("registered").await;
    let operation = server.operate(
        "a",
        request_with(OperationKind::Write, "/3/0/14", json!("+01:00")),
    );
    let answer = async {
        let mut tried = Vec::new();
        for code in [
            Code::UNSUPPORTED_CONTENT_FORMAT,
            Code::NOT_ACCEPTABLE,
            Code::CHANGED,
        ] {
            let asked = device.asked().await;
            tried.push(asked.options.content_format().unwrap());
            device.answer(&asked, code, None, b"").await;
        }
        tried
    };
    let (view, tried) = tokio::join!(operation, answer);
    assert_eq!(view.code.as_deref(), Some("2.04"), "{view:?}");
    assert_eq!(tried[..2], [112, 11544]);
    let explicit = OperationRequest {
        format: Some("tlv".into()),
        ..request(OperationKind::Read, "/3/0/9")
    };
    let operation = server.operate("a", explicit);
    let answer = async {
        let asked = device.asked().await;
        assert_eq!(asked.options.accept(), Some(11542));
        device.answer(&asked, Code::NOT_ACCEPTABLE, None, b"").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.code.as_deref(), Some("4.06"), "{view:?}");
}

#[tokio::test]
async fn values_of_another_type_than_the_definition_has_are_refused() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    device.register(&REGISTER, "</1/0>,</3/0>").await;
    server.event("registered").await;
    for (format, payload) in [
        (11542, &b"\xc3\x09\x01\x02\x03"[..]),
        (0, b"inf"),
        (0, b"full"),
        (60, b"\xf5"),
        (11544, b"\xa1\x83\x03\x00\x09\xf5"),
        (110, br#"[{"n":"/3/0/9","vs":"100"}]"#),
        (110, br#"[{"n":"/3/0/10","v":100}]"#),
    ] {
        let operation = server.operate("a", request(OperationKind::Read, "/3/0/9"));
        let answer = async {
            let asked = device.asked().await;
            device.answer(&asked, Code::CONTENT, Some(format), payload).await;
        };
        let (view, ()) = tokio::join!(operation, answer);
        assert_eq!(
            view.state,
            shared::api::OperationState::Failed,
            "{format} {payload:?}"
        );
    }
    assert_eq!(server.value("a", "/3/0/9"), None);
}
