//! Clients that others wrote, over TCP: libcoap's `coap-client`, and a device on aiocoap.
//!
//! A program that is missing is told and passed over; on CI it is a failure.

use crate::support::{PATIENCE, Server, request};
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
fn found(program: Option<PathBuf>, what: &str) -> Option<PathBuf> {
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

#[tokio::test]
async fn a_client_on_libcoap_registers_updates_and_leaves() {
    let Some(program) = found(
        on_path("coap-client-notls"),
        "coap-client-notls (apt-get install libcoap3-bin)",
    ) else {
        return;
    };
    let mut server = started();
    let uri = |path: &str| format!("coap+tcp://{}{path}", server.address());
    let register = uri("/rd?ep=by-hand&lt=300&lwm2m=1.1&b=T");
    let answer = libcoap(&program, &["-m", "post", "-e", "</1/0>,</3/0>", &register]).await;
    assert!(answer.contains("c:2.01"), "{answer}");
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
    let read = server
        .operate("aiocoap", request(OperationKind::Read, "/3/0/0"))
        .await;
    assert_eq!(read.values[0].value, json!("aiocoap"), "{read:?}");
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
