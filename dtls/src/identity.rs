//! Who a peer proved to be.

use aws_lc_rs::digest::{SHA256, digest};

/// The identity of a peer, from its credential.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum PeerIdentity {
    /// It knows the key of this identity.
    Psk(Vec<u8>),
    /// It holds the private key of this DER SubjectPublicKeyInfo.
    RawPublicKey(Vec<u8>),
    /// It holds the private key of the first of these DER certificates.
    Certificate(Vec<Vec<u8>>),
    /// A client that was not asked, or had nothing to show.
    Anonymous,
}

impl std::fmt::Debug for PeerIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PeerIdentity::Psk(identity) => {
                write!(f, "Psk({})", String::from_utf8_lossy(identity).escape_debug())
            }
            PeerIdentity::RawPublicKey(key) => write!(f, "RawPublicKey({} bytes)", key.len()),
            PeerIdentity::Certificate(chain) => write!(f, "Certificate({} in chain)", chain.len()),
            PeerIdentity::Anonymous => f.write_str("Anonymous"),
        }
    }
}

const PSK: u8 = 1;
const RAW_PUBLIC_KEY: u8 = 2;
const CERTIFICATE: u8 = 3;
const ANONYMOUS: u8 = 4;

impl PeerIdentity {
    /// Sixteen bytes that stand for the identity: a hash of its first part. Of a chain only the peer's own certificate
    /// counts.
    pub(crate) fn fingerprint(&self) -> [u8; 16] {
        let mut bytes = Vec::new();
        self.without_issuers().encode(&mut bytes);
        let mut out = [0; 16];
        out.copy_from_slice(&digest(&SHA256, &bytes).as_ref()[..16]);
        out
    }

    /// The identity with no more than the first certificate of a chain: what tickets and the cache keep.
    pub(crate) fn without_issuers(&self) -> PeerIdentity {
        match self {
            PeerIdentity::Certificate(chain) => {
                PeerIdentity::Certificate(chain.iter().take(1).cloned().collect())
            }
            other => other.clone(),
        }
    }

    /// The form in which identities stand in tickets and exported sessions.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let (tag, parts): (u8, Vec<&[u8]>) = match self {
            PeerIdentity::Psk(identity) => (PSK, vec![identity]),
            PeerIdentity::RawPublicKey(key) => (RAW_PUBLIC_KEY, vec![key]),
            PeerIdentity::Certificate(chain) => (CERTIFICATE, chain.iter().map(Vec::as_slice).collect()),
            PeerIdentity::Anonymous => (ANONYMOUS, Vec::new()),
        };
        out.push(tag);
        out.push(parts.len() as u8);
        for part in parts {
            out.extend_from_slice(&(part.len() as u16).to_be_bytes());
            out.extend_from_slice(part);
        }
    }

    pub(crate) fn decode(
        reader: &mut crate::message::Reader<'_>,
    ) -> Result<PeerIdentity, crate::DecodeError> {
        let tag = reader.u8()?;
        let count = reader.u8()?;
        let mut parts = (0..count)
            .map(|_| reader.vec16().map(<[u8]>::to_vec))
            .collect::<Result<Vec<_>, _>>()?;
        match (tag, parts.len()) {
            (PSK, 1) => Ok(PeerIdentity::Psk(parts.remove(0))),
            (RAW_PUBLIC_KEY, 1) => Ok(PeerIdentity::RawPublicKey(parts.remove(0))),
            (CERTIFICATE, 1..) => Ok(PeerIdentity::Certificate(parts)),
            (ANONYMOUS, 0) => Ok(PeerIdentity::Anonymous),
            _ => Err(crate::DecodeError("an identity is of no known kind")),
        }
    }
}
