//! GnuTLS's `gnutls-cli` and `gnutls-serv`.

use crate::driver::*;
use dtls::{CipherSuite, Config};

const PSK: &str = "NONE:+VERS-DTLS1.2:+PSK:+SHA256:+AEAD:+SIGN-ALL:+COMP-NULL:+GROUP-ALL:+CTYPE-ALL";

#[test]
fn its_client_connects_with_and_without_extensions() {
    if !installed("gnutls-cli") {
        return;
    }
    for (cipher, suite) in [
        ("AES-128-CCM-8", CipherSuite::PskAes128Ccm8),
        ("AES-128-GCM", CipherSuite::PskAes128GcmSha256),
        ("AES-128-CBC", CipherSuite::PskAes128CbcSha256),
    ] {
        for (option, extended) in [("", true), (":%NO_EXTENSIONS", false)] {
            let mut driver = Driver::new(Config::default(), echo_loudly);
            let (port, priority) = (driver.port().to_string(), format!("{PSK}:+{cipher}{option}"));
            let key = key_in_hex();
            let arguments = [
                "--udp",
                "-p",
                &port,
                "--pskusername",
                IDENTITY,
                "--pskkey",
                &key,
                "--priority",
                &priority,
                "127.0.0.1",
            ];
            let mut peer = Peer::start("gnutls-cli", &arguments);
            driver.run(&mut peer, |driver, _| !driver.connected.is_empty());
            peer.tell("good morning");
            driver.run(&mut peer, |_, peer| peer.said().contains("GOOD MORNING"));
            let connected = &driver.connected[0];
            assert_eq!(
                (connected.suite, connected.extended_master_secret),
                (suite, extended)
            );
        }
    }
}

#[test]
fn our_client_connects_to_its_server() {
    if !installed("gnutls-serv") {
        return;
    }
    let keys = file("gnutls-keys", &format!("{IDENTITY}:{}\n", key_in_hex()));
    let (port, priority) = (
        free_port(),
        format!("{PSK}:+AES-128-CCM-8:+AES-128-GCM:+AES-128-CBC"),
    );
    let arguments = [
        "--udp",
        "--echo",
        "-p",
        &port.to_string(),
        "--pskpasswd",
        keys.to_str().unwrap(),
        "--priority",
        &priority,
    ];
    let mut peer = Peer::start("gnutls-serv", &arguments);
    for suite in [
        CipherSuite::PskAes128Ccm8,
        CipherSuite::PskAes128GcmSha256,
        CipherSuite::PskAes128CbcSha256,
    ] {
        let mut driver = Driver::new(
            Config {
                suites: vec![suite],
                ..psk_client()
            },
            silent,
        );
        driver.connect(port, None);
        driver.run(&mut peer, |driver, _| !driver.connected.is_empty());
        let session = driver.connected[0].session;
        driver.endpoint.send(session, b"good evening\n").unwrap();
        driver.run(&mut peer, |driver, _| driver.data.starts_with(b"good evening"));
        // It serves one after the other.
        driver.endpoint.close(session);
        driver.run(&mut peer, |_, _| true);
    }
}
