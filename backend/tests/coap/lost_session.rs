//! What is asked of a device whose session is gone: it fails at once and in words, unless it may wait for the next session.

use crate::coaps::{KEY, REGISTER, connected, psk, server_with, with_psk};
use crate::support::{LINKS, PATIENCE, path, request};
use coap::Code;
use shared::Timestamp;
use shared::api::{OperationKind, OperationState};
use shared::event::EventKind;

/// Only the device can begin a handshake, so there is nothing to wait for.
#[tokio::test]
async fn a_device_without_a_session_is_not_asked_and_that_is_told_at_once() {
    let mut server = server_with(vec![psk("a", "a")]).await;
    let mut device = connected(&server, with_psk("a", KEY)).await;
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let core = server.core.clone();
    let ask = |op| {
        let core = core.clone();
        async move { core.operate("a", request(op, "/3/0/1"), "tester").await.unwrap() }
    };
    let under_way = ask(OperationKind::Read).await;
    device.asked().await;
    let waiting = ask(OperationKind::Read).await;
    let patient = {
        let mut patient = request(OperationKind::Read, "/3/0/2");
        patient.expires = Some(Timestamp(4_000_000_000_000));
        server.core.operate("a", patient, "tester").await.unwrap()
    };
    server.core.end_session("a").await.unwrap();
    server.event("session_ended").await;
    for (ticket, words) in [
        (under_way, "Whether the device did it is not known."),
        (waiting, "only the device can begin a handshake"),
        (ask(OperationKind::Observe).await, "has no session"),
    ] {
        let view = ticket.wait(PATIENCE).await.unwrap();
        assert_eq!(view.state, OperationState::Failed, "{view:?}");
        assert!(view.message.as_ref().unwrap().contains(words), "{view:?}");
    }
    // What says how long it may wait is asked in the next session.
    assert_eq!(patient.view().state, OperationState::Queued);
    let mut again = connected(&server, with_psk("a", KEY)).await;
    again.register(&REGISTER, LINKS).await;
    let asked = again.asked().await;
    assert_eq!(path(&asked), "/3/0/2");
    again.answer(&asked, Code::CONTENT, Some(0), b"1").await;
    let view = patient.wait(PATIENCE).await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");
}

#[tokio::test]
async fn what_is_asked_of_a_device_in_queue_mode_waits_for_its_next_session() {
    let mut server = server_with(vec![psk("a", "a")]).await;
    let queue_mode = ["ep=a", "lt=300", "lwm2m=1.1", "b=U", "Q"];
    let mut device = connected(&server, with_psk("a", KEY)).await;
    device.register(&queue_mode, LINKS).await;
    server.event("registered").await;
    server.core.end_session("a").await.unwrap();
    let read = request(OperationKind::Read, "/3/0/2");
    let ticket = server.core.operate("a", read, "tester").await.unwrap();
    server.core.flush().await.unwrap();
    assert_eq!(ticket.view().state, OperationState::Queued);
    let mut again = connected(&server, with_psk("a", KEY)).await;
    again.register(&queue_mode, LINKS).await;
    let asked = again.asked().await;
    again.answer(&asked, Code::CONTENT, Some(0), b"1").await;
    let view = ticket.wait(PATIENCE).await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");
}

/// What was observed is observed again in the next session; a session that ends in the middle of that holds nothing up.
#[tokio::test]
async fn observations_are_made_again_although_a_session_ended_in_the_middle_of_it() {
    let mut server = server_with(vec![psk("a", "a")]).await;
    let mut device = connected(&server, with_psk("a", KEY)).await;
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let observe = request(OperationKind::Observe, "/3/0/9");
    let ticket = server.core.operate("a", observe, "tester").await.unwrap();
    let asked = device.asked().await;
    device
        .answer_with(&asked, Code::CONTENT, Some(0), b"80", Some(1))
        .await;
    let view = ticket.wait(PATIENCE).await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    for last in [false, true] {
        let mut next = connected(&server, with_psk("a", KEY)).await;
        next.register(&REGISTER, LINKS).await;
        let asked = next.asked().await;
        assert_eq!(path(&asked), "/3/0/9");
        if !last {
            server.core.end_session("a").await.unwrap();
            server.event("session_ended").await;
            continue;
        }
        next.answer_with(&asked, Code::CONTENT, Some(0), b"81", Some(1))
            .await;
        server
            .event_that(|event| matches!(&event.kind, EventKind::Values { values, .. } if !values.is_empty()))
            .await;
    }
}
