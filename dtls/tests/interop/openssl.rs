//! OpenSSL's `s_client` and `s_server`.

use crate::driver::*;
use dtls::{CipherSuite, Config, PeerIdentity};

const PSK_SUITES: [(&str, CipherSuite); 4] = [
    ("PSK-AES128-CCM8", CipherSuite::PskAes128Ccm8),
    ("PSK-AES128-CCM", CipherSuite::PskAes128Ccm),
    ("PSK-AES128-GCM-SHA256", CipherSuite::PskAes128GcmSha256),
    ("PSK-AES128-CBC-SHA256", CipherSuite::PskAes128CbcSha256),
];

const ECDHE_SUITES: [(&str, CipherSuite); 3] = [
    ("ECDHE-ECDSA-AES128-CCM8", CipherSuite::EcdheEcdsaAes128Ccm8),
    (
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        CipherSuite::EcdheEcdsaAes128GcmSha256,
    ),
    (
        "ECDHE-ECDSA-AES128-SHA256",
        CipherSuite::EcdheEcdsaAes128CbcSha256,
    ),
];

fn client(port: u16, cipher: &str, more: &[&str]) -> Peer {
    let (to, cipher) = (format!("127.0.0.1:{port}"), format!("{cipher}:@SECLEVEL=0"));
    let arguments = [
        &["s_client", "-dtls1_2", "-connect", &to, "-cipher", &cipher],
        more,
    ]
    .concat();
    Peer::start("openssl", &arguments)
}

/// Waits for the handshake, then for an answer to a line.
fn converse(driver: &mut Driver, peer: &mut Peer) {
    driver.run(peer, |driver, _| !driver.connected.is_empty());
    peer.tell("good morning");
    driver.run(peer, |_, peer| peer.said().contains("GOOD MORNING"));
}

#[test]
fn its_client_speaks_every_psk_suite() {
    if !installed("openssl") {
        return;
    }
    for (cipher, suite) in PSK_SUITES {
        let mut driver = Driver::new(Config::default(), echo_loudly);
        let mut peer = client(
            driver.port(),
            cipher,
            &["-psk_identity", IDENTITY, "-psk", &key_in_hex()],
        );
        converse(&mut driver, &mut peer);
        let connected = &driver.connected[0];
        assert_eq!(connected.suite, suite);
        assert!(connected.extended_master_secret);
        assert_eq!(connected.identity, PeerIdentity::Psk(IDENTITY.into()));
    }
}

#[test]
fn its_client_speaks_every_ecdhe_suite_with_certificates() {
    if !installed("openssl") {
        return;
    }
    let (ours, theirs) = (Identity::new("server.example"), Identity::new("device-1"));
    let certificate = file("openssl-client.pem", &theirs.certificate_pem());
    let key = file("openssl-client.key", &theirs.key_pem());
    let more = [
        "-cert",
        certificate.to_str().unwrap(),
        "-key",
        key.to_str().unwrap(),
    ];
    for (cipher, suite) in ECDHE_SUITES {
        let mut driver = Driver::new(ours.config(), echo_loudly);
        let mut peer = client(driver.port(), cipher, &more);
        converse(&mut driver, &mut peer);
        assert_eq!(driver.connected[0].suite, suite);
        assert_eq!(
            driver.connected[0].identity,
            PeerIdentity::Certificate(theirs.credential().chain)
        );
    }
}

#[test]
fn its_client_resumes_by_ticket_and_by_id() {
    if !installed("openssl") {
        return;
    }
    for (name, ticket) in [("ticket", &[][..]), ("id", &["-no_ticket"])] {
        let saved = file(&format!("openssl-session-{name}"), "");
        let saved = saved.to_str().unwrap();
        let key = key_in_hex();
        let arguments = [&["-psk_identity", IDENTITY, "-psk", &key], ticket].concat();
        let mut driver = Driver::new(Config::default(), echo_loudly);
        for (option, resumed) in [("-sess_out", false), ("-sess_in", true)] {
            let more = [&arguments[..], &[option, saved]].concat();
            let mut peer = client(driver.port(), "PSK-AES128-CCM8", &more);
            converse(&mut driver, &mut peer);
            assert_eq!(driver.connected.pop().unwrap().resumed, resumed, "{name}");
            assert_eq!(peer.said().contains("Reused"), resumed, "{name}: {}", peer.said());
        }
    }
}

#[test]
fn its_client_hears_why_it_is_refused() {
    if !installed("openssl") {
        return;
    }
    let mut driver = Driver::new(Config::default(), echo_loudly);
    let mut peer = client(
        driver.port(),
        "PSK-AES128-CCM8",
        &["-psk_identity", "nobody", "-psk", &key_in_hex()],
    );
    driver.run(&mut peer, |driver, _| !driver.failed.is_empty());
    driver.run(&mut peer, |_, peer| {
        peer.said().to_lowercase().contains("unknown psk identity")
    });
    assert_eq!(
        driver.failed[0].claimed,
        Some(PeerIdentity::Psk(b"nobody".to_vec()))
    );
}

fn server(port: u16, cipher: &str, more: &[&str]) -> Peer {
    let (port, cipher) = (port.to_string(), format!("{cipher}:@SECLEVEL=0"));
    let arguments = [
        &["s_server", "-dtls1_2", "-accept", &port, "-cipher", &cipher],
        more,
    ]
    .concat();
    Peer::start("openssl", &arguments)
}

/// Waits for our handshake with its server, then for a line each way.
fn converse_as_client(driver: &mut Driver, peer: &mut Peer) {
    driver.run(peer, |driver, _| !driver.connected.is_empty());
    let session = driver.connected[0].session;
    driver.endpoint.send(session, b"good evening\n").unwrap();
    driver.run(peer, |_, peer| peer.said().contains("good evening"));
    peer.tell("good night");
    driver.run(peer, |driver, _| driver.data.ends_with(b"good night\n"));
}

#[test]
fn our_client_speaks_every_psk_suite_with_its_server() {
    if !installed("openssl") {
        return;
    }
    for (cipher, suite) in PSK_SUITES {
        for listen in [&["-listen"][..], &[]] {
            let port = free_port();
            let key = key_in_hex();
            let more = [&["-nocert", "-psk_identity", IDENTITY, "-psk", &key], listen].concat();
            let mut peer = server(port, cipher, &more);
            let mut driver = Driver::new(
                Config {
                    suites: vec![suite],
                    ..psk_client()
                },
                silent,
            );
            driver.connect(port, None);
            converse_as_client(&mut driver, &mut peer);
        }
    }
}

#[test]
fn our_client_speaks_every_ecdhe_suite_with_its_server() {
    if !installed("openssl") {
        return;
    }
    let (ours, theirs) = (Identity::new("device-2"), Identity::new("server.example"));
    let certificate = file("openssl-server.pem", &theirs.certificate_pem());
    let key = file("openssl-server.key", &theirs.key_pem());
    let more = [
        "-cert",
        certificate.to_str().unwrap(),
        "-key",
        key.to_str().unwrap(),
        "-Verify",
        "1",
        "-listen",
    ];
    for (cipher, suite) in ECDHE_SUITES {
        let port = free_port();
        let mut peer = server(port, cipher, &more);
        let config = Config {
            suites: vec![suite],
            ..ours.config()
        };
        let config = Config {
            retransmit_after: psk_client().retransmit_after,
            ..config
        };
        let mut driver = Driver::new(config, silent);
        driver.connect(port, None);
        converse_as_client(&mut driver, &mut peer);
        assert_eq!(
            driver.connected[0].identity,
            PeerIdentity::Certificate(theirs.credential().chain)
        );
    }
}
