//! LwM2M Core 1.2 §6.3.

use crate::support::{Device, LINKS, PATIENCE, Server, path, queries, request, request_with, words};
use backend::core::OperateError;
use coap::Code;
use serde_json::json;
use shared::api::{OperationKind, OperationRequest, OperationState};
use shared::{DataType, DeviceState, Timestamp};
use std::time::Duration;

const REGISTER: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.1", "b=U"];
const OLD: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.0", "b=U"];

async fn registered(server: &mut Server, queries: &[&str], links: &str) -> Device {
    let mut device = Device::new(server).await;
    device.register(queries, links).await;
    server.event("registered").await;
    device
}

#[tokio::test]
async fn a_resource_is_read_and_its_value_known() {
    let mut server = Server::start();
    let mut device = registered(&mut server, &OLD, "</1/0>,</3/0>").await;
    let operation = server.operate("a", request(OperationKind::Read, "/3/0/0"));
    let answer = async {
        let asked = device.asked().await;
        assert_eq!((asked.code, path(&asked).as_str()), (Code::GET, "/3/0/0"));
        assert_eq!(asked.options.accept(), Some(11542));
        device.answer(&asked, Code::NOT_ACCEPTABLE, None, b"").await;
        let asked = device.asked().await;
        assert_eq!(asked.options.accept(), None);
        device.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(
        (view.state, view.code.as_deref()),
        (OperationState::Done, Some("2.05"))
    );
    assert_eq!(json!(view.values[0].value), json!("ACME"));
    assert_eq!(server.value("a", "/3/0/0"), Some(json!("ACME")));
    assert_eq!(server.core.operation("a", view.id).await.unwrap(), Some(view));
}

#[tokio::test]
async fn values_are_written_in_a_format_the_device_lists() {
    for (register, links, value, format) in [
        (&OLD, "</1/0>,</3/0>", json!("+01:00"), 0),
        (&REGISTER, LINKS, json!("+01:00"), 112),
        (&REGISTER, "</>;ct=\"110 60\",</1/0>,</3/0>", json!("+01:00"), 110),
    ] {
        let mut server = Server::start();
        let mut device = registered(&mut server, register, links).await;
        let operation = server.operate("a", request_with(OperationKind::Write, "/3/0/14", value.clone()));
        let answer = async {
            let asked = device.asked().await;
            assert_eq!((asked.code, path(&asked).as_str()), (Code::PUT, "/3/0/14"));
            assert_eq!(asked.options.content_format(), Some(format));
            device.answer(&asked, Code::CHANGED, None, b"").await;
        };
        let (view, ()) = tokio::join!(operation, answer);
        assert_eq!(
            (view.state, view.code.as_deref()),
            (OperationState::Done, Some("2.04"))
        );
        assert_eq!(server.value("a", "/3/0/14"), Some(value));
        let known = server.core.values("a", "/3/0/14".parse().unwrap()).unwrap();
        assert_eq!(known[0].origin.name(), "written");
    }
}

#[tokio::test]
async fn every_kind_of_operation_becomes_its_request() {
    let mut server = Server::start();
    let mut device = registered(&mut server, &REGISTER, LINKS).await;
    let cases = [
        (
            request(OperationKind::Execute, "/3/0/4"),
            Code::POST,
            "/3/0/4",
            Code::CHANGED,
        ),
        (
            request_with(OperationKind::Execute, "/3/0/5", json!("0='a',1")),
            Code::POST,
            "/3/0/5",
            Code::CHANGED,
        ),
        (
            request(OperationKind::Delete, "/3303/1"),
            Code::DELETE,
            "/3303/1",
            Code::DELETED,
        ),
        (
            request_with(
                OperationKind::WriteAttributes,
                "/3303/0/5700",
                json!({"pmin": 5, "gt": null}),
            ),
            Code::PUT,
            "/3303/0/5700",
            Code::CHANGED,
        ),
        (
            request_with(OperationKind::Update, "/3/0", json!({"14": "+02:00"})),
            Code::POST,
            "/3/0",
            Code::CHANGED,
        ),
        (
            request_with(OperationKind::Create, "/3303", json!({"5701": "Cel"})),
            Code::POST,
            "/3303",
            Code::CREATED,
        ),
    ];
    for (request, code, target, answer_code) in cases {
        let op = request.op;
        let operation = server.operate("a", request);
        let answer = async {
            let asked = device.asked().await;
            assert_eq!((asked.code, path(&asked).as_str()), (code, target));
            device.answer(&asked, answer_code, None, b"").await;
            asked
        };
        let (view, asked) = tokio::join!(operation, answer);
        assert_eq!(view.state, OperationState::Done, "{view:?}");
        match op {
            OperationKind::WriteAttributes => {
                let mut sent = queries(&asked);
                sent.sort();
                assert_eq!(sent, ["gt", "pmin=5"]);
                assert_eq!(asked.payload, b"");
            }
            OperationKind::Execute if target == "/3/0/5" => {
                assert_eq!(words(&asked), "0='a',1");
                assert_eq!(asked.options.content_format(), Some(0));
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_discover_brings_links_and_a_create_its_place() {
    let mut server = Server::start();
    let mut device = registered(&mut server, &REGISTER, LINKS).await;
    let operation = server.operate("a", request(OperationKind::Discover, "/3/0"));
    let answer = async {
        let asked = device.asked().await;
        assert_eq!(asked.options.accept(), Some(40));
        device
            .answer(&asked, Code::CONTENT, Some(40), b"</3/0>;pmin=10,</3/0/1>")
            .await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.links.as_deref(), Some("</3/0>;pmin=10,</3/0/1>"));

    let operation = server.operate(
        "a",
        request_with(OperationKind::Create, "/3303/7", json!({"5701": "Cel"})),
    );
    let answer = async {
        let asked = device.asked().await;
        assert_eq!(path(&asked), "/3303");
        device.answer(&asked, Code::CREATED, None, b"").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.location, Some("/3303/7".parse().unwrap()), "{view:?}");
    assert_eq!(server.value("a", "/3303/7/5701"), Some(json!("Cel")));
}

#[tokio::test]
async fn the_alternate_path_stands_before_every_request() {
    let mut server = Server::start();
    let links = "</lwm2m>;rt=\"oma.lwm2m\";ct=11542,</lwm2m/1/0>,</lwm2m/3/0>";
    let mut device = registered(&mut server, &REGISTER, links).await;
    let operation = server.operate("a", request(OperationKind::Read, "/3/0/0"));
    let answer = async {
        let asked = device.asked().await;
        assert_eq!(path(&asked), "/lwm2m/3/0/0");
        device.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.values[0].path, "/3/0/0".parse().unwrap());
}

#[tokio::test]
async fn a_devices_refusal_is_a_failure_in_words() {
    let mut server = Server::start();
    let mut device = registered(&mut server, &REGISTER, LINKS).await;
    let operation = server.operate("a", request(OperationKind::Read, "/3/0/0"));
    let answer = async {
        let asked = device.asked().await;
        device.answer(&asked, Code::METHOD_NOT_ALLOWED, None, b"").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(
        (view.state, view.code.as_deref()),
        (OperationState::Failed, Some("4.05"))
    );
    assert_eq!(
        view.message.as_deref(),
        Some("The device does not allow this operation here.")
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_a_failure_and_changes_no_value() {
    let mut server = Server::start();
    let mut device = registered(&mut server, &REGISTER, LINKS).await;
    for (format, payload) in [
        (Some(11542), &b"\xc1"[..]),
        (Some(110), b"{"),
        (Some(4711), b"x"),
        (Some(0), b"very full"),
    ] {
        let operation = server.operate("a", request(OperationKind::Read, "/3/0/9"));
        let answer = async {
            let asked = device.asked().await;
            device.answer(&asked, Code::CONTENT, format, payload).await;
        };
        let (view, ()) = tokio::join!(operation, answer);
        assert_eq!(
            (view.state, view.code.as_deref()),
            (OperationState::Failed, Some("2.05"))
        );
        assert!(
            view.message
                .unwrap()
                .starts_with("The device answered, but its answer cannot be read: ")
        );
        assert_eq!(server.value("a", "/3/0/9"), None);
    }
}

#[tokio::test]
async fn what_does_not_fit_the_definition_is_not_sent() {
    let mut server = Server::start();
    registered(&mut server, &REGISTER, LINKS).await;
    let unknown = OperationRequest {
        data_type: None,
        ..request_with(OperationKind::Write, "/33000/0/1", json!(1))
    };
    for (request, fits) in [
        (request_with(OperationKind::Write, "/3/0/14", json!(5)), "model"),
        (
            request_with(OperationKind::Write, "/3/0/0", json!("ACME")),
            "model",
        ),
        (request(OperationKind::Execute, "/3/0/9"), "model"),
        (request(OperationKind::Read, "/3/0/4"), "model"),
        (
            request_with(OperationKind::Write, "/3/0/14", json!({"0": "x"})),
            "model",
        ),
        (request(OperationKind::Write, "/3/0/14"), "request"),
        (request(OperationKind::Read, "/0/0"), "request"),
        (request(OperationKind::Read, "/"), "request"),
        (request(OperationKind::Delete, "/3/0"), "request"),
        (
            request_with(OperationKind::Execute, "/3/0/4", json!("0 1")),
            "request",
        ),
        (unknown, "request"),
    ] {
        let shown = format!("{request:?}");
        let error = server.core.operate("a", request, "tester").await.unwrap_err();
        let found = match error {
            OperateError::DoesNotFitModel(_) => "model",
            OperateError::BadRequest(_) => "request",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, fits, "{shown}: {error}");
    }
    assert_eq!(server.core.operations("a").await.unwrap().unwrap(), []);
    let typed = OperationRequest {
        data_type: Some(DataType::Integer),
        ..request_with(OperationKind::Write, "/33000/0/1", json!(1))
    };
    assert!(server.core.operate("a", typed, "tester").await.is_ok());
    let error = server
        .core
        .operate("b", request(OperationKind::Read, "/3/0"), "tester")
        .await;
    assert_eq!(error.unwrap_err(), OperateError::UnknownDevice);
}

#[tokio::test]
async fn operations_go_out_in_order_and_one_at_a_time() {
    let mut server = Server::start();
    let mut device = registered(&mut server, &REGISTER, LINKS).await;
    let mut tickets = Vec::new();
    for id in 0..5 {
        let request = request(OperationKind::Read, &format!("/3303/0/{}", 5700 + id));
        tickets.push(server.core.operate("a", request, "tester").await.unwrap());
    }
    for id in 0..5 {
        let asked = device.asked().await;
        assert_eq!(path(&asked), format!("/3303/0/{}", 5700 + id));
        assert!(
            tickets
                .iter()
                .skip(id + 1)
                .all(|ticket| ticket.view().state == OperationState::Queued)
        );
        device.answer(&asked, Code::NOT_FOUND, None, b"").await;
    }
    for ticket in tickets {
        assert_eq!(ticket.wait(PATIENCE).await.unwrap().code.as_deref(), Some("4.04"));
    }
}

#[tokio::test]
async fn what_is_asked_of_a_sleeping_device_waits_for_its_next_message() {
    let mut server = Server::with(|config| config.awake_window = Duration::from_millis(50));
    let mut device = Device::new(&server).await;
    let location = device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U", "Q"], LINKS)
        .await;
    server.event("asleep").await;
    let ticket = server
        .core
        .operate("a", request(OperationKind::Read, "/3/0/0"), "tester")
        .await
        .unwrap();
    server.event("operation").await;
    assert_eq!(ticket.view().state, OperationState::Queued);
    assert_eq!(server.core.device("a").unwrap().row.pending, 1);
    let update = device.confirmable(Code::POST, &location, &[]);
    device.ask(update).await;
    let asked = device.asked().await;
    device.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
    assert_eq!(ticket.wait(PATIENCE).await.unwrap().state, OperationState::Done);
    assert_eq!(server.core.device("a").unwrap().row.pending, 0);
}

#[tokio::test]
async fn an_operation_can_be_cancelled_and_can_expire() {
    let mut server = Server::with(|config| config.awake_window = Duration::ZERO);
    let mut device = Device::new(&server).await;
    device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U", "Q"], LINKS)
        .await;
    server.event("registered").await;
    let ticket = server
        .core
        .operate("a", request(OperationKind::Read, "/3/0/0"), "tester")
        .await
        .unwrap();
    let view = server
        .core
        .cancel_operation("a", ticket.id, "boss")
        .await
        .unwrap();
    assert_eq!(view.state, OperationState::Cancelled);
    assert_eq!(
        view.message.as_deref(),
        Some("boss cancelled it before it was sent.")
    );
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let soon = OperationRequest {
        expires: Some(Timestamp(now.as_millis() as i64 + 100)),
        ..request(OperationKind::Read, "/3/0/0")
    };
    let view = server.operate("a", soon).await;
    assert_eq!(view.state, OperationState::Expired);
    assert_eq!(server.core.device("a").unwrap().row.pending, 0);
}

#[tokio::test]
async fn an_unanswered_request_expires_and_the_device_is_late() {
    let mut server = Server::start();
    registered(&mut server, &REGISTER, LINKS).await;
    let impatient = OperationRequest {
        timeout: Some(1),
        ..request(OperationKind::Read, "/3/0/0")
    };
    let view = server.operate("a", impatient).await;
    assert_eq!(view.state, OperationState::Expired);
    assert_eq!(server.core.device("a").unwrap().row.state, DeviceState::Late);
}

#[tokio::test]
async fn a_send_brings_values() {
    let mut server = Server::start();
    let mut device = registered(&mut server, &REGISTER, LINKS).await;
    for (payload, code) in [
        (&b"[{\"n\":\"/3303/0/5700\",\"v\":21.5}]"[..], "2.04"),
        (b"[{\"n\":\"/3311/0/5850\",\"vb\":true}]", "4.04"),
        (b"[{\"n\":", "4.00"),
    ] {
        let mut message = device.confirmable(Code::POST, "dp", &[]);
        message.options.set_content_format(Some(110));
        message.payload = payload.to_vec();
        assert_eq!(device.ask(message).await.code.to_string(), code);
    }
    server.event("values").await;
    assert_eq!(server.value("a", "/3303/0/5700"), Some(json!(21.5)));
    assert_eq!(server.core.samples("a", "/3303/0/5700".parse().unwrap()).len(), 1);
}

#[tokio::test]
async fn the_trace_shows_both_sides_and_what_a_payload_is_about() {
    let mut server = Server::start();
    let mut device = registered(&mut server, &REGISTER, LINKS).await;
    let mut watch = server.core.watch_trace("a").unwrap();
    let operation = server.operate("a", request(OperationKind::Read, "/3/0/0"));
    let answer = async {
        let asked = device.asked().await;
        device.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
    };
    tokio::join!(operation, answer);
    let records = server.core.trace("a", 100).await.unwrap();
    let shown: Vec<(&str, &str)> = records
        .iter()
        .map(|record| (record.code.as_str(), record.uri.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("0.02", "/rd?ep=a&lt=300&lwm2m=1.1&b=U"),
            ("2.01", ""),
            ("0.01", "/3/0/0"),
            ("2.05", "")
        ]
    );
    assert_eq!(records[3].payload_path.as_deref(), Some("/3/0/0"));
    let mut live = Vec::new();
    while live.len() < 2 {
        live.extend(
            tokio::time::timeout(PATIENCE, watch.next())
                .await
                .unwrap()
                .unwrap(),
        );
    }
    assert_eq!(live[..], records[2..]);
}

#[tokio::test]
async fn an_instance_created_without_values_keeps_its_id() {
    let mut server = Server::start();
    let links = "</>;ct=\"112 110 11542\",</1/0>,</3/0>,</3303>";
    let mut device = registered(&mut server, &REGISTER, links).await;
    let operation = server.operate("a", request(OperationKind::Create, "/3303/9"));
    let answer = async {
        let asked = device.asked().await;
        assert_eq!((asked.code, path(&asked).as_str()), (Code::POST, "/3303"));
        // SenML has no form for an empty instance; in TLV it is an element of length 0.
        assert_eq!(asked.options.content_format(), Some(11542));
        assert_eq!(asked.payload, [0x00, 9]);
        device.answer(&asked, Code::CREATED, None, b"").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done);
}

#[tokio::test]
async fn an_object_that_no_definition_describes_is_read_as_it_comes_and_written_as_told() {
    let mut server = Server::start();
    let links = "</>;ct=\"11542 110\",</1/0>,</3/0>,</33000/0>";
    let mut device = registered(&mut server, &REGISTER, links).await;
    let operation = server.operate("a", request(OperationKind::Read, "/33000/0"));
    let answer = async {
        let asked = device.asked().await;
        // Resource 1: two bytes; resource 2: instance 0 with three bytes.
        let tlv = [0xc2, 1, 0xff, 0x00, 0x85, 2, 0x43, 0, b'a', b'b', b'c'];
        device.answer(&asked, Code::CONTENT, Some(11542), &tlv).await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    let values: Vec<(String, DataType, serde_json::Value)> = view
        .values
        .iter()
        .map(|value| (value.path.to_string(), value.data_type, json!(value.value)))
        .collect();
    assert_eq!(
        values,
        [
            ("/33000/0/1".into(), DataType::Opaque, json!("/wA=")),
            ("/33000/0/2/0".into(), DataType::Opaque, json!("YWJj")),
        ]
    );
    let raw = OperationRequest {
        data_type: Some(DataType::Opaque),
        format: Some("opaque".into()),
        ..request_with(OperationKind::Write, "/33000/0/1", json!("/wA="))
    };
    let operation = server.operate("a", raw);
    let answer = async {
        let asked = device.asked().await;
        assert_eq!(
            (asked.options.content_format(), &asked.payload[..]),
            (Some(42), &[0xff, 0][..])
        );
        device.answer(&asked, Code::CHANGED, None, b"").await;
    };
    assert_eq!(tokio::join!(operation, answer).0.state, OperationState::Done);
}
