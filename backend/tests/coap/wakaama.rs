//! A client of LwM2M 1.0 that others wrote, Wakaama: without security, and over coaps with a pre-shared key by tinydtls.
//!
//! `cargo xtask test --only tools` builds it. Where it is missing that is told and passed over; on CI it is a failure.

use crate::interop::found;
use crate::support::{Server, request, request_with};
use backend::credential::{Credential, Proof};
use serde_json::{Value as Json, json};
use shared::api::{DeviceDetail, OperationKind, OperationRequest, OperationState, OperationView, Transport};
use shared::bootstrap::SessionState;
use shared::event::EventKind;
use shared::{DeviceState, Timestamp, Version};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const ENDPOINT: &str = "wakaama";
const KEY: &[u8] = b"0123456789abcdef";
const KEY_IN_HEX: &str = "30313233343536373839616263646566";

fn program(name: &str) -> Option<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME") {
        Some(given) => PathBuf::from(given),
        None => std::env::home_dir()?.join(".cache"),
    };
    let program = cache.join("muster/wakaama").join(name);
    found(
        program.is_file().then_some(program),
        &format!("{name} (cargo xtask test --only tools)"),
    )
}

/// The client, ended when dropped. Its commands come on its standard input, which has to stay open.
struct Wakaama(Child);

impl Wakaama {
    fn say(&mut self, command: &str) {
        let input = self.0.stdin.as_mut().unwrap();
        writeln!(input, "{command}").unwrap();
    }

    fn start(program: PathBuf, server: SocketAddr, flags: &[&str]) -> Wakaama {
        let port = server.port().to_string();
        // A port of its own: it has no way to take any.
        let own = std::net::UdpSocket::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap();
        let child = Command::new(program)
            .args(["-4", "-n", ENDPOINT, "-h", "127.0.0.1", "-p", &port])
            .args(["-l", &own.port().to_string(), "-t", "300"])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Wakaama(child)
    }
}

impl Drop for Wakaama {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn registered(server: &mut Server) -> DeviceDetail {
    server.event("registered").await;
    let detail = server.core.device(ENDPOINT).unwrap();
    assert_eq!(detail.row.state, DeviceState::Online);
    detail
}

async fn done(server: &Server, request: OperationRequest, code: &str) -> OperationView {
    let view = server.operate(ENDPOINT, request).await;
    assert_eq!(
        (view.state, view.code.as_deref()),
        (OperationState::Done, Some(code)),
        "{view:?}"
    );
    view
}

fn value_of(view: &OperationView, path: &str) -> Option<Json> {
    let found = view.values.iter().find(|value| value.path.to_string() == path);
    found.map(|value| json!(value.value))
}

/// Every operation of 1.0, and what Wakaama makes of them.
async fn is_operated(server: &mut Server, client: &mut Wakaama) {
    let view = done(server, request(OperationKind::Read, "/3/0"), "2.05").await;
    assert_eq!(value_of(&view, "/3/0/0"), Some(json!("Open Mobile Alliance")));
    for format in ["tlv", "text", "json"] {
        let read = OperationRequest {
            format: Some(format.into()),
            ..request(OperationKind::Read, "/3/0/1")
        };
        let view = done(server, read, "2.05").await;
        assert_eq!(
            value_of(&view, "/3/0/1"),
            Some(json!("Lightweight M2M Client")),
            "{format}: {view:?}"
        );
    }
    let view = done(server, request(OperationKind::Read, "/1"), "2.05").await;
    assert_eq!(value_of(&view, "/1/0/1"), Some(json!(300)));
    done(
        server,
        request_with(OperationKind::Write, "/3/0/14", json!("-05:00")),
        "2.04",
    )
    .await;
    let view = done(server, request(OperationKind::Read, "/3/0/14"), "2.05").await;
    assert_eq!(value_of(&view, "/3/0/14"), Some(json!("-05:00")));

    let view = done(server, request(OperationKind::Discover, "/3"), "2.05").await;
    assert!(
        view.links
            .as_deref()
            .is_some_and(|links| links.contains("</3/0/0>")),
        "{view:?}"
    );
    let attributes = json!({"pmin": 0, "pmax": 60});
    done(
        server,
        request_with(OperationKind::WriteAttributes, "/3/0/9", attributes),
        "2.04",
    )
    .await;
    done(server, request(OperationKind::Observe, "/3/0/9"), "2.05").await;
    for level in [55, 54] {
        client.say(&format!("change /3/0/9 {level}"));
        server
            .event_that(|event| match &event.kind {
                EventKind::Values { origin, values } => {
                    origin.name() == "notify" && json!(values[0].value.to_json()) == json!(level)
                }
                _ => false,
            })
            .await;
    }
    done(server, request(OperationKind::CancelObserve, "/3/0/9"), "2.05").await;
    done(server, request(OperationKind::Execute, "/3/0/12"), "2.04").await;

    let missing = server
        .operate(ENDPOINT, request(OperationKind::Read, "/3/0/99"))
        .await;
    assert_eq!(
        (missing.state, missing.code.as_deref()),
        (OperationState::Failed, Some("4.04"))
    );
    let composite = OperationRequest {
        path: None,
        paths: vec!["/3/0/0".parse().unwrap()],
        ..request(OperationKind::ReadComposite, "/")
    };
    let refused = server
        .core
        .operate(ENDPOINT, composite, "tester")
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("since LwM2M 1.1"), "{refused}");
}

#[tokio::test]
async fn a_client_of_1_0_is_read_written_observed_and_executed() {
    let Some(program) = program("wakaama") else { return };
    let mut server = Server::start();
    let mut client = Wakaama::start(program, server.address(), &[]);
    let detail = registered(&mut server).await;
    let registration = detail.registration.unwrap();
    assert_eq!(registration.version, Version::V1_0);
    assert!(registration.objects.contains(&"/3/0".parse().unwrap()));
    is_operated(&mut server, &mut client).await;
}

/// What it is bootstrapped with, at a server that serves bootstrap without security and with a key.
async fn bootstrap_server(uri: &str, mode: &str) -> Server {
    let local = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let server = Server::with(|config| {
        config.coaps = local;
        config.bootstrap = backend::bootstrap::Settings {
            coap: local,
            coaps: local,
            unknown_devices: backend::bootstrap::UnknownDevices::Accept,
            ..backend::bootstrap::Settings::default()
        };
    });
    let json = format!(
        r#"{{"servers":[{{"short_server_id":101,"uri":"${{{uri}}}","security":{{"mode":"{mode}"}},"lifetime":300}}]}}"#
    );
    let body = crate::bootstrap::body(&json);
    server.core.bootstrap().put("main", body, "tester").await.unwrap();
    server
}

#[tokio::test]
async fn it_is_bootstrapped_and_registers_with_what_it_was_given() {
    let Some(program) = program("wakaama") else { return };
    let mut server = bootstrap_server("coap_uri", "none").await;
    let _client = Wakaama::start(program, server.address_of("bootstrap_coap"), &["-b"]);
    let registration = registered(&mut server).await.registration.unwrap();
    assert_eq!(
        (registration.version, registration.lifetime),
        (Version::V1_0, 300)
    );
    let view = crate::bootstrap::session(&mut server, ENDPOINT, SessionState::Finished).await;
    assert!(
        view.steps.iter().any(|step| step.message == "POST /bs"),
        "{view:?}"
    );
    let read = done(&server, request(OperationKind::Read, "/1/0/0"), "2.05").await;
    assert_eq!(value_of(&read, "/1/0/0"), Some(json!(101)));
}

#[tokio::test]
async fn it_is_bootstrapped_over_coaps_and_registers_with_the_key_it_was_given() {
    let Some(program) = program("wakaama-dtls") else {
        return;
    };
    let mut server = bootstrap_server("coaps_uri", "psk").await;
    let credential = Credential {
        endpoint: ENDPOINT.into(),
        proof: Proof::Psk {
            identity: "from the factory".into(),
            key: KEY.to_vec().into(),
        },
        created: Timestamp(1),
        expires: None,
    };
    let book = server.core.bootstrap().credentials();
    book.put(vec![credential]).await.unwrap();
    let flags = ["-b", "-i", "from the factory", "-s", KEY_IN_HEX];
    let _client = Wakaama::start(program, server.address_of("bootstrap_coaps"), &flags);
    let registration = registered(&mut server).await.registration.unwrap();
    assert_eq!(
        (
            registration.transport,
            registration.session.unwrap().identity.as_str()
        ),
        (Transport::Dtls, ENDPOINT)
    );
    let view = crate::bootstrap::session(&mut server, ENDPOINT, SessionState::Finished).await;
    assert_eq!(view.security, "psk");
}

#[tokio::test]
async fn the_same_over_coaps_with_a_pre_shared_key() {
    let Some(program) = program("wakaama-dtls") else {
        return;
    };
    let mut server = Server::with(|config| config.coaps = Some(SocketAddr::from(([127, 0, 0, 1], 0))));
    let credential = Credential {
        endpoint: ENDPOINT.into(),
        proof: Proof::Psk {
            identity: "wakaama's key".into(),
            key: KEY.to_vec().into(),
        },
        created: Timestamp(1),
        expires: None,
    };
    server
        .core
        .keep_credentials(vec![credential], "test")
        .await
        .unwrap();
    let flags = ["-i", "wakaama's key", "-s", KEY_IN_HEX];
    let mut client = Wakaama::start(program, server.secure_address(), &flags);
    let registration = registered(&mut server).await.registration.unwrap();
    assert_eq!(
        (registration.transport, registration.security.as_str()),
        (Transport::Dtls, "psk")
    );
    let session = registration.session.unwrap();
    assert_eq!(session.suite, "TLS_PSK_WITH_AES_128_CCM_8");
    is_operated(&mut server, &mut client).await;
}
