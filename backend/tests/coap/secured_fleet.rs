//! Simulated devices over coaps: by every kind of credential, behind a NAT that forgets them, through a restart of the
//! server. LwM2M Transport 1.2 §5.2, RFC 9146.

use crate::authority::Authority;
use crate::support::{PATIENCE, Server, config, request};
use backend::credential::{Credential, Proof};
use dtls::SigningKey;
use shared::Timestamp;
use shared::api::{OperationKind, OperationState};
use shared::event::EventKind;
use simulator::{DtlsOptions, FleetOptions, Profile, Secret, TlsFiles};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const KEY: &[u8] = b"0123456789abcdef";
const NAME: &str = "sim-00000";

fn loopback() -> Option<SocketAddr> {
    Some(SocketAddr::from(([127, 0, 0, 1], 0)))
}

fn credential(proof: Proof) -> Credential {
    Credential {
        endpoint: NAME.into(),
        proof,
        created: Timestamp(1),
        expires: None,
    }
}

fn by_psk() -> Credential {
    credential(Proof::Psk {
        identity: NAME.into(),
        key: KEY.to_vec().into(),
    })
}

fn psk_options() -> DtlsOptions {
    DtlsOptions {
        psk: Some(Secret::from(KEY.to_vec())),
        ..DtlsOptions::default()
    }
}

/// Simulated devices; they leave when this is dropped.
struct Fleet {
    _stop: oneshot::Sender<()>,
    _running: JoinHandle<()>,
}

/// One device that sends its values every second.
fn start(server: &Server, dtls: DtlsOptions, tls: TlsFiles) -> Fleet {
    let options = FleetOptions {
        profile: Profile::Meter,
        endpoint_prefix: Some("sim-".into()),
        send_every: Some(1),
        dtls,
        tls,
        ..FleetOptions::new(format!("coaps://{}", server.secure_address()), 1)
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        let shutdown = async {
            // Dropped is stopped as well.
            let _ = stopped.await;
        };
        simulator::run(options, shutdown).await.unwrap();
    });
    Fleet {
        _stop: stop,
        _running: running,
    }
}

async fn is_read(server: &mut Server, mode: &str) {
    server.event("registered").await;
    let detail = server.core.device(NAME).unwrap();
    assert_eq!(detail.row.security.as_deref(), Some(mode));
    let read = server.operate(NAME, request(OperationKind::Read, "/3/0")).await;
    assert_eq!(read.state, OperationState::Done, "{read:?}");
}

async fn sessions_begun(server: &Server) -> usize {
    let journal = server.journal(NAME).await;
    journal
        .iter()
        .filter(|kind| kind.name() == "session_started")
        .count()
}

#[tokio::test]
async fn a_session_goes_on_behind_a_nat_that_forgets_it() {
    for shards in [1, 3] {
        let mut server = Server::with(|config| {
            config.coaps = loopback();
            config.shards = shards;
        });
        server
            .core
            .keep_credentials(vec![by_psk()], "tester")
            .await
            .unwrap();
        let options = DtlsOptions {
            rebind_every: Some(Duration::from_millis(1500)),
            ..psk_options()
        };
        let _fleet = start(&server, options, TlsFiles::default());
        is_read(&mut server, "psk").await;
        for _ in 0..2 {
            server.event("address_changed").await;
            server.event("values").await;
            let read = server.operate(NAME, request(OperationKind::Read, "/3/0/0")).await;
            assert_eq!(read.state, OperationState::Done, "{read:?}");
        }
        assert_eq!(sessions_begun(&server).await, 1);
    }
}

#[tokio::test]
async fn a_device_with_a_raw_public_key_knows_its_server_by_its_key() {
    let pkcs8 = SigningKey::generate_pkcs8().unwrap();
    let public_key = SigningKey::from_pkcs8(&pkcs8).unwrap().public_key().to_vec();
    let mut server = Server::with(|config| config.coaps = loopback());
    let proof = Proof::Rpk { public_key };
    server
        .core
        .keep_credentials(vec![credential(proof)], "tester")
        .await
        .unwrap();
    let with = |server_public_key| DtlsOptions {
        key: Some(Secret(pkcs8.clone())),
        server_public_key: Some(server_public_key),
        ..DtlsOptions::default()
    };
    let other = start(&server, with(vec![0; 91]), TlsFiles::default());
    let refused = server.event("refused").await;
    let EventKind::Refused { reason, .. } = &refused.kind else {
        panic!("{refused:?}");
    };
    assert!(reason.contains("failed at the device"), "{reason}");
    drop(other);
    let _fleet = start(
        &server,
        with(server.core.server_key().public_key().to_vec()),
        TlsFiles::default(),
    );
    is_read(&mut server, "rpk").await;
}

#[tokio::test]
async fn a_device_with_a_certificate_checks_the_servers() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new("Example Devices");
    let authorities = authority.write(directory.path());
    let (certificate_file, key_file) = authority.certify_name("server").write(directory.path(), "server");
    let (certificate, key) = authority.certify_name(NAME).write(directory.path(), "device");
    let mut server = Server::with(|config| {
        config.coaps = loopback();
        config.dtls.certificate_file = Some(certificate_file);
        config.dtls.key_file = Some(key_file);
        config.dtls.trusted_certificates = vec![authorities.clone()];
    });
    let files = TlsFiles {
        authorities: Some(authorities),
        certificate: Some(certificate),
        key: Some(key),
    };
    let _fleet = start(&server, DtlsOptions::default(), files);
    is_read(&mut server, "x509").await;
}

#[tokio::test]
async fn a_device_does_not_notice_that_the_server_was_restarted() {
    let directory = tempfile::tempdir().unwrap();
    let open = |directory: &Path, coaps| {
        let mut config = config(directory);
        config.coaps = coaps;
        Server::of(config)
    };
    let mut server = open(directory.path(), loopback());
    server
        .core
        .keep_credentials(vec![by_psk()], "tester")
        .await
        .unwrap();
    let _fleet = start(&server, psk_options(), TlsFiles::default());
    is_read(&mut server, "psk").await;
    let address = server.secure_address();
    server.core.shutdown().await.unwrap();
    drop(server);

    let mut server = open(directory.path(), Some(address));
    let values = tokio::time::timeout(PATIENCE, server.event("values")).await;
    assert_eq!(values.unwrap().endpoint, NAME);
    let read = server.operate(NAME, request(OperationKind::Read, "/3/0/0")).await;
    assert_eq!(read.state, OperationState::Done, "{read:?}");
    assert_eq!(sessions_begun(&server).await, 1);
}

#[tokio::test]
async fn a_device_whose_session_is_ended_makes_another() {
    let mut server = Server::with(|config| config.coaps = loopback());
    server
        .core
        .keep_credentials(vec![by_psk()], "tester")
        .await
        .unwrap();
    let _fleet = start(&server, psk_options(), TlsFiles::default());
    is_read(&mut server, "psk").await;
    server.core.end_session(NAME).await.unwrap();
    server.event("session_ended").await;
    server.event("session_started").await;
    server.event("updated").await;
    let read = server.operate(NAME, request(OperationKind::Read, "/3/0/0")).await;
    assert_eq!(read.state, OperationState::Done, "{read:?}");
}
