//! Devices that prove who they are by a certificate: where their name stands, and which certificates are refused with which
//! words. LwM2M Transport 1.2 §5.2.8.7.

use crate::authority::{Authority, Certified, Wanted};
use crate::coaps::{REGISTER, psk};
use crate::support::{Device, LINKS, Server, words};
use backend::credential::{Credential, EndpointName, Proof};
use coap::Code;
use dtls::{Config, KeyCredential, SigningKey};
use shared::event::EventKind;
use std::net::SocketAddr;
use std::sync::Arc;

fn with(certified: &Certified) -> Config {
    Config {
        key: Some(KeyCredential {
            key: Arc::new(SigningKey::from_pkcs8(&certified.key.serialize_der()).unwrap()),
            chain: vec![certified.der.clone()],
            raw_public_key: false,
        }),
        ..Config::default()
    }
}

/// A server that trusts this authority and takes names from there.
fn trusting(authority: &Authority, endpoint_name: EndpointName) -> Server {
    let directory = tempfile::tempdir().unwrap();
    let file = authority.write(directory.path());
    Server::with(|config| {
        config.coaps = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.dtls.trusted_certificates = vec![file];
        config.dtls.endpoint_name = endpoint_name;
    })
}

async fn connect(server: &Server, certified: &Certified) -> Result<Device, String> {
    let mut device = Device::at(server.secure_address()).await;
    device.connect(with(certified)).await.map(|()| device)
}

#[tokio::test]
async fn the_name_in_a_certificate_is_the_endpoint() {
    let authority = Authority::new("Example Devices");
    for (place, name) in [
        (EndpointName::CommonName, "a"),
        (EndpointName::SanUri, "urn:dev:os:a-1"),
    ] {
        let mut server = trusting(&authority, place);
        let certified = authority.certify(&Wanted {
            common_name: "a",
            uri: Some("urn:dev:os:a-1"),
            until: 2090,
        });
        let mut device = connect(&server, &certified).await.unwrap();
        let queries = [&format!("ep={name}"), "lt=300", "lwm2m=1.1", "b=U"];
        device.register(&queries, LINKS).await;
        server.event("registered").await;
        let detail = server.core.device(name).unwrap();
        let session = detail.registration.unwrap().session.unwrap();
        assert_eq!((session.mode.as_str(), session.identity.as_str()), ("x509", "a"));
        // And no other.
        let other = device
            .try_register(&["ep=b", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
            .await;
        assert_eq!(other.code, Code::BAD_REQUEST);
        assert!(words(&other).contains("belongs to"), "{}", words(&other));
    }
}

#[tokio::test]
async fn certificates_that_are_not_good_enough_are_refused_in_words() {
    let ours = Authority::new("Example Devices");
    let theirs = Authority::new("Example Devices");
    let mut server = trusting(&ours, EndpointName::CommonName);
    let by_key = psk("by-key", "by-key");
    let expired = Credential {
        proof: Proof::X509,
        expires: Some(shared::Timestamp(2)),
        ..psk("ended", "ended")
    };
    server
        .core
        .keep_credentials(vec![by_key, expired], "tester")
        .await
        .unwrap();
    let late = ours.certify(&Wanted {
        common_name: "a",
        uri: None,
        until: 2021,
    });
    for (certified, expect) in [
        (late, "the certificate has expired"),
        (theirs.certify_name("a"), "cannot be used"),
        (
            Authority::new("Nobody").certify_name("a"),
            "not issued by a trusted authority",
        ),
        (ours.certify_name("by-key"), "has to prove itself by psk"),
        (ours.certify_name("ended"), "its credential expired"),
    ] {
        assert!(connect(&server, &certified).await.is_err(), "{expect}");
        let refused = server.event("refused").await;
        let EventKind::Refused { reason, .. } = &refused.kind else {
            panic!("{refused:?}");
        };
        assert!(reason.contains(expect), "{reason}");
    }
    let listed: Vec<_> = server.core.refusals().into_iter().map(|one| one.reason).collect();
    assert_eq!(listed.len(), 5, "{listed:?}");
    let mut good = connect(&server, &ours.certify_name("a")).await.unwrap();
    good.register(&REGISTER, LINKS).await;
}
