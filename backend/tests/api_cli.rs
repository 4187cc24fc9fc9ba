//! The program itself, as a person or a service manager runs it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn muster() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MUSTER_")) {
        command.env_remove(name);
    }
    command
        .env("MUSTER__LISTEN__COAP", "127.0.0.1:0")
        .env("MUSTER__LISTEN__COAPS", "127.0.0.1:0")
        .env("MUSTER__LISTEN__BOOTSTRAP_COAP", "127.0.0.1:0")
        .env("MUSTER__LISTEN__BOOTSTRAP_COAPS", "127.0.0.1:0")
        .stdin(Stdio::null());
    command
}

fn text(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).unwrap()
}

fn run(arguments: &[&str], data: &Path) -> Output {
    muster()
        .args(arguments)
        .arg("--data-dir")
        .arg(data)
        .output()
        .unwrap()
}

/// A server that is ready.
struct Server {
    process: Child,
    address: String,
    password: String,
}

impl Server {
    fn start(data: &Path) -> Server {
        let mut command = muster();
        command
            .args(["serve", "--listen-http", "127.0.0.1:0", "--data-dir"])
            .arg(data);
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut seen = String::new();
        let address = loop {
            let mut line = String::new();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "the server ended:\n{seen}");
            if let Some((_, url)) = line.split_once("ready: http://") {
                break url.split('/').next().unwrap().to_owned();
            }
            seen.push_str(&line);
        };
        // The log is read on, so that the server never waits for its reader.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut password = String::new();
        if seen.contains("bringing the database up to date") {
            while password.trim().is_empty() || password.starts_with("First start") {
                password.clear();
                assert_ne!(out.read_line(&mut password).unwrap(), 0, "no password was told");
            }
        }
        Server {
            process,
            address,
            password: password.trim().to_owned(),
        }
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str, token: &str) -> String {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        ))
    }

    fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", name, &process])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, as it should.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_printed_configuration_can_be_used() {
    let directory = tempfile::tempdir().unwrap();
    let printed = muster().args(["config", "print"]).output().unwrap();
    let file = directory.path().join("muster.toml");
    std::fs::write(&file, &printed.stdout).unwrap();
    let check = |file: &Path| {
        muster()
            .args(["config", "check", "--config"])
            .arg(file)
            .output()
            .unwrap()
    };
    assert!(check(&file).status.success());
    std::fs::write(&file, "[listen]\ncaop = \"off\"\n").unwrap();
    let refused = check(&file);
    assert!(!refused.status.success());
    let words = text(&refused.stderr);
    assert!(
        words.contains("unknown key 'listen.caop'") && !words.contains("backtrace"),
        "{words}"
    );
}

#[test]
fn a_server_starts_tells_its_password_and_stops_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let mut server = Server::start(data);
    assert_eq!(server.password.len(), 23, "{:?}", server.password);
    let body = format!(r#"{{"username":"admin","password":"{}"}}"#, server.password);
    let answer = server.ask(&format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    let healthy = |address: &str| {
        let output = run(&["healthcheck", "--listen-http", address], data);
        output.status.success()
    };
    assert!(healthy(&server.address));
    let second = muster()
        .args(["serve", "--listen-http", "127.0.0.1:0", "--data-dir"])
        .arg(data)
        .output()
        .unwrap();
    assert!(
        text(&second.stderr).contains("a running server uses the data directory"),
        "{second:?}"
    );

    server.signal("TERM");
    assert!(server.process.wait().unwrap().success());
    assert!(!healthy(&server.address));
}

#[test]
fn a_token_is_printed_alone_and_works_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let create = || {
        let output = run(&["token", "create", "--name", "ci", "--role", "admin"], data);
        assert!(output.status.success(), "{output:?}");
        let token = text(&output.stdout);
        assert!(
            token.ends_with('\n') && token.trim().lines().count() == 1,
            "{token:?}"
        );
        token.trim().to_owned()
    };
    let before = create();
    let server = Server::start(data);
    let while_running = create();
    for token in [&before, &while_running] {
        let answer = server.get("/api/v1/session", token);
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.contains("token:ci"),
            "{answer}"
        );
    }
    let listed = text(&run(&["token", "list"], data).stdout);
    assert!(listed.starts_with("1\tci\tadmin\t"), "{listed}");
    assert!(run(&["token", "revoke", "--id", "1"], data).status.success());
    assert!(
        server
            .get("/api/v1/session", &before)
            .starts_with("HTTP/1.1 401 ")
    );
    assert!(
        server
            .get("/api/v1/session", &while_running)
            .starts_with("HTTP/1.1 200 ")
    );
}

#[test]
fn a_killed_server_starts_again() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let mut server = Server::start(data);
    let token = text(&run(&["token", "create", "--name", "ci", "--role", "viewer"], data).stdout);
    server.signal("KILL");
    assert!(!server.process.wait().unwrap().success());
    let again = Server::start(data);
    assert!(again.password.is_empty(), "the account is there already");
    assert!(
        again
            .get("/api/v1/devices", token.trim())
            .starts_with("HTTP/1.1 200 ")
    );
}

#[test]
fn object_definitions_are_imported_beside_a_running_server() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let files = directory.path().join("definitions");
    std::fs::create_dir(&files).unwrap();
    let definition = "<LWM2M><Object ObjectType=\"MODefinition\"><Name>Tank</Name><ObjectID>33000</ObjectID>\
        <MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Resources/></Object></LWM2M>";
    std::fs::write(files.join("tank.xml"), definition).unwrap();
    std::fs::write(files.join("notes.txt"), "not a definition").unwrap();
    let server = Server::start(&data);
    let token = text(&run(&["token", "create", "--name", "ci", "--role", "viewer"], &data).stdout);
    let import = || run(&["objects", "import", files.to_str().unwrap()], &data);
    let done = import();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(
        text(&done.stdout),
        "1 definitions added, 0 replaced, 0 unchanged; 0 files refused.\n"
    );
    // The server looks every two seconds.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !server
        .get("/api/v1/models/33000", token.trim())
        .starts_with("HTTP/1.1 200 ")
    {
        assert!(
            std::time::Instant::now() < deadline,
            "the server does not take the definition"
        );
    }
    std::fs::write(files.join("wrong.xml"), definition.replace("33000", "x")).unwrap();
    let done = import();
    assert!(!done.status.success());
    let said = text(&done.stdout);
    assert!(
        said.contains("wrong.xml: line 1: ObjectID cannot be \"x\""),
        "{said}"
    );
    assert!(
        said.contains("0 definitions added, 0 replaced, 1 unchanged; 1 files refused."),
        "{said}"
    );
}
