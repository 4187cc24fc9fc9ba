//! The clients of libcoap, as constrained devices use them.

use crate::driver::*;
use dtls::{Config, KeyCredential, PeerIdentity};
use std::process::Command;

/// Answers a confirmable GET with a text.
fn respond(request: &[u8]) -> Option<Vec<u8>> {
    let [first, 1, id_high, id_low, rest @ ..] = request else {
        return None;
    };
    let token = rest.get(..usize::from(first & 15))?;
    Some(
        [
            &[0x60 | first & 15, 0x45, *id_high, *id_low][..],
            token,
            b"\xffsecure greetings",
        ]
        .concat(),
    )
}

fn check(program: &str, config: Config, arguments: &[&str], expect: &PeerIdentity) {
    if !installed(program) {
        return;
    }
    let mut driver = Driver::new(config, respond);
    let uri = format!("coaps://127.0.0.1:{}/greetings", driver.port());
    let arguments = [&["-m", "get", "-B", "9"], arguments, &[&uri]].concat();
    let mut peer = Peer::start(program, &arguments);
    driver.run(&mut peer, |_, peer| peer.said().contains("secure greetings"));
    assert_eq!(driver.connected[0].identity, *expect);
}

#[test]
fn clients_with_a_pre_shared_key() {
    let arguments = ["-u", IDENTITY, "-k", std::str::from_utf8(KEY).unwrap()];
    for program in ["coap-client-openssl", "coap-client-gnutls"] {
        check(
            program,
            Config::default(),
            &arguments,
            &PeerIdentity::Psk(IDENTITY.into()),
        );
    }
}

#[test]
fn a_client_with_a_raw_public_key() {
    let (ours, theirs) = (Identity::new("server.example"), Identity::new("device"));
    let pem = file(
        "coap-rpk.pem",
        &format!("{}{}", theirs.key_pem(), theirs.public_key_pem()),
    );
    let expect = PeerIdentity::RawPublicKey(theirs.credential().key.public_key().to_vec());
    // It names certificates first, and breaks off when it gets one that it cannot check.
    for chain in [Vec::new(), ours.credential().chain] {
        let key = KeyCredential {
            chain,
            ..ours.credential()
        };
        let config = Config {
            key: Some(key),
            ..Config::default()
        };
        check(
            "coap-client-gnutls",
            config,
            &["-M", pem.to_str().unwrap()],
            &expect,
        );
    }
}

/// libcoap has raw public keys with OpenSSL 3.2 and later only. When a build with them comes, this fails, and the test above is
/// to have both programs.
#[test]
fn the_client_on_openssl_has_no_raw_public_keys() {
    if !installed("coap-client-openssl") {
        return;
    }
    let output = Command::new("coap-client-openssl").output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("no RPK support"), "{said}");
}

#[test]
fn clients_with_a_certificate() {
    let (ours, theirs) = (Identity::new("127.0.0.1"), Identity::new("device"));
    let pem = file(
        "coap-x509.pem",
        &format!("{}{}", theirs.certificate_pem(), theirs.key_pem()),
    );
    for program in ["coap-client-openssl", "coap-client-gnutls"] {
        let expect = PeerIdentity::Certificate(theirs.credential().chain);
        check(
            program,
            ours.config(),
            &["-n", "-c", pem.to_str().unwrap()],
            &expect,
        );
    }
}
