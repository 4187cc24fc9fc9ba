//! Runs an endpoint on a UDP socket, and another implementation's program as its peer.

use dtls::{
    AlertDescription, Answer, Config, Connected, Endpoint, Event, HandshakeFailed, KeyCredential,
    PskCredential, Question, Resumption, SigningKey,
};
use std::io::{Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub(crate) const IDENTITY: &str = "device-interop";
pub(crate) const KEY: &[u8] = b"secretPSK";

/// No test waits longer for its peer.
const LIMIT: Duration = Duration::from_secs(30);

pub(crate) fn key_in_hex() -> String {
    KEY.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a program is there. If not, the test that asks is written down as skipped; on CI it fails.
pub(crate) fn installed(program: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()));
    if !found {
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("a test");
        assert!(
            std::env::var_os("CI").is_none(),
            "on CI every peer must be there: {program} is not installed"
        );
        println!("skipped: {program} is not installed");
        if let Some(list) = std::env::var_os("MUSTER_SKIPPED_TESTS") {
            let mut list = std::fs::File::options()
                .create(true)
                .append(true)
                .open(list)
                .unwrap();
            writeln!(list, "{test}: {program} is not installed").unwrap();
        }
    }
    found
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// A file with this content that no other test uses.
pub(crate) fn file(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    std::fs::write(&path, content).unwrap();
    path
}

/// A program under test, ended when dropped.
pub(crate) struct Peer {
    child: Child,
    output: Arc<Mutex<Vec<u8>>>,
}

fn gather(mut from: impl Read + Send + 'static, output: Arc<Mutex<Vec<u8>>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            output.lock().unwrap().extend_from_slice(&buffer[..length]);
        }
    });
}

impl Peer {
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Peer {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = Arc::default();
        gather(child.stdout.take().unwrap(), Arc::clone(&output));
        gather(child.stderr.take().unwrap(), Arc::clone(&output));
        Peer { child, output }
    }

    /// What the program wrote so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().unwrap()).into_owned()
    }

    pub(crate) fn tell(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{line}").and_then(|()| input.flush()).unwrap();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An endpoint on a socket.
pub(crate) struct Driver {
    socket: UdpSocket,
    pub(crate) endpoint: Endpoint<SocketAddr>,
    pub(crate) connected: Vec<Connected<SocketAddr>>,
    pub(crate) failed: Vec<HandshakeFailed<SocketAddr>>,
    pub(crate) data: Vec<u8>,
    /// What is answered to application data.
    respond: fn(&[u8]) -> Option<Vec<u8>>,
}

impl Driver {
    pub(crate) fn new(config: Config, respond: fn(&[u8]) -> Option<Vec<u8>>) -> Driver {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        Driver {
            socket,
            endpoint: Endpoint::new(Instant::now(), Arc::new(config)).unwrap(),
            connected: Vec::new(),
            failed: Vec::new(),
            data: Vec::new(),
            respond,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.socket.local_addr().unwrap().port()
    }

    pub(crate) fn connect(&mut self, port: u16, resumption: Option<Resumption>) {
        let server = SocketAddr::from(([127, 0, 0, 1], port));
        self.endpoint.connect(Instant::now(), server, resumption).unwrap();
    }

    fn listen(&mut self) {
        while let Some(event) = self.endpoint.poll_event() {
            match event {
                Event::Question {
                    handshake, question, ..
                } => {
                    let answer = match question {
                        Question::Psk { identity } if identity == IDENTITY.as_bytes() => {
                            Answer::Psk(KEY.to_vec().into())
                        }
                        Question::Psk { .. } => Answer::Reject(AlertDescription::UnknownPskIdentity),
                        Question::Trust { .. } | Question::Resume { .. } => Answer::Accept,
                    };
                    self.endpoint.answer(Instant::now(), handshake, answer);
                }
                Event::Connected(connected) => self.connected.push(*connected),
                Event::HandshakeFailed(failed) => self.failed.push(*failed),
                Event::Data { session, bytes } => {
                    if let Some(response) = (self.respond)(&bytes) {
                        self.endpoint.send(session, &response).unwrap();
                    }
                    self.data.extend(bytes);
                }
                Event::AddressChanged { .. }
                | Event::Closed { .. }
                | Event::KeysMayDiffer(_)
                | Event::Step { .. } => {}
            }
        }
    }

    /// Runs until `done`; what the peer said is shown if that does not come.
    pub(crate) fn run(&mut self, peer: &mut Peer, mut done: impl FnMut(&mut Driver, &mut Peer) -> bool) {
        let limit = Instant::now() + LIMIT;
        let mut buffer = [0; 65_536];
        loop {
            self.endpoint.handle_timeout(Instant::now());
            self.listen();
            while let Some(transmit) = self.endpoint.poll_transmit() {
                // A peer that is not there yet is told again by the retransmission.
                let _ = self.socket.send_to(&transmit.bytes, transmit.peer);
            }
            if done(self, peer) {
                return;
            }
            let now = Instant::now();
            assert!(
                now < limit,
                "failed: {:?}, the peer says:\n{}",
                self.failed,
                peer.said()
            );
            let wait = self
                .endpoint
                .poll_timeout()
                .map_or(limit, |at| at.min(limit))
                .saturating_duration_since(now);
            // The peer's output is looked at several times a second as well.
            let wait = wait.clamp(Duration::from_millis(1), Duration::from_millis(30));
            self.socket.set_read_timeout(Some(wait)).unwrap();
            if let Ok((length, from)) = self.socket.recv_from(&mut buffer) {
                self.endpoint
                    .handle_datagram(Instant::now(), &from, &mut buffer[..length]);
            }
        }
    }
}

pub(crate) fn echo_loudly(data: &[u8]) -> Option<Vec<u8>> {
    Some(data.to_ascii_uppercase())
}

pub(crate) fn silent(_: &[u8]) -> Option<Vec<u8>> {
    None
}

pub(crate) fn psk_client() -> Config {
    let psk = PskCredential {
        identity: IDENTITY.into(),
        key: KEY.to_vec().into(),
    };
    Config {
        psk: Some(psk),
        retransmit_after: Duration::from_millis(300),
        ..Config::default()
    }
}

/// A key with a certificate that it signed itself: as PEM for the peer, or as a credential of ours.
pub(crate) struct Identity {
    certificate: rcgen::Certificate,
    key: rcgen::KeyPair,
}

impl Identity {
    pub(crate) fn new(name: &str) -> Identity {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new(vec![name.into()]).unwrap();
        parameters
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        Identity {
            certificate: parameters.self_signed(&key).unwrap(),
            key,
        }
    }

    pub(crate) fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", self.certificate.der())
    }

    pub(crate) fn key_pem(&self) -> String {
        pem("PRIVATE KEY", self.key.serialized_der())
    }

    pub(crate) fn public_key_pem(&self) -> String {
        pem("PUBLIC KEY", self.credential().key.public_key())
    }

    pub(crate) fn credential(&self) -> KeyCredential {
        KeyCredential {
            key: Arc::new(SigningKey::from_pkcs8(self.key.serialized_der()).unwrap()),
            chain: vec![self.certificate.der().to_vec()],
            raw_public_key: true,
        }
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            key: Some(self.credential()),
            ..Config::default()
        }
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", base64(der))
}

/// Base64 in lines, as PEM has it.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<u8> = bytes
        .chunks(3)
        .flat_map(|chunk| {
            let bits = (0..3).fold(0u32, |bits, at| {
                bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0))
            });
            (0..4).map(move |at| {
                let digit = ALPHABET[(bits >> (18 - 6 * at)) as usize & 63];
                if at <= chunk.len() { digit } else { b'=' }
            })
        })
        .collect();
    digits.chunks(64).fold(String::new(), |text, line| {
        text + std::str::from_utf8(line).unwrap() + "\n"
    })
}
