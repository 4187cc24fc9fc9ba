//! Sessions that last: through a kill of the server, and behind a NAT while the device sleeps. RFC 9146.

use crate::coaps::{KEY, REGISTER, connected, psk, server_with, with_psk};
use crate::restart::killed;
use crate::support::{LINKS, PATIENCE, Server, config, path, request};
use coap::Code;
use rusqlite::{Connection, OptionalExtension};
use shared::DeviceState;
use shared::api::{OperationKind, OperationState};
use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::time::Duration;

/// What a kill at this moment would leave of the one session.
fn saved(directory: &FilePath) -> Option<Vec<u8>> {
    let copy = killed(directory);
    let database = std::fs::read_dir(copy.path()).unwrap().find_map(|file| {
        let path = file.unwrap().path();
        let is_it = path.extension().is_some_and(|extension| extension == "db");
        is_it.then_some(path)
    });
    let connection = Connection::open(database.unwrap()).unwrap();
    let read = connection.query_row("SELECT sealed FROM dtls_session", [], |row| row.get(0));
    read.optional().unwrap_or_default()
}

/// Waits until the session that a kill would leave is another than this. The store does not tell of it.
async fn saved_anew(directory: &FilePath, before: Option<&Vec<u8>>) -> Vec<u8> {
    let mut looking = tokio::time::interval(Duration::from_millis(50));
    let change = async {
        loop {
            looking.tick().await;
            match saved(directory) {
                Some(found) if Some(&found) != before => return found,
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, change).await.unwrap()
}

#[tokio::test]
async fn a_session_is_saved_now_and_then_and_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let open = |directory: &FilePath| {
        let mut config = config(directory);
        config.coaps = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.dtls.session_sweep = Duration::from_millis(100);
        Server::of(config)
    };
    let server = open(directory.path());
    server
        .core
        .keep_credentials(vec![psk("a", "a")], "tester")
        .await
        .unwrap();
    let mut device = connected(&server, with_psk("a", KEY)).await;
    let location = device.register(&REGISTER, LINKS).await;
    let first = saved_anew(directory.path(), None).await;
    // It is used, and so it is saved again, with the numbers of the records that came since.
    let update = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    saved_anew(directory.path(), Some(&first)).await;
    server.core.flush().await.unwrap();
    let copy = killed(directory.path());
    drop(server);

    let mut server = open(copy.path());
    // What is asked before the device is heard goes by the restored session too.
    let read = request(OperationKind::Read, "/3/0/0");
    device.redirect(server.secure_address());
    let ticket = server.core.operate("a", read, "tester").await.unwrap();
    // The NAT gave the device another address meanwhile.
    device.rebind().await;
    let update = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    server.event("address_changed").await;
    let asked = device.asked().await;
    assert_eq!(path(&asked), "/3/0/0");
    device.answer(&asked, Code::CONTENT, Some(0), b"Acme").await;
    let view = ticket.wait(PATIENCE).await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    assert_eq!(server.core.statistics().handshakes, 0);
}

/// While it sleeps nothing can reach it at the old address, and nothing is tried: what waits follows it to the new one.
#[tokio::test]
async fn a_device_in_queue_mode_gets_a_new_address_in_its_sleep_and_is_asked_there() {
    let mut server = Server::with(|config| {
        config.coaps = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.awake_window = Duration::from_millis(400);
    });
    server
        .core
        .keep_credentials(vec![psk("a", "a")], "tester")
        .await
        .unwrap();
    let mut device = connected(&server, with_psk("a", KEY)).await;
    let location = device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U", "Q"], LINKS)
        .await;
    server.event("registered").await;
    server.event("asleep").await;
    let read = request(OperationKind::Read, "/3/0/9");
    let ticket = server.core.operate("a", read, "tester").await.unwrap();
    for _ in 0..2 {
        device.rebind().await;
    }
    server.core.flush().await.unwrap();
    assert_eq!(ticket.view().state, OperationState::Queued);
    assert!(!device.has_unread());
    let update = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    let asked = device.asked().await;
    assert_eq!(path(&asked), "/3/0/9");
    device.answer(&asked, Code::CONTENT, Some(0), b"80").await;
    let view = ticket.wait(PATIENCE).await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    let registration = server.core.device("a").unwrap().registration.unwrap();
    assert_eq!(registration.address, device.address());
    server.core.flush().await.unwrap();
    let journal = server.journal("a").await;
    let count = |name| journal.iter().filter(|kind| kind.name() == name).count();
    assert_eq!(["session_started", "address_changed"].map(count), [1, 1]);
}

#[tokio::test]
async fn a_device_whose_handshakes_fail_again_and_again_is_refused_until_one_succeeds() {
    let mut server = server_with(vec![psk("a", "a")]).await;
    let address = server.secure_address();
    for attempt in 1..=3 {
        let state = server.core.device("a").unwrap().row.state;
        assert_eq!(state, DeviceState::NeverSeen, "before attempt {attempt}");
        let trying = tokio::spawn(async move {
            let mut device = crate::support::Device::at(address).await;
            device.connect(with_psk("a", b"wrong key 123456")).await
        });
        server.event("refused").await;
        trying.abort();
    }
    let detail = server.core.device("a").unwrap();
    assert_eq!(detail.row.state, DeviceState::Refused);
    assert!(
        detail.evidence.contains("the diagnosis says why"),
        "{}",
        detail.evidence
    );
    let diagnosis = server.core.diagnosis("a").await.unwrap().unwrap();
    assert!(
        diagnosis
            .checks
            .iter()
            .any(|check| check.finding.contains("does not match the identity 'a'")),
        "{diagnosis:?}"
    );
    let mut device = connected(&server, with_psk("a", KEY)).await;
    server.event("session_started").await;
    assert_eq!(server.core.device("a").unwrap().row.state, DeviceState::NeverSeen);
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    assert_eq!(server.core.device("a").unwrap().row.state, DeviceState::Online);
}
