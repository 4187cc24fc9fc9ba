//! The devices' credentials: how each proves who it is, kept encrypted, looked up by endpoint and by identity.
//!
//! LwM2M Core 1.2 §5.2.8 and Transport 1.2 §5.2. Nothing here knows of sockets or of HTTP. Keys go in and are never told again,
//! but to the handshake that needs them.

mod book;
mod certificate;
mod keys;
mod schema;
mod secured;
mod vault;

pub use book::{Credential, CredentialError, Credentials, Proof};
pub use certificate::EndpointName;
pub(crate) use certificate::Trust;
pub use keys::{KeyError, ServerKey, authorities};
pub use schema::CREDENTIALS;
pub(crate) use secured::Secured;
pub use vault::{Vault, VaultError};

use aws_lc_rs::digest::{SHA256, digest};
use dtls::{CertificateNames, PeerIdentity};

/// An identity for people: the PSK identity, the fingerprint of a public key, or the name in a certificate.
pub(crate) fn shown(identity: &PeerIdentity) -> String {
    let fingerprint = |bytes: &[u8]| format!("SHA-256 {}", hex(digest(&SHA256, bytes).as_ref()));
    match identity {
        PeerIdentity::Psk(identity) => String::from_utf8_lossy(identity)
            .chars()
            .map(|character| {
                if character.is_control() {
                    '\u{fffd}'
                } else {
                    character
                }
            })
            .take(200)
            .collect(),
        PeerIdentity::RawPublicKey(key) => fingerprint(key),
        PeerIdentity::Certificate(chain) => {
            let leaf = chain.first().map(Vec::as_slice).unwrap_or_default();
            let names = CertificateNames::of(leaf).ok();
            names
                .and_then(|names| names.common_name)
                .unwrap_or_else(|| fingerprint(leaf))
        }
        PeerIdentity::Anonymous => String::new(),
    }
}

/// What a saved session is bound to: its device.
pub(crate) fn session_purpose(device: u32) -> Vec<u8> {
    format!("DTLS session of device {device}").into_bytes()
}

/// Bytes as people and the API write them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of hexadecimal digits, which may be grouped by spaces or colons.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b' ' | b':')).collect();
    if digits.len() % 2 != 0 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    digits
        .chunks_exact(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}
