//! What real clients do that the specification does not foresee, and the server has to live with.

use crate::support::{Device, LINKS, PATIENCE, Server, path, queries, request, request_with};
use coap::{Code, Kind, Message, Options};
use serde_json::json;
use shared::api::{OperationKind, OperationRequest, OperationState};

const REGISTER: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.1", "b=U"];

async fn registered(server: &mut Server, links: &str) -> Device {
    let mut device = Device::new(server).await;
    device.register(&REGISTER, links).await;
    server.event("registered").await;
    device
}

#[tokio::test]
async fn an_object_list_without_content_format_is_read() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let mut message = device.confirmable(Code::POST, "rd", &REGISTER);
    message.payload = b"</1/0>, </3/0/>,</5/>".to_vec();
    assert_eq!(device.ask(message).await.code, Code::CREATED);
    server.event("registered").await;
    let registration = server.core.device("a").unwrap().registration.unwrap();
    let objects: Vec<String> = registration.objects.iter().map(|path| path.to_string()).collect();
    assert_eq!(objects, ["/1/0", "/3/0", "/5"]);
    assert!(
        registration
            .lint
            .iter()
            .any(|lint| lint.rule == "no_content_format")
    );
    // The same in an Update.
    let mut update = device.confirmable(Code::POST, &format!("/rd/{}", registration.id), &[]);
    update.payload = b"</1/0>,</3/0>".to_vec();
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
}

#[tokio::test]
async fn the_alternate_path_may_be_missing_before_the_objects() {
    let mut server = Server::start();
    let links = "</lwm2m>;rt=\"oma.lwm2m\",</1/0>,</3/0>";
    let mut device = registered(&mut server, links).await;
    let operation = server.operate("a", request(OperationKind::Read, "/3/0/0"));
    let answer = async {
        let asked = device.asked().await;
        assert_eq!(path(&asked), "/lwm2m/3/0/0");
        device.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(json!(view.values[0].value), json!("ACME"));
}

#[tokio::test]
async fn a_composite_that_is_acknowledged_and_never_answered_frees_the_way() {
    let mut server = Server::start();
    let mut device = registered(&mut server, LINKS).await;
    let composite = OperationRequest {
        path: None,
        paths: vec!["/3/0/0".parse().unwrap()],
        timeout: Some(1),
        ..request(OperationKind::ReadComposite, "/")
    };
    let operation = server.operate("a", composite);
    let silence = async {
        let asked = device.asked().await;
        assert_eq!(asked.code, Code::FETCH);
        let empty = Message {
            kind: Kind::Acknowledgement,
            code: Code::EMPTY,
            message_id: asked.message_id,
            token: coap::Token::default(),
            options: Options::new(),
            payload: Vec::new(),
        };
        device.send(&empty).await;
    };
    let (view, ()) = tokio::join!(operation, silence);
    assert_eq!(view.state, OperationState::Expired, "{view:?}");
    let operation = server.operate("a", request(OperationKind::Read, "/3/0/0"));
    let answer = async {
        let asked = device.receive(|message| message.code == Code::GET).await;
        device.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
}

#[tokio::test]
async fn attributes_that_an_older_client_does_not_know_are_left_out() {
    let mut server = Server::start();
    let mut device = registered(&mut server, LINKS).await;
    let asked = request_with(
        OperationKind::WriteAttributes,
        "/3303/0/5700",
        json!({"pmin": 5, "epmin": 1, "gt": 30}),
    );
    let operation = server.operate("a", asked);
    let answer = async {
        let asked = device.asked().await;
        assert_eq!(queries(&asked).len(), 3);
        device.answer(&asked, Code::BAD_REQUEST, None, b"").await;
        let again = device.asked().await;
        device.answer(&again, Code::CHANGED, None, b"").await;
        queries(&again)
    };
    let (view, mut sent) = tokio::join!(operation, answer);
    sent.sort();
    assert_eq!(sent, ["gt=30", "pmin=5"]);
    assert_eq!(
        view.message.as_deref(),
        Some("The device does not take epmin=1; the other attributes are set.")
    );
}

#[tokio::test]
async fn requests_have_no_empty_segments_and_no_empty_payload_marker() {
    let mut server = Server::start();
    let mut device = registered(&mut server, LINKS).await;
    for asked in [
        request(OperationKind::Read, "/3"),
        request(OperationKind::Execute, "/3/0/4"),
        request_with(OperationKind::WriteAttributes, "/3", json!({"pmin": 1})),
        request_with(OperationKind::Write, "/3/0/14", json!("")),
    ] {
        let operation = server.operate("a", asked);
        let answer = async {
            let asked = device.asked().await;
            let mut segments = asked.options.all(coap::number::URI_PATH);
            assert!(segments.all(|segment| !segment.is_empty()));
            // The wire form reads back, so there is no marker without payload (RFC 7252 §3).
            assert_eq!(Message::parse(&asked.encode()).unwrap(), asked);
            assert_eq!(asked.kind, Kind::Confirmable);
            device.answer(&asked, Code::CHANGED, None, b"").await;
        };
        tokio::join!(operation, answer);
    }
}

#[tokio::test]
async fn the_same_datagram_again_is_answered_the_same() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let mut message = device.confirmable(Code::POST, "rd", &REGISTER);
    message.options.set_content_format(Some(40));
    message.payload = LINKS.as_bytes().to_vec();
    let first = device.ask(message.clone()).await;
    let second = device.ask(message).await;
    assert_eq!(first, second);
    server.event("registered").await;
    let ticket = server
        .core
        .operate("a", request(OperationKind::Read, "/3/0/0"), "tester")
        .await
        .unwrap();
    let asked = device.asked().await;
    // An answer of its own after an empty acknowledgement. RFC 7252 §5.2.2.
    let empty = Message {
        kind: Kind::Acknowledgement,
        code: Code::EMPTY,
        message_id: asked.message_id,
        token: coap::Token::default(),
        options: Options::new(),
        payload: Vec::new(),
    };
    device.send(&empty).await;
    let mut separate = device.confirmable(Code::CONTENT, "", &[]);
    separate.token = asked.token;
    separate.options.set_content_format(Some(0));
    separate.payload = b"ACME".to_vec();
    device.send(&separate).await;
    let view = ticket.wait(PATIENCE).await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");
}
