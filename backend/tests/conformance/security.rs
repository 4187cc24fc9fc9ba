//! Security of the registration interface. LwM2M Transport 1.2 §5.2, §6.4; OMA's interop tests 401 to 404.

use super::scene::{NAME, Scene, credential, psk, with_psk};
use crate::support::request;
use shared::api::{OperationKind, OperationState};
use shared::event::EventKind;

async fn is_read(scene: &mut Scene, mode: &str) {
    let device = scene.registered(None).await;
    assert_eq!(device.row.security.as_deref(), Some(mode));
    let read = scene
        .server
        .operate(NAME, request(OperationKind::Read, "/3/0"))
        .await;
    assert_eq!(read.state, OperationState::Done, "{read:?}");
}

#[tokio::test]
async fn ets_401_udp_with_a_pre_shared_key() {
    let mut scene = Scene::new();
    let kept = scene
        .server
        .core
        .keep_credentials(vec![credential(psk(NAME))], "ann")
        .await;
    kept.unwrap();
    scene.start_registering("coaps", |options| options.dtls = with_psk());
    is_read(&mut scene, "psk").await;
}

#[tokio::test]
async fn ets_402_udp_with_certificates() {
    let mut scene = Scene::new();
    let files = scene.files();
    scene.start_registering("coaps", |options| options.tls = files);
    is_read(&mut scene, "x509").await;
}

#[tokio::test]
async fn ets_403_a_certificate_of_another_host_is_not_believed() {
    let mut scene = Scene::certified(|authority| authority.certify_host("server.example.com"), |_| {});
    let files = scene.files();
    scene.start_registering("coaps", |options| options.tls = files);
    let refused = scene.server.event("refused").await;
    let EventKind::Refused { reason, .. } = &refused.kind else {
        panic!("{refused:?}");
    };
    assert!(reason.contains("failed at the device"), "{reason}");
    assert!(scene.server.core.device(NAME).is_none(), "it did not register");
}

#[tokio::test]
async fn ets_404_tcp_with_certificates() {
    let mut scene = Scene::new();
    let files = scene.files();
    scene.start_registering("coaps+tcp", |options| options.tls = files);
    is_read(&mut scene, "x509").await;
}
