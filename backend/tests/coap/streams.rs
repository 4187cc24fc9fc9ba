//! Devices over TCP. LwM2M Transport 1.2 §6.4, RFC 8323.

use crate::stream_device::StreamDevice;
use crate::support::{Device, LINKS, PATIENCE, Server, config, request, senml};
use coap::{Code, Token};
use serde_json::json;
use shared::api::{Direction, OperationKind, OperationRequest, OperationState, Transport};
use shared::event::EventKind;
use shared::{DeviceState, Timestamp};
use std::net::SocketAddr;
use tokio::net::TcpStream;

const REGISTER: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.1", "b=T"];
const PATH: &str = "/3303/0/5700";

fn started(shards: usize) -> Server {
    Server::with(|config| {
        config.coap = None;
        config.streams.tcp = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.shards = shards;
    })
}

fn transport(server: &Server) -> Transport {
    let detail = server.core.device("a").unwrap();
    detail.registration.unwrap().transport
}

/// A device whose temperature is observed, with its location and the observation's token.
async fn observed(server: &mut Server) -> (StreamDevice, String, Token) {
    let mut device = StreamDevice::connect(server.address()).await;
    let location = device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let operation = server.operate("a", request(OperationKind::Observe, PATH));
    let answer = async {
        let asked = device.asked().await;
        device.answer(&asked, 110, &senml(PATH, 20.0), Some(1)).await;
        asked.token
    };
    let (view, token) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    (device, location, token)
}

#[tokio::test]
async fn a_device_registers_is_read_updates_and_leaves_over_tcp() {
    let mut server = started(1);
    let mut device = StreamDevice::connect(server.address()).await;
    let location = device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    assert_eq!(transport(&server), Transport::Tcp);
    let operation = server.operate("a", request(OperationKind::Read, "/3/0/0"));
    let answer = async {
        let asked = device.asked().await;
        assert_eq!((asked.code, asked.options.path().as_str()), (Code::GET, "/3/0/0"));
        device.answer(&asked, 0, b"Example Works", None).await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(json!(view.values[0].value), json!("Example Works"));
    assert_eq!(device.update(&location).await, Code::CHANGED);
    let leave = device.request(Code::DELETE, &location, &[]);
    assert_eq!(device.ask(leave).await.code, Code::DELETED);
    server.event("deregistered").await;
    let trace = server.core.trace("a", 100).await.unwrap();
    let seen: Vec<_> = trace
        .iter()
        .map(|record| (record.direction, record.code_name.as_str(), record.uri.as_str()))
        .collect();
    assert!(seen.contains(&(Direction::Down, "CSM", "")), "{seen:?}");
    assert!(seen.contains(&(Direction::Down, "GET", "/3/0/0")), "{seen:?}");
    let answer = trace.iter().find(|record| record.code == "2.05").unwrap();
    assert_eq!(answer.payload_path.as_deref(), Some("/3/0/0"));
    assert!(
        trace
            .iter()
            .all(|record| record.error.is_none() && record.message_id.is_none())
    );
}

#[tokio::test]
async fn over_tcp_the_binding_is_t() {
    for (binding, rules) in [("b=T", &[][..]), ("b=UT", &[]), ("b=U", &["no_tcp"])] {
        let mut server = started(1);
        let mut device = StreamDevice::connect(server.address()).await;
        device
            .register(&["ep=a", "lt=30", "lwm2m=1.1", binding], LINKS)
            .await;
        server.event("registered").await;
        let registration = server.core.device("a").unwrap().registration.unwrap();
        let of_transport = ["no_udp", "no_tcp", "short_lifetime"];
        let broken: Vec<_> = registration.lint.iter().map(|note| note.rule.as_str()).collect();
        let broken: Vec<_> = broken
            .into_iter()
            .filter(|rule| of_transport.contains(rule))
            .collect();
        assert_eq!(broken, rules, "{binding}");
    }
}

#[tokio::test]
async fn a_large_value_comes_in_blocks_of_several_kilobytes() {
    let mut server = started(1);
    let mut device = StreamDevice::connect(server.address()).await;
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let write = crate::support::request_with(OperationKind::Write, "/5/0/0", json!(base64_of(20_000)));
    let operation = server.operate("a", write);
    let answer = async {
        let mut length = 0;
        loop {
            let asked = device.asked().await;
            let block = asked.options.block1().expect("it comes in blocks");
            assert!(block.size.is_bert());
            length += asked.payload.len();
            let mut answer = coap::StreamMessage {
                token: asked.token,
                ..coap::StreamMessage::new(if block.more { Code::CONTINUE } else { Code::CHANGED })
            };
            answer.options.set_uint(coap::number::BLOCK1, block.encode());
            device.send(&answer).await;
            if !block.more {
                return length;
            }
        }
    };
    let (view, length) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    assert!(length >= 20_000, "{length}");
}

/// A Read that may wait.
fn waiting() -> OperationRequest {
    OperationRequest {
        expires: Some(in_a_minute()),
        ..request(OperationKind::Read, "/3/0/0")
    }
}

fn in_a_minute() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(now.unwrap().as_millis() as i64 + 60_000)
}

/// So many zero bytes in base64.
fn base64_of(length: usize) -> String {
    let mut text = "A".repeat(length / 3 * 4);
    text.push_str(["", "AA==", "AAA="][length % 3]);
    text
}

#[tokio::test]
async fn observations_are_made_again_on_the_next_connection() {
    let mut server = started(1);
    let (device, location, token) = observed(&mut server).await;
    drop(device);
    server
        .event_that(|event| matches!(event.kind, EventKind::Late))
        .await;
    let mut device = StreamDevice::connect(server.address()).await;
    assert_eq!(device.update(&location).await, Code::CHANGED);
    let asked = device.asked().await;
    assert_eq!(
        (asked.options.path().as_str(), asked.options.observe()),
        (PATH, Some(0))
    );
    assert_ne!(asked.token, token);
    device.answer(&asked, 110, &senml(PATH, 21.0), Some(7)).await;
    for value in [22.0, 23.0] {
        // The number says nothing over a stream.
        device.answer(&asked, 110, &senml(PATH, value), Some(7)).await;
        server
            .event_that(|event| match &event.kind {
                EventKind::Values { values, .. } => values[0].value.as_number() == Some(value),
                _ => false,
            })
            .await;
    }
    assert_eq!(server.core.device("a").unwrap().row.state, DeviceState::Online);
}

#[tokio::test]
async fn what_is_asked_while_there_is_no_connection_waits_for_the_next() {
    for queue_mode in [false, true] {
        let mut server = started(1);
        let mut device = StreamDevice::connect(server.address()).await;
        let mut queries = REGISTER.to_vec();
        if queue_mode {
            queries.push("Q");
        }
        let location = device.register(&queries, LINKS).await;
        server.event("registered").await;
        drop(device);
        let word = if queue_mode { "asleep" } else { "late" };
        server.event(word).await;
        let ticket = server.core.operate("a", waiting(), "tester").await.unwrap();
        let mut device = StreamDevice::connect(server.address()).await;
        assert_eq!(device.update(&location).await, Code::CHANGED);
        let asked = device.asked().await;
        assert_eq!(asked.options.path(), "/3/0/0");
        device.answer(&asked, 0, b"x", None).await;
        let view = ticket.wait(PATIENCE).await.unwrap();
        assert_eq!(view.state, OperationState::Done, "{view:?}");
    }
}

/// As over DTLS: only the device can begin a connection, and it might not.
#[tokio::test]
async fn what_may_not_wait_fails_at_once_while_there_is_no_connection() {
    let mut server = started(1);
    let mut device = StreamDevice::connect(server.address()).await;
    let location = device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let read = || request(OperationKind::Read, "/3/0/0");
    let under_way = server.core.operate("a", read(), "tester").await.unwrap();
    let behind = server.core.operate("a", read(), "tester").await.unwrap();
    device.asked().await;
    drop(device);
    for (ticket, words) in [(under_way, "is not known"), (behind, "'expires' waits")] {
        let view = ticket.wait(PATIENCE).await.unwrap();
        assert_eq!(view.state, OperationState::Failed, "{view:?}");
        let message = view.message.unwrap_or_default();
        assert!(
            message.contains("connection") && message.contains(words),
            "{message}"
        );
    }
    let view = server.operate("a", read()).await;
    assert_eq!(view.state, OperationState::Failed, "{view:?}");
    let message = view.message.unwrap_or_default();
    assert!(message.contains("has no connection"), "{message}");
    // When it is back it can be asked again.
    let mut device = StreamDevice::connect(server.address()).await;
    assert_eq!(device.update(&location).await, Code::CHANGED);
    let operation = server.operate("a", read());
    let answer = async {
        let asked = device.asked().await;
        device.answer(&asked, 0, b"x", None).await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
}

#[tokio::test]
async fn a_read_that_a_broken_connection_cut_off_is_asked_again() {
    let mut server = started(1);
    let mut device = StreamDevice::connect(server.address()).await;
    let location = device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let ticket = server.core.operate("a", waiting(), "tester").await.unwrap();
    device.asked().await;
    drop(device);
    let mut device = StreamDevice::connect(server.address()).await;
    assert_eq!(device.update(&location).await, Code::CHANGED);
    let asked = device.asked().await;
    device.answer(&asked, 0, b"x", None).await;
    assert_eq!(ticket.wait(PATIENCE).await.unwrap().state, OperationState::Done);
}

#[tokio::test]
async fn a_device_may_come_back_to_any_shard() {
    let mut server = started(4);
    let (mut device, location, _) = observed(&mut server).await;
    for round in 0..12 {
        let before = device;
        device = StreamDevice::connect(server.address()).await;
        // The old connection may stand for a while: the new one counts.
        if round % 2 == 0 {
            drop(before);
        }
        assert_eq!(device.update(&location).await, Code::CHANGED, "round {round}");
        let asked = device.asked().await;
        assert_eq!(
            (asked.options.path().as_str(), asked.options.observe()),
            (PATH, Some(0))
        );
        device
            .answer(&asked, 110, &senml(PATH, f64::from(round)), Some(1))
            .await;
    }
}

#[tokio::test]
async fn a_device_may_change_between_udp_and_tcp() {
    let mut server = Server::with(|config| {
        config.streams.tcp = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.shards = 3;
    });
    let mut udp = Device::new(&server).await;
    let location = udp.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    assert_eq!(transport(&server), Transport::Udp);
    let mut tcp = StreamDevice::connect(server.address_of("coap+tcp")).await;
    assert_eq!(tcp.update(&location).await, Code::CHANGED);
    server.event("updated").await;
    assert_eq!(transport(&server), Transport::Tcp);
    let update = udp.confirmable(Code::POST, &location, &[]);
    assert_eq!(udp.ask(update).await.code, Code::CHANGED);
    server.event("updated").await;
    assert_eq!(transport(&server), Transport::Udp);
}

#[tokio::test]
async fn what_is_no_coap_ends_the_connection_and_becomes_an_event() {
    let mut server = started(1);
    let mut device = StreamDevice::connect(server.address()).await;
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    device.send_bytes(&[0x0f, 0x01]).await;
    assert_eq!(device.next().await.unwrap().code, Code::ABORT);
    assert_eq!(device.next().await, None);
    let event = server.event("refused").await;
    assert_eq!(event.endpoint, "a");
    let mut stranger = StreamDevice::silent(TcpStream::connect(server.address()).await.unwrap());
    stranger.send_bytes(b"GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(stranger.next().await.unwrap().code, Code::CSM);
    assert_eq!(stranger.next().await.unwrap().code, Code::ABORT);
    assert_eq!(stranger.next().await, None);
}

#[tokio::test]
async fn there_are_no_more_connections_from_an_address_than_may_be() {
    let mut server = Server::with(|config| {
        config.coap = None;
        config.streams.tcp = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.streams.max_connections_of_one = 2;
    });
    let first = StreamDevice::connect(server.address()).await;
    let _second = StreamDevice::connect(server.address()).await;
    let mut third = StreamDevice::silent(TcpStream::connect(server.address()).await.unwrap());
    assert_eq!(third.next().await, None);
    server.event("refused").await;
    drop(first);
    // The place is free when the server has seen that the first is gone.
    let again = async {
        loop {
            let mut device = StreamDevice::silent(TcpStream::connect(server.address()).await.unwrap());
            if device.next().await.is_some() {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, again)
        .await
        .expect("a place becomes free");
}

#[tokio::test]
async fn a_silent_connection_ends() {
    let server = Server::with(|config| {
        config.coap = None;
        config.streams.tcp = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.streams.idle = std::time::Duration::from_millis(100);
    });
    let mut device = StreamDevice::connect(server.address()).await;
    assert_eq!(device.next().await, None);
}

#[tokio::test]
async fn a_server_that_stops_takes_its_leave() {
    let server = started(1);
    let mut device = StreamDevice::connect(server.address()).await;
    device.register(&REGISTER, LINKS).await;
    server.core.shutdown().await.unwrap();
    assert_eq!(device.next().await.unwrap().code, Code::RELEASE);
    assert_eq!(device.next().await, None);
}

#[tokio::test]
async fn a_registration_over_tcp_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let with_tcp = || {
        let mut config = config(directory.path());
        config.coap = None;
        config.streams.tcp = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config
    };
    let mut server = Server::of(with_tcp());
    let (device, location, _) = observed(&mut server).await;
    server.core.shutdown().await.unwrap();
    drop((device, server));
    let server = Server::of(with_tcp());
    assert_eq!(transport(&server), Transport::Tcp);
    let mut device = StreamDevice::connect(server.address()).await;
    assert_eq!(device.update(&location).await, Code::CHANGED);
    let asked = device.asked().await;
    assert_eq!(
        (asked.options.path().as_str(), asked.options.observe()),
        (PATH, Some(0))
    );
}

#[tokio::test]
async fn simulated_devices_live_over_tcp() {
    let mut server = started(2);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let options = simulator::FleetOptions::new(format!("coap+tcp://{}", server.address()), 6);
    let fleet = tokio::spawn(simulator::run(options, async {
        let _ = stopped.await;
    }));
    let mut endpoints = Vec::new();
    while endpoints.len() < 6 {
        endpoints.push(server.event("registered").await.endpoint.clone());
    }
    for endpoint in &endpoints {
        let view = server
            .operate(endpoint, request(OperationKind::Read, "/3/0"))
            .await;
        assert_eq!(view.state, OperationState::Done, "{view:?}");
        let detail = server.core.device(endpoint).unwrap();
        assert_eq!(detail.registration.unwrap().transport, Transport::Tcp);
    }
    stop.send(()).unwrap();
    for _ in &endpoints {
        server.event("deregistered").await;
    }
    fleet.await.unwrap().unwrap();
}
