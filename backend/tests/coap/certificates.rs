//! Devices that prove who they are by a certificate: where their name stands, and which certificates are refused with which
//! words. LwM2M Transport 1.2 §5.2.8.7.

use crate::authority::{Authority, Certified, Wanted};
use crate::coaps::{REGISTER, psk};
use crate::support::{Device, LINKS, Server, words};
use backend::credential::{CertificateName, Credential, EndpointName, Proof};
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
        assert_eq!((session.mode.as_str(), session.identity.as_str()), ("x509", name));
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
        proof: Proof::CERTIFICATE,
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

fn known_by(endpoint: &str, name: &str) -> Credential {
    Credential {
        proof: Proof::X509 {
            certificate_name: Some(CertificateName::parse(name).unwrap()),
        },
        ..psk(endpoint, endpoint)
    }
}

#[tokio::test]
async fn a_certificate_of_another_name_is_the_endpoint_it_is_entered_for() {
    let authority = Authority::new("Example Devices");
    let mut server = trusting(&authority, EndpointName::CommonName);
    let certified = authority.certify_name("WM-110 4711");
    let keep = async |core: &backend::core::Core, name: &str| {
        core.keep_credentials(vec![known_by("a", name)], "tester")
            .await
            .unwrap();
    };
    keep(&server.core, "WM-110 4711").await;
    let mut device = connect(&server, &certified).await.unwrap();
    let started = server.event("session_started").await;
    assert_eq!(started.endpoint, "a");
    // The name in the certificate is no endpoint.
    let other = device
        .try_register(&["ep=WM-110 4711", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    assert_eq!(other.code, Code::BAD_REQUEST);
    assert!(words(&other).contains("belongs to 'a'"), "{}", words(&other));
    let refused = server.event("refused").await;
    assert!(
        matches!(&refused.kind, EventKind::Refused { reason, .. } if reason.contains("belongs to 'a'")),
        "{refused:?}"
    );
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let session = server
        .core
        .device("a")
        .unwrap()
        .registration
        .unwrap()
        .session
        .unwrap();
    assert_eq!(
        (session.mode.as_str(), session.identity.as_str()),
        ("x509", "WM-110 4711")
    );

    // A certificate that names the endpoint is another one.
    assert!(connect(&server, &authority.certify_name("a")).await.is_err());
    let refused = server.event("refused").await;
    assert!(
        matches!(&refused.kind, EventKind::Refused { reason, .. } if reason.contains("known by the certificate 'WM-110 4711'")),
        "{refused:?}"
    );
    assert_eq!(refused.endpoint, "a");

    // Without the row it names nobody but itself, in sessions that began before too.
    let mut idle = connect(&server, &certified).await.unwrap();
    assert!(server.core.withdraw("a").await.unwrap());
    let refused = idle.try_register(&REGISTER, LINKS).await;
    assert_eq!(refused.code, Code::BAD_REQUEST);
    assert!(
        words(&refused).contains("by another certificate now"),
        "{}",
        words(&refused)
    );
    let ended = server.event("session_ended").await;
    assert!(
        matches!(&ended.kind, EventKind::SessionEnded { reason } if reason.contains("withdrawn")),
        "{ended:?}"
    );
    let mut device = connect(&server, &certified).await.unwrap();
    let refused = device.try_register(&REGISTER, LINKS).await;
    assert_eq!(refused.code, Code::BAD_REQUEST);
    assert!(
        words(&refused).contains("belongs to 'WM-110 4711'"),
        "{}",
        words(&refused)
    );
}

#[tokio::test]
async fn a_session_ends_when_its_certificate_is_entered_for_somebody_else() {
    let authority = Authority::new("Example Devices");
    let mut server = trusting(&authority, EndpointName::CommonName);
    let certified = authority.certify_name("a");
    let mut device = connect(&server, &certified).await.unwrap();
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    // A session of which no registration is known is noticed when it is used.
    let mut idle = connect(&server, &certified).await.unwrap();
    server
        .core
        .keep_credentials(vec![known_by("b", "a")], "tester")
        .await
        .unwrap();
    let ended = server.event("session_ended").await;
    assert_eq!(ended.endpoint, "a");
    let refused = idle.try_register(&REGISTER, LINKS).await;
    assert_eq!(refused.code, Code::BAD_REQUEST);
    assert!(
        words(&refused).contains("is that of 'b' now"),
        "{}",
        words(&refused)
    );
    let mut device = connect(&server, &certified).await.unwrap();
    device
        .register(&["ep=b", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
}
