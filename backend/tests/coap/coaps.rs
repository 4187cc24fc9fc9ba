//! LwM2M over coaps: who a device proved to be is held against what it says. LwM2M Core 1.2 §6.2.1, Transport 1.2 §5.2.

use crate::support::{Device, LINKS, Server, config, request, words};
use backend::credential::{Credential, Proof};
use coap::Code;
use dtls::{Config, KeyCredential, PskCredential, SigningKey};
use serde_json::json;
use shared::Timestamp;
use shared::api::{OperationKind, OperationState};
use shared::event::EventKind;
use std::net::SocketAddr;
use std::sync::Arc;

pub(crate) const KEY: &[u8] = b"0123456789abcdef";
pub(crate) const REGISTER: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.1", "b=U"];

fn secure(config: &mut backend::core::CoreConfig) {
    config.coaps = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
}

pub(crate) fn psk(endpoint: &str, identity: &str) -> Credential {
    Credential {
        endpoint: endpoint.into(),
        proof: Proof::Psk {
            identity: identity.into(),
            key: KEY.to_vec().into(),
        },
        created: Timestamp(1),
        expires: None,
    }
}

pub(crate) fn with_psk(identity: &str, key: &[u8]) -> Config {
    Config {
        psk: Some(PskCredential {
            identity: identity.into(),
            key: key.to_vec().into(),
        }),
        ..Config::default()
    }
}

pub(crate) async fn server_with(credentials: Vec<Credential>) -> Server {
    let server = Server::with(secure);
    server.core.keep_credentials(credentials, "test").await.unwrap();
    server
}

pub(crate) async fn connected(server: &Server, config: Config) -> Device {
    let mut device = Device::at(server.secure_address()).await;
    device.connect(config).await.unwrap();
    device
}

#[tokio::test]
async fn a_device_with_a_pre_shared_key_registers_and_is_read() {
    let mut server = server_with(vec![psk("a", "identity of a")]).await;
    let mut device = connected(&server, with_psk("identity of a", KEY)).await;
    let started = server.event("session_started").await;
    assert_eq!(started.endpoint, "a");
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let detail = server.core.device("a").unwrap();
    assert_eq!(detail.row.security.as_deref(), Some("psk"));
    let session = detail.registration.unwrap().session.unwrap();
    assert_eq!(session.identity, "identity of a");
    assert!(session.connection_id && session.suite.contains("CCM"));

    let reading = tokio::spawn({
        let core = server.core.clone();
        async move {
            let ticket = core
                .operate("a", request(OperationKind::Read, "/3/0/0"), "tester")
                .await
                .unwrap();
            ticket.wait(crate::support::PATIENCE).await.unwrap()
        }
    });
    let asked = device.asked().await;
    device.answer(&asked, Code::CONTENT, Some(0), b"Acme").await;
    let view = reading.await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    assert_eq!(json!(view.values[0].value), json!("Acme"));
}

#[tokio::test]
async fn the_endpoint_name_may_be_left_to_the_session() {
    let mut server = server_with(vec![psk("a", "identity of a")]).await;
    let mut device = connected(&server, with_psk("identity of a", KEY)).await;
    device.register(&["lt=300", "lwm2m=1.1", "b=U"], LINKS).await;
    server.event("registered").await;
    assert!(server.core.device("a").unwrap().registration.is_some());
}

#[tokio::test]
async fn nobody_registers_as_another() {
    let mut server = server_with(vec![psk("a", "a"), psk("b", "b")]).await;
    let mut other = connected(&server, with_psk("b", KEY)).await;
    let answer = other.try_register(&REGISTER, LINKS).await;
    assert_eq!(answer.code, Code::BAD_REQUEST);
    assert!(words(&answer).contains("belongs to 'b'"), "{}", words(&answer));
    server.event("refused").await;
    // Nor without security, where the endpoint has a key.
    let mut plain = Device::new(&server).await;
    let answer = plain.try_register(&REGISTER, LINKS).await;
    assert_eq!(answer.code, Code::BAD_REQUEST);
    assert!(words(&answer).contains("psk"), "{}", words(&answer));
    // Who has no credential is let in without security, unless the configuration says otherwise.
    plain
        .register(&["ep=c", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    assert!(server.core.device("a").unwrap().registration.is_none());
}

#[tokio::test]
async fn a_registration_over_coaps_is_changed_by_its_own_identity_only() {
    let server = server_with(vec![psk("a", "a"), psk("b", "b")]).await;
    let mut device = connected(&server, with_psk("a", KEY)).await;
    let location = device.register(&REGISTER, LINKS).await;
    let mut plain = Device::new(&server).await;
    let mut other = connected(&server, with_psk("b", KEY)).await;
    for stranger in [&mut plain, &mut other] {
        for code in [Code::POST, Code::DELETE] {
            let message = stranger.confirmable(code, &location, &[]);
            assert_eq!(stranger.ask(message).await.code, Code::BAD_REQUEST);
        }
    }
    // The same identity in a new session takes it over.
    let mut again = connected(&server, with_psk("a", KEY)).await;
    let update = again.confirmable(Code::POST, &location, &[]);
    assert_eq!(again.ask(update).await.code, Code::CHANGED);
}

#[tokio::test]
async fn without_allow_unsecured_a_credential_is_needed() {
    let server = Server::with(|config| {
        secure(config);
        config.dtls.allow_unsecured = false;
    });
    let mut device = Device::new(&server).await;
    assert_eq!(device.try_register(&REGISTER, LINKS).await.code, Code::FORBIDDEN);
    let free = Credential {
        proof: Proof::None,
        ..psk("a", "a")
    };
    server.core.keep_credentials(vec![free], "test").await.unwrap();
    device.register(&REGISTER, LINKS).await;
}

#[tokio::test]
async fn handshakes_that_fail_are_told_in_words() {
    let mut server = server_with(vec![psk("a", "a")]).await;
    let mut device = Device::at(server.secure_address()).await;
    assert!(device.connect(with_psk("x", KEY)).await.is_err());
    let event = server.event("refused").await;
    let EventKind::Refused { what, reason, .. } = &event.kind else {
        panic!("{event:?}");
    };
    assert_eq!(what, "handshake");
    assert!(reason.contains("'x'"), "{reason}");
}

/// The server drops what it cannot open in silence, so the device gives up by itself; a person is told at once.
#[tokio::test]
async fn a_wrong_key_is_told_before_the_handshake_ends() {
    let mut server = server_with(vec![psk("a", "identity of a")]).await;
    let address = server.secure_address();
    // The device is known, so that the refusals are its own.
    connected(&server, with_psk("identity of a", KEY))
        .await
        .register(&REGISTER, LINKS)
        .await;
    server.event("registered").await;
    for attempt in 1..=2 {
        let trying = tokio::spawn(async move {
            let mut device = Device::at(address).await;
            device
                .connect(with_psk("identity of a", b"wrong key 123456"))
                .await
        });
        let event = server.event("refused").await;
        assert!(!trying.is_finished());
        trying.abort();
        let EventKind::Refused { what, reason, .. } = &event.kind else {
            panic!("{event:?}");
        };
        assert_eq!((&*event.endpoint, what.as_str()), ("a", "handshake"));
        assert!(
            reason.contains("the key does not match the identity 'identity of a'"),
            "{reason}"
        );
        server.core.flush().await.unwrap();
        let listed = server.core.refusals();
        let listed: Vec<_> = listed
            .iter()
            .map(|one| (one.endpoint.as_deref(), one.count))
            .collect();
        assert_eq!(listed, [(Some("a"), attempt)]);
    }
    // The messages show it where the handshake stopped, at the last address it was tried from.
    let trace = server.core.trace("a", 100).await.unwrap();
    let last = trace.iter().filter_map(|record| record.step.as_ref()).next_back();
    assert!(
        last.is_some_and(|step| step.words.contains("cannot be opened")),
        "{last:?}"
    );
    let handshake = server.core.diagnosis("a").await.unwrap().unwrap();
    let handshake = handshake
        .checks
        .iter()
        .find(|check| check.kind == shared::api::CheckKind::Handshake)
        .unwrap();
    assert!(handshake.finding.contains("does not match"), "{handshake:?}");
    // The right key is let in all the same.
    connected(&server, with_psk("identity of a", KEY)).await;
}

#[tokio::test]
async fn the_trace_shows_the_handshake_and_marks_what_was_sealed() {
    let mut server = server_with(vec![psk("a", "identity of a")]).await;
    let mut device = connected(&server, with_psk("identity of a", KEY)).await;
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let trace = server.core.trace("a", 100).await.unwrap();
    let steps: Vec<_> = trace
        .iter()
        .filter_map(|record| Some((record.direction, record.step.as_ref()?.name.as_str())))
        .collect();
    use shared::api::Direction::{Down, Up};
    assert_eq!(
        steps,
        [
            (Up, "ClientHello"),
            (Down, "HelloVerifyRequest"),
            (Up, "ClientHello"),
            (Down, "ServerHello"),
            (Down, "ServerHelloDone"),
            (Up, "ClientKeyExchange"),
            (Up, "Finished"),
            (Down, "NewSessionTicket"),
            (Down, "ChangeCipherSpec"),
            (Down, "Finished"),
            (Up, "Session"),
        ]
    );
    let began = trace
        .iter()
        .filter_map(|record| record.step.as_ref())
        .next_back()
        .unwrap();
    assert!(began.last && began.words.contains("identity of a"), "{began:?}");
    let register = trace.iter().find(|record| record.uri.starts_with("/rd")).unwrap();
    assert_eq!(register.transport, shared::api::Transport::Dtls);
    assert!(trace.iter().all(|record| record.transport == register.transport));
}

#[tokio::test]
async fn whoever_watches_a_device_sees_its_handshakes_from_new_addresses() {
    let mut server = server_with(vec![psk("a", "a")]).await;
    let mut watch = server.core.watch_trace("a").unwrap();
    let mut device = connected(&server, with_psk("a", KEY)).await;
    server.event("session_started").await;
    let mut names = Vec::new();
    while names.last().map(String::as_str) != Some("Session") {
        let records = watch.next().await.unwrap();
        names.extend(records.into_iter().filter_map(|record| Some(record.step?.name)));
    }
    assert_eq!(names[0], "ClientHello");
    // It registers from there, and later from elsewhere.
    let location = device.register(&REGISTER, LINKS).await;
    device.rebind().await;
    let update = device.confirmable(Code::POST, &location, &[]);
    device.ask(update).await;
    let mut seen = Vec::new();
    while !seen.contains(&location) {
        let records = watch.next().await.unwrap();
        seen.extend(records.into_iter().map(|record| record.uri));
    }
}

#[tokio::test]
async fn a_raw_public_key_is_a_credential() {
    let pkcs8 = SigningKey::generate_pkcs8().unwrap();
    let key = Arc::new(SigningKey::from_pkcs8(&pkcs8).unwrap());
    let credential = Credential {
        proof: Proof::Rpk {
            public_key: key.public_key().to_vec(),
        },
        ..psk("a", "a")
    };
    let mut server = server_with(vec![credential]).await;
    let with = |key: Arc<SigningKey>| Config {
        key: Some(KeyCredential {
            key,
            chain: Vec::new(),
            raw_public_key: true,
        }),
        ..Config::default()
    };
    let mut device = connected(&server, with(key)).await;
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    assert_eq!(
        server.core.device("a").unwrap().row.security.as_deref(),
        Some("rpk")
    );
    let other = Arc::new(SigningKey::from_pkcs8(&SigningKey::generate_pkcs8().unwrap()).unwrap());
    let mut stranger = Device::at(server.secure_address()).await;
    assert!(stranger.connect(with(other)).await.is_err());
}

#[tokio::test]
async fn a_withdrawn_credential_ends_the_session() {
    let mut server = server_with(vec![psk("a", "a")]).await;
    let mut device = connected(&server, with_psk("a", KEY)).await;
    device.register(&REGISTER, LINKS).await;
    assert!(server.core.withdraw("a").await.unwrap());
    let ended = server.event("session_ended").await;
    assert!(
        matches!(&ended.kind, EventKind::SessionEnded { reason } if reason.contains("withdrawn")),
        "{ended:?}"
    );
    let mut again = Device::at(server.secure_address()).await;
    assert!(again.connect(with_psk("a", KEY)).await.is_err());
}

#[tokio::test]
async fn a_session_ends_when_its_credential_expires() {
    let mut server = Server::with(|config| {
        secure(config);
        config.dtls.session_sweep = std::time::Duration::from_millis(100);
    });
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let soon = Credential {
        expires: Some(Timestamp(now.as_millis() as i64 + 3_000)),
        ..psk("a", "a")
    };
    server.core.keep_credentials(vec![soon], "tester").await.unwrap();
    let mut device = connected(&server, with_psk("a", KEY)).await;
    device.register(&REGISTER, LINKS).await;
    let ended = server.event("session_ended").await;
    assert!(
        matches!(&ended.kind, EventKind::SessionEnded { reason } if reason.contains("expired")),
        "{ended:?}"
    );
    let mut again = Device::at(server.secure_address()).await;
    assert!(again.connect(with_psk("a", KEY)).await.is_err());
}

#[tokio::test]
async fn a_session_outlives_a_change_of_address_and_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let open = |shards: usize| {
        let mut config = config(directory.path());
        secure(&mut config);
        config.shards = shards;
        Server::of(config)
    };
    let mut server = open(4);
    server
        .core
        .keep_credentials(vec![psk("a", "a")], "test")
        .await
        .unwrap();
    let mut device = connected(&server, with_psk("a", KEY)).await;
    let location = device.register(&REGISTER, LINKS).await;
    // A NAT gives it another address: the connection id leads to its shard, whichever socket gets the datagram.
    for _ in 0..4 {
        device.rebind().await;
        let update = device.confirmable(Code::POST, &location, &[]);
        assert_eq!(device.ask(update).await.code, Code::CHANGED);
        let changed = server.event("address_changed").await;
        assert!(
            matches!(&changed.kind, EventKind::AddressChanged { to, .. } if *to == device.address()),
            "{changed:?}"
        );
    }
    server.core.shutdown().await.unwrap();
    drop(server);

    let server = open(4);
    device.redirect(server.secure_address());
    let update = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    assert_eq!(
        server.core.device("a").unwrap().row.security.as_deref(),
        Some("psk")
    );
    assert_eq!(server.core.statistics().handshakes, 0);
}
