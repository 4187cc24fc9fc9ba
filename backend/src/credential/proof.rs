//! How a device proves who it is, and what is fit for that.

use super::certificate::CertificateName;
use super::{CredentialError, SecurityMode};
use dtls::PeerIdentity;
use zeroize::Zeroizing;

/// The longest identity. RFC 4279 §5.3 asks for 128; LwM2M clients derive them from names of up to 255 bytes.
const MAX_IDENTITY: usize = 255;
/// The longest and shortest pre-shared key. RFC 4279 §5.3 asks for 64; below 16 bytes a key can be tried out.
const MAX_KEY: usize = 64;
const MIN_KEY: usize = 4;
/// A DER SubjectPublicKeyInfo of a P-256 key, uncompressed: this before the 65 bytes of the point. RFC 5480.
const P256_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// How a device proves who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// It knows this key.
    Psk {
        identity: Vec<u8>,
        key: Zeroizing<Vec<u8>>,
    },
    /// It holds the private key of this DER SubjectPublicKeyInfo.
    Rpk { public_key: Vec<u8> },
    /// It holds a trusted certificate.
    X509 {
        /// What the certificate is known by; absent where it carries the endpoint name itself.
        certificate_name: Option<CertificateName>,
    },
    /// It need not: it is let in without security.
    None,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.mode())
    }
}

impl Proof {
    /// A trusted certificate that carries the endpoint name.
    pub const CERTIFICATE: Proof = Proof::X509 {
        certificate_name: None,
    };

    /// The name in the API.
    pub const fn mode(&self) -> &'static str {
        match self {
            Proof::Psk { .. } => "psk",
            Proof::Rpk { .. } => "rpk",
            Proof::X509 { .. } => "x509",
            Proof::None => "none",
        }
    }

    /// The security mode of a session with this proof.
    pub(crate) const fn security(&self) -> Option<SecurityMode> {
        match self {
            Proof::Psk { .. } => Some(SecurityMode::Psk),
            Proof::Rpk { .. } => Some(SecurityMode::Rpk),
            Proof::X509 { .. } => Some(SecurityMode::X509),
            Proof::None => None,
        }
    }

    /// What a certificate is known by that does not carry the endpoint name.
    pub const fn certificate_name(&self) -> Option<&CertificateName> {
        match self {
            Proof::X509 { certificate_name } => certificate_name.as_ref(),
            _ => None,
        }
    }

    /// What a session with this proof is known by in the DTLS endpoint.
    pub(crate) fn peer_identity(&self) -> Option<PeerIdentity> {
        match self {
            Proof::Psk { identity, .. } => Some(PeerIdentity::Psk(identity.clone())),
            Proof::Rpk { public_key } => Some(PeerIdentity::RawPublicKey(public_key.clone())),
            Proof::X509 { .. } | Proof::None => None,
        }
    }

    /// By what it is found: the kind and the public part.
    pub(super) fn key(&self) -> Option<Vec<u8>> {
        match self {
            Proof::Psk { identity, .. } => Some([b"p", identity.as_slice()].concat()),
            Proof::Rpk { public_key } => Some([b"r", public_key.as_slice()].concat()),
            Proof::X509 { certificate_name } => certificate_name.as_ref().map(CertificateName::key),
            Proof::None => None,
        }
    }

    /// # Errors
    /// [`CredentialError::Unfit`].
    pub(super) fn check(&self) -> Result<(), CredentialError> {
        let unfit = |words| Err(CredentialError::Unfit(words));
        match self {
            Proof::Psk { identity, .. } if identity.is_empty() || identity.len() > MAX_IDENTITY => {
                unfit("a PSK identity has 1 to 255 bytes")
            }
            Proof::Psk { key, .. } if !(MIN_KEY..=MAX_KEY).contains(&key.len()) => {
                unfit("a pre-shared key has 4 to 64 bytes")
            }
            Proof::Rpk { public_key }
                if public_key.len() != P256_SPKI.len() + 65 || !public_key.starts_with(&P256_SPKI) =>
            {
                unfit(
                    "the public key is not the DER SubjectPublicKeyInfo of an uncompressed P-256 key (91 bytes)",
                )
            }
            _ => Ok(()),
        }
    }
}
