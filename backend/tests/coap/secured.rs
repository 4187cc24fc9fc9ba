//! DTLS: who is let in, as what, and what outlives addresses, sessions and the server.

use crate::support::{Device, LINKS, PATIENCE, Server, config, request, senml, words};
use backend::core::CoreConfig;
use backend::credential::{Credential, Proof};
use coap::{Code, Kind};
use dtls::{KeyCredential, PskCredential, SigningKey};
use serde_json::json;
use shared::Timestamp;
use shared::api::{OperationKind, OperationState};
use shared::event::EventKind;
use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::sync::Arc;

const KEY: &[u8] = b"0123456789abcdef";

pub(crate) fn with_coaps(config: &mut CoreConfig) {
    config.coaps = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
}

fn secured(directory: &FilePath, shards: usize) -> CoreConfig {
    let mut config = config(directory);
    with_coaps(&mut config);
    config.shards = shards;
    config
}

pub(crate) fn coaps(server: &Server) -> SocketAddr {
    let found = server.core.local_addresses();
    found.iter().find(|(scheme, _)| *scheme == "coaps").unwrap().1
}

async fn give(server: &Server, endpoint: &str, proof: Proof) {
    let credential = Credential {
        endpoint: endpoint.into(),
        proof,
        created: Timestamp(1),
        expires: None,
    };
    server
        .core
        .set_credentials(vec![credential], "boss")
        .await
        .unwrap();
}

fn psk(identity: &str, key: &[u8]) -> Proof {
    Proof::Psk {
        identity: identity.into(),
        key: key.to_vec().into(),
    }
}

fn client(identity: &str, key: &[u8]) -> dtls::Config {
    dtls::Config {
        psk: Some(PskCredential {
            identity: identity.into(),
            key: key.to_vec().into(),
        }),
        ..dtls::Config::default()
    }
}

fn signing(chain: Vec<Vec<u8>>, key: &[u8], raw_public_key: bool) -> dtls::Config {
    dtls::Config {
        key: Some(KeyCredential {
            key: Arc::new(SigningKey::from_pkcs8(key).unwrap()),
            chain,
            raw_public_key,
        }),
        ..dtls::Config::default()
    }
}

/// A server with the device `a`, which is connected by PSK.
pub(crate) async fn connected(server: &Server) -> Device {
    give(server, "a", psk("identity-a", KEY)).await;
    Device::secured(coaps(server), client("identity-a", KEY))
        .await
        .unwrap()
}

/// Registers, and waits until everybody knows it.
pub(crate) async fn register(server: &mut Server, device: &mut Device) -> String {
    let location = device.register(REGISTER, LINKS).await;
    server.event("registered").await;
    location
}

/// How many sessions the journal tells of.
pub(crate) async fn handshakes(server: &Server) -> usize {
    server.core.flush().await.unwrap();
    let journal = server.journal("a").await;
    let started = |kind: &&EventKind| matches!(kind, EventKind::SessionStarted { .. });
    journal.iter().filter(started).count()
}

const REGISTER: &[&str] = &["ep=a", "lt=300", "lwm2m=1.1", "b=U"];

#[tokio::test]
async fn a_device_with_a_key_registers_is_read_and_shows_its_session() {
    let mut server = Server::with(with_coaps);
    let mut device = connected(&server).await;
    let started = server.event("session_started").await;
    assert_eq!(started.endpoint, "a");
    register(&mut server, &mut device).await;

    let operation = server.operate("a", request(OperationKind::Read, "/3/0/0"));
    let answer = async {
        let asked = device.asked().await;
        device.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
    };
    assert_eq!(tokio::join!(operation, answer).0.state, OperationState::Done);

    let detail = server.core.device("a").unwrap();
    assert_eq!(detail.row.security.as_deref(), Some("psk"));
    let session = detail.protection.session.unwrap();
    assert_eq!(
        (session.mode.as_str(), session.identity.as_str()),
        ("psk", "identity-a")
    );
    assert_eq!(session.suite, "TLS_PSK_WITH_AES_128_CCM_8");
    assert!(session.connection_id && !session.resumed);
    assert_eq!(
        detail.protection.credential.unwrap().identity.as_deref(),
        Some("identity-a")
    );
    let registration = detail.registration.unwrap();
    assert_eq!(
        (registration.security.as_str(), registration.address),
        ("psk", device.address())
    );
}

#[tokio::test]
async fn the_endpoint_name_may_be_left_to_the_session() {
    let mut server = Server::with(with_coaps);
    let mut device = connected(&server).await;
    device.register(&["lt=300", "lwm2m=1.1", "b=U"], LINKS).await;
    assert_eq!(server.event("registered").await.endpoint, "a");
}

#[tokio::test]
async fn a_wrong_key_and_an_unknown_identity_are_told_in_words() {
    let mut server = Server::with(with_coaps);
    give(&server, "a", psk("identity-a", KEY)).await;
    let device = Device::begin(coaps(&server), client("identity-a", b"another key")).await;
    let event = server.event("handshake_failed").await;
    let EventKind::HandshakeFailed { reason, identity, .. } = &event.kind else {
        panic!("{event:?}");
    };
    assert_eq!(
        (event.endpoint.as_str(), identity.as_deref()),
        ("a", Some("identity-a"))
    );
    assert!(reason.contains("keys of the two sides"), "{reason}");
    let failure = server.core.device("a").unwrap().protection.last_failure.unwrap();
    assert_eq!(failure.reason, *reason);
    drop(device);

    let refused = Device::secured(coaps(&server), client("nobody", KEY)).await;
    assert!(refused.is_err());
    let event = server.event("handshake_failed").await;
    let EventKind::HandshakeFailed { reason, address, .. } = &event.kind else {
        panic!("{event:?}");
    };
    assert!(
        reason.contains("no device has the PSK identity 'nobody'"),
        "{reason}"
    );
    assert_eq!(event.endpoint, *address);
}

#[tokio::test]
async fn nobody_speaks_for_another() {
    let mut server = Server::with(with_coaps);
    give(&server, "b", psk("identity-b", KEY)).await;
    let mut device = connected(&server).await;
    let location = register(&mut server, &mut device).await;
    let mut other = Device::secured(coaps(&server), client("identity-b", KEY))
        .await
        .unwrap();
    let mut plain = Device::new(&server).await;

    let answer = other.try_register(REGISTER, LINKS).await;
    assert_eq!(answer.code, Code::BAD_REQUEST);
    assert!(
        words(&answer).contains("is not that of the session"),
        "{}",
        words(&answer)
    );
    let event = server.event("refused").await;
    assert_eq!(event.endpoint, "b");
    let answer = plain.try_register(REGISTER, LINKS).await;
    assert_eq!(answer.code, Code::FORBIDDEN);
    assert_eq!(server.event("refused").await.endpoint, "a");

    for stranger in [&mut other, &mut plain] {
        let update = stranger.confirmable(Code::POST, &location, &[]);
        assert_eq!(stranger.ask(update).await.code, Code::BAD_REQUEST);
        assert_eq!(server.event("refused").await.endpoint, "a");
        let deregister = stranger.confirmable(Code::DELETE, &location, &[]);
        assert_eq!(stranger.ask(deregister).await.code, Code::BAD_REQUEST);
        assert_eq!(server.event("refused").await.endpoint, "a");
        let mut send = stranger.confirmable(Code::POST, "dp", &[]);
        send.options.set_content_format(Some(110));
        send.payload = senml("/3303/0/5700", 99.0);
        assert_eq!(stranger.ask(send).await.code, Code::NOT_FOUND);
        assert_ne!(server.event("refused").await.endpoint, "a");
    }
    assert_eq!(server.value("a", "/3303/0/5700"), None);
    let update = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
}

#[tokio::test]
async fn devices_without_a_credential_are_let_in_where_that_is_allowed() {
    for allowed in [true, false] {
        let server = Server::with(|config| config.security.allow_unsecured = allowed);
        let mut device = Device::new(&server).await;
        let expect = if allowed { Code::CREATED } else { Code::FORBIDDEN };
        assert_eq!(device.try_register(REGISTER, LINKS).await.code, expect);
        give(&server, "a", Proof::None).await;
        device.register(REGISTER, LINKS).await;
    }
}

#[tokio::test]
async fn raw_public_keys_are_known_one_by_one() {
    let mut server = Server::with(with_coaps);
    let key = SigningKey::generate_pkcs8().unwrap();
    let public_key = SigningKey::from_pkcs8(&key).unwrap().public_key().to_vec();
    give(&server, "a", Proof::Rpk { public_key }).await;
    let mut device = Device::secured(coaps(&server), signing(Vec::new(), &key, true))
        .await
        .unwrap();
    register(&mut server, &mut device).await;
    let session = server.core.device("a").unwrap().protection.session.unwrap();
    assert_eq!(
        (session.mode.as_str(), session.suite.as_str()),
        ("rpk", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8")
    );

    let other = SigningKey::generate_pkcs8().unwrap();
    let refused = Device::secured(coaps(&server), signing(Vec::new(), &other, true)).await;
    assert!(refused.is_err());
    let event = server.event("handshake_failed").await;
    let EventKind::HandshakeFailed { reason, .. } = &event.kind else {
        panic!("{event:?}");
    };
    assert!(
        reason.contains("no device has the public key SHA-256"),
        "{reason}"
    );
}

/// An authority and a certificate of it.
fn certificate(
    name: &str,
    authority: &rcgen::CertifiedIssuer<'_, rcgen::KeyPair>,
    last_year: i32,
) -> (Vec<u8>, Vec<u8>) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(last_year, 1, 1);
    let certificate = parameters.signed_by(&key, authority).unwrap();
    (certificate.der().to_vec(), key.serialize_der())
}

fn authority(name: &str) -> rcgen::CertifiedIssuer<'static, rcgen::KeyPair> {
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    rcgen::CertifiedIssuer::self_signed(parameters, rcgen::KeyPair::generate().unwrap()).unwrap()
}

#[tokio::test]
async fn certificates_are_trusted_by_their_authority_and_name_their_device() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ours.pem");
    std::fs::write(&file, ours.pem()).unwrap();
    let mut server = Server::with(|config| {
        with_coaps(config);
        config.security.trusted_certificates = vec![file];
        config.security.names.insert("serial-7".into(), "a".into());
    });
    for endpoint in ["a", "late"] {
        give(&server, endpoint, Proof::X509).await;
    }
    let address = coaps(&server);
    let connect = |(certificate, key): (Vec<u8>, Vec<u8>)| {
        Device::secured(address, signing(vec![certificate], &key, false))
    };
    for name in ["a", "serial-7"] {
        let mut device = connect(certificate(name, &ours, 2090)).await.unwrap();
        register(&mut server, &mut device).await;
        let session = server.core.device("a").unwrap().protection.session.unwrap();
        assert_eq!((session.mode.as_str(), session.identity.as_str()), ("x509", name));
    }
    for (certificate, expect) in [
        (certificate("late", &ours, 2021), "the certificate has expired"),
        (
            certificate("a", &theirs, 2090),
            "not issued by a trusted authority",
        ),
        (
            certificate("unknown", &ours, 2090),
            "has no credential of the mode x509",
        ),
    ] {
        assert!(connect(certificate).await.is_err());
        let event = server.event("handshake_failed").await;
        let EventKind::HandshakeFailed { reason, .. } = &event.kind else {
            panic!("{event:?}");
        };
        assert!(reason.contains(expect), "{reason}");
    }
}

/// The address changes with every message, so that most arrive at another shard than the one with the session.
#[tokio::test]
async fn a_session_with_a_connection_id_outlives_its_address() {
    for shards in [1, 4] {
        let mut server = Server::with(|config| {
            with_coaps(config);
            config.shards = shards;
        });
        let mut device = connected(&server).await;
        let location = register(&mut server, &mut device).await;
        for _ in 0..8 {
            device.rebind().await;
            let update = device.confirmable(Code::POST, &location, &[]);
            assert_eq!(device.ask(update).await.code, Code::CHANGED);
            let event = server.event("address_changed").await;
            assert!(matches!(&event.kind, EventKind::AddressChanged { to, .. } if *to == device.address()));
        }
        let detail = server.core.device("a").unwrap();
        assert_eq!(detail.protection.address_changes, 8);
        assert_eq!(detail.registration.unwrap().address, device.address());
        assert_eq!(handshakes(&server).await, 1);
    }
}

/// Observes `/3303/0/5700` and returns the token.
async fn observe(server: &Server, device: &mut Device) -> coap::Token {
    let operation = server.operate("a", request(OperationKind::Observe, "/3303/0/5700"));
    let answer = async {
        let asked = device.asked().await;
        let payload = senml("/3303/0/5700", 20.0);
        device
            .answer_with(&asked, Code::CONTENT, Some(110), &payload, Some(1))
            .await;
        asked.token
    };
    let (view, token) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    token
}

/// The data directory as a kill at this moment would leave it.
fn killed(from: &FilePath) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

#[tokio::test]
async fn sessions_and_observations_outlive_the_server() {
    for (kill, connection_ids) in [(false, true), (true, true), (false, false)] {
        let directory = tempfile::tempdir().unwrap();
        let mut server = Server::of(secured(directory.path(), 2));
        give(&server, "a", psk("identity-a", KEY)).await;
        let with_ids = client("identity-a", KEY);
        let without = dtls::Config {
            connection_id_length: None,
            ..with_ids.clone()
        };
        let config = if connection_ids { with_ids } else { without };
        let mut device = Device::secured(coaps(&server), config).await.unwrap();
        let location = register(&mut server, &mut device).await;
        let token = observe(&server, &mut device).await;
        server.event("observation_started").await;
        let mut directory = directory;
        if kill {
            server.core.flush().await.unwrap();
            directory = killed(directory.path());
        } else {
            server.core.shutdown().await.unwrap();
        }
        drop(server);

        // A kill right after the start must not bring the same record numbers back.
        for shards in [2, 3] {
            let mut server = Server::of(secured(directory.path(), shards));
            device.redirect(coaps(&server));
            let answer = device
                .notify(
                    token,
                    10 + shards as u32,
                    110,
                    &senml("/3303/0/5700", 21.0 + shards as f64),
                )
                .await;
            assert_eq!(answer.kind, Kind::Acknowledgement, "kill {kill}, {shards} shards");
            server.event("values").await;
            let update = device.confirmable(Code::POST, &location, &[]);
            assert_eq!(device.ask(update).await.code, Code::CHANGED);
            assert_eq!(
                server.value("a", "/3303/0/5700"),
                Some(json!(21.0 + shards as f64))
            );
            assert_eq!(handshakes(&server).await, 1);
            let session = server.core.device("a").unwrap().protection.session.unwrap();
            assert_eq!(session.connection_id, connection_ids);
            server.core.flush().await.unwrap();
            directory = killed(directory.path());
        }
    }
}

#[tokio::test]
async fn a_registration_goes_on_in_a_new_session_of_its_device() {
    for shards in [1, 4] {
        let mut server = Server::with(|config| {
            with_coaps(config);
            config.shards = shards;
        });
        let mut device = connected(&server).await;
        let location = register(&mut server, &mut device).await;
        let token = observe(&server, &mut device).await;
        for round in 2..8u32 {
            device.rebind().await;
            device.connect_again().await.unwrap();
            if round % 2 == 0 {
                let payload = senml("/3303/0/5700", f64::from(round));
                let answer = device.notify(token, round, 110, &payload).await;
                assert_eq!(
                    answer.kind,
                    Kind::Acknowledgement,
                    "{shards} shards, round {round}"
                );
                let wanted = f64::from(round);
                server
                    .event_that(|event| match &event.kind {
                        EventKind::Values { values, .. } => values[0].value.as_number() == Some(wanted),
                        _ => false,
                    })
                    .await;
            }
            let update = device.confirmable(Code::POST, &location, &[]);
            assert_eq!(device.ask(update).await.code, Code::CHANGED);
        }
        server.core.shutdown().await.unwrap();
        assert_eq!(server.core.statistics().sessions, 1, "with {shards} shards");
    }
}

#[tokio::test]
async fn a_session_ends_with_its_credential() {
    let mut server = Server::with(with_coaps);
    let mut device = connected(&server).await;
    let location = register(&mut server, &mut device).await;
    give(&server, "a", psk("identity-a", b"a new key")).await;
    let event = server.event("session_ended").await;
    assert!(
        matches!(&event.kind, EventKind::SessionEnded { reason } if reason.contains("credential was replaced"))
    );
    assert!(device.is_closed().await);
    let mut config = client("identity-a", b"a new key");
    config.resumption = None;
    let mut again = Device::secured(coaps(&server), config).await.unwrap();
    let update = again.confirmable(Code::POST, &location, &[]);
    assert_eq!(again.ask(update).await.code, Code::CHANGED);

    assert!(server.core.remove_credential("a", "boss").await.unwrap());
    assert!(again.is_closed().await);
    server.event("credential_removed").await;
    let refused = Device::secured(coaps(&server), client("identity-a", b"a new key")).await;
    assert!(refused.is_err());
    assert!(!server.core.forget_session("a", "boss").await);
}

#[tokio::test]
async fn what_waits_for_a_device_without_a_session_is_sent_in_the_next_one() {
    let mut server = Server::with(with_coaps);
    let mut device = connected(&server).await;
    let location = register(&mut server, &mut device).await;
    assert!(server.core.forget_session("a", "boss").await);
    let mut asked = request(OperationKind::Read, "/3/0/0");
    asked.timeout = Some(PATIENCE.as_secs() as u32);
    let operation = server.operate("a", asked);
    let answer = async {
        device.connect_again().await.unwrap();
        let update = device.confirmable(Code::POST, &location, &[]);
        assert_eq!(device.ask(update).await.code, Code::CHANGED);
        let asked = device.asked().await;
        device.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
    };
    assert_eq!(tokio::join!(operation, answer).0.state, OperationState::Done);
}
