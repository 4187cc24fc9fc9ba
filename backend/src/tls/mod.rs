//! TLS under CoAP: the server's part of a handshake, by certificates or by raw public keys, as the device asks. RFC 8323 §8.2,
//! RFC 7250, LwM2M Transport 1.2 §5.2.
//!
//! Who is let in is asked of a [`Judge`], so that TLS and DTLS follow one rule and tell people the same. rustls has no
//! pre-shared keys: who has one comes by DTLS.

mod verifier;

use dtls::{PeerIdentity, Untrusted};
use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{
    AlwaysResolvesServerRawPublicKeys, CertificateType, ClientHello, ResolvesServerCert,
    ServerSessionMemoryCache, StoresServerSessions,
};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{
    self, DistinguishedName, HandshakeKind, PeerIncompatible, RootCertStore, ServerConfig, ServerConnection,
    version,
};
use tokio_rustls::server::TlsStream;
use verifier::{Judged, Verifier};

/// The protocol name of RFC 8323 §8.2.
const ALPN: &[u8] = b"coap";
/// How many sessions can be resumed, of certificates and of raw public keys each.
const RESUMABLE: usize = 4096;

/// Whether a device that proved to have a key or certificate is let in.
pub(crate) type Judge = Arc<dyn Fn(&PeerIdentity) -> Result<(), Untrusted> + Send + Sync>;

/// What the server shows and whom it asks, DER.
pub(crate) struct Credentials<'a> {
    /// The server's certificate, then those between it and its authority.
    pub(crate) chain: &'a [Vec<u8>],
    /// Its private key, PKCS #8.
    pub(crate) key: &'a [u8],
    /// The authorities that are named to devices, so that one with several certificates knows which to show.
    pub(crate) authorities: &'a [Vec<u8>],
    /// Whether a device may show nothing, and be one that proves nothing.
    pub(crate) optional: bool,
}

/// Accepts TLS 1.2 and 1.3 on connections.
#[derive(Clone)]
pub(crate) struct Tls(Arc<Parts>);

struct Parts {
    provider: Arc<CryptoProvider>,
    by_certificate: Shown,
    by_raw_public_key: Shown,
    hints: Arc<[DistinguishedName]>,
    optional: bool,
    judge: Judge,
}

/// One way of showing who the server is, with the sessions that began by it.
struct Shown {
    server: Arc<dyn ResolvesServerCert>,
    sessions: Arc<dyn StoresServerSessions>,
}

/// What came of a handshake.
#[derive(Debug)]
pub(crate) struct Proven {
    pub(crate) identity: PeerIdentity,
    /// Version and cipher suite, by their names.
    pub(crate) suite: String,
    /// Whether an earlier session went on, without a new proof.
    pub(crate) resumed: bool,
}

/// Why there was none.
#[derive(Debug)]
pub(crate) struct Refused {
    /// What the device showed, if it came to that. Not proven.
    pub(crate) claimed: Option<PeerIdentity>,
    pub(crate) reason: String,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// # Errors
    /// What is wrong with the server's certificate or key, or with an authority.
    pub(crate) fn new(credentials: &Credentials<'_>, judge: Judge) -> Result<Tls, String> {
        if credentials.chain.is_empty() {
            return Err("the server has no certificate".into());
        }
        let words = |error: rustls::Error| error.to_string();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let chain = credentials.chain.iter().cloned().map(CertificateDer::from);
        let key = PrivateKeyDer::try_from(credentials.key.to_vec()).map_err(str::to_owned)?;
        let certified = CertifiedKey::from_der(chain.collect(), key, &provider).map_err(words)?;
        let key = certified.key.clone();
        let public_key = key.public_key().ok_or("the server's public key is not known")?;
        let public_key = CertificateDer::from(public_key.as_ref().to_vec());
        let raw = CertifiedKey::new(vec![public_key], key);
        let mut roots = RootCertStore::empty();
        for authority in credentials.authorities {
            let authority = CertificateDer::from(authority.clone());
            roots.add(authority).map_err(words)?;
        }
        let shown = |server: Arc<dyn ResolvesServerCert>| Shown {
            server,
            sessions: ServerSessionMemoryCache::new(RESUMABLE),
        };
        Ok(Tls(Arc::new(Parts {
            provider,
            by_certificate: shown(Arc::new(SingleCertAndKey::from(certified))),
            by_raw_public_key: shown(Arc::new(AlwaysResolvesServerRawPublicKeys::new(Arc::new(raw)))),
            hints: roots.subjects().into(),
            optional: credentials.optional,
            judge,
        })))
    }

    /// Makes a TLS connection of one that a device began. It has no time limit of its own.
    ///
    /// # Errors
    /// [`Refused`]; the device was sent an alert.
    pub(crate) async fn accept<S>(&self, connection: S) -> Result<(TlsStream<S>, Proven), Refused>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let judged = Judged::default();
        let failed = |error: &io::Error| refused(error, &judged);
        let begun = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), connection);
        let begun = begun.await.map_err(|error| failed(&error))?;
        let raw_public_key = wants_raw_public_keys(&begun.client_hello());
        let config = self
            .config(raw_public_key, judged.clone())
            .map_err(|error| failed(&io::Error::other(error)))?;
        let stream = begun.into_stream(config).await.map_err(|error| failed(&error))?;
        let proven = proven(stream.get_ref().1, raw_public_key);
        // A session that goes on is not proven anew: what was good enough then may have been withdrawn since.
        if proven.resumed
            && proven.identity != PeerIdentity::Anonymous
            && let Err(Untrusted { words, .. }) = (self.0.judge)(&proven.identity)
        {
            return Err(Refused {
                claimed: Some(proven.identity),
                reason: words,
            });
        }
        Ok((stream, proven))
    }

    /// For one connection, because what was wrong with it is told apart from what is wrong with another.
    fn config(&self, raw_public_key: bool, judged: Judged) -> Result<Arc<ServerConfig>, rustls::Error> {
        let parts = &self.0;
        // Raw public keys are a matter of TLS 1.3 to rustls.
        let (shown, versions) = if raw_public_key {
            (&parts.by_raw_public_key, &[&version::TLS13][..])
        } else {
            (&parts.by_certificate, rustls::ALL_VERSIONS)
        };
        let verifier = Verifier {
            raw_public_key,
            optional: parts.optional,
            hints: parts.hints.clone(),
            algorithms: parts.provider.signature_verification_algorithms,
            judge: parts.judge.clone(),
            judged,
        };
        let mut config = ServerConfig::builder_with_provider(parts.provider.clone())
            .with_protocol_versions(versions)?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_cert_resolver(shown.server.clone());
        config.session_storage = shown.sessions.clone();
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Arc::new(config))
    }
}

/// Whether raw public keys are what a device would rather show, and takes in return: rustls has both sides show the same.
fn wants_raw_public_keys(hello: &ClientHello<'_>) -> bool {
    let own = hello.client_cert_types().and_then(<[_]>::first);
    let taken = hello.server_cert_types().unwrap_or_default();
    own == Some(&CertificateType::RawPublicKey) && taken.contains(&CertificateType::RawPublicKey)
}

fn proven(connection: &ServerConnection, raw_public_key: bool) -> Proven {
    let shown = connection.peer_certificates().unwrap_or_default();
    let version = match connection.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS 1.3",
    };
    let suite = connection.negotiated_cipher_suite();
    let suite = suite.and_then(|suite| suite.suite().as_str());
    // The registered names know no versions.
    let suite = suite.unwrap_or_default().replace("TLS13_", "TLS_");
    Proven {
        identity: verifier::identity(shown, raw_public_key),
        suite: format!("{version}, {suite}"),
        resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
    }
}

fn refused(error: &io::Error, judged: &OnceLock<(PeerIdentity, Untrusted)>) -> Refused {
    if let Some((claimed, Untrusted { words, .. })) = judged.get() {
        return Refused {
            claimed: Some(claimed.clone()),
            reason: words.clone(),
        };
    }
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    let reason = match inner {
        Some(rustls::Error::AlertReceived(alert)) => {
            format!("the device broke off with the alert {alert:?}")
        }
        Some(rustls::Error::NoCertificatesPresented) => {
            "the device showed neither a certificate nor a raw public key".into()
        }
        Some(rustls::Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon)) => {
            "no cipher suite suits both sides; over TLS there are none with pre-shared keys".into()
        }
        Some(error) => error.to_string(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => "the device broke off".into(),
        None => error.to_string(),
    };
    Refused {
        claimed: None,
        reason,
    }
}
