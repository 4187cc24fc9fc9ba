//! Who is let in, who is not, and what people are told about it.

use crate::network::*;
use dtls::{
    AlertDescription, Answer, CipherSuite, Config, KeyCredential, PeerIdentity, PskCredential, Question,
    SigningKey, Usage, verify_chain,
};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

fn psk(identity: &[u8], key: &[u8]) -> Config {
    let psk = PskCredential {
        identity: identity.to_vec(),
        key: key.to_vec().into(),
    };
    Config {
        psk: Some(psk),
        ..psk_client()
    }
}

#[test]
fn a_wrong_key_gives_no_session_and_is_told() {
    for suite in CipherSuite::ALL
        .into_iter()
        .skip(2)
        .filter(|suite| suite.name().contains("PSK"))
    {
        let client = with_suite(suite, psk(IDENTITY, b"another key"));
        let mut world = World::new(1, FAIR, client, Config::default());
        world.connect(None);
        // At once, while the handshake goes on, as the record may have been another's.
        world.run_for(Duration::from_millis(500));
        assert_eq!(world.server.doubted.len(), 1, "{suite:?}");
        assert_eq!(
            world.server.doubted[0].claimed,
            Some(PeerIdentity::Psk(IDENTITY.to_vec()))
        );
        assert_eq!(world.server.endpoint.handshake_count(), 1);
        assert!(world.run_until(|world| !world.client.failed.is_empty() && !world.server.failed.is_empty()));
        // And once, however often the client repeats itself.
        assert_eq!(world.server.doubted.len(), 1);
        let failed = &world.server.failed[0];
        assert!(failed.keys_may_differ);
        assert_eq!(failed.alert, AlertDescription::DecryptError);
        assert_eq!(failed.claimed, Some(PeerIdentity::Psk(IDENTITY.to_vec())));
        assert!(
            failed.reason.contains("keys of the two sides probably differ"),
            "{}",
            failed.reason
        );
        assert_eq!(world.server.connected.len() + world.client.connected.len(), 0);
    }
}

#[test]
fn an_unknown_identity_is_refused_by_name() {
    let mut world = World::new(1, FAIR, psk(b"nobody", KEY), Config::default());
    world.connect(None);
    assert!(world.run_until(|world| !world.client.failed.is_empty() && !world.server.failed.is_empty()));
    assert_eq!(world.client.failed[0].alert, AlertDescription::UnknownPskIdentity);
    assert!(world.client.failed[0].by_peer && !world.server.failed[0].by_peer);
    assert_eq!(
        world.server.failed[0].claimed,
        Some(PeerIdentity::Psk(b"nobody".to_vec()))
    );
    assert_eq!(world.server.endpoint.handshake_count(), 0);
}

#[test]
fn nothing_in_common_is_told_with_what_was_offered() {
    let server = with_suite(CipherSuite::PskAes128GcmSha256, Config::default());
    let mut world = World::new(
        1,
        FAIR,
        with_suite(CipherSuite::PskAes128Ccm8, psk_client()),
        server,
    );
    world.connect(None);
    assert!(world.run_until(|world| !world.client.failed.is_empty() && !world.server.failed.is_empty()));
    assert_eq!(world.client.failed[0].alert, AlertDescription::HandshakeFailure);
    assert!(
        world.server.failed[0].reason.contains("c0a8"),
        "{}",
        world.server.failed[0].reason
    );
}

#[test]
fn the_server_takes_pre_shared_keys_and_raw_public_keys_on_one_port() {
    let server = raw_public_key();
    for client in [psk_client(), raw_public_key()] {
        let mut world = World::new(1, FAIR, client, server.clone());
        world.connect(None);
        assert!(world.establish());
        world.talk();
    }
}

#[test]
fn a_client_without_a_key_is_refused_unless_the_server_allows_it() {
    for (required, suite) in [(true, false), (false, true)] {
        let client = Config {
            key: None,
            psk: None,
            ..Config::default()
        };
        let server = Config {
            require_client_certificate: required,
            ..authority().server()
        };
        let mut world = World::new(1, FAIR, client, server);
        world.connect(None);
        assert_eq!(world.establish(), suite);
        if suite {
            assert_eq!(world.server.connected[0].identity, PeerIdentity::Anonymous);
        } else {
            assert_eq!(world.client.failed[0].alert, AlertDescription::HandshakeFailure);
        }
    }
}

/// A certificate authority with a server's certificate.
struct Authority {
    der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(Authority::new)
}

impl Authority {
    fn new() -> Authority {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        let name = format!("Authority {}", COUNT.fetch_add(1, Ordering::Relaxed));
        parameters
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let der = parameters.self_signed(&key).unwrap().der().to_vec();
        Authority {
            der,
            issuer: Issuer::new(parameters, key),
        }
    }

    fn issue(&self, usage: ExtendedKeyUsagePurpose, last_year: i32) -> Config {
        let mut parameters = CertificateParams::new(vec!["device.example".into()]).unwrap();
        parameters.extended_key_usages = vec![usage];
        parameters.not_after = rcgen::date_time_ymd(last_year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        let key = Arc::new(SigningKey::from_pkcs8(key.serialized_der()).unwrap());
        let chain = vec![certificate.der().to_vec()];
        Config {
            key: Some(KeyCredential {
                key,
                chain,
                raw_public_key: false,
            }),
            ..Config::default()
        }
    }

    fn client(&self, last_year: i32) -> Config {
        self.issue(ExtendedKeyUsagePurpose::ClientAuth, last_year)
    }

    fn server(&self) -> Config {
        self.issue(ExtendedKeyUsagePurpose::ServerAuth, 2040)
    }
}

/// 1 November 2026.
const TODAY: u64 = 1_793_491_200;

fn trust(question: &Question, usage: Usage) -> Option<Answer> {
    let Question::Trust {
        identity: PeerIdentity::Certificate(chain),
    } = question
    else {
        return friendly(question);
    };
    Some(
        match verify_chain(chain, &[authority().der.clone()], TODAY, usage) {
            Ok(()) => Answer::Accept,
            Err(untrusted) => Answer::Reject(untrusted.alert),
        },
    )
}

#[test]
fn certificates_are_validated_by_both_sides() {
    let check = |client: Config, expect: Option<AlertDescription>| {
        let mut world = World::new(3, FAIR, client, authority().server());
        world.client.policy = |question| trust(question, Usage::Server);
        world.server.policy = |question| trust(question, Usage::Client);
        world.connect(None);
        assert_eq!(world.establish(), expect.is_none(), "{:?}", world.server.failed);
        assert_eq!(world.server.failed.first().map(|failed| failed.alert), expect);
        assert_eq!(world.client.failed.first().map(|failed| failed.alert), expect);
    };
    check(authority().client(2040), None);
    check(
        authority().client(2020),
        Some(AlertDescription::CertificateExpired),
    );
    check(Authority::new().client(2040), Some(AlertDescription::UnknownCa));
    check(
        authority().server(),
        Some(AlertDescription::UnsupportedCertificate),
    );
}

#[test]
fn an_answer_may_take_its_time_but_not_for_ever() {
    let mut world = World::new(4, FAIR, psk_client(), Config::default());
    world.server.policy = |_| None;
    world.connect(None);
    // The client's Finished arrives before the key is known, and is held.
    world.run_for(Duration::from_millis(500));
    let handshake = world.server.unanswered[0];
    let now = world.now;
    world
        .server
        .endpoint
        .answer(now, handshake, Answer::Psk(KEY.to_vec().into()));
    world.run_for(Duration::from_millis(100));
    assert_eq!(
        (world.server.connected.len(), world.client.connected.len()),
        (1, 1)
    );
    world.talk();
    // An answer that comes too late changes nothing.
    world.server.endpoint.answer(now, handshake, Answer::Accept);

    let mut world = World::new(4, FAIR, psk_client(), Config::default());
    world.server.policy = |_| None;
    world.connect(None);
    assert!(world.run_until(|world| !world.server.failed.is_empty()));
    assert_eq!(world.server.failed[0].alert, AlertDescription::InternalError);
    assert_eq!(world.server.endpoint.handshake_count(), 0);
}

#[test]
fn the_extended_master_secret_can_be_required() {
    for offered in [true, false] {
        let server = Config {
            require_extended_master_secret: true,
            ..Config::default()
        };
        let client = Config {
            offer_extended_master_secret: offered,
            ..psk_client()
        };
        let mut world = World::new(5, FAIR, client, server);
        world.connect(None);
        assert_eq!(world.establish(), offered);
        match world.client.failed.first() {
            None => assert!(world.server.connected[0].extended_master_secret),
            Some(failed) => assert_eq!(failed.alert, AlertDescription::InsufficientSecurity),
        }
    }
}

#[test]
fn a_session_is_not_resumed_by_an_identity_no_longer_welcome() {
    let mut world = World::new(6, FAIR, psk_client(), Config::default());
    world.connect(None);
    assert!(world.establish());
    let resumption = world.client.connected[0].resumption.clone();
    world.server.policy = |question| match question {
        Question::Resume { .. } => Some(Answer::Reject(AlertDescription::AccessDenied)),
        other => friendly(other),
    };
    world.connect(resumption);
    assert!(world.establish());
    assert!(!world.server.connected[1].resumed && !world.client.connected[1].resumed);
    world.talk();
}

#[test]
fn the_steps_of_a_handshake_are_told_on_demand() {
    let mut world = World::new(
        7,
        FAIR,
        psk_client(),
        Config {
            trace: true,
            ..Config::default()
        },
    );
    world.connect(None);
    assert!(world.establish());
    let expect = [
        "Received ClientHello",
        "Sent HelloVerifyRequest",
        "Received ClientHello",
        "Sent ServerHello",
        "Sent ServerHelloDone",
        "Received ClientKeyExchange",
        "Received Finished",
        "Sent NewSessionTicket",
        "Sent ChangeCipherSpec",
        "Sent Finished",
    ];
    assert_eq!(world.server.steps, expect);
    assert!(world.client.steps.is_empty());
}
