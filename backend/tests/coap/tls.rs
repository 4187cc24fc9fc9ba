//! Devices over TLS: by certificate, by raw public key, with nothing to show, and those that are not let in. RFC 8323 §8.2,
//! RFC 7250, LwM2M Transport 1.2 §5.2; the client is rustls.

use crate::authority::{Authority, Certified, Wanted};
use crate::coaps::psk;
use crate::stream_device::StreamDevice;
use crate::support::{LINKS, Server, request, senml};
use backend::credential::{CertificateName, Credential, Proof};
use coap::Code;
use dtls::SigningKey;
use serde_json::json;
use shared::DeviceState;
use shared::api::{CheckKind, CheckVerdict, OperationKind, OperationState, Transport};
use shared::event::EventKind;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature_with_raw_key};
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme, SupportedProtocolVersion,
    version,
};

const REGISTER: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.1", "b=T"];

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// A server that serves TLS alone, with a certificate of the authority, which it also trusts if it is to.
struct Served {
    server: Server,
    authority: Authority,
    _files: tempfile::TempDir,
}

fn served(trusts: bool) -> Served {
    let files = tempfile::tempdir().unwrap();
    let authority = Authority::new("Example Devices");
    let trusted = authority.write(files.path());
    let (certificate, key) = authority.certify_name("server").write(files.path(), "server");
    let server = Server::with(|config| {
        config.coap = None;
        config.streams.tls = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.dtls.certificate_file = Some(certificate);
        config.dtls.key_file = Some(key);
        config.dtls.session_sweep = std::time::Duration::from_millis(100);
        if trusts {
            config.dtls.trusted_certificates = vec![trusted];
        }
    });
    Served {
        server,
        authority,
        _files: files,
    }
}

impl Served {
    /// A device that knows the server by its authority and shows this, if anything.
    fn client(&self, shows: Option<&Certified>) -> ClientConfig {
        self.client_of(rustls::ALL_VERSIONS, shows)
    }

    fn client_of(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        shows: Option<&Certified>,
    ) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(self.authority.der())).unwrap();
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match shows {
            Some(certified) => builder
                .with_client_auth_cert(
                    vec![CertificateDer::from(certified.der.clone())],
                    private(certified),
                )
                .unwrap(),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"coap".to_vec()];
        config
    }

    async fn connect(&self, config: ClientConfig) -> Result<StreamDevice, String> {
        connect(self.server.address_of("coaps+tcp"), config).await
    }

    /// What was told of the last one that was not let in, and whose name it bore.
    async fn refused(&mut self) -> (String, String) {
        let refused = self.server.event("refused").await;
        let EventKind::Refused { what, reason, .. } = &refused.kind else {
            panic!("{refused:?}");
        };
        assert_eq!(what, "handshake");
        (refused.endpoint.to_string(), reason.clone())
    }
}

fn private(certified: &Certified) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(certified.key.serialize_der()).unwrap()
}

/// A connection with CSMs exchanged. In TLS 1.3 a client learns with the first bytes it reads that it is not let in.
async fn connect(server: SocketAddr, config: ClientConfig) -> Result<StreamDevice, String> {
    let connector = TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(server).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = connector.connect(name, stream).await;
    let connection = connection.map_err(|error| error.to_string())?;
    let mut device = StreamDevice::silent(connection);
    device.greet().await.map(|()| device)
}

/// Registers, is read, is observed and notifies.
async fn live(served: &mut Served, device: &mut StreamDevice, mode: Option<&str>) {
    let server = &mut served.server;
    let location = device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let detail = server.core.device("a").unwrap();
    let registration = detail.registration.unwrap();
    assert_eq!(registration.transport, Transport::Tls);
    assert_eq!(
        registration.session.as_ref().map(|session| session.mode.as_str()),
        mode
    );
    assert_eq!(detail.row.security.as_deref(), mode.or(Some("none")));
    let read = server.operate("a", request(OperationKind::Read, "/3/0/0"));
    let answer = async {
        let asked = device.asked().await;
        device.answer(&asked, 0, b"Example Works", None).await;
    };
    let (view, ()) = tokio::join!(read, answer);
    assert_eq!(json!(view.values[0].value), json!("Example Works"));
    let path = "/3303/0/5700";
    let observe = server.operate("a", request(OperationKind::Observe, path));
    let answer = async {
        let asked = device.asked().await;
        device.answer(&asked, 110, &senml(path, 20.0), Some(1)).await;
        asked
    };
    let (view, asked) = tokio::join!(observe, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    device.answer(&asked, 110, &senml(path, 21.0), Some(2)).await;
    server
        .event_that(|event| match &event.kind {
            EventKind::Values { values, .. } => values[0].value.as_number() == Some(21.0),
            _ => false,
        })
        .await;
    assert_eq!(device.update(&location).await, Code::CHANGED);
}

#[tokio::test]
async fn ets_404_a_device_with_a_certificate_lives_over_tls() {
    for (version, name) in [(&version::TLS12, "TLS 1.2, "), (&version::TLS13, "TLS 1.3, ")] {
        let mut served = served(true);
        let certified = served.authority.certify_name("a");
        let client = served.client_of(&[version], Some(&certified));
        let mut device = served.connect(client).await.unwrap();
        live(&mut served, &mut device, Some("x509")).await;
        let session = served
            .server
            .core
            .device("a")
            .unwrap()
            .registration
            .unwrap()
            .session;
        let session = session.unwrap();
        assert_eq!(session.identity, "a");
        assert!(
            session.suite.starts_with(name) && session.suite.contains("_AES_"),
            "{session:?}"
        );
        // And no other endpoint.
        let other = device
            .try_register(&["ep=b", "lt=300", "lwm2m=1.1", "b=T"], LINKS)
            .await;
        assert_eq!(other.code, Code::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_certificate_of_another_name_is_the_endpoint_it_is_entered_for_over_tls() {
    let mut served = served(true);
    let certified = served.authority.certify_name("WM-110 4711");
    let known_by = Credential {
        proof: Proof::X509 {
            certificate_name: Some(CertificateName::parse("WM-110 4711").unwrap()),
        },
        ..psk("a", "a")
    };
    let core = served.server.core.clone();
    core.keep_credentials(vec![known_by], "tester").await.unwrap();
    let client = served.client(Some(&certified));
    let mut device = served.connect(client.clone()).await.unwrap();
    let started = served.server.event("session_started").await;
    assert_eq!(started.endpoint, "a");
    live(&mut served, &mut device, Some("x509")).await;
    assert!(core.withdraw("a").await.unwrap());
    served.server.event("session_ended").await;
    assert!(device.next().await.is_none());
    // It goes on as nobody but who is named in it, also where its session is resumed.
    let mut device = served.connect(client).await.unwrap();
    let refused = device.try_register(&REGISTER, LINKS).await;
    assert_eq!(refused.code, Code::BAD_REQUEST);
}

/// ETS 403: what a device has of the server is its authority and its name, and another name it does not believe.
#[tokio::test]
async fn ets_403_a_device_does_not_believe_a_server_of_another_name_and_that_is_told() {
    let mut served = served(true);
    let certified = served.authority.certify_name("a");
    let connector = TlsConnector::from(Arc::new(served.client(Some(&certified))));
    let stream = TcpStream::connect(served.server.address_of("coaps+tcp"))
        .await
        .unwrap();
    let name = ServerName::try_from("lwm2m.example").unwrap();
    assert!(connector.connect(name, stream).await.is_err());
    let (_, reason) = served.refused().await;
    assert!(
        reason.contains("the device broke off with the alert BadCertificate"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_device_with_a_raw_public_key_lives_over_tls() {
    let mut served = served(true);
    let certified = served.authority.certify_name("a");
    let ours = SigningKey::from_pkcs8(&certified.key.serialize_der()).unwrap();
    let proof = Proof::Rpk {
        public_key: ours.public_key().to_vec(),
    };
    let credential = Credential {
        proof,
        ..psk("a", "a")
    };
    served
        .server
        .core
        .keep_credentials(vec![credential], "tester")
        .await
        .unwrap();
    let theirs = served.server.core.server_key().public_key().to_vec();
    let mut device = served.connect(raw(&certified, theirs.clone())).await.unwrap();
    live(&mut served, &mut device, Some("rpk")).await;
    // One that nobody knows is not let in.
    let stranger = served.authority.certify_name("a");
    assert!(served.connect(raw(&stranger, theirs)).await.is_err());
    let (_, reason) = served.refused().await;
    assert!(
        reason.contains("no valid credential has this identity or public key"),
        "{reason}"
    );
}

/// Who shows nothing is as good as somebody without security: encrypted, and believed where that is.
#[tokio::test]
async fn a_device_that_shows_nothing_proves_nothing() {
    let mut open = served(false);
    let client = open.client(None);
    let mut device = open.connect(client).await.unwrap();
    live(&mut open, &mut device, None).await;
    open.server
        .core
        .keep_credentials(vec![psk("b", "b")], "tester")
        .await
        .unwrap();
    let other = device
        .try_register(&["ep=b", "lt=300", "lwm2m=1.1", "b=T"], LINKS)
        .await;
    assert_eq!(other.code, Code::BAD_REQUEST);
    // Where authorities are trusted, a certificate is asked for.
    let mut closed = served(true);
    assert!(closed.connect(closed.client(None)).await.is_err());
    let (_, reason) = closed.refused().await;
    assert!(
        reason.contains("neither a certificate nor a raw public key"),
        "{reason}"
    );
}

#[tokio::test]
async fn who_is_not_let_in_over_tls_is_told_in_the_words_of_dtls() {
    let mut served = served(true);
    let expired = Credential {
        proof: Proof::CERTIFICATE,
        expires: Some(shared::Timestamp(2)),
        ..psk("ended", "ended")
    };
    let known = [psk("by-key", "by-key"), expired].to_vec();
    served
        .server
        .core
        .keep_credentials(known, "tester")
        .await
        .unwrap();
    let late = served.authority.certify(&Wanted {
        common_name: "by-key",
        uri: None,
        until: 2021,
    });
    let stranger = Authority::new("Nobody").certify_name("by-key");
    let (by_key, ended) = (
        served.authority.certify_name("by-key"),
        served.authority.certify_name("ended"),
    );
    for (certified, endpoint, alert, words) in [
        (
            late,
            "by-key",
            "CertificateExpired",
            "the certificate has expired",
        ),
        (
            stranger,
            "by-key",
            "UnknownCA",
            "not issued by a trusted authority",
        ),
        (by_key, "by-key", "AccessDenied", "has to prove itself by psk"),
        (ended, "ended", "AccessDenied", "its credential expired"),
    ] {
        let error = served
            .connect(served.client(Some(&certified)))
            .await
            .err()
            .unwrap();
        assert!(error.contains(alert), "{error}");
        let (whose, reason) = served.refused().await;
        assert!(reason.contains(words), "{reason}");
        assert_eq!(whose, endpoint, "{reason}");
    }
    // Three in a row: the device is refused, and the diagnosis says why.
    served.server.core.flush().await.unwrap();
    assert_eq!(
        served.server.core.device("by-key").unwrap().row.state,
        DeviceState::Refused
    );
    let diagnosis = served.server.core.diagnosis("by-key").await.unwrap().unwrap();
    let handshake = diagnosis
        .checks
        .iter()
        .find(|check| check.kind == CheckKind::Handshake);
    let handshake = handshake.unwrap();
    assert_eq!(handshake.verdict, CheckVerdict::Fail);
    assert!(
        handshake.finding.contains("has to prove itself by psk"),
        "{handshake:?}"
    );
}

#[tokio::test]
async fn a_withdrawn_replaced_or_expired_credential_and_a_person_end_the_connection() {
    for (what, words) in [
        ("withdraw", "its credential was withdrawn"),
        ("replace", "its credential was withdrawn"),
        ("expire", "its credential has expired"),
        ("end", "a person ended it"),
    ] {
        let mut served = served(true);
        let now = std::time::UNIX_EPOCH.elapsed().unwrap();
        let mut credential = Credential {
            proof: Proof::CERTIFICATE,
            ..psk("a", "a")
        };
        credential.expires = (what == "expire").then(|| shared::Timestamp(now.as_millis() as i64 + 2_000));
        served
            .server
            .core
            .keep_credentials(vec![credential], "tester")
            .await
            .unwrap();
        let certified = served.authority.certify_name("a");
        let mut device = served.connect(served.client(Some(&certified))).await.unwrap();
        let started = served.server.event("session_started").await;
        assert_eq!(started.endpoint, "a");
        device.register(&REGISTER, LINKS).await;
        let core = served.server.core.clone();
        match what {
            "withdraw" => assert!(core.withdraw("a").await.unwrap()),
            "replace" => core
                .keep_credentials(vec![psk("a", "a")], "tester")
                .await
                .unwrap(),
            "end" => core.end_session("a").await.unwrap(),
            _ => {}
        }
        let ended = served.server.event("session_ended").await;
        assert!(
            matches!(&ended.kind, EventKind::SessionEnded { reason } if reason == words),
            "{ended:?}"
        );
        assert!(device.next().await.is_none());
    }
}

/// What was proven once is held against the credentials again when a TLS session goes on.
#[tokio::test]
async fn a_session_that_is_resumed_is_still_held_against_the_credentials() {
    for version in [&version::TLS12, &version::TLS13] {
        let mut served = served(true);
        let by_certificate = Credential {
            proof: Proof::CERTIFICATE,
            ..psk("a", "a")
        };
        let core = served.server.core.clone();
        core.keep_credentials(vec![by_certificate], "tester")
            .await
            .unwrap();
        let certified = served.authority.certify_name("a");
        let mut client = served.client_of(&[version], Some(&certified));
        client.resumption = Resumption::in_memory_sessions(8);
        drop(served.connect(client.clone()).await.unwrap());
        served.server.event("session_started").await;
        let mut again = served.connect(client.clone()).await.unwrap();
        again.register(&REGISTER, LINKS).await;
        served.server.event("registered").await;
        let session = served
            .server
            .core
            .device("a")
            .unwrap()
            .registration
            .unwrap()
            .session;
        assert!(session.unwrap().resumed, "{version:?}");
        served
            .server
            .core
            .keep_credentials(vec![psk("a", "a")], "tester")
            .await
            .unwrap();
        assert!(served.connect(client).await.is_err());
        let (_, reason) = served.refused().await;
        assert!(reason.contains("has to prove itself by psk"), "{reason}");
    }
}

#[tokio::test]
async fn simulated_devices_live_over_tls() {
    for raw_public_key in [false, true] {
        let files = tempfile::tempdir().unwrap();
        let mut served = served(true);
        let name = "sim-00000";
        let certified = served.authority.certify_name(name);
        let (certificate, key) = certified.write(files.path(), "device");
        let mut options = simulator::FleetOptions::new(
            format!("coaps+tcp://{}", served.server.address_of("coaps+tcp")),
            1,
        );
        options.endpoint_prefix = Some("sim-".into());
        options.tls.key = Some(key);
        if raw_public_key {
            let ours = SigningKey::from_pkcs8(&certified.key.serialize_der()).unwrap();
            let proof = Proof::Rpk {
                public_key: ours.public_key().to_vec(),
            };
            let credential = Credential {
                proof,
                ..psk(name, name)
            };
            served
                .server
                .core
                .keep_credentials(vec![credential], "tester")
                .await
                .unwrap();
            let theirs = served.server.core.server_key().public_key().to_vec();
            options.dtls.server_public_key = Some(theirs);
        } else {
            options.tls.authorities = Some(served.authority.write(files.path()));
            options.tls.certificate = Some(certificate);
        }
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let fleet = tokio::spawn(simulator::run(options, async {
            let _ = stopped.await;
        }));
        served.server.event("registered").await;
        let registration = served.server.core.device(name).unwrap().registration.unwrap();
        assert_eq!(registration.transport, Transport::Tls);
        let mode = if raw_public_key { "rpk" } else { "x509" };
        assert_eq!(registration.session.unwrap().mode, mode);
        let read = served
            .server
            .operate(name, request(OperationKind::Read, "/3/0"))
            .await;
        assert_eq!(read.state, OperationState::Done, "{read:?}");
        stop.send(()).unwrap();
        served.server.event("deregistered").await;
        fleet.await.unwrap().unwrap();
    }
}

/// A client by RFC 7250: it shows its public key and knows the server's.
fn raw(certified: &Certified, server: Vec<u8>) -> ClientConfig {
    let key = provider()
        .key_provider
        .load_private_key(private(certified))
        .unwrap();
    let public_key = CertificateDer::from(key.public_key().unwrap().as_ref().to_vec());
    let own = Arc::new(CertifiedKey::new(vec![public_key], key));
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Known(server)))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(own)));
    config.alpn_protocols = vec![b"coap".to_vec()];
    config
}

/// The one public key that the server may have.
#[derive(Debug)]
struct Known(Vec<u8>);

impl ServerCertVerifier for Known {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        assert_eq!(end_entity.as_ref(), self.0);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not spoken here".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let key = SubjectPublicKeyInfoDer::from(certificate.as_ref());
        let algorithms = provider().signature_verification_algorithms;
        verify_tls13_signature_with_raw_key(message, &key, signature, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
