//! Bootstrap. LwM2M Core 1.2 §6.1, and the procedures 0 to 12 of OMA's interop tests, which judge client and server alike.

use super::scene::{KEY, NAME, Scene, credential, id, lifetime, lines, psk, with_psk};
use crate::bootstrap::ask;
use crate::support::{Device, request};
use backend::credential::Proof;
use coap::Code;
use dtls::SigningKey;
use shared::Version;
use shared::api::{OperationKind, OperationState, SessionQuery};
use shared::bootstrap::{SessionState, StepKind};
use simulator::{DtlsOptions, Secret};

/// What a device is asked that has nothing but its bootstrap account, or is to lose all else.
const ALL: [&str; 6] = [
    "GET / 2.05",
    "DELETE /0 2.02",
    "DELETE /1 2.02",
    "PUT /0/1 2.04",
    "PUT /1/0 2.04",
    "POST /bs 2.04",
];

async fn trigger(scene: &Scene) {
    let execute = request(OperationKind::Execute, "/1/0/9");
    let view = scene.server.operate(NAME, execute).await;
    assert_eq!(
        (view.state, view.code.as_deref()),
        (OperationState::Done, Some("2.04")),
        "{view:?}"
    );
}

#[tokio::test]
async fn ets_0_client_initiated_bootstrap() {
    for version in [Version::V1_0, Version::V1_1] {
        let mut scene = Scene::new();
        scene.give("coap_uri", "none", 300, "").await;
        scene.start("coap", |options| options.version = Some(version));
        let view = scene.session(SessionState::Finished, 0).await;
        let lines = lines(&view);
        assert!(lines[0].starts_with(&format!("POST /bs?ep={NAME}")), "{lines:?}");
        assert_eq!(&lines[1..], ALL, "{version}");
        let device = scene.registered(None).await;
        assert_eq!(lifetime(&device), 300);
        let read = scene
            .server
            .operate(NAME, request(OperationKind::Read, "/1/0/0"))
            .await;
        assert_eq!(
            serde_json::json!(read.values[0].value),
            serde_json::json!(101),
            "{read:?}"
        );
    }
}

#[tokio::test]
async fn ets_1_bootstrap_and_registration_with_a_pre_shared_key() {
    let mut scene = Scene::new();
    scene.give("coaps_uri", "psk", 300, "").await;
    scene.know(psk(NAME)).await;
    scene.start("coaps", |options| options.dtls = with_psk());
    let view = scene.session(SessionState::Finished, 0).await;
    assert_eq!(view.security, "psk");
    let device = scene.registered(None).await;
    assert_eq!(device.row.security.as_deref(), Some("psk"));
    let kept = scene.server.core.credentials().get(NAME).unwrap();
    let Proof::Psk { key, .. } = &kept.proof else {
        panic!("{kept:?}");
    };
    assert_ne!(key.as_slice(), KEY, "it registers with a key of its own");
}

#[tokio::test]
async fn ets_2_bootstrap_and_registration_with_certificates() {
    let mut scene = Scene::new();
    scene.give("coaps_uri", "x509", 300, "").await;
    let files = scene.files();
    scene.start("coaps", |options| options.tls = files);
    let view = scene.session(SessionState::Finished, 0).await;
    assert_eq!(view.security, "x509");
    let device = scene.registered(None).await;
    assert_eq!(device.row.security.as_deref(), Some("x509"));
}

#[tokio::test]
async fn bootstrap_and_registration_with_raw_public_keys() {
    let mut scene = Scene::new();
    scene.give("coaps_uri", "rpk", 300, "").await;
    let pkcs8 = SigningKey::generate_pkcs8().unwrap();
    let public_key = SigningKey::from_pkcs8(&pkcs8).unwrap().public_key().to_vec();
    scene.know(Proof::Rpk { public_key }).await;
    let of_server = scene.server.core.server_key().public_key().to_vec();
    scene.start("coaps", |options| {
        options.dtls = DtlsOptions {
            key: Some(Secret(pkcs8)),
            server_public_key: Some(of_server),
            ..DtlsOptions::default()
        };
    });
    let view = scene.session(SessionState::Finished, 0).await;
    assert_eq!(view.security, "rpk");
    let device = scene.registered(None).await;
    assert_eq!(device.row.security.as_deref(), Some("rpk"));
}

/// A device with an account from its smartcard, or its factory, does not ask: it registers, and what it was given is what
/// the server knows.
#[tokio::test]
async fn ets_3_an_account_from_the_smartcard() {
    let mut scene = Scene::new();
    let kept = scene
        .server
        .core
        .keep_credentials(vec![credential(psk(NAME))], "ann")
        .await;
    kept.unwrap();
    scene.start_registering("coaps", |options| options.dtls = with_psk());
    let device = scene.registered(None).await;
    assert_eq!(device.row.security.as_deref(), Some("psk"));
    let sessions = scene
        .server
        .core
        .bootstrap()
        .sessions(SessionQuery::default(), 10)
        .await;
    assert!(sessions.unwrap().is_empty(), "it had no need to ask");
}

#[tokio::test]
async fn ets_4_a_delete_of_everything_keeps_the_bootstrap_account() {
    let mut scene = Scene::new();
    scene.give("coap_uri", "none", 300, r#","delete":["/"]"#).await;
    scene.start("coap", |_| {});
    let first = scene.session(SessionState::Finished, 0).await;
    let deleted = lines(&first);
    assert!(deleted.contains(&"DELETE / 2.02".to_owned()), "{deleted:?}");
    scene.registered(None).await;
    // It finds its bootstrap server again, and Discover shows the account where it was.
    trigger(&scene).await;
    let second = scene.session(SessionState::Finished, first.id).await;
    let found = second
        .steps
        .iter()
        .find(|step| step.words.contains("bootstrap account"));
    assert!(
        found.is_some_and(|step| step.words.contains("/0/0")),
        "{second:?}"
    );
}

#[tokio::test]
async fn ets_5_server_initiated_bootstrap() {
    for (scheme, uri, mode) in [
        ("coap", "coap_uri", "none"),
        ("coaps", "coaps_uri", "psk"),
        ("coap+tcp", "coap_tcp_uri", "none"),
    ] {
        let mut scene = Scene::new();
        scene.give(uri, mode, 300, "").await;
        if mode == "psk" {
            scene.know(psk(NAME)).await;
        }
        scene.start(scheme, |options| {
            if mode == "psk" {
                options.dtls = with_psk();
            }
        });
        let before = scene.registered(None).await;
        let first = scene.session(SessionState::Finished, 0).await;
        assert_eq!(lifetime(&before), 300, "{scheme}");
        scene.give(uri, mode, 600, "").await;
        trigger(&scene).await;
        let second = scene.session(SessionState::Finished, first.id).await;
        assert!(!second.by_server, "the device asks, as it was told");
        let after = scene.registered(Some(&id(&before))).await;
        assert_eq!(lifetime(&after), 600, "{scheme}");
    }
}

/// As LwM2M 1.0 has it: the server writes without having been asked.
#[tokio::test]
async fn ets_5_server_initiated_bootstrap_of_1_0() {
    let mut scene = Scene::new();
    scene.give("coap_uri", "none", 300, "").await;
    scene.start("coap", |options| options.version = Some(Version::V1_0));
    let before = scene.registered(None).await;
    let first = scene.session(SessionState::Finished, 0).await;
    scene.give("coap_uri", "none", 600, "").await;
    scene.server.core.bootstrap().begin(NAME).await.unwrap();
    let second = scene.session(SessionState::Finished, first.id).await;
    assert!(second.by_server);
    let after = scene.registered(Some(&id(&before))).await;
    assert_eq!(lifetime(&after), 600);
}

/// With an account a device registers, without one it asks: no message of bootstrap comes before, or between.
#[tokio::test]
async fn ets_6_the_order_of_bootstrap_and_registration() {
    let mut scene = Scene::new();
    scene.give("coap_uri", "none", 300, "").await;
    scene.start("coap", |_| {});
    let view = scene.session(SessionState::Finished, 0).await;
    let device = scene.registered(None).await;
    let registered_at = device.registration.unwrap().registered_at;
    assert!(
        view.ended_at.unwrap() <= registered_at,
        "first all of the bootstrap, then the Register"
    );
    assert_eq!(view.steps.first().unwrap().kind, StepKind::Request);
    assert_eq!(view.steps.last().unwrap().kind, StepKind::End);
    let sessions = scene
        .server
        .core
        .bootstrap()
        .sessions(SessionQuery::default(), 10)
        .await;
    assert_eq!(sessions.unwrap().len(), 1);
}

#[tokio::test]
async fn ets_7_a_device_that_cannot_register_asks_its_bootstrap_server_again() {
    let mut scene = Scene::with(|config| config.dtls.allow_unsecured = false);
    // The server refuses whom it does not know without security.
    scene.give("coap_uri", "none", 300, "").await;
    scene.start("coap", |options| options.registration_tries = 1);
    let first = scene.session(SessionState::Finished, 0).await;
    let second = scene.session(SessionState::Finished, first.id).await;
    assert!(!second.by_server);
    let known = scene
        .server
        .core
        .keep_credentials(vec![credential(Proof::None)], "ann")
        .await;
    known.unwrap();
    scene.registered(None).await;
}

#[tokio::test]
async fn ets_8_bootstrap_read_of_server_and_access_control() {
    let mut scene = Scene::new();
    let rest =
        r#","read":["/1","/2"],"access":[{"object":3,"instance":0,"owner":101,"rights":{"101":"RWED"}}]"#;
    scene.give("coap_uri", "none", 300, rest).await;
    scene.start("coap", |_| {});
    let first = scene.session(SessionState::Finished, 0).await;
    scene.registered(None).await;
    trigger(&scene).await;
    let second = scene.session(SessionState::Finished, first.id).await;
    let read = |message: &str| {
        let step = second.steps.iter().find(|step| step.message == message);
        let step = step.unwrap_or_else(|| panic!("{message}: {second:?}"));
        assert_eq!(step.code.as_deref(), Some("2.05"));
        step.words.clone()
    };
    assert!(read("GET /1").contains("/1/0/1=300"), "{}", read("GET /1"));
    assert!(read("GET /2").contains("/2/0/2/101=15"), "{}", read("GET /2"));
}

#[tokio::test]
async fn ets_9_a_finish_that_the_device_does_not_accept() {
    let mut scene = Scene::new();
    scene.give("coap_uri", "none", 300, "").await;
    let mut device = Device::at(scene.server.address_of("bootstrap_coap")).await;
    assert_eq!(
        ask(&mut device, &[&format!("ep={NAME}")]).await.code,
        Code::CHANGED
    );
    let mut finishes = 0;
    while finishes < 2 {
        let asked = device.asked().await;
        match (asked.code, asked.options.path().as_str()) {
            (Code::GET, _) => {
                let links = b"</>;lwm2m=1.1,</0/0>;uri=\"coap://bs\",</3/0>";
                device.answer(&asked, Code::CONTENT, Some(40), links).await;
            }
            (Code::POST, "/bs") => {
                finishes += 1;
                let words = b"no binding of mine";
                device.answer(&asked, Code::NOT_ACCEPTABLE, None, words).await;
            }
            (Code::DELETE, _) => device.answer(&asked, Code::DELETED, None, b"").await,
            _ => device.answer(&asked, Code::CHANGED, None, b"").await,
        }
    }
    let view = scene.session(SessionState::Failed, 0).await;
    let reason = view.reason.unwrap();
    assert!(reason.contains("no binding of mine"), "{reason}");
    assert!(reason.contains("also when written anew"), "{reason}");
}

#[tokio::test]
async fn ets_12_bootstrap_pack() {
    for (scheme, uri, mode) in [
        ("coap", "coap_uri", "none"),
        ("coaps", "coaps_uri", "psk"),
        ("coap+tcp", "coap_tcp_uri", "none"),
    ] {
        let mut scene = Scene::new();
        scene.give(uri, mode, 300, "").await;
        if mode == "psk" {
            scene.know(psk(NAME)).await;
        }
        scene.start(scheme, |options| {
            options.version = Some(Version::V1_2);
            if mode == "psk" {
                options.dtls = with_psk();
            }
        });
        let view = scene.session(SessionState::Finished, 0).await;
        let lines = lines(&view);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].starts_with("GET /bspack?ep=") && lines[0].ends_with(" 2.05"),
            "{lines:?}"
        );
        let device = scene.registered(None).await;
        assert_eq!(
            (lifetime(&device), device.row.security.as_deref()),
            (300, Some(mode))
        );
    }
}

#[tokio::test]
async fn bootstrap_over_tcp_and_tls() {
    for (scheme, mode, proven) in [
        ("coap+tcp", "none", "none"),
        ("coaps+tcp", "x509", "x509"),
        ("coaps+tcp", "rpk", "x509"),
    ] {
        let mut scene = Scene::new();
        let uri = format!("{}_uri", scheme.replace('+', "_"));
        scene.give(&uri, mode, 300, "").await;
        let files = scene.files();
        scene.start(scheme, |options| options.tls = files);
        let view = scene.session(SessionState::Finished, 0).await;
        assert_eq!(view.security, proven);
        assert_eq!(&lines(&view)[1..], ALL, "{scheme}");
        let device = scene.registered(None).await;
        assert_eq!(
            (lifetime(&device), device.row.security.as_deref()),
            (300, Some(mode)),
            "{scheme}"
        );
    }
}

#[tokio::test]
async fn a_device_that_left_is_refused_and_loses_its_account_at_its_next_contact() {
    let mut scene = Scene::new();
    // It comes every two seconds.
    scene.give("coap_uri", "none", 4, "").await;
    scene.start("coap", |options| options.registration_tries = 1);
    scene.registered(None).await;
    let first = scene.session(SessionState::Finished, 0).await;
    let data_dir = scene.directory.path().to_owned();
    assert!(
        scene
            .server
            .core
            .decommission(NAME, &data_dir, "ann")
            .await
            .unwrap()
    );
    let refused = scene.server.event("refused").await;
    assert_ne!(refused.endpoint, NAME, "nothing is kept of it: {refused:?}");
    let last = scene.session(SessionState::Finished, first.id).await;
    let deleted: Vec<String> = lines(&last)
        .into_iter()
        .filter(|line| line.starts_with("DELETE"))
        .collect();
    assert_eq!(deleted, ["DELETE /0/1 2.02", "DELETE /1/0 2.02"]);
    assert!(scene.server.core.device(NAME).is_none());
}
