//! Firmware Update (/5), driven by the operations of the server. LwM2M Core 1.2, appendix E.6.

use super::simulated::{arrives, in_format, pair, read, refused, succeeds, write};
use crate::support::{request, request_with};
use serde_json::json;
use shared::Value;
use shared::api::OperationKind;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::net::UdpSocket;

/// An image the simulated client installs, filled up to several blocks. In base64, as the interface has bytes.
fn image() -> (String, usize) {
    let mut bytes = b"muster-image name=radio version=2.0.0\n".to_vec();
    bytes.resize(30_000, 0x5a);
    (
        Value::Opaque(bytes.clone())
            .to_json()
            .as_str()
            .unwrap()
            .to_owned(),
        bytes.len(),
    )
}

#[tokio::test]
async fn ets_751_760_and_770_a_package_is_pushed_and_its_state_observed() {
    let (mut server, client) = pair(|_| {}).await;
    assert_eq!(read(&server, "/5/0/3").await, json!({"/5/0/3": 0}));
    succeeds(&server, request(OperationKind::Observe, "/5/0/3"), "2.05").await;
    // Nothing was downloaded yet. ETS 772.
    refused(&server, request(OperationKind::Execute, "/5/0/2"), "4.05").await;
    let (package, length) = image();
    let push = request_with(OperationKind::Write, "/5/0/0", json!(package));
    succeeds(&server, in_format("opaque", push), "2.04").await;
    assert!(length > 20 * 1024, "it goes in many blocks");
    arrives(&mut server, "notify", "/5/0/3", json!(2)).await;
    assert_eq!(read(&server, "/5/0/7").await, json!({"/5/0/7": "2.0.0"}));
    succeeds(&server, request(OperationKind::Execute, "/5/0/2"), "2.04").await;
    arrives(&mut server, "notify", "/5/0/3", json!(3)).await;
    assert_eq!(client.observations().await, 1);
}

#[tokio::test]
async fn ets_755_and_756_a_package_and_its_uri_are_written_and_taken_back() {
    let (server, client) = pair(|_| {}).await;
    let (package, _) = image();
    let push = request_with(OperationKind::Write, "/5/0/0", json!(package));
    succeeds(&server, in_format("tlv", push), "2.04").await;
    assert_eq!(client.get("/5/0/3").await, Some(Value::Integer(2)));
    write(&server, "/5/0/1", json!("")).await;
    assert_eq!(client.get("/5/0/3").await, Some(Value::Integer(0)));
    // A scheme that the client does not have. ETS 780.
    write(&server, "/5/0/1", json!("http://192.0.2.1/image")).await;
    assert_eq!(read(&server, "/5/0/5").await, json!({"/5/0/5": 9}));
}

/// Serves these bytes under any path, until the test is over; where it does.
async fn serve(package: Vec<u8>) -> SocketAddr {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut endpoint = coap::Endpoint::<SocketAddr>::new(coap::Config::default(), [3; 32]);
        let mut buffer = vec![0; 2048];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            endpoint.handle_datagram(Instant::now(), from, &buffer[..length]);
            while let Some(event) = endpoint.poll_event() {
                if let coap::Event::Request { id, .. } = event {
                    let response = coap::Response::new(coap::Code::CONTENT).with_payload(42, package.clone());
                    endpoint.respond(Instant::now(), id, response);
                }
            }
            while let Some(transmit) = endpoint.poll_transmit() {
                socket.send_to(&transmit.datagram, transmit.peer).await.unwrap();
            }
        }
    });
    address
}

#[tokio::test]
async fn ets_771_a_package_is_pulled() {
    let (mut server, _client) = pair(|_| {}).await;
    succeeds(&server, request(OperationKind::Observe, "/5/0/3"), "2.05").await;
    let mut image = b"muster-image name=radio version=3.0.0\n".to_vec();
    image.resize(20_000, 0x5a);
    let address = serve(image).await;
    write(&server, "/5/0/1", json!(format!("coap://{address}/fw"))).await;
    arrives(&mut server, "notify", "/5/0/3", json!(2)).await;
    assert_eq!(
        read(&server, "/5/0").await,
        json!({"/5/0/1": format!("coap://{address}/fw"), "/5/0/3": 2, "/5/0/5": 0, "/5/0/6": "radio", "/5/0/7": "3.0.0", "/5/0/8/0": 0, "/5/0/9": 2})
    );
    succeeds(&server, request(OperationKind::Execute, "/5/0/2"), "2.04").await;
    // It starts again with what it fetched, and registers anew.
    server.event("registered").await;
    assert_eq!(read(&server, "/3/0/3").await, json!({"/3/0/3": "3.0.0"}));
    assert_eq!(read(&server, "/5/0/5").await, json!({"/5/0/5": 1}));
}

#[tokio::test]
async fn ets_773_to_779_a_package_that_fails_says_why() {
    let (mut server, _client) = pair(|_| {}).await;
    succeeds(&server, request(OperationKind::Observe, "/5/0/5"), "2.05").await;
    // No flash, no memory, an image that is not whole, one of another type: ETS 773, 774, 776, 777.
    for result in [2, 3, 5, 6] {
        push(&server, &format!("muster-image refuse={result}\n")).await;
        arrives(&mut server, "notify", "/5/0/5", json!(result)).await;
        assert_eq!(read(&server, "/5/0/3").await, json!({"/5/0/3": 0}));
    }
    // It cannot be had there; no URI at all: ETS 775, 778.
    let refusing = coap_that_has_nothing().await;
    for (uri, result) in [(format!("coap://{refusing}/fw"), 4), ("nonsense".into(), 7)] {
        write(&server, "/5/0/1", json!(uri)).await;
        arrives(&mut server, "notify", "/5/0/5", json!(result)).await;
    }
    // It is installed, and that fails: ETS 779.
    push(&server, "muster-image fail=8\n").await;
    succeeds(&server, request(OperationKind::Execute, "/5/0/2"), "2.04").await;
    arrives(&mut server, "notify", "/5/0/5", json!(8)).await;
}

async fn push(server: &crate::support::Server, image: &str) {
    let value = Value::Opaque(image.as_bytes().to_vec()).to_json();
    let push = request_with(OperationKind::Write, "/5/0/0", json!(value));
    succeeds(server, in_format("opaque", push), "2.04").await;
}

/// A CoAP server that answers everything with 4.04.
async fn coap_that_has_nothing() -> SocketAddr {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 2048];
        loop {
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let asked = coap::Message::parse(&buffer[..length]).unwrap();
            let mut answer = coap::Message::empty(coap::Kind::Acknowledgement, asked.message_id);
            (answer.code, answer.token) = (coap::Code::NOT_FOUND, asked.token);
            socket.send_to(&answer.encode(), from).await.unwrap();
        }
    });
    address
}
