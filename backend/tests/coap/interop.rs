//! Clients that others wrote, over TCP: libcoap's `coap-client`, and a device on aiocoap.
//!
//! A program that is missing is told and passed over; on CI it is a failure.

use crate::authority::Authority;
use crate::support::{PATIENCE, Server, request};
use backend::credential::{Credential, Proof};
use dtls::SigningKey;
use serde_json::json;
use shared::api::{OperationKind, OperationState, Transport};
use shared::event::EventKind;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use tokio::sync::mpsc;

fn started() -> Server {
    Server::with(|config| {
        config.coap = None;
        config.streams.tcp = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    })
}

/// The program, if it is there.
#[allow(clippy::print_stdout, reason = "a person has to see what was passed over")]
pub(crate) fn found(program: Option<PathBuf>, what: &str) -> Option<PathBuf> {
    if program.is_none() {
        let on_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!on_ci, "{what} is missing");
        println!("skipped: {what} is missing");
    }
    program
}

pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|program| program.is_file())
}

/// What `coap-client` prints of a request with its answer.
pub(crate) async fn libcoap(program: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(["-v", "6", "-B", "10"]).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output()).await;
    let output = output.unwrap().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Registers by coaps with each of these programs and says as what the server knows them then.
async fn register_secured(programs: &[&str], server: &mut Server, arguments: &[&str], mode: &str) {
    for program in programs {
        let what = format!("{program} (apt-get install libcoap3-bin)");
        let Some(program) = found(on_path(program), &what) else {
            continue;
        };
        let uri = format!(
            "coaps://{}/rd?ep=by-hand&lt=300&lwm2m=1.1&b=U",
            server.secure_address()
        );
        let arguments = [arguments, &["-m", "post", "-e", "</1/0>,</3/0>", &uri]].concat();
        let answer = libcoap(&program, &arguments).await;
        assert!(answer.contains("2.01"), "{}: {answer}", program.display());
        server.event("registered").await;
        let registration = server.core.device("by-hand").unwrap().registration.unwrap();
        assert_eq!(registration.transport, Transport::Dtls);
        assert_eq!(registration.session.unwrap().mode, mode, "{}", program.display());
    }
}

fn proven_by(proof: Proof) -> Credential {
    Credential {
        endpoint: "by-hand".into(),
        proof,
        created: shared::Timestamp(1),
        expires: None,
    }
}

const BOTH: [&str; 2] = ["coap-client-openssl", "coap-client-gnutls"];

#[tokio::test]
async fn clients_on_libcoap_register_by_pre_shared_keys_certificates_and_raw_public_keys() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new("Example Devices");
    let authorities = authority.write(directory.path());
    let mut server = Server::with(|config| {
        config.coaps = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.dtls.trusted_certificates = vec![authorities];
    });
    let device = authority.certify_name("by-hand");
    let core = server.core.clone();
    let keep = async |proof| {
        let credential = vec![proven_by(proof)];
        core.keep_credentials(credential, "tester").await.unwrap();
    };
    keep(Proof::Psk {
        identity: b"hand".to_vec(),
        key: b"0123456789abcdef".to_vec().into(),
    })
    .await;
    register_secured(
        &BOTH,
        &mut server,
        &["-u", "hand", "-k", "0123456789abcdef"],
        "psk",
    )
    .await;

    let text = |file: &str, parts: [String; 2]| {
        let path = directory.path().join(file);
        std::fs::write(&path, parts.concat()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let certificate = text(
        "certificate.pem",
        [device.pem.clone(), device.key.serialize_pem()],
    );
    keep(Proof::CERTIFICATE).await;
    register_secured(&BOTH, &mut server, &["-n", "-c", &certificate], "x509").await;

    // Only with GnuTLS has Debian's libcoap raw public keys (see `dtls/tests/interop/coap.rs`).
    let key = SigningKey::from_pkcs8(device.key.serialized_der()).unwrap();
    let public_key = key.public_key().to_vec();
    let public_pem = device.key.public_key_pem();
    let pair = text("key-pair.pem", [device.key.serialize_pem(), public_pem]);
    keep(Proof::Rpk { public_key }).await;
    register_secured(&BOTH[1..], &mut server, &["-M", &pair], "rpk").await;
}

#[tokio::test]
async fn clients_on_libcoap_register_over_tls() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new("Example Devices");
    let authorities = authority.write(directory.path());
    let mut server = Server::with(|config| {
        config.coap = None;
        config.streams.tls = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.dtls.trusted_certificates = vec![authorities];
    });
    let device = authority.certify_name("by-hand");
    let pem = directory.path().join("device.pem");
    std::fs::write(&pem, [device.pem.clone(), device.key.serialize_pem()].concat()).unwrap();
    let pem = pem.to_str().unwrap();
    let address = server.address_of("coaps+tcp");
    for program in BOTH {
        let what = format!("{program} (apt-get install libcoap3-bin)");
        let Some(program) = found(on_path(program), &what) else {
            continue;
        };
        let register = async |shows: &[&str], endpoint: &str| {
            let uri = format!("coaps+tcp://{address}/rd?ep={endpoint}&lt=300&lwm2m=1.1&b=T");
            let request = ["-m", "post", "-e", "</1/0>,</3/0>", &uri];
            libcoap(&program, &[shows, &request].concat()).await
        };
        let answer = register(&["-n", "-c", pem], "by-hand").await;
        assert!(answer.contains("2.01"), "{answer}");
        server.event("registered").await;
        let registration = server.core.device("by-hand").unwrap().registration.unwrap();
        assert_eq!(registration.transport, Transport::Tls);
        assert_eq!(registration.session.unwrap().mode, "x509");
        // And as nobody else.
        let answer = register(&["-n", "-c", pem], "another").await;
        assert!(answer.contains("4.00"), "{answer}");
        // A pre-shared key is for DTLS; who tries is told so.
        register(&["-u", "hand", "-k", "0123456789abcdef"], "by-hand").await;
        server
            .event_that(|event| match &event.kind {
                EventKind::Refused { reason, .. } => reason.contains("none with pre-shared keys"),
                _ => false,
            })
            .await;
    }
}

#[tokio::test]
async fn a_client_on_libcoap_registers_updates_and_leaves() {
    let Some(program) = found(
        on_path("coap-client-notls"),
        "coap-client-notls (apt-get install libcoap3-bin)",
    ) else {
        return;
    };
    let mut server = started();
    let address = server.address();
    let uri = |path: &str| format!("coap+tcp://{address}{path}");
    let register = uri("/rd?ep=by-hand&lt=300&lwm2m=1.1&b=T");
    let answer = libcoap(&program, &["-m", "post", "-e", "</1/0>,</3/0>", &register]).await;
    assert!(answer.contains("c:2.01"), "{answer}");
    server.event("registered").await;
    let registration = server.core.device("by-hand").unwrap().registration.unwrap();
    assert_eq!(registration.transport, Transport::Tcp);
    assert_eq!(registration.binding, "T");
    assert!(
        registration
            .lint
            .iter()
            .all(|note| !note.rule.ends_with("tcp") && !note.rule.ends_with("udp"))
    );
    let location = uri(&format!("/rd/{}", registration.id));
    let answer = libcoap(&program, &["-m", "post", &location]).await;
    assert!(answer.contains("c:2.04"), "{answer}");
    let answer = libcoap(&program, &["-m", "delete", &location]).await;
    assert!(answer.contains("c:2.02"), "{answer}");
    server.event("deregistered").await;
}

/// The Python that has aiocoap, which `cargo xtask test` installs.
fn python() -> Option<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME") {
        Some(given) => PathBuf::from(given),
        None => std::env::home_dir()?.join(".cache"),
    };
    let python = cache.join("muster/aiocoap/bin/python");
    python.is_file().then_some(python)
}

/// The device of `e2e/aiocoap-device`, ended when dropped.
struct Aiocoap {
    child: Child,
    input: ChildStdin,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Aiocoap {
    fn start(python: &Path, endpoint: &str, server: &str) -> Aiocoap {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../e2e/aiocoap-device/device.py");
        let mut child = Command::new(python)
            .arg(program)
            .args(["--endpoint", endpoint, "--server", server])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::unbounded_channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // The test may have ended.
                let _ = sender.send(line);
            }
        });
        Aiocoap {
            input: child.stdin.take().unwrap(),
            child,
            lines,
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.recv()).await;
        line.expect("it says nothing").expect("it ended")
    }
}

impl Drop for Aiocoap {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_device_on_aiocoap_is_read_and_observed() {
    let Some(python) = found(python(), "aiocoap (cargo xtask test --only tools)") else {
        return;
    };
    let mut server = started();
    let uri = format!("coap+tcp://{}", server.address());
    let mut device = Aiocoap::start(&python, "aiocoap", &uri);
    assert!(device.line().await.starts_with("registered /rd/"));
    // It has its answer before the registry hears of it.
    server.event("registered").await;
    let read = server
        .operate("aiocoap", request(OperationKind::Read, "/3/0/0"))
        .await;
    assert_eq!(json!(read.values[0].value), json!("aiocoap"), "{read:?}");
    // 8 KiB, in blocks.
    let read = server
        .operate("aiocoap", request(OperationKind::Read, "/3/0/1"))
        .await;
    let text = read.values[0].value.as_str().map(str::len);
    assert_eq!(text, Some(8192), "{:?}", read.message);
    let observe = server
        .operate("aiocoap", request(OperationKind::Observe, "/3303/0/5700"))
        .await;
    assert_eq!(observe.state, OperationState::Done, "{observe:?}");
    for value in [23.5, -4.25] {
        device.say(&format!("set {value}"));
        server
            .event_that(|event| match &event.kind {
                EventKind::Values { values, .. } => values[0].value.as_number() == Some(value),
                _ => false,
            })
            .await;
        assert_eq!(device.line().await, format!("set {value}"));
    }
    device.say("update");
    assert_eq!(device.line().await, "updated 2.04");
    device.say("stop");
    assert_eq!(device.line().await, "stopped");
    server.event("deregistered").await;
}
