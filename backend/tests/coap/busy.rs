//! A device that cannot do it now, or not as large: 5.03 and 4.29 with Max-Age, 4.08, 4.13.

use crate::support::{Device, LINKS, PATIENCE, Server, path, request, request_with, senml};
use coap::{Block, BlockSize, Code, Kind, Message, Options, number};
use serde_json::json;
use shared::Timestamp;
use shared::api::{OperationKind, OperationRequest, OperationState};

const QUERIES: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.1", "b=U"];

async fn pair() -> (Server, Device) {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    device.register(&QUERIES, LINKS).await;
    server.event("registered").await;
    (server, device)
}

/// Answers with one option besides the code.
async fn answer(device: &mut Device, request: &Message, code: Code, option: Option<(u16, u32)>) {
    let mut options = Options::new();
    if let Some((number, value)) = option {
        options.set_uint(number, value);
    }
    let message = Message {
        kind: Kind::Acknowledgement,
        code,
        message_id: request.message_id,
        token: request.token,
        options,
        payload: Vec::new(),
    };
    device.send(&message).await;
}

#[tokio::test]
async fn a_device_that_is_busy_is_asked_again_when_it_said_and_in_order() {
    for (code, word) in [
        (Code::SERVICE_UNAVAILABLE, "cannot do this now (5.03)"),
        (Code::TOO_MANY_REQUESTS, "is asked too often (4.29)"),
    ] {
        let (mut server, mut device) = pair().await;
        let write = request_with(OperationKind::Write, "/3/0/14", json!("+02:00"));
        let first = server.core.operate("a", write, "tester").await.unwrap();
        let read = request(OperationKind::Read, "/3/0/0");
        let second = server.core.operate("a", read, "tester").await.unwrap();
        let asked = device.asked().await;
        answer(&mut device, &asked, code, Some((number::MAX_AGE, 1))).await;
        server
            .event_that(|event| {
                matches!(&event.kind, shared::event::EventKind::Operation { state: OperationState::Queued, message: Some(message), .. }
                    if message.contains(word) && message.contains("again after 1 s"))
            })
            .await;
        let view = server.core.operation("a", first.id).await.unwrap().unwrap();
        assert_eq!((view.state, view.position), (OperationState::Queued, Some(1)));
        assert!(view.expected_at.is_some() && view.message.is_some(), "{view:?}");
        assert!(!device.has_unread(), "it is left alone");

        let again = device.asked().await;
        assert_eq!((path(&again), &again.payload), (path(&asked), &asked.payload));
        assert_ne!(again.message_id, asked.message_id);
        answer(&mut device, &again, Code::CHANGED, None).await;
        let asked = device.asked().await;
        assert_eq!(path(&asked), "/3/0/0");
        device.answer(&asked, Code::CONTENT, Some(0), b"X").await;
        for ticket in [first, second] {
            let view = ticket.wait(PATIENCE).await.unwrap();
            assert_eq!((view.state, view.message), (OperationState::Done, None));
        }
    }
}

#[tokio::test]
async fn what_would_be_too_late_or_has_no_time_is_a_refusal() {
    let (server, mut device) = pair().await;
    for max_age in [None, Some((number::MAX_AGE, 3600))] {
        let read = OperationRequest {
            expires: Some(Timestamp(server_time() + 60_000)),
            ..request(OperationKind::Read, "/3/0/0")
        };
        let ticket = server.core.operate("a", read, "tester").await.unwrap();
        let asked = device.asked().await;
        answer(&mut device, &asked, Code::SERVICE_UNAVAILABLE, max_age).await;
        let view = ticket.wait(PATIENCE).await.unwrap();
        assert_eq!(view.state, OperationState::Failed);
        assert_eq!(view.message.as_deref(), Some("The device cannot do this now."));
    }
}

fn server_time() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_millis() as i64
}

#[tokio::test]
async fn an_observation_is_made_again_when_the_device_has_time() {
    let (mut server, mut device) = pair().await;
    let observe = request(OperationKind::Observe, "/3303/0/5700");
    let ticket = server.core.operate("a", observe, "tester").await.unwrap();
    let asked = device.asked().await;
    let value = senml("/3303/0/5700", 20.0);
    device
        .answer_with(&asked, Code::CONTENT, Some(110), &value, Some(1))
        .await;
    ticket.wait(PATIENCE).await.unwrap();
    server.event("values").await;

    device.register(&QUERIES, LINKS).await;
    let asked = device.asked().await;
    assert_eq!(asked.options.observe(), Some(0));
    answer(
        &mut device,
        &asked,
        Code::SERVICE_UNAVAILABLE,
        Some((number::MAX_AGE, 1)),
    )
    .await;
    let asked = device.asked().await;
    assert_eq!(
        (path(&asked).as_str(), asked.options.observe()),
        ("/3303/0/5700", Some(0))
    );
    let value = senml("/3303/0/5700", 21.0);
    device
        .answer_with(&asked, Code::CONTENT, Some(110), &value, Some(1))
        .await;
    server.event("values").await;
    assert_eq!(server.value("a", "/3303/0/5700"), Some(json!(21.0)));
}

fn package() -> OperationRequest {
    OperationRequest {
        format: Some("opaque".into()),
        ..request_with(OperationKind::Write, "/5/0/0", json!("A".repeat(2000)))
    }
}

/// RFC 7959 §2.9.3: too large in this block size, or at all.
#[tokio::test]
async fn what_is_too_large_is_tried_in_smaller_blocks_and_a_limit_is_told() {
    let (server, mut device) = pair().await;
    let ticket = server.core.operate("a", package(), "tester").await.unwrap();
    let asked = device.asked().await;
    assert_eq!((asked.payload.len(), asked.options.size1()), (1024, Some(1500)));
    let smaller = Block {
        number: 0,
        more: false,
        size: BlockSize::at_most(256),
    };
    answer(
        &mut device,
        &asked,
        Code::REQUEST_ENTITY_TOO_LARGE,
        Some((number::BLOCK1, smaller.encode())),
    )
    .await;
    let mut taken = 0;
    let mut restarted = false;
    loop {
        let asked = device.asked().await;
        let block = asked.options.block1().unwrap();
        assert!(asked.payload.len() <= 256 && block.offset() == taken);
        taken += asked.payload.len();
        // RFC 7959 §2.9.2: a part got lost, so it begins again.
        if taken == 512 && !restarted {
            (restarted, taken) = (true, 0);
            answer(&mut device, &asked, Code::REQUEST_ENTITY_INCOMPLETE, None).await;
            continue;
        }
        let code = if block.more { Code::CONTINUE } else { Code::CHANGED };
        answer(&mut device, &asked, code, Some((number::BLOCK1, block.encode()))).await;
        if !block.more {
            break;
        }
    }
    assert_eq!((taken, restarted), (1500, true));
    let view = ticket.wait(PATIENCE).await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");

    let ticket = server.core.operate("a", package(), "tester").await.unwrap();
    let asked = device.asked().await;
    answer(
        &mut device,
        &asked,
        Code::REQUEST_ENTITY_TOO_LARGE,
        Some((number::SIZE1, 1400)),
    )
    .await;
    let view = ticket.wait(PATIENCE).await.unwrap();
    assert_eq!(view.state, OperationState::Failed);
    assert_eq!(
        view.message.as_deref(),
        Some("The value is larger than the device takes, which is at most 1400 bytes.")
    );
}
