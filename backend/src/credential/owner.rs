//! Whose proven identity it is, for every listener alike.

use super::{Credentials, SecurityMode, Trust};
use dtls::{AlertDescription, PeerIdentity, Untrusted};
use shared::Timestamp;
use std::sync::Arc;

/// The endpoint that a proven identity belongs to.
///
/// # Errors
/// [`Untrusted`]: the alert to send and words for people.
pub(crate) fn owner(
    credentials: &Credentials,
    trust: &Trust,
    identity: &PeerIdentity,
    now: Timestamp,
) -> Result<(SecurityMode, Arc<str>), Untrusted> {
    let untrusted = |alert, words: &str| Untrusted {
        alert,
        words: words.to_owned(),
    };
    match identity {
        PeerIdentity::Psk(_) | PeerIdentity::RawPublicKey(_) => {
            let alert = match identity {
                PeerIdentity::Psk(_) => AlertDescription::UnknownPskIdentity,
                _ => AlertDescription::CertificateUnknown,
            };
            credentials
                .owner(identity, now)
                .and_then(|credential| Some((credential.security()?, credential.endpoint.clone())))
                .ok_or_else(|| untrusted(alert, "no valid credential has this identity or public key"))
        }
        PeerIdentity::Certificate(chain) => {
            let seconds = u64::try_from(now.seconds()).unwrap_or(0);
            trust.verify(chain, seconds)?;
            let known = credentials.of_certificate(chain);
            let endpoint = match &known {
                Some(credential) => credential.endpoint.clone(),
                None => trust.name(chain)?.into(),
            };
            if let Some(credential) = known.or_else(|| credentials.get(&endpoint)) {
                let denied = |words| Untrusted {
                    alert: AlertDescription::AccessDenied,
                    words,
                };
                credential.expects(chain).map_err(denied)?;
                if !credential.is_valid(now) {
                    return Err(denied(format!(
                        "'{endpoint}' is known, and its credential expired"
                    )));
                }
            }
            Ok((SecurityMode::X509, endpoint))
        }
        PeerIdentity::Anonymous => Err(untrusted(
            AlertDescription::HandshakeFailure,
            "it showed no credential",
        )),
    }
}

/// The endpoint that has the credential which a peer claims to have, or that its certificate belongs to. Nothing is proven by
/// that: it is for people.
pub(crate) fn claimed(
    credentials: &Credentials,
    trust: &Trust,
    identity: &PeerIdentity,
    now: Timestamp,
) -> Option<Arc<str>> {
    let known = match identity {
        PeerIdentity::Certificate(chain) => {
            let known = credentials.of_certificate(chain);
            if known.is_none() {
                return trust.name(chain).ok().map(Arc::from);
            }
            known
        }
        _ => credentials.owner(identity, now),
    };
    known.map(|credential| credential.endpoint.clone())
}

/// What is told when the end of a handshake cannot be opened.
pub(crate) fn keys_may_differ(claimed: Option<&PeerIdentity>) -> String {
    match claimed {
        Some(PeerIdentity::Psk(identity)) => format!(
            "the key does not match the identity '{}': what the device sent with its own key cannot be opened with the one \
             kept here",
            String::from_utf8_lossy(identity)
        ),
        _ => "the end of the handshake cannot be opened: the two sides do not have the same keys".into(),
    }
}

/// An identity as people see it; of a public key the first bytes of its end, which differs from key to key.
pub(crate) fn shown(identity: &PeerIdentity) -> String {
    match identity {
        PeerIdentity::Psk(identity) => String::from_utf8_lossy(identity).into_owned(),
        PeerIdentity::RawPublicKey(key) => {
            let tail = &key[key.len().saturating_sub(64)..];
            let shown: String = tail.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            format!("public key {shown}…")
        }
        PeerIdentity::Certificate(chain) => chain
            .first()
            .and_then(|leaf| dtls::CertificateNames::of(leaf).ok())
            .and_then(|names| names.common_name)
            .unwrap_or_else(|| "a certificate without a common name".into()),
        PeerIdentity::Anonymous => "nobody".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{
        Authority, CertificateName, Credential, CredentialError, EndpointName, Proof, Use, Vault,
    };
    use crate::store::Store;
    use std::path::Path;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn open(directory: &Path) -> (Credentials, Authority, Trust) {
        let store = Store::open(directory).unwrap();
        let vault = Vault::open(&directory.join("secret.key")).unwrap();
        let file = |name: &str| directory.join(name);
        let authority = Authority::open(&file("ca-key.pem"), &file("ca.pem")).unwrap();
        let trust = Trust {
            authorities: vec![authority.certificate().to_vec()],
            ..Trust::default()
        };
        (
            Credentials::load(store, Arc::new(vault), Use::Server).unwrap(),
            authority,
            trust,
        )
    }

    fn certificate(authority: &Authority, name: &str, place: EndpointName) -> PeerIdentity {
        let key = rcgen::KeyPair::generate().unwrap();
        PeerIdentity::Certificate(vec![authority.sign(name, place, &key).unwrap()])
    }

    fn known_by(endpoint: &str, name: &str) -> Credential {
        Credential {
            endpoint: endpoint.into(),
            proof: Proof::X509 {
                certificate_name: Some(CertificateName::parse(name).unwrap()),
            },
            created: Timestamp(1),
            expires: None,
        }
    }

    fn fingerprint(identity: &PeerIdentity) -> String {
        let PeerIdentity::Certificate(chain) = identity else {
            panic!("{identity:?}");
        };
        CertificateName::all_of(chain).remove(0).to_string()
    }

    #[tokio::test]
    async fn a_certificate_is_whose_the_table_of_names_says_else_whose_it_names() {
        let directory = tempfile::tempdir().unwrap();
        let (book, authority, trust) = open(directory.path());
        let common = certificate(&authority, "WM-110/1", EndpointName::CommonName);
        let uri = certificate(&authority, "urn:dev:2", EndpointName::SanUri);
        let shared_name = certificate(&authority, "WM-110", EndpointName::CommonName);
        let rows = vec![
            known_by("pump-1", "WM-110/1"),
            known_by("pump-2", "urn:dev:2"),
            known_by("pump-3", &fingerprint(&shared_name)),
        ];
        book.put(rows).await.unwrap();
        // They are there after a restart.
        let (book, authority, trust_again) = open(directory.path());
        assert_eq!(trust.authorities, trust_again.authorities);
        for (identity, expect) in [
            (&common, "pump-1"),
            (&uri, "pump-2"),
            (&shared_name, "pump-3"),
            (
                &certificate(&authority, "WM-110", EndpointName::CommonName),
                "WM-110",
            ),
        ] {
            let (mode, endpoint) = owner(&book, &trust, identity, NOW).unwrap();
            assert_eq!((mode, &*endpoint), (SecurityMode::X509, expect));
            assert_eq!(claimed(&book, &trust, identity, NOW).as_deref(), Some(expect));
        }
        // One that names the endpoint is not enough for an endpoint that is known by another.
        let named = certificate(&authority, "pump-1", EndpointName::CommonName);
        let refused = owner(&book, &trust, &named, NOW).unwrap_err();
        assert_eq!(
            refused.words,
            "'pump-1' is known by the certificate 'WM-110/1', and this is another"
        );
        // Nor is the name, if nobody who is trusted gave it.
        let elsewhere = tempfile::tempdir().unwrap();
        let (_, stranger, _) = open(elsewhere.path());
        let forged = certificate(&stranger, "WM-110/1", EndpointName::CommonName);
        assert!(owner(&book, &trust, &forged, NOW).is_err());
        book.remove("pump-1").await.unwrap();
        let (_, endpoint) = owner(&book, &trust, &common, NOW).unwrap();
        assert_eq!(&*endpoint, "WM-110/1");
    }

    #[tokio::test]
    async fn a_name_is_one_endpoints_alone() {
        let directory = tempfile::tempdir().unwrap();
        let (book, ..) = open(directory.path());
        let own = |endpoint: &str| Credential {
            proof: Proof::CERTIFICATE,
            ..known_by(endpoint, "x")
        };
        book.put(vec![known_by("pump-1", "WM-110/1"), own("pump-2")])
            .await
            .unwrap();
        for (wrong, taken_by) in [
            (vec![known_by("pump-3", "WM-110/1")], "pump-1"),
            // What a certificate says that is expected to name the endpoint.
            (vec![known_by("pump-3", "pump-2")], "pump-2"),
            (vec![own("WM-110/1")], "pump-1"),
            (vec![own("pump-4"), known_by("pump-3", "pump-4")], "pump-4"),
        ] {
            let refused = book.put(wrong).await;
            assert!(
                matches!(&refused, Err(CredentialError::Taken(by)) if **by == *taken_by),
                "{refused:?}"
            );
        }
        // Its own row may be changed, to its own name too.
        book.put(vec![known_by("pump-1", "WM-110/2")]).await.unwrap();
        book.put(vec![known_by("pump-3", "WM-110/1"), known_by("pump-2", "pump-2")])
            .await
            .unwrap();
    }
}
