//! How one device is talked to: RFC 7252 §4.8, RFC 7959, and what some clients have to be spared.

use crate::restart::killed;
use crate::support::{Device, LINKS, Server, config, path, request, request_with};
use coap::{Code, Kind, Message};
use serde_json::json;
use shared::api::{OperationKind, OperationRequest, OperationState, Quirk, TransmissionSettings};
use std::time::{Duration, Instant};

const QUERIES: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.1", "b=U"];

async fn set(server: &Server, settings: TransmissionSettings) {
    let view = server.core.set_transmission("a", Some(settings), "tester").await;
    view.unwrap().unwrap();
}

async fn registered(server: &mut Server) -> Device {
    let mut device = Device::new(server).await;
    device.register(&QUERIES, LINKS).await;
    server.event("registered").await;
    device
}

fn quick() -> TransmissionSettings {
    TransmissionSettings {
        ack_timeout: Some(0.2),
        ack_random_factor: Some(1.0),
        max_retransmit: Some(2),
        ..TransmissionSettings::default()
    }
}

async fn begin(server: &Server, request: OperationRequest) -> backend::core::Ticket {
    server.core.operate("a", request, "tester").await.unwrap()
}

/// The transmissions of one request that is never answered, and how long after the first each came.
async fn transmissions(device: &mut Device, count: usize) -> Vec<(Message, Duration)> {
    let mut came = Vec::new();
    let mut first = None;
    for _ in 0..count {
        let message = device.asked().await;
        let since = first.get_or_insert_with(Instant::now).elapsed();
        came.push((message, since));
    }
    came
}

/// Two transmissions after the first, 0.2 s and 0.6 s later, and given up after 1.4 s: long before the usual 93 s.
async fn is_quick(server: &Server, device: &mut Device) {
    let began = Instant::now();
    let ticket = begin(server, request(OperationKind::Read, "/3/0/0")).await;
    let came = transmissions(device, 3).await;
    assert!(came.iter().all(|(message, _)| *message == came[0].0));
    // The first was seen a moment after it was sent.
    let slack = Duration::from_millis(100);
    for (index, millis) in [(1, 200), (2, 600)] {
        assert!(came[index].1 + slack >= Duration::from_millis(millis), "{came:?}");
    }
    let view = ticket.wait(Duration::from_secs(20)).await.unwrap();
    assert_eq!(view.state, OperationState::Expired, "{view:?}");
    let took = began.elapsed();
    assert!(
        (Duration::from_millis(1400)..Duration::from_secs(8)).contains(&took),
        "{took:?}"
    );
}

#[tokio::test]
async fn a_message_is_sent_again_in_the_rhythm_that_was_set_at_once_and_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::of(config(directory.path()));
    let mut device = registered(&mut server).await;
    set(&server, quick()).await;
    is_quick(&server, &mut device).await;
    server.core.flush().await.unwrap();
    let copy = killed(directory.path());
    drop(server);

    let server = Server::of(config(copy.path()));
    device.redirect(server.address());
    assert_eq!(server.core.transmission("a").unwrap().settings, quick());
    is_quick(&server, &mut device).await;

    let usual = server
        .core
        .set_transmission("a", None, "tester")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(usual.effective, usual.usual);
    // As usual again: it is not given up while three quick transmissions would have been.
    let ticket = begin(&server, request(OperationKind::Read, "/3/0/0")).await;
    let asked = device.asked().await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!ticket.view().state.is_final());
    device.answer(&asked, Code::CONTENT, Some(0), b"X").await;
}

/// The blocks of a body as they come, each answered so that the next one follows.
async fn take_blocks(device: &mut Device) -> Vec<usize> {
    let mut lengths = Vec::new();
    loop {
        let asked = device.asked().await;
        let block = asked.options.block1().expect("it comes in blocks");
        lengths.push(asked.payload.len());
        let code = if block.more { Code::CONTINUE } else { Code::CHANGED };
        let mut answer = Message {
            kind: Kind::Acknowledgement,
            code,
            payload: Vec::new(),
            ..asked.clone()
        };
        answer.options = coap::Options::new();
        answer.options.set_uint(coap::number::BLOCK1, block.encode());
        device.send(&answer).await;
        if !block.more {
            return lengths;
        }
    }
}

fn package(bytes: usize) -> OperationRequest {
    let value = "A".repeat(bytes / 3 * 4);
    OperationRequest {
        format: Some("opaque".into()),
        ..request_with(OperationKind::Write, "/5/0/0", json!(value))
    }
}

#[tokio::test]
async fn blocks_are_no_larger_than_was_set_both_ways() {
    let mut server = Server::start();
    let mut device = registered(&mut server).await;
    let ticket = begin(&server, package(150)).await;
    let asked = device.asked().await;
    assert_eq!((asked.payload.len(), asked.options.block1()), (150, None));
    device.answer(&asked, Code::CHANGED, None, b"").await;
    ticket.wait(Duration::from_secs(20)).await.unwrap();

    set(
        &server,
        TransmissionSettings {
            block_size: Some(64),
            ..TransmissionSettings::default()
        },
    )
    .await;
    let preview = server.core.preview("a", &package(150)).unwrap();
    assert_eq!(preview.blocks, 3);
    let ticket = begin(&server, package(150)).await;
    assert_eq!(take_blocks(&mut device).await, [64, 64, 22]);
    let view = ticket.wait(Duration::from_secs(20)).await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");

    // What it sends is asked for in blocks of this size too, at its next address as well.
    device.rebind().await;
    device.register(&QUERIES, LINKS).await;
    let _ticket = begin(&server, request(OperationKind::Read, "/3/0/0")).await;
    let asked = device.asked().await;
    assert_eq!(asked.options.block2().map(|block| block.size.bytes()), Some(64));
    device.answer(&asked, Code::CONTENT, Some(0), b"X").await;
}

#[tokio::test]
async fn a_device_is_spared_what_it_cannot_do() {
    let mut server = Server::start();
    let mut device = registered(&mut server).await;
    set(
        &server,
        TransmissionSettings {
            block_size: Some(64),
            content_format: Some("tlv".into()),
            quirks: Quirk::ALL.to_vec(),
            ..TransmissionSettings::default()
        },
    )
    .await;
    let composite = OperationRequest {
        path: None,
        paths: vec!["/3/0/0".parse().unwrap()],
        ..request(OperationKind::ReadComposite, "/3/0/0")
    };
    for (request, words) in [
        (
            package(150),
            "This takes 150 bytes, and one message carries 64. The device is set to take no block-wise transfers.",
        ),
        (composite, "The device is set to have no composite operations."),
    ] {
        let view = server.operate("a", request).await;
        assert_eq!(
            (view.state, view.message.as_deref()),
            (OperationState::Failed, Some(words))
        );
    }
    assert!(!device.has_unread());
    let _ticket = begin(&server, request(OperationKind::Read, "/3/0")).await;
    let asked = device.asked().await;
    assert_eq!((path(&asked).as_str(), asked.options.accept()), ("/3/0", None));
    device
        .answer(&asked, Code::CONTENT, Some(11542), b"\xc1\x00X")
        .await;

    // Written in the one format that it has, and in no other after that.
    let write = request_with(
        OperationKind::Update,
        "/3/0",
        json!({"14": "+02:00", "15": "Europe/Berlin"}),
    );
    let ticket = begin(&server, write).await;
    let asked = device.asked().await;
    assert_eq!(asked.options.content_format(), Some(11542));
    device
        .answer(&asked, Code::UNSUPPORTED_CONTENT_FORMAT, None, b"")
        .await;
    let view = ticket.wait(Duration::from_secs(20)).await.unwrap();
    assert_eq!(view.code.as_deref(), Some("4.15"), "{view:?}");
}

#[tokio::test]
async fn the_preferred_format_is_tried_first_and_the_others_after_it() {
    let mut server = Server::start();
    let mut device = registered(&mut server).await;
    set(
        &server,
        TransmissionSettings {
            content_format: Some("tlv".into()),
            ..TransmissionSettings::default()
        },
    )
    .await;
    let ticket = begin(&server, request(OperationKind::Read, "/3/0")).await;
    // The device lists 110, 112 and 11542.
    for (accept, code) in [(11542, Code::NOT_ACCEPTABLE), (112, Code::CONTENT)] {
        let asked = device.asked().await;
        assert_eq!(asked.options.accept(), Some(accept));
        device
            .answer(&asked, code, Some(112), b"\x81\xa2\x00\x66\x2f3/0/0\x03\x61X")
            .await;
    }
    let view = ticket.wait(Duration::from_secs(20)).await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");
}
