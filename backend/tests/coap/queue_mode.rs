//! LwM2M Core 1.2 §6.5: devices that sleep, and what waits for them.

use crate::restart::killed;
use crate::support::{Device, LINKS, PATIENCE, Server, config, path, request, senml};
use backend::core::Ticket;
use coap::{Code, Message};
use serde_json::json;
use shared::api::{DevicePatch, OperationKind, OperationRequest, OperationState, OperationView};
use shared::{DeviceState, Timestamp};
use std::time::Duration;

const SLEEPY: [&str; 5] = ["ep=a", "lt=300", "lwm2m=1.1", "b=U", "Q"];
const RESOURCES: [&str; 5] = ["/3/0/0", "/3/0/1", "/3/0/2", "/3/0/3", "/3/0/17"];

/// A server whose devices listen for a moment after each message.
fn server() -> Server {
    Server::with(|config| config.awake_window = Duration::from_millis(50))
}

/// A device that is asleep, and its location.
async fn asleep(server: &mut Server) -> (Device, String) {
    let mut device = Device::new(server).await;
    let location = device.register(&SLEEPY, LINKS).await;
    server.event("asleep").await;
    (device, location)
}

async fn queue(server: &Server, resources: &[&str]) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    for resource in resources {
        let read = request(OperationKind::Read, resource);
        tickets.push(server.core.operate("a", read, "tester").await.unwrap());
    }
    server.core.keep_taken().await.unwrap();
    tickets
}

async fn update(device: &mut Device, location: &str) {
    let update = device.confirmable(Code::POST, location, &[]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
}

async fn view(server: &Server, id: u64) -> OperationView {
    server.core.operation("a", id).await.unwrap().unwrap()
}

/// Answers the next request, which has to be about this resource.
async fn serve(device: &mut Device, resource: &str) -> Message {
    let asked = device.asked().await;
    assert_eq!(path(&asked), resource);
    device
        .answer(&asked, Code::CONTENT, Some(0), resource.as_bytes())
        .await;
    asked
}

#[tokio::test]
async fn what_waits_is_sent_in_order_and_one_at_a_time_once_the_device_wakes() {
    let mut server = server();
    let (mut device, location) = asleep(&mut server).await;
    let tickets = queue(&server, &RESOURCES).await;
    let listed = server.core.operations("a").await.unwrap().unwrap();
    let mut positions: Vec<(u64, Option<u32>)> = listed.iter().map(|view| (view.id, view.position)).collect();
    positions.sort_unstable();
    let expected: Vec<(u64, Option<u32>)> = tickets
        .iter()
        .zip(1..)
        .map(|(ticket, position)| (ticket.id, Some(position)))
        .collect();
    assert_eq!(positions, expected);
    assert_eq!(server.core.device("a").unwrap().row.pending, 5);

    update(&mut device, &location).await;
    for (index, resource) in RESOURCES.iter().enumerate() {
        let asked = device.asked().await;
        assert_eq!(path(&asked), *resource);
        let behind = &tickets[index + 1..];
        assert!(
            behind
                .iter()
                .all(|ticket| ticket.view().state == OperationState::Queued)
        );
        device
            .answer(&asked, Code::CONTENT, Some(0), resource.as_bytes())
            .await;
    }
    for (ticket, resource) in tickets.into_iter().zip(RESOURCES) {
        let view = ticket.wait(PATIENCE).await.unwrap();
        assert_eq!(view.state, OperationState::Done, "{view:?}");
        assert_eq!(json!(view.values[0].value), json!(resource));
        assert_eq!((view.position, view.expected_at), (None, None));
    }
    assert_eq!(server.core.device("a").unwrap().row.pending, 0);
}

#[tokio::test]
async fn every_message_of_the_device_wakes_the_queue() {
    let mut server = server();
    let (mut device, location) = asleep(&mut server).await;
    let observe = server
        .core
        .operate("a", request(OperationKind::Observe, "/3303/0/5700"), "tester")
        .await
        .unwrap();
    update(&mut device, &location).await;
    let asked = device.asked().await;
    device
        .answer_with(
            &asked,
            Code::CONTENT,
            Some(110),
            &senml("/3303/0/5700", 20.0),
            Some(1),
        )
        .await;
    let token = asked.token;
    assert_eq!(observe.wait(PATIENCE).await.unwrap().state, OperationState::Done);

    for uplink in ["update", "notify", "send", "register"] {
        server.event_that(|event| event.kind.name() == "asleep").await;
        let tickets = queue(&server, &["/3/0/0"]).await;
        assert_eq!(tickets[0].view().state, OperationState::Queued);
        match uplink {
            "update" => update(&mut device, &location).await,
            "notify" => {
                device.notify(token, 2, 110, &senml("/3303/0/5700", 21.0)).await;
            }
            "send" => {
                let mut send = device.confirmable(Code::POST, "dp", &[]);
                send.options.set_content_format(Some(110));
                send.payload = senml("/3303/0/5700", 22.0);
                assert_eq!(device.ask(send).await.code, Code::CHANGED);
            }
            _ => {
                device.register(&SLEEPY, LINKS).await;
            }
        }
        serve(&mut device, "/3/0/0").await;
        for ticket in tickets {
            let view = ticket.wait(PATIENCE).await.unwrap();
            assert_eq!(view.state, OperationState::Done, "after a {uplink}: {view:?}");
        }
    }
}

#[tokio::test]
async fn an_unanswered_request_shows_that_the_device_sleeps_and_loses_nothing_behind_it() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let location = device.register(&SLEEPY, LINKS).await;
    server.event("registered").await;
    let impatient = OperationRequest {
        timeout: Some(1),
        ..request(OperationKind::Read, "/3/0/0")
    };
    let first = server.core.operate("a", impatient, "tester").await.unwrap();
    let behind = queue(&server, &["/3/0/1", "/3/0/2"]).await;
    let first = first.wait(PATIENCE).await.unwrap();
    assert_eq!(first.state, OperationState::Expired);
    assert_eq!(
        first.message.as_deref(),
        Some(
            "The device did not answer within 1 s. Whether it did it is not known. It is in queue mode and taken to \
             be asleep: what waits behind is sent after its next message."
        )
    );
    server.event("asleep").await;
    assert_eq!(server.core.device("a").unwrap().row.state, DeviceState::Asleep);
    assert_eq!(view(&server, behind[0].id).await.position, Some(1));
    assert_eq!(view(&server, behind[1].id).await.position, Some(2));

    update(&mut device, &location).await;
    for (ticket, resource) in behind.into_iter().zip(["/3/0/1", "/3/0/2"]) {
        let asked = device.receive(|message| path(message) == resource).await;
        device.answer(&asked, Code::CONTENT, Some(0), b"x").await;
        assert_eq!(ticket.wait(PATIENCE).await.unwrap().state, OperationState::Done);
    }
}

#[tokio::test]
async fn the_awake_window_can_be_set_for_one_device_and_outlives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = config(directory.path());
    first.awake_window = Duration::from_millis(50);
    let mut server = Server::of(first);
    let (mut device, location) = asleep(&mut server).await;
    let queue_view = server.core.device("a").unwrap().queue.unwrap();
    assert!(!queue_view.overridden && queue_view.awake_until.is_none());

    let patch = DevicePatch {
        awake_window: Some(Some(3600)),
        ..DevicePatch::default()
    };
    let detail = server.core.describe("a", patch, "boss").await.unwrap().unwrap();
    let queue_view = detail.queue.unwrap();
    assert_eq!((queue_view.awake_window, queue_view.overridden), (3600, true));
    server.core.shutdown().await.unwrap();
    drop(server);

    let mut again = config(directory.path());
    again.awake_window = Duration::from_millis(50);
    let mut server = Server::of(again);
    device.redirect(server.address());
    update(&mut device, &location).await;
    server.event("awake").await;
    // Long after the usual window, which a whole exchange takes longer than.
    for resource in RESOURCES {
        let tickets = queue(&server, &[resource]).await;
        serve(&mut device, resource).await;
        for ticket in tickets {
            assert_eq!(ticket.wait(PATIENCE).await.unwrap().state, OperationState::Done);
        }
    }
    let queue_view = server.core.device("a").unwrap().queue.unwrap();
    let seen = server.core.device("a").unwrap().row.last_seen.unwrap();
    assert_eq!(queue_view.awake_until, Some(seen.plus_seconds(3600)));

    let usual = DevicePatch {
        awake_window: Some(None),
        ..DevicePatch::default()
    };
    server.core.describe("a", usual, "boss").await.unwrap();
    server.event("asleep").await;
    let waiting = queue(&server, &["/3/0/0"]).await;
    assert_eq!(view(&server, waiting[0].id).await.position, Some(1));
}

#[tokio::test]
async fn what_was_taken_before_a_kill_is_delivered_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = config(directory.path());
    first.awake_window = Duration::from_millis(50);
    let mut server = Server::of(first);
    let (mut device, _) = asleep(&mut server).await;
    let ids: Vec<u64> = queue(&server, &RESOURCES)
        .await
        .iter()
        .map(|ticket| ticket.id)
        .collect();
    server.core.cancel_operation("a", ids[1], "boss").await.unwrap();
    server.core.keep_taken().await.unwrap();
    let copy = killed(directory.path());
    drop(server);

    let mut server = Server::of(config(copy.path()));
    device.redirect(server.address());
    let cancelled = view(&server, ids[1]).await;
    assert_eq!(cancelled.state, OperationState::Cancelled);
    for (id, position) in [(ids[0], 1), (ids[2], 2), (ids[3], 3), (ids[4], 4)] {
        assert_eq!(view(&server, id).await.position, Some(position));
    }
    // It comes back with a new registration and from a new address.
    device.rebind().await;
    device.register(&SLEEPY, LINKS).await;
    for resource in ["/3/0/0", "/3/0/2", "/3/0/3", "/3/0/17"] {
        serve(&mut device, resource).await;
    }
    for id in [ids[0], ids[2], ids[3], ids[4]] {
        let done = server
            .event_that(|event| {
                matches!(&event.kind, shared::event::EventKind::Operation { id: found, state, .. }
                    if *found == id && state.is_final())
            })
            .await;
        assert!(done.sequence > 0);
        assert_eq!(view(&server, id).await.state, OperationState::Done);
    }
}

#[tokio::test]
async fn what_expires_or_is_cancelled_lets_the_others_move_up() {
    let mut server = server();
    let (mut device, location) = asleep(&mut server).await;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let soon = OperationRequest {
        expires: Some(Timestamp(now.as_millis() as i64 + 2000)),
        ..request(OperationKind::Read, "/3/0/0")
    };
    let expires = soon.expires;
    let soon = server.core.operate("a", soon, "tester").await.unwrap();
    assert_eq!(soon.view().expires_at, expires);
    let rest = queue(&server, &["/3/0/1", "/3/0/2", "/3/0/3"]).await;
    assert_eq!(view(&server, rest[0].id).await.position, Some(2));
    let expired = soon.wait(PATIENCE).await.unwrap();
    assert_eq!(expired.state, OperationState::Expired);
    assert_eq!(view(&server, rest[0].id).await.position, Some(1));
    server
        .core
        .cancel_operation("a", rest[0].id, "boss")
        .await
        .unwrap();
    assert_eq!(view(&server, rest[1].id).await.position, Some(1));
    assert_eq!(view(&server, rest[2].id).await.position, Some(2));
    update(&mut device, &location).await;
    serve(&mut device, "/3/0/2").await;
    serve(&mut device, "/3/0/3").await;
}

#[tokio::test]
async fn an_operation_that_failed_is_done_again_on_request() {
    let mut server = server();
    let (mut device, location) = asleep(&mut server).await;
    let first = queue(&server, &["/3/0/0"]).await.remove(0);
    let id = first.id;
    let error = server.core.retry_operation("a", id, "boss").await.unwrap_err();
    assert!(error.to_string().contains("has not ended"), "{error}");
    update(&mut device, &location).await;
    let asked = device.asked().await;
    device.answer(&asked, Code::NOT_FOUND, None, b"").await;
    assert_eq!(first.wait(PATIENCE).await.unwrap().state, OperationState::Failed);
    let again = server
        .core
        .retry_operation("a", id, "boss")
        .await
        .unwrap()
        .unwrap();
    assert!(again.id > id);
    update(&mut device, &location).await;
    serve(&mut device, "/3/0/0").await;
    let done = again.wait(PATIENCE).await.unwrap();
    assert_eq!((done.state, done.retry_of), (OperationState::Done, Some(id)));
    assert_eq!(done.by, "boss");
    assert!(
        server
            .core
            .retry_operation("a", 999, "boss")
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn the_delivery_is_expected_when_the_device_usually_wakes() {
    let mut server = server();
    let (mut device, location) = asleep(&mut server).await;
    let waiting = queue(&server, &["/3/0/0"]).await.remove(0);
    // Nothing is known of its rhythm yet: it comes before its lifetime ends.
    let ends = server.core.device("a").unwrap().row.lifetime_ends.unwrap();
    assert_eq!(view(&server, waiting.id).await.expected_at, Some(ends));
    update(&mut device, &location).await;
    serve(&mut device, "/3/0/0").await;
    server.event("asleep").await;
    update(&mut device, &location).await;
    server.event("asleep").await;
    // Two wakings a moment apart: the next is due in as long a moment, and the lifetime ends much later.
    let detail = server.core.device("a").unwrap();
    let expected = detail.queue.unwrap().expected_at;
    assert!(
        expected.is_some_and(|at| at <= detail.row.lifetime_ends.unwrap()),
        "{expected:?}"
    );
}

#[tokio::test]
async fn a_device_that_does_not_sleep_is_asked_on_after_a_time_out() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    server.event("registered").await;
    let impatient = OperationRequest {
        timeout: Some(1),
        ..request(OperationKind::Read, "/3/0/0")
    };
    let first = server.core.operate("a", impatient, "tester").await.unwrap();
    let second = queue(&server, &["/3/0/1"]).await.remove(0);
    assert_eq!(first.wait(PATIENCE).await.unwrap().state, OperationState::Expired);
    let asked = device.receive(|message| path(message) == "/3/0/1").await;
    device.answer(&asked, Code::CONTENT, Some(0), b"b").await;
    assert_eq!(second.wait(PATIENCE).await.unwrap().state, OperationState::Done);
}
