//! Bootstrap over coaps: who a device proved to be, and the credentials it is given. LwM2M Core 1.2 §6.1, Transport 1.2 §5.2.

use crate::bootstrap::{ORDER, ask, body, obey, obey_and_take, session};
use crate::support::{Device, LINKS, Server, config, words};
use backend::bootstrap::{Settings, UnknownDevices};
use backend::credential::{CertificateName, Credential, Proof};
use coap::Code;
use dtls::{Config, KeyCredential, PskCredential, SigningKey};
use rcgen::{CertificateParams, DnType, IsCa, KeyPair};
use shared::Timestamp;
use shared::api::{Approval, ApprovalRule, ApprovalRules};
use shared::bootstrap::{SessionState, has_refusal};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

const FACTORY: &[u8] = b"a factory key 16";
const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

fn account(mode: &str) -> String {
    format!(
        r#"{{"servers":[{{"short_server_id":101,"uri":"${{coaps_uri}}","security":{{"mode":"{mode}"}},"lifetime":60}}]}}"#
    )
}

async fn server(mode: &str, directory: &Path, unknown_devices: UnknownDevices) -> Server {
    let mut config = config(directory);
    config.coaps = Some(LOCAL);
    config.bootstrap = Settings {
        coap: Some(LOCAL),
        coaps: Some(LOCAL),
        unknown_devices,
        ..Settings::default()
    };
    if directory.join("factory.pem").exists() {
        config.dtls.trusted_certificates = vec![directory.join("factory.pem")];
    }
    let server = Server::of(config);
    let bootstrap = server.core.bootstrap();
    bootstrap
        .put("main", body(&account(mode)), "tester")
        .await
        .unwrap();
    server
}

fn credential(endpoint: &str, proof: Proof) -> Credential {
    Credential {
        endpoint: endpoint.into(),
        proof,
        created: Timestamp(1),
        expires: None,
    }
}

fn psk(identity: &str, key: &[u8]) -> Proof {
    Proof::Psk {
        identity: identity.into(),
        key: key.to_vec().into(),
    }
}

fn with_psk(identity: &[u8], key: &[u8]) -> Config {
    Config {
        psk: Some(PskCredential {
            identity: identity.to_vec(),
            key: key.to_vec().into(),
        }),
        ..Config::default()
    }
}

fn with_key(key: Arc<SigningKey>, chain: Vec<Vec<u8>>) -> Config {
    Config {
        key: Some(KeyCredential {
            key,
            raw_public_key: chain.is_empty(),
            chain,
        }),
        ..Config::default()
    }
}

async fn connected(server: &Server, scheme: &str, config: Config) -> Device {
    let mut device = Device::at(server.address_of(scheme)).await;
    device.connect(config).await.unwrap();
    device
}

/// A device with its factory's key; it is known by `a`, and its identity is `factory`.
async fn from_factory(server: &Server) -> Device {
    let book = server.core.bootstrap().credentials();
    let own = credential("a", psk("factory", FACTORY));
    let other = credential("b", psk("other", FACTORY));
    book.put(vec![own, other]).await.unwrap();
    connected(server, "bootstrap_coaps", with_psk(b"factory", FACTORY)).await
}

#[tokio::test]
async fn a_device_is_given_a_key_and_registers_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = server("psk", directory.path(), UnknownDevices::Accept).await;
    let mut device = from_factory(&server).await;
    // The name may be left to the session. LwM2M Core 1.2 §6.1.7.1.
    assert_eq!(ask(&mut device, &[]).await.code, Code::CHANGED);
    let written = obey_and_take(&mut device, 99, "/0/1").await;
    let view = session(&mut server, "a", SessionState::Finished).await;
    assert_eq!(view.security, "psk");
    let kept = server.core.credentials().get("a").unwrap();
    let Proof::Psk { identity, key } = &kept.proof else {
        panic!("{kept:?}");
    };
    assert_ne!(key.as_slice(), FACTORY);
    assert!(
        written.windows(16).any(|window| window == key.as_slice()),
        "the device was told its key"
    );
    let shown = serde_json::to_string(&view).unwrap();
    assert!(!shown.contains("a factory key"), "{shown}");
    let mut registering = connected(&server, "coaps", with_psk(identity, key)).await;
    registering.register(&["ep=a", "lt=60", "lwm2m=1.1"], LINKS).await;
    server.event("registered").await;
    // Its next bootstrap tells the same key: who did not finish this one is not locked out.
    assert_eq!(ask(&mut device, &["ep=a"]).await.code, Code::CHANGED);
    let again = obey_and_take(&mut device, 99, "/0/1").await;
    assert!(again.windows(16).any(|window| window == key.as_slice()));
}

#[tokio::test]
async fn nobody_is_bootstrapped_as_another_or_without_the_security_it_has() {
    let directory = tempfile::tempdir().unwrap();
    let server = server("psk", directory.path(), UnknownDevices::Accept).await;
    let mut device = from_factory(&server).await;
    let answer = ask(&mut device, &["ep=b"]).await;
    assert_eq!(answer.code, Code::BAD_REQUEST);
    assert!(words(&answer).contains("that of 'a'"), "{}", words(&answer));
    let mut pack = device.confirmable(Code::GET, "bspack", &["ep=b"]);
    pack.options.set_accept(Some(112));
    assert_eq!(device.ask(pack).await.code, Code::BAD_REQUEST);
    let mut plain = Device::at(server.address_of("bootstrap_coap")).await;
    let answer = ask(&mut plain, &["ep=a"]).await;
    assert_eq!(answer.code, Code::BAD_REQUEST);
    assert!(words(&answer).contains("by psk over coaps"), "{}", words(&answer));
    for (identity, key) in [(&b"nobody"[..], FACTORY), (b"factory", b"another key 1234")] {
        let mut stranger = Device::at(server.address_of("bootstrap_coaps")).await;
        let attempt = Config {
            handshake_timeout: std::time::Duration::from_secs(2),
            ..with_psk(identity, key)
        };
        assert!(stranger.connect(attempt).await.is_err());
    }
    assert!(
        server.core.credentials().get("b").is_none(),
        "nothing was made for it"
    );
}

#[tokio::test]
async fn raw_public_keys_and_certificates_are_made_and_let_the_device_in() {
    for mode in ["rpk", "x509"] {
        let directory = tempfile::tempdir().unwrap();
        let mut server = server(mode, directory.path(), UnknownDevices::Accept).await;
        let mut device = from_factory(&server).await;
        assert_eq!(ask(&mut device, &["ep=a", "pct=112"]).await.code, Code::CHANGED);
        let written = obey_and_take(&mut device, 99, "/0/1").await;
        session(&mut server, "a", SessionState::Finished).await;
        let models = shared::codec::NoTypes;
        let context = shared::codec::Context::new(&models, Timestamp(0));
        let format = shared::ContentFormat(112);
        let node = shared::codec::decode(format, shared::Path::ROOT, &written, &context).unwrap();
        let bytes = |path: &str| match node.get(path.parse().unwrap()) {
            Some(shared::Value::Opaque(bytes)) => bytes.to_vec(),
            other => panic!("{path}: {other:?}"),
        };
        let key = Arc::new(SigningKey::from_pkcs8(&bytes("/0/1/5")).unwrap());
        assert!(!bytes("/0/1/4").is_empty(), "it is told the server's");
        let chain = match mode {
            "rpk" => {
                assert_eq!(bytes("/0/1/3"), key.public_key());
                Vec::new()
            }
            _ => vec![bytes("/0/1/3")],
        };
        let mut registering = connected(&server, "coaps", with_key(key, chain)).await;
        registering.register(&["lt=60", "lwm2m=1.1"], LINKS).await;
        server.event("registered").await;
        let row = server.core.device("a").unwrap().row;
        assert_eq!(row.security.as_deref(), Some(mode));
    }
}

/// A factory's authority in `factory.pem`, and a device of it.
fn factory(directory: &Path, name: &str) -> Config {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = parameters.self_signed(&key).unwrap();
    std::fs::write(directory.join("factory.pem"), authority.pem()).unwrap();
    let issuer = rcgen::Issuer::new(parameters, key);
    let own = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    let certificate = parameters.signed_by(&own, &issuer).unwrap();
    let signing = SigningKey::from_pkcs8(own.serialized_der()).unwrap();
    with_key(Arc::new(signing), vec![certificate.der().to_vec()])
}

#[tokio::test]
async fn an_unknown_device_with_a_certificate_of_its_factory_waits_and_is_let_in() {
    let directory = tempfile::tempdir().unwrap();
    let device = factory(directory.path(), "urn:dev:9");
    let mut server = server("psk", directory.path(), UnknownDevices::Wait).await;
    let mut device = connected(&server, "bootstrap_coaps", device).await;
    let answer = ask(&mut device, &["ep=urn:dev:9"]).await;
    assert_eq!(answer.code, Code::BAD_REQUEST);
    assert!(
        words(&answer).contains("waits for approval"),
        "{}",
        words(&answer)
    );
    let bootstrap = server.core.bootstrap().clone();
    let waiting = bootstrap.waiting();
    assert_eq!(
        (
            waiting[0].endpoint.as_str(),
            waiting[0].security.as_str(),
            waiting[0].identity.as_deref()
        ),
        ("urn:dev:9", "x509", Some("urn:dev:9"))
    );
    // A rule for those that proved who they are lets it in without a person.
    let rules = ApprovalRules {
        items: vec![ApprovalRule {
            endpoint: "urn:dev:*".into(),
            without_security: false,
            approval: Approval::default(),
        }],
    };
    bootstrap.set_rules(rules).await.unwrap();
    let mut plain = Device::at(server.address_of("bootstrap_coap")).await;
    assert_eq!(ask(&mut plain, &["ep=urn:dev:9"]).await.code, Code::BAD_REQUEST);
    assert_eq!(ask(&mut device, &[]).await.code, Code::CHANGED);
    assert_eq!(obey(&mut device, 99).await, ORDER);
    session(&mut server, "urn:dev:9", SessionState::Finished).await;
    assert!(bootstrap.waiting().is_empty());
    let kept = server.core.credentials().get("urn:dev:9").unwrap();
    assert_eq!(kept.proof.mode(), "psk");
}

/// A name in a certificate leads to its endpoint for bootstrap too, be the row for that alone or not.
#[tokio::test]
async fn a_certificate_of_another_name_is_the_endpoint_it_is_entered_for_at_bootstrap() {
    for for_bootstrap_alone in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        let certified = factory(directory.path(), "WM-110 4711");
        let mut server = server("psk", directory.path(), UnknownDevices::Accept).await;
        let certificate_name = Some(CertificateName::parse("WM-110 4711").unwrap());
        let row = vec![credential("a", Proof::X509 { certificate_name })];
        if for_bootstrap_alone {
            server.core.bootstrap().credentials().put(row).await.unwrap();
        } else {
            server.core.keep_credentials(row, "tester").await.unwrap();
        }
        // The key that it is given for its server does not make it a stranger the next time.
        for _ in 0..2 {
            let mut device = connected(&server, "bootstrap_coaps", certified.clone()).await;
            let refused = ask(&mut device, &["ep=WM-110 4711"]).await;
            assert_eq!(refused.code, Code::BAD_REQUEST, "{}", words(&refused));
            assert_eq!(ask(&mut device, &["ep=a"]).await.code, Code::CHANGED);
            assert_eq!(obey(&mut device, 99).await, ORDER);
            let view = session(&mut server, "a", SessionState::Finished).await;
            assert_eq!(view.security, "x509");
            assert_eq!(server.core.credentials().get("a").unwrap().proof.mode(), "psk");
        }
    }
}

#[tokio::test]
async fn who_left_comes_once_more_to_be_wiped_and_has_no_credential_then() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = server("psk", directory.path(), UnknownDevices::Accept).await;
    // One credential serves for both.
    let credential = credential("a", psk("a", FACTORY));
    let kept = server.core.keep_credentials(vec![credential], "ann").await;
    kept.unwrap();
    let mut registered = connected(&server, "coaps", with_psk(b"a", FACTORY)).await;
    registered.register(&["ep=a", "lt=60", "lwm2m=1.1"], LINKS).await;
    server.event("registered").await;
    let left = server.core.decommission("a", directory.path(), "ann").await;
    assert!(left.unwrap());
    let mut refused = Device::at(server.address_of("coaps")).await;
    assert!(refused.connect(with_psk(b"a", FACTORY)).await.is_err());
    let mut asking = connected(&server, "bootstrap_coaps", with_psk(b"a", FACTORY)).await;
    assert_eq!(ask(&mut asking, &["ep=a"]).await.code, Code::CHANGED);
    let lines = obey(&mut asking, 99).await;
    assert_eq!(lines.last().map(String::as_str), Some("POST /bs"));
    assert!(lines.iter().all(|line| !line.starts_with("PUT")), "{lines:?}");
    let mut again = Device::at(server.address_of("bootstrap_coaps")).await;
    assert!(again.connect(with_psk(b"a", FACTORY)).await.is_err());
}

#[tokio::test]
async fn credentials_for_bootstrap_and_made_keys_outlive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let running = server("rpk", directory.path(), UnknownDevices::Accept).await;
    let mut device = from_factory(&running).await;
    assert_eq!(ask(&mut device, &["ep=a"]).await.code, Code::CHANGED);
    let first = obey_and_take(&mut device, 99, "/0/1").await;
    running.core.shutdown().await.unwrap();
    drop(running);
    let running = server("rpk", directory.path(), UnknownDevices::Accept).await;
    let mut device = connected(&running, "bootstrap_coaps", with_psk(b"factory", FACTORY)).await;
    assert_eq!(ask(&mut device, &["ep=a"]).await.code, Code::CHANGED);
    let second = obey_and_take(&mut device, 99, "/0/1").await;
    let half = first.len() / 3;
    assert_eq!(first[half..first.len() - 60], second[half..second.len() - 60]);
}

#[tokio::test]
async fn a_dry_run_makes_and_shows_no_key() {
    let directory = tempfile::tempdir().unwrap();
    let server = server("psk", directory.path(), UnknownDevices::Accept).await;
    let request = serde_json::from_str(r#"{"endpoint":"a","name":"main"}"#).unwrap();
    let dry = server.core.bootstrap().dry_run(&request).unwrap();
    assert!(!has_refusal(&dry.findings), "{:?}", dry.findings);
    assert!(!dry.messages.is_empty());
    assert!(server.core.credentials().get("a").is_none());
}
