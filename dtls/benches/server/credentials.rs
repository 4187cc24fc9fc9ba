//! What both sides prove themselves by.

use dtls::{
    AlertDescription, Answer, CipherSuite, Config, KeyCredential, PeerIdentity, PskCredential, Question,
    SigningKey, Usage, verify_chain,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use std::sync::Arc;

const IDENTITY: &[u8] = b"urn:dev:os:0023C7-000001";
const KEY: &[u8] = b"0123456789abcdef";

/// The kinds of credentials.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Psk,
    RawPublicKey,
    Certificate,
}

/// Both sides' configurations and the server's rule for who is let in.
pub(crate) struct Credentials {
    pub(crate) client: Config,
    pub(crate) server: Config,
    authority: Vec<Vec<u8>>,
    client_key: Vec<u8>,
}

impl Credentials {
    pub(crate) fn new(kind: Kind, suite: CipherSuite) -> Credentials {
        let base = Config {
            suites: vec![suite],
            ..Config::default()
        };
        let mut credentials = Credentials {
            client: base.clone(),
            server: base,
            authority: Vec::new(),
            client_key: Vec::new(),
        };
        match kind {
            Kind::Psk => {
                credentials.client.psk = Some(PskCredential {
                    identity: IDENTITY.to_vec(),
                    key: KEY.to_vec().into(),
                });
            }
            Kind::RawPublicKey => {
                let bare = || {
                    let pkcs8 = SigningKey::generate_pkcs8().unwrap();
                    credential(&pkcs8, Vec::new())
                };
                let client = bare();
                credentials.client_key = client.key.public_key().to_vec();
                credentials.client.key = Some(client);
                credentials.server.key = Some(bare());
            }
            Kind::Certificate => {
                let mut parameters = CertificateParams::default();
                parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                let authority_key = KeyPair::generate().unwrap();
                let authority = parameters.self_signed(&authority_key).unwrap();
                credentials.authority = vec![authority.der().to_vec()];
                let issuer = Issuer::new(parameters, authority_key);
                let issue = |name: &str| {
                    let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
                    parameters.distinguished_name.push(DnType::CommonName, name);
                    parameters.extended_key_usages = vec![
                        ExtendedKeyUsagePurpose::ClientAuth,
                        ExtendedKeyUsagePurpose::ServerAuth,
                    ];
                    let key = KeyPair::generate().unwrap();
                    let chain = vec![parameters.signed_by(&key, &issuer).unwrap().der().to_vec()];
                    credential(&key.serialize_der(), chain)
                };
                credentials.client.key = Some(issue("device.example"));
                credentials.server.key = Some(issue("server.example"));
            }
        }
        credentials
    }

    /// What a server's owner answers: it looks the key up, compares it, or validates the chain.
    pub(crate) fn answer(&self, question: Question) -> Answer {
        let welcome = match question {
            Question::Psk { identity } if identity == IDENTITY => return Answer::Psk(KEY.to_vec().into()),
            Question::Psk { .. } => false,
            Question::Resume { .. } => true,
            Question::Trust { identity } => match identity {
                PeerIdentity::RawPublicKey(key) => key == self.client_key,
                PeerIdentity::Certificate(chain) => {
                    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
                    verify_chain(&chain, &self.authority, now, Usage::Client).is_ok()
                }
                PeerIdentity::Psk(_) | PeerIdentity::Anonymous => false,
            },
        };
        if welcome {
            Answer::Accept
        } else {
            Answer::Reject(AlertDescription::AccessDenied)
        }
    }
}

fn credential(pkcs8: &[u8], chain: Vec<Vec<u8>>) -> KeyCredential {
    KeyCredential {
        key: Arc::new(SigningKey::from_pkcs8(pkcs8).unwrap()),
        raw_public_key: chain.is_empty(),
        chain,
    }
}
