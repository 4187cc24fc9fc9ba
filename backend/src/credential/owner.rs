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
            let endpoint = trust.endpoint(chain, seconds)?;
            match credentials.get(&endpoint) {
                None => Ok((SecurityMode::X509, endpoint.into())),
                Some(credential)
                    if credential.security() == Some(SecurityMode::X509) && credential.is_valid(now) =>
                {
                    Ok((SecurityMode::X509, credential.endpoint.clone()))
                }
                Some(credential) => Err(Untrusted {
                    alert: AlertDescription::AccessDenied,
                    words: format!(
                        "'{endpoint}' has to prove itself by {}, not by a certificate, or its credential expired",
                        credential.proof.mode()
                    ),
                }),
            }
        }
        PeerIdentity::Anonymous => Err(untrusted(
            AlertDescription::HandshakeFailure,
            "it showed no credential",
        )),
    }
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
