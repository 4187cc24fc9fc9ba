//! The server is gone without a word, and another one takes its place: devices must not notice.

use crate::observation::observed;
use crate::support::{Device, LINKS, Server, config, request, senml};
use coap::{Code, Kind};
use serde_json::json;
use shared::DeviceState;
use shared::api::{DevicePatch, OperationKind, OperationState};
use std::path::Path as FilePath;
use std::time::Duration;

/// The data directory as a kill at this moment would leave it.
pub(crate) fn killed(from: &FilePath) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

#[tokio::test]
async fn registrations_observations_and_values_survive_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::of(config(directory.path()));
    let (mut device, token) = observed(&mut server).await;
    let patch = DevicePatch {
        label: Some("Cellar".into()),
        ..DevicePatch::default()
    };
    server.core.describe("a", patch, "boss").await.unwrap();
    let location = server.core.device("a").unwrap().registration.unwrap().id;
    let sequence = server.core.sequence();
    server.core.flush().await.unwrap();
    let copy = killed(directory.path());
    drop(server);

    for shards in [1, 4] {
        let copy = killed(copy.path());
        let mut config = config(copy.path());
        config.shards = shards;
        let mut server = Server::of(config);
        device.redirect(server.address());
        let detail = server.core.device("a").unwrap();
        assert_eq!(detail.row.state, DeviceState::Online);
        assert_eq!(detail.row.label.as_deref(), Some("Cellar"));
        assert_eq!(server.value("a", "/3303/0/5700"), Some(json!(20.0)));
        assert!(server.core.observations("a").unwrap()[0].established);
        assert!(server.core.sequence() >= sequence);

        let answer = device
            .notify(token, 100 + shards as u32, 110, &senml("/3303/0/5700", 25.0))
            .await;
        assert_eq!(answer.kind, Kind::Acknowledgement, "with {shards} shards");
        server.event("values").await;
        assert_eq!(server.value("a", "/3303/0/5700"), Some(json!(25.0)));
        let update = device.confirmable(Code::POST, &format!("/rd/{location}"), &[]);
        assert_eq!(device.ask(update).await.code, Code::CHANGED);

        let operation = server.operate("a", request(OperationKind::Read, "/3/0/0"));
        let answer = async {
            let asked = device.asked().await;
            device.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
        };
        assert_eq!(tokio::join!(operation, answer).0.state, OperationState::Done);
        server.core.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn what_waited_for_a_sleeping_device_still_waits() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = config(directory.path());
    first.awake_window = Duration::ZERO;
    let mut server = Server::of(first);
    let mut device = Device::new(&server).await;
    let location = device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U", "Q"], LINKS)
        .await;
    server.event("registered").await;
    let ticket = server
        .core
        .operate("a", request(OperationKind::Read, "/3/0/0"), "tester")
        .await
        .unwrap();
    let id = ticket.id;
    server.core.shutdown().await.unwrap();
    drop(server);

    let mut server = Server::of(config(directory.path()));
    device.redirect(server.address());
    assert_eq!(server.core.device("a").unwrap().row.pending, 1);
    let update = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    let asked = device.asked().await;
    device.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
    server.event("values").await;
    server.event("operation").await;
    assert_eq!(
        server.core.operation("a", id).await.unwrap().unwrap().state,
        OperationState::Done
    );
}

#[tokio::test]
async fn what_may_have_been_done_already_is_not_asked_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::of(config(directory.path()));
    let mut device = Device::new(&server).await;
    let location = device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    server.event("registered").await;
    let execute = request(OperationKind::Execute, "/3/0/4");
    let id = server.core.operate("a", execute, "tester").await.unwrap().id;
    device.asked().await;
    server.core.flush().await.unwrap();
    let copy = killed(directory.path());
    drop(server);

    let mut server = Server::of(config(copy.path()));
    device.redirect(server.address());
    let update = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    server.event("updated").await;
    let view = server.core.operation("a", id).await.unwrap().unwrap();
    assert_eq!(view.state, OperationState::Failed, "{view:?}");
    assert_eq!(server.core.device("a").unwrap().row.pending, 0);
}

#[tokio::test]
async fn a_device_that_signed_off_stays_signed_off_and_a_removed_one_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::of(config(directory.path()));
    for name in ["a", "b"] {
        let mut device = Device::new(&server).await;
        let endpoint = format!("ep={name}");
        let location = device
            .register(&[&endpoint, "lt=300", "lwm2m=1.1", "b=U"], LINKS)
            .await;
        let goodbye = device.confirmable(Code::DELETE, &location, &[]);
        assert_eq!(device.ask(goodbye).await.code, Code::DELETED);
        server.event("deregistered").await;
    }
    assert!(server.core.remove("b", "boss").await.unwrap());
    assert_eq!(server.core.device("b"), None);
    server.core.shutdown().await.unwrap();
    drop(server);
    let server = Server::of(config(directory.path()));
    assert_eq!(server.core.device("a").unwrap().row.state, DeviceState::SignedOff);
    assert_eq!(server.core.device("b"), None);
    let journal = server.journal("a").await;
    let names: Vec<&str> = journal.iter().map(|kind| kind.name()).collect();
    assert_eq!(names, ["registered", "deregistered"]);
}
